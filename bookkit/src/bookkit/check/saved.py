"""Rules on the saved code of the whole book: names, aliases, plain d2lbook."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator

from bookkit.book import d2lbook
from bookkit.book.aliases import with_texts
from bookkit.book.config import CONFIG_NAME, Config
from bookkit.book.findings import Finding
from bookkit.book.marks import SAVE_MARK
from bookkit.book.solutions import run_notebook_of
from bookkit.book.source import Section
from bookkit.book.syntax import names_of
from bookkit.check.cells import notes_beside
from bookkit.check.memory import Memory
from bookkit.library.carry import clashes
from bookkit.library.records import Library, Saved
from bookkit.library.saved import extract


def check_saved(
    config: Config, sections: list[Section], memory: Memory
) -> list[Finding]:
    """Apply every rule on saved code to every tab that has a library."""
    libraries = [
        extract(config, sections, tab) for tab in config.all_tabs if tab.library
    ]
    findings = [problem for library in libraries for problem in library.problems]
    findings += _check_parity(libraries)
    for library in libraries:
        for one in library.saved:
            findings += _check_aliases(library, one)
        for section in sections:
            findings += _check_carried(config, library, section)
        for section in sections:
            examine = functools.partial(_check_plain, config, library, section)
            rule = f"plain {library.tab.name}"
            findings += memory.recall(rule, section, examine)
    return findings


def _check_parity(libraries: list[Library]) -> Iterator[Finding]:
    """Find names that one tab saves and another does not, without a note."""
    defined: dict[str, Saved] = {}
    for library in libraries:
        for one in library.saved:
            for name in one.names if one.kind != "import" else ():
                defined.setdefault(name, one)
    for library in libraries:
        own = set(library.names())
        for name, one in defined.items():
            noted: set[str] = set()
            for group in one.section.groups():
                if any(cell.index == one.cell for cell in group):
                    noted = notes_beside(one.section, group)
            tab, path = library.tab.name, one.section.path
            if name not in own and tab not in noted:
                found = f"`{name}` is saved in other tabs, but not in {tab}"
                expected = f"`#@save` in {tab} as well, or a note of that tab beside"
                yield Finding("BK203", path, one.line, tab, found, expected)


def _check_aliases(library: Library, one: Saved) -> Iterator[Finding]:
    defined = {name: alias for alias in library.aliases for name in alias.names}
    own = library.tab.aliases
    section = f"[library-{library.tab.name}] at {CONFIG_NAME}:{own.line}"
    for name in one.names:
        if name in defined:
            alias = defined[name].source.split("\n")[0]
            found = f"`{name}` is saved here, and is the alias `{alias}` of {section}"
            expected = "one meaning of a name: another one for this or for the alias"
            yield Finding("BK502", *one.place, library.tab.name, found, expected)
            continue
        for call in (f"d2l.{name}", f"{own.package}.{name}"):
            rewritten = with_texts(call, own)
            if rewritten != call:
                found = f"`{call}`, which is saved here, would become `{rewritten}`, "
                found += f"by `reverse_alias` of {section}"
                expected = "a saved name that no alias rewrites"
                yield Finding("BK502", *one.place, library.tab.name, found, expected)
                break
        for alias in library.tab.aliases.replaced:
            if f"{name}(".startswith(alias):
                part = alias.rstrip("(")
                found = f"d2lbook would take the `{part}` in `{name}` for an alias"
                expected = "a saved name that begins with no alias of config.ini"
                yield Finding("BK507", *one.place, library.tab.name, found, expected)


def _check_carried(
    config: Config, library: Library, section: Section
) -> Iterator[Finding]:
    """Find what a notebook with the saved code inside would run otherwise."""
    notebook = run_notebook_of(section, library.tab.name, config)
    code = [c for c in notebook.cells if c.cell_type == "code"] if notebook else []
    sources = {place: (path, cell) for place, path, cell in section.located()}
    for clash in clashes(library, [cell.source for cell in code]):
        cell, rows = code[clash.cell], code[clash.cell].source.split("\n")
        path, source = sources[cell.metadata["origin_pos"]]
        line = source.line_of(rows[clash.line - 1], clash.line)
        yield Finding(
            "BK508", path, line, library.tab.name, clash.found, clash.expected
        )


def _check_plain(
    config: Config, library: Library, section: Section
) -> Iterator[Finding]:
    """Compare with what plain `d2lbook build lib` extracts from the section."""
    marks = [cell for cell in section.code if SAVE_MARK.search(cell.source)]
    if not marks:
        return
    mine = [one for one in library.saved if one.section is section]
    own = {name for one in mine for name in one.names}
    try:
        theirs = _plain_names(config, library, section)
    except KeyError:
        return  # a method of a class that another section saves: d2lbook needs both
    theirs = theirs and theirs - library.self_names
    if theirs == own:
        return
    found = "plain `d2lbook build lib` would write code that is not Python"
    line = mine[0].line if mine else marks[0].line
    if theirs is not None:
        names = ", ".join(f"`{name}`" for name in sorted(theirs ^ own))
        found = f"plain `d2lbook build lib` differs on {names}"
        lost = (one.line for one in mine if not theirs.issuperset(one.names))
        line = next(lost, line)
    expected = (
        "an empty line after the saved code, the mark on its first line, a one-line "
        "docstring, a signature without `->`, and a cell that names the tab"
    )
    yield Finding("BK507", section.path, line, library.tab.name, found, expected)


def _plain_names(config: Config, library: Library, section: Section) -> set[str] | None:
    """Return the names d2lbook would save; None if its code is not even Python."""
    path, default = config.root / section.path, config.default_tab.name
    try:
        code = d2lbook.saved_code(path, library.tab.name, default)
    except KeyError:
        raise
    except Exception:  # indented code, half a statement: it raises anything
        return set()
    try:
        tree = ast.parse(code)
    except SyntaxError:
        return None
    return {name for one in tree.body for name in names_of(one)}
