"""Rules that need the whole book: labels, references, figures, the toc."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterator
from functools import partial
from pathlib import PurePosixPath

from bookkit.book.config import Config
from bookkit.book.findings import Finding
from bookkit.book.toc import page_of, read_tocs
from bookkit.check.files import Page
from bookkit.errors import nearest

#: What d2lbook 1.0.3 understands as `:name:` + argument; it drops the rest.
DIRECTIVES = frozenset(
    {"label", "eqlabel", "ref", "numref", "eqref", "cite", "citet", "citep"}
    | {"width", "height", "class", "func", "mod", "bibliography"}
    | {"begin_tab", "end_tab"}
)
_CODE_SPAN = re.compile(r"(?<!`)``[^`].*?``(?!`)")
_DIRECTIVE = re.compile(r":([-/\\.\w]+):`([^`]*)`")
_SPAN = re.compile(r"(?<![:`])`[^`\n]+`")
_FIGURE = re.compile(r"!\[([^\]]*)\]\(\s*([^)\s]*)[^)]*\)")
_RST_LABEL = re.compile(r"^\s*\.\. _([^:`]+):", re.M)

Place = tuple[PurePosixPath, int]
#: Makes a finding of its code, what was found and what was expected.
Report = Callable[[str, str, str], Finding]


def check_references(
    config: Config, pages: list[Page], reading: list[PurePosixPath]
) -> Iterator[Finding]:
    """Apply every rule that looks across the files of the book."""
    findings: list[Finding] = []
    labels, equations = _collect_labels(pages, findings)
    keys = _citation_keys(config, pages, findings)
    yield from findings
    for page in pages:
        for line, name, argument in _directives(page):
            report = partial(_at, (page.path, line))
            if name in ("numref", "ref"):
                yield from _check_target(report, name, argument, labels, equations)
            elif name == "eqref":
                yield from _check_target(report, name, argument, equations, labels)
            elif name in ("cite", "citet", "citep"):
                yield from _check_citation(report, argument, keys, config.bibfile)
            elif name not in DIRECTIVES:
                expected = _closest(name, DIRECTIVES, "one of")
                yield report("BK309", f"unknown directive `:{name}:`", expected)
        yield from _check_figures(config, page)
    yield from _check_toc(config, pages, reading)


def _at(place: Place, code: str, found: str, expected: str) -> Finding:
    return Finding(code, *place, None, found, expected)


def _directives(page: Page) -> Iterator[tuple[int, str, str]]:
    """Yield (line, name, argument) of each directive outside code."""
    for line, text in page.prose:
        for match in _DIRECTIVE.finditer(_CODE_SPAN.sub("", text)):
            yield line, match[1], match[2]


def _collect_labels(
    pages: list[Page], findings: list[Finding]
) -> tuple[dict[str, Place], dict[str, Place]]:
    """Map the labels, and those of equations, to where each stands first."""
    found: dict[str, dict[str, Place]] = {"label": {}, "eqlabel": {}}

    def add(kind: str, label: str, place: Place) -> None:
        first = found["label"].get(label) or found["eqlabel"].get(label)
        if first:
            text = f"the label `{label}` exists already, at {first[0]}:{first[1]}"
            findings.append(_at(place, "BK301", text, "a label of its own"))
        found[kind].setdefault(label, place)

    for page in pages:
        for line, name, argument in _directives(page):
            if name in found:
                add(name, argument, (page.path, line))
        for fence in page.fences:
            if fence.info.strip() == "eval_rst":
                for label in _RST_LABEL.findall("\n".join(fence.body)):
                    add("label", label, (page.path, fence.line))
    return found["label"], found["eqlabel"]


def _closest(name: str, known: Collection[str], otherwise: str) -> str:
    names = f"{otherwise} {', '.join(sorted(known))}" if known else "none exists"
    return nearest(name, known) or names


def _check_target(
    report: Report,
    name: str,
    label: str,
    targets: dict[str, Place],
    others: dict[str, Place],
) -> Iterator[Finding]:
    if label in others and label not in targets:
        right = "numref" if name == "eqref" else "eqref"
        kind = "an equation" if right == "eqref" else "not an equation"
        found = f"`:{name}:` to `{label}`, which is {kind}"
        yield report("BK302", found, f"`:{right}:`")
    elif label not in targets:
        found = f"`:{name}:` to `{label}`, which no label of the book is"
        yield report("BK302", found, _closest(label, targets, "a label of the book:"))


def _check_citation(
    report: Report, argument: str, keys: set[str] | None, bibfile: str
) -> Iterator[Finding]:
    for key in argument.split(","):
        if keys is not None and key.strip() not in keys:
            place = bibfile or "the file that `bibfile` in config.ini names"
            near = nearest(key.strip(), keys)
            expected = "; ".join(filter(None, [f"an entry in {place}", near]))
            yield report(
                "BK303", f"`{key.strip()}` is not in the bibliography", expected
            )


def _citation_keys(
    config: Config, pages: list[Page], findings: list[Finding]
) -> set[str] | None:
    """Return the keys of the bibliography; None if it cannot be read."""
    wanted = any(
        name.startswith("cite") for page in pages for _, name, _ in _directives(page)
    )
    if not wanted or not config.bibfile:
        return set()
    from pybtex.database import parse_file
    from pybtex.exceptions import PybtexError

    try:
        entries = parse_file(str(config.root / config.bibfile)).entries
        return set(entries.keys())
    except (PybtexError, OSError, UnicodeDecodeError) as error:
        reason = "no such file" if isinstance(error, OSError) else str(error)
        place = (PurePosixPath(config.bibfile), getattr(error, "lineno", None) or 1)
        expected = "a BibTeX file, as `bibfile` in config.ini says"
        findings.append(_at(place, "BK308", reason, expected))
        return None


def _check_figures(config: Config, page: Page) -> Iterator[Finding]:
    text = _SPAN.sub("code", "\n".join(text for _, text in page.prose))
    for match in _FIGURE.finditer(text):
        alternative, target = match.groups()
        line = page.prose[text[: match.start()].count("\n")][0]
        report = partial(_at, (page.path, line))
        if not alternative.strip():
            expected = f"`![what the figure shows]({target})`"
            yield report(
                "BK305", f"the figure `{target}` has no alternative text", expected
            )
        if re.match(r"[a-z]+:", target) or target.startswith("//"):
            continue
        file = os.path.normpath(config.root / page.path.parent / target)
        if not os.path.isfile(file):
            expected = f"a file {os.path.relpath(file, config.root)}"
            yield report("BK304", f"the figure `{target}` does not exist", expected)


def _check_toc(
    config: Config, pages: list[Page], reading: list[PurePosixPath]
) -> Iterator[Finding]:
    """Follow every toc by one step, and see which sections none leads to."""
    reached = {PurePosixPath(f"{config.index}.md")}
    for page in pages:
        entries = [one for toc in read_tocs(page.text) for one in toc.entries]
        for line, entry in entries:
            path = page_of(entry, page.path)
            reached.add(path)
            if not (config.root / path).is_file():
                found, place = f"the toc names `{entry}`", (page.path, line)
                yield _at(place, "BK306", found, f"a file {path}")
    for path in reading:
        if path not in reached:
            found = "no toc leads to this section"
            expected = f"`{path.with_suffix('')}` in a toc, or in `exclusions`"
            yield _at((path, 1), "BK307", found, expected)
