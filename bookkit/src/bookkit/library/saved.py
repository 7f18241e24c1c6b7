"""Find the code that authors marked `#@save`, and what it needs to stand alone.

Works on the syntax tree, one tab at a time. It judges only whether the saved
code is complete; `library` writes it down, `check` has the other rules.
"""

from __future__ import annotations

import ast
import builtins
import io
import tokenize
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from bookkit.book.config import Config, Tab
from bookkit.book.findings import Finding
from bookkit.book.marks import SAVE_MARK
from bookkit.book.source import Section, written_notebook_of
from bookkit.book.syntax import (
    DEFINITIONS,
    Binding,
    bindings_of,
    dotted_names,
    first_line,
    flatten,
    names_of,
    parse_code,
    plain_code,
    used_names,
)
from bookkit.errors import or_nearest
from bookkit.library.modules import module_name

_BUILTINS = frozenset(dir(builtins)) | {"__name__", "__file__", "__doc__"}


@dataclass(frozen=True)
class Saved:
    """One saved statement; `source` is the author's text without the mark."""

    names: tuple[str, ...]
    kind: str  # "definition", "assignment" or "import"
    section: Section
    cell: int  # index into `section.cells`
    line: int
    source: str
    uses: frozenset[str]
    dotted: frozenset[str]
    bindings: tuple[Binding, ...] = ()


@dataclass
class Library:
    """Everything one tab saves, in reading order, and what is wrong with it."""

    tab: Tab
    module: str  # dotted, for example "d2l.torch"
    saved: list[Saved] = field(default_factory=list)
    imports: dict[str, Binding] = field(default_factory=dict)  # by statement
    self_names: set[str] = field(default_factory=set)  # names the module has for itself
    problems: list[Finding] = field(default_factory=list)

    def names(self) -> list[str]:
        return list(dict.fromkeys(name for one in self.saved for name in one.names))

    def report(
        self, code: str, section: Section, line: int, found: str, expected: str
    ) -> None:
        self.problems.append(
            Finding(code, section.path, line, self.tab.name, found, expected)
        )


@dataclass
class _Scope:
    """What the cells of one section define besides the saved code."""

    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    unsaved: dict[str, int] = field(default_factory=dict)  # name -> line


#: The last answers of `extract`, with the sections that they are about.
_EXTRACTED: dict[tuple[str, tuple[int, ...]], tuple[list[Section], Library]] = {}
_MOST_KEPT = 16


def extract(config: Config, sections: list[Section], tab: Tab) -> Library:
    """Collect the saved code of one tab from sections in reading order.

    Checks, library and keys ask for the same; it is collected once.
    """
    key = (tab.name, tuple(map(id, sections)))
    if key not in _EXTRACTED:
        if len(_EXTRACTED) >= _MOST_KEPT:
            _EXTRACTED.clear()
        # The sections are kept too, so that no other gets the same id.
        _EXTRACTED[key] = (list(sections), _extract(config, sections, tab))
    return _EXTRACTED[key][1]


def _extract(config: Config, sections: list[Section], tab: Tab) -> Library:
    module = module_name(config.root, tab.library) if tab.library else ""
    library = Library(tab, module)
    scopes: dict[PurePosixPath, _Scope] = {}
    for section in sections:
        scopes[section.path] = _read_section(config, section, library)
    _reject_twice(library)
    for one in library.saved:
        _resolve(library, one, scopes[one.section.path])
    return library


def saved_statements(source: str, tree: ast.Module) -> list[ast.stmt]:
    """Return the statements of a cell that its author marked."""
    marks, lines = _find_marks(source), source.split("\n")
    return [
        statement
        for statement in tree.body
        if names_of(statement) and any(_covers(statement, at, lines) for at in marks)
    ]


def _find_marks(source: str) -> dict[int, int]:
    """Map each line with a `#@save` comment to the column where it begins."""
    if not SAVE_MARK.search(source):
        return {}
    reader = io.StringIO(plain_code(source) + "\n").readline
    return {
        token.start[0]: token.start[1]
        for token in tokenize.generate_tokens(reader)
        if token.type == tokenize.COMMENT and SAVE_MARK.match(token.string)
    }


def _read_section(config: Config, section: Section, library: Library) -> _Scope:
    scope = _Scope()
    notebook = written_notebook_of(section, library.tab.name, config)
    for built in notebook.cells if notebook else ():
        if built.cell_type != "code":
            continue
        index = built.metadata["origin_pos"]
        tree = parse_code(built.source)
        if tree is not None:
            _read_cell(section, index, built.source, tree, library, scope)
        elif SAVE_MARK.search(built.source):
            line = section.cells[index].line
            found = "`#@save` in a cell that is not Python"
            library.report("BK503", section, line, found, "code that Python can parse")
    return scope


