"""The versions and device that a page's code was run with, and a table of all runs.

| | |
|---|---|
| below each title | a line for each framework, from `verified.html` |
| `.. container:: bookkit-verified-runs` | the table, section by framework |
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import astuple

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from bookkit.site.extension.base.book import is_frozen, title_of, word
from bookkit.site.extension.base.filled import add_filled
from bookkit.site.extension.base.page_context import Context, complete_each_page
from bookkit.site.extension.base.reading_order import in_reading_order
from bookkit.site.extension.base.runs import HAS_TABLE, Run, Runs, runs_of

# In the environment: a digest of the runs in the table.
_TOLD = "bookkit_runs"


class runs_table(nodes.General, nodes.Element):  # type: ignore[misc]
    """Where the table goes; it is made when all pages are known."""


def setup(app: Sphinx) -> None:
    app.add_node(runs_table)
    add_filled("verified-runs", _place)
    app.connect("env-updated", _outdated)
    app.connect("doctree-resolved", _fill, priority=400)
    complete_each_page(app, _add_lines)


def _place(env: BuildEnvironment, container: nodes.container) -> list[nodes.Node]:
    env.metadata[env.docname][HAS_TABLE] = "yes"
    return [runs_table()]


def _outdated(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Return the pages with the table when any run has changed."""
    told = [
        (page, tab, run and astuple(run))
        for page in sorted(env.found_docs)
        for tab, run in runs_of(app.config, page).items()
    ]
    now = hashlib.sha256(json.dumps(told).encode()).hexdigest()
    before = vars(env).get(_TOLD)
    vars(env)[_TOLD] = now
    return [] if now == before else _with_table(env)


def _with_table(env: BuildEnvironment) -> list[str]:
    """Return the pages with the table; every page asks for the first."""
    return sorted(page for page, known in env.metadata.items() if HAS_TABLE in known)


def _fill(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    for place in list(doctree.findall(runs_table)):
        rows = [
            (page, runs)
            for page in in_reading_order(app.env)
            if any((runs := runs_of(app.config, page)).values())
        ]
        none = nodes.paragraph("", word(app.config, "runs_none"))
        place.replace_self(_table(app, docname, rows) if rows else none)


def _table(app: Sphinx, docname: str, rows: list[tuple[str, Runs]]) -> nodes.container:
    tabs = list(app.config.bookkit_tabs)
    group = nodes.tgroup(cols=1 + len(tabs))
    group += nodes.colspec(colwidth=1, stub=1)
    group += [nodes.colspec(colwidth=1) for _ in tabs]
    heads = [_entry([word(app.config, "runs_section")])]
    common = {tab: _common(runs[tab] for _, runs in rows) for tab in tabs}
    heads += [_entry(_heading(app, tab, common[tab])) for tab in tabs]
    group += nodes.thead("", nodes.row("", *heads))
    body = nodes.tbody()
    for page, runs in rows:
        cells = [_entry(_lines_of(app, runs[tab], common[tab])) for tab in tabs]
        body += nodes.row("", _link(app, docname, page), *cells)
    group += body
    table = nodes.table("", group, classes=["bk-runs"])
    # Furo has wrapped the tables that were there already.
    return nodes.container("", table, classes=["table-wrapper"])


def _common(runs: Iterable[Run | None]) -> list[str]:
    """Return the versions that all runs of a tab have: the table shows them once."""
    found = {tuple(_versions(run)) for run in runs if run is not None}
    return list(found.pop()) if len(found) == 1 else []


def _versions(run: Run) -> list[str]:
    return [f"{run.framework} {run.version}", f"Python {run.python}"]


def _heading(app: Sphinx, tab: str, common: list[str]) -> list[str]:
    frozen = [word(app.config, "runs_frozen")] if is_frozen(app.config, tab) else []
    return [title_of(app.config, tab), *frozen, *common]


def _lines_of(app: Sphinx, run: Run | None, common: list[str]) -> list[str]:
    if run is None:
        return [word(app.config, "runs_absent")]
    seconds = word(app.config, "runs_seconds").format(seconds=f"{run.seconds:.1f}")
    versions = [] if common else _versions(run)
    elsewhere = [word(app.config, "runs_elsewhere")] if run.committed else []
    return [seconds, run.device, *versions, run.date, *elsewhere]


def _entry(lines: list[str]) -> nodes.entry:
    block = nodes.line_block("", *(nodes.line("", line) for line in lines if line))
    return nodes.entry("", block)


def _link(app: Sphinx, docname: str, page: str) -> nodes.entry:
    numbers = app.env.toc_secnumbers.get(page, {}).get("", ())
    number = ".".join(map(str, numbers)) + " " if numbers else ""
    address = app.builder.get_relative_uri(docname, page)
    link = nodes.reference(
        "", number + app.env.titles[page].astext(), internal=True, refuri=address
    )
    return nodes.entry("", nodes.paragraph("", "", link))


def _add_lines(app: Sphinx, pagename: str, context: Context) -> None:
    config = app.config
    lines = []
    for tab, run in runs_of(config, pagename).items():
        if run is not None:
            key = "verified_elsewhere" if run.committed else "verified"
            text = word(config, key).format(**vars(run))
            frozen = word(config, "verified_frozen") if is_frozen(config, tab) else ""
            frozen = frozen.format(title=title_of(config, tab))
            short = f"{run.framework} {run.version}"
            lines.append({"tab": tab, "text": text, "short": short, "frozen": frozen})
    tables = _with_table(app.env)
    context["bookkit_verified"] = lines
    context["bookkit_runs_page"] = tables and {
        "address": app.builder.get_relative_uri(pagename, tables[0]),
        "title": app.env.titles[tables[0]].astext(),
    }
