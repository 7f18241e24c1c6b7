"""Rules that need the whole book: labels, references, figures, the toc."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterator
from functools import partial
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from myst_parser.slugs import github_slugify

from bookkit.book.bibliography import Unreadable, is_nameless, read_entries
from bookkit.book.config import Config
from bookkit.book.findings import Finding
from bookkit.book.inputs import beside, is_inside
from bookkit.book.markdown.words import MARKS, ROLES
from bookkit.book.pictures import file_of, pictures_of
from bookkit.book.places import parts_of
from bookkit.book.source import headings_of
from bookkit.book.toc import fence_name, page_of, read_tocs
from bookkit.check.files import Page
from bookkit.errors import nearest, or_nearest

#: What d2lbook 1.0.3 understands as `:name:` + argument; it drops the rest.
DIRECTIVES = frozenset({*MARKS, *ROLES, "begin_tab", "end_tab"})
_RST_LABEL = re.compile(r"^\s*\.\. _([^:`]+):", re.M)

#: Where no name is near, a message lists no more than these.
_MOST_LISTED = 12

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
    names = {page.path: _names(page) for page in pages}
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
        yield from _check_links(config, page, names)
    yield from _check_toc(config, pages, reading)


def _at(place: Place, code: str, found: str, expected: str) -> Finding:
    return Finding(code, *place, None, found, expected)


def _directives(page: Page) -> Iterator[tuple[int, str, str]]:
    """Yield (line, name, argument) of each directive."""
    for token in page.tokens:
        if token.type == "mark" and "inline" not in token.meta and token.map:
            yield token.map[0] + 1, token.meta["name"], token.meta["value"]
    for part in parts_of(page.text, page.tokens):
        if part.token.type in ("role", "mark"):
            yield part.line, part.token.meta["name"], part.token.meta["value"]
        elif part.token.type == "code_inline" and part.start is not None:
            # What looks like a directive, and no word of the grammar is
            before = page.text[: part.start].rpartition("\n")[2]
            begin, colon, name = before.removesuffix(":").rpartition(":")
            is_word = name.replace("-", "").replace("_", "").isidentifier()
            if before.endswith(":") and colon and is_word and not begin.endswith("\\"):
                yield part.line, name, part.token.content


def _collect_labels(
    pages: list[Page], findings: list[Finding]
) -> tuple[dict[str, Place], dict[str, Place]]:
    """Map the labels, and those of equations, to where each stands first."""
    found: dict[str, dict[str, Place]] = {"label": {}, "eqlabel": {}}
    known: dict[str, tuple[str, Place]] = {}

    def add(kind: str, label: str, place: Place) -> None:
        if label.lower() in known:
            first, there = known[label.lower()]
            text = f"the label `{label}` exists already, at {there[0]}:{there[1]}"
            if first != label:
                text += f", as `{first}`: plain Sphinx does not tell them apart"
            findings.append(_at(place, "BK301", text, "a label of its own"))
        known.setdefault(label.lower(), (label, place))
        found[kind].setdefault(label, place)

    for page in pages:
        for line, name, argument in sorted(_directives(page)):
            if name in found:
                add(name, argument, (page.path, line))
        for token in page.tokens:
            if token.type == "fence" and fence_name(token.info) == "eval_rst":
                assert token.map
                for label in _RST_LABEL.findall(token.content):
                    add("label", label, (page.path, token.map[0] + 1))
    return found["label"], found["eqlabel"]


def _closest(name: str, known: Collection[str], otherwise: str) -> str:
    names = sorted(known)
    listed = ", ".join(names[:_MOST_LISTED])
    if len(names) > _MOST_LISTED:
        listed += f" … ({len(names)} in all)"
    return nearest(name, known) or f"{otherwise} {listed or '(there is none)'}"


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
            expected = or_nearest(f"an entry in {place}", key.strip(), keys)
            yield report(
                "BK303", f"`{key.strip()}` is not in the bibliography", expected
            )


def _citation_keys(
    config: Config, pages: list[Page], findings: list[Finding]
) -> set[str] | None:
    """Return the keys of the bibliography; None if it cannot be read."""
    cited = {
        key.strip()
        for page in pages
        for _, name, value in _directives(page)
        if name.startswith("cite")
        for key in value.split(",")
    }
    if not cited or not config.bibfile:
        return set()
    path = PurePosixPath(config.bibfile)
    try:
        entries = read_entries(config.root / path)
    except Unreadable as error:
        expected = "a BibTeX file, as `bibfile` in config.ini says"
        findings.append(_at((path, error.line), "BK308", str(error), expected))
        return None
    for key in sorted(cited & entries.keys()):
        if is_nameless(entries[key]):
            found = f"`{key}` is cited and has no author, editor or title"
            place = (path, _line_of(key, config.root / path))
            findings.append(_at(place, "BK308", found, "one of them"))
    return set(entries)


def _line_of(key: str, path: Path) -> int:
    """Return the line of a bibliography in which an entry begins."""
    text = path.read_text(encoding="utf-8", errors="replace")
    found = re.search(rf"@\s*\w+\s*[{{(]\s*{re.escape(key)}\s*,", text)
    return text.count("\n", 0, found.start()) + 1 if found else 1


def _check_figures(config: Config, page: Page) -> Iterator[Finding]:
    for shown in pictures_of(page.text, page.tokens):
        address = shown.address
        report = partial(_at, (page.path, shown.line))
        if not shown.alternative.strip():
            expected = f"`![what the figure shows]({address})`"
            found = f"the figure `{address}` has no alternative text"
            yield report("BK305", found, expected)
        file = file_of(address, page.folder)
        if file and not os.path.isfile(config.root / file):
            found = f"the figure `{address}` does not exist"
            near = beside(config.root, file, "img")
            expected = or_nearest(f"a file {file}", str(file), near)
            yield report("BK304", found, expected)
        elif file and not is_inside(config.root, str(file)):
            found = f"the figure `{address}` lies outside the book, or links lead there"
            yield report(
                "BK304", found, "a file of the book: what it shows is published"
            )


def _check_links(
    config: Config, page: Page, names: dict[PurePosixPath, set[str]]
) -> Iterator[Finding]:
    """Find links to no section, heading or file of the book."""
    for part in parts_of(page.text, page.tokens):
        if part.token.type != "link_open" or part.token.info == "auto":
            continue
        address = unquote(str(part.token.attrs["href"]))
        path, _, name = address.partition("#")
        file = file_of(path, page.folder) if path else page.path
        if file is None:
            continue
        found = f"the link `{address}` leads to nothing"
        if file in names and name and name not in names[file]:
            expected = _closest(name, names[file], "a heading or label there:")
            yield _at((page.path, part.line), "BK302", found, expected)
        elif file not in names and not os.path.isfile(config.root / file):
            expected = or_nearest(f"a file {file}", str(file), map(str, names))
            yield _at((page.path, part.line), "BK302", found, expected)
        elif file not in names and not is_inside(config.root, str(file)):
            found = f"the link `{address}` leads out of the book"
            expected = "a file of the book: it is published"
            yield _at((page.path, part.line), "BK302", found, expected)


def _names(page: Page) -> set[str]:
    """Return what a link to a page may name behind `#`."""
    titles = [title for title, _ in headings_of(page.tokens)]
    slugs = [github_slugify(title) for title in titles]
    again = [f"{one}-{slugs[:at].count(one)}" for at, one in enumerate(slugs)]
    labels = [value for _, name, value in _directives(page) if name == "label"]
    return {*slugs, *again, *labels}


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
            if not os.path.isfile(config.root / path):
                found, place = f"the toc names `{entry}`", (page.path, line)
                expected = or_nearest(f"a file {path}", str(path), map(str, reading))
                yield _at(place, "BK306", found, expected)
    for path in reading:
        if path not in reached:
            found = "no toc leads to this section"
            expected = f"`{path.with_suffix('')}` in a toc, or in `exclusions`"
            yield _at((path, 1), "BK307", found, expected)