def _read_cell(
    section: Section,
    index: int,
    source: str,
    tree: ast.Module,
    library: Library,
    scope: _Scope,
) -> None:
    marks = _find_marks(source)
    lines = source.split("\n")
    unused = set(marks)
    for statement in flatten(tree.body):
        for binding in bindings_of(statement):
            scope.bindings.setdefault(binding.name, []).append(binding)
    for statement in tree.body:
        mine = {mark for mark in marks if _covers(statement, mark, lines)}
        names = names_of(statement)
        first = first_line(statement)
        line = section.cells[index].line_of(lines[first - 1], first)
        if mine and names:
            unused -= mine
            library.saved.append(
                _make_saved(section, index, line, statement, lines, marks)
            )
        elif names and not isinstance(statement, (ast.Import, ast.ImportFrom)):
            scope.unsaved |= dict.fromkeys(names, line)
    for mark in sorted(unused):
        line = section.cells[index].line_of(lines[mark - 1], mark)
        found = f"`#@save` on `{lines[mark - 1].strip()}`"
        expected = "the line of a top-level def, class, import or assignment"
        library.report("BK503", section, line, found, expected)


def _covers(statement: ast.stmt, mark: int, lines: list[str]) -> bool:
    """Tell whether a mark stands on a statement's header, or alone above it."""
    first, last = first_line(statement), statement.end_lineno or statement.lineno
    if isinstance(statement, DEFINITIONS):
        last = max(statement.lineno, statement.body[0].lineno - 1)
    if first <= mark <= last:
        return True
    between = lines[mark - 1 : first - 1]
    return mark < first and all(text.startswith("#") for text in between)


def _make_saved(
    section: Section,
    index: int,
    line: int,
    statement: ast.stmt,
    lines: list[str],
    marks: dict[int, int],
) -> Saved:
    first, last = first_line(statement), statement.end_lineno or statement.lineno
    text = [
        lines[at - 1][: marks[at]].rstrip() if at in marks else lines[at - 1].rstrip()
        for at in range(first, last + 1)
    ]
    source = "\n".join(text)
    bindings = bindings_of(statement)
    kind = "import" if bindings else "assignment"
    return Saved(
        names=names_of(statement),
        kind="definition" if isinstance(statement, DEFINITIONS) else kind,
        section=section,
        cell=index,
        line=line,
        source=source,
        uses=frozenset() if bindings else frozenset(used_names(source)),
        dotted=frozenset(dotted_names(ast.parse(source))),
        bindings=bindings,
    )


def _reject_twice(library: Library) -> None:
    seen: dict[str, Saved] = {}
    for one in library.saved:
        for name in one.names if one.kind != "import" else ():
            if name in seen:
                first = seen[name]
                found = f"`{name}` is saved at {first.section.path}:{first.line} too"
                expected = "one definition of each saved name"
                library.report("BK505", one.section, one.line, found, expected)
            seen.setdefault(name, one)


def _resolve(library: Library, one: Saved, scope: _Scope) -> None:
    """Find an import for every name that the saved code reads."""
    for binding in one.bindings:
        _add_import(library, one, binding)
    defined = {
        name
        for other in library.saved
        if other.kind != "import"
        for name in other.names
    }
    for name in sorted(one.uses - _BUILTINS - set(one.names)):
        imported = scope.bindings.get(name, [])
        if not imported and name in defined:
            continue
        if not imported:
            found = f"saved code uses `{name}`, which nothing saved or imported defines"
            if name in scope.unsaved:
                found = f"saved code uses `{name}`, which is defined at line "
                found += f"{scope.unsaved[name]} without `#@save`"
            expected = f"`#@save` on `{name}` too, or an import of it in the section"
            if name not in scope.unsaved:
                expected = or_nearest(expected, name, {*defined, *scope.bindings})
            library.report("BK504", one.section, one.line, found, expected)
        for binding in _needed(imported, one.dotted):
            if binding.module == library.module and not binding.dotted:
                library.self_names.add(name)
            elif binding.module != f"{library.module}.{name}":
                _add_import(library, one, binding, clash=name in defined)


def _needed(imported: list[Binding], dotted: frozenset[str]) -> list[Binding]:
    """Leave out `import a.b` where the code needs no more than `import a`."""
    if not all(binding.dotted for binding in imported):
        return imported
    plain = [binding for binding in imported if "." not in binding.module]
    chained = [
        binding
        for binding in imported
        if any(f"{chain}.".startswith(f"{binding.module}.") for chain in dotted)
    ]
    return list(dict.fromkeys([*plain, *chained])) or imported


def _add_import(
    library: Library, one: Saved, binding: Binding, clash: bool = False
) -> None:
    others = [
        other
        for other in library.imports.values()
        if other.name == binding.name and not other.suits(binding)
    ]
    if others or clash:
        rival = f"`{others[0].statement}`" if others else "a saved definition"
        found = f"`{binding.statement}`, but {rival} defines `{binding.name}` as well"
        expected = "one meaning of a name in all saved code of a tab"
        library.report("BK506", one.section, one.line, found, expected)
    library.imports.setdefault(binding.statement, binding)
