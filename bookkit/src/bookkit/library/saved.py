"""Find the code that authors marked `#@save`, and what it needs to stand alone.

Works on the syntax tree, one tab at a time. It judges only whether the saved
code is complete; `library` writes it down, `check` has the other rules.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import PurePosixPath

from bookkit.book.config import Config, Tab
from bookkit.book.marks import SAVE_MARK
from bookkit.book.source import Section, written_notebook_of
from bookkit.book.syntax import (
    bindings_of,
    first_line,
    flatten,
    names_of,
    parse_code,
    plain_code,
)
from bookkit.library.code import Code, code_of, pieces_of
from bookkit.library.head import MARK, Head, is_self, read_head
from bookkit.library.marked import (
    IMPORTS,
    class_joined,
    saved_statements,
    text_of,
    unused_marks,
)
from bookkit.library.methods import join_methods
from bookkit.library.modules import module_name
from bookkit.library.records import Library, Place, Saved, Scope
from bookkit.library.resolve import resolve, resolve_aliases

#: The last answers of `extract`, with the sections that they are about.
_EXTRACTED: dict[tuple[object, ...], tuple[list[Section], Library]] = {}
_MOST_KEPT = 16


def extract(config: Config, sections: list[Section], tab: Tab) -> Library:
    """Collect the saved code of one tab from sections in reading order.

    Checks, library and keys ask for the same; it is collected once.
    """
    head = read_head(tab.library) if tab.library else Head()
    asked = tab, config.default_tab.name, head.text, head.problem
    key = (*asked, tuple(map(id, sections)))
    if key not in _EXTRACTED:
        if len(_EXTRACTED) >= _MOST_KEPT:
            _EXTRACTED.clear()
        # The sections are kept too, so that no other gets the same id.
        _EXTRACTED[key] = (list(sections), _extract(config, sections, tab, head))
    return _EXTRACTED[key][1]


def _extract(config: Config, sections: list[Section], tab: Tab, head: Head) -> Library:
    module = module_name(config.root, tab.library) if tab.library else ""
    library = Library(tab, module, head, self_names=set(head.self_names))
    scopes: dict[PurePosixPath, Scope] = {}
    for section in sections:
        scopes[section.path] = _read_section(config, section, library)
    if tab.library:
        library.aliases = list(pieces_of(tab.aliases.code))
    if head.problem:
        expected = f"a line `{MARK}` below what is to stay: the rest is generated"
        library.report_head(head.problem, expected, head.line)
    _reject_twice(library)
    for one in library.saved:
        resolve(library, one, one.place, scopes[one.section.path])
    resolve_aliases(library, scopes.values())
    join_methods(library)
    return library


def _read_section(config: Config, section: Section, library: Library) -> Scope:
    scope = Scope()
    notebook = written_notebook_of(section, library.tab.name, config)
    for built in notebook.cells if notebook else ():
        if built.cell_type != "code":
            continue
        index = built.metadata["origin_pos"]
        tree = parse_code(built.source)
        if tree is not None:
            _read_cell(section, index, built.source, tree, library, scope)
        elif SAVE_MARK.search(built.source):
            place = section.path, section.cells[index].line
            found = "`#@save` in a cell that is not Python"
            library.report("BK503", place, found, "code that Python can parse")
    return scope


def _read_cell(
    section: Section,
    index: int,
    source: str,
    tree: ast.Module,
    library: Library,
    scope: Scope,
) -> None:
    saved = saved_statements(source, tree)
    lines = source.split("\n")

    def place_of(number: int) -> Place:
        line = section.cells[index].line_of(lines[number - 1], number)
        return section.path, line

    for statement in tree.body:
        place = place_of(first_line(statement))
        if statement in saved:
            own = code_of(statement, text_of(source, tree, statement))
            _save(library, own, statement, section, index, place)
            _reject_magics(library, source, statement, place_of)
        elif _is_guard(statement):
            first, last = statement.lineno - 1, statement.end_lineno
            text = "\n".join(plain_code(source).split("\n")[first:last])
            guard = code_of(statement, text)
            scope.guards |= dict.fromkeys(guard.names, guard)
            continue
        elif not isinstance(statement, IMPORTS):
            scope.unsaved |= dict.fromkeys(names_of(statement), place[1])
        for one in flatten([statement]):
            for binding in bindings_of(one):
                scope.bindings.setdefault(binding.name, []).append(binding)
    for mark in unused_marks(source, tree):
        found = f"`#@save` on `{lines[mark - 1].strip()}`"
        expected = "the line of a top-level def, class, import or assignment"
        library.report("BK503", place_of(mark), found, expected)


def _save(
    library: Library,
    own: Code,
    statement: ast.stmt,
    section: Section,
    index: int,
    place: Place,
) -> None:
    if is_self(own):
        library.self_names |= set(own.names)
        return
    owner = class_joined(statement)
    values = {**vars(own), "names": () if owner else own.names}
    if own.kind == "import":
        values["names"] = tuple(binding.name for binding in own.bindings)
    library.saved.append(
        Saved(**values, section=section, cell=index, line=place[1], owner=owner)
    )


def _reject_magics(
    library: Library, source: str, statement: ast.stmt, place_of: Callable[[int], Place]
) -> None:
    plain, rows = plain_code(source).split("\n"), source.split("\n")
    for number in range(first_line(statement), (statement.end_lineno or 0) + 1):
        row = rows[number - 1]
        if row != plain[number - 1] and "get_ipython()" in plain[number - 1]:
            found = f"`{row.strip()}` in saved code"
            expected = "Python alone: a module knows nothing of IPython"
            library.report("BK503", place_of(number), found, expected)


def _is_guard(statement: ast.stmt) -> bool:
    """Tell whether a statement does nothing but import, in one of several ways."""
    if not isinstance(statement, (ast.If, ast.Try)):
        return False
    inside = list(flatten([statement]))[1:]
    imports = [one for one in inside if isinstance(one, IMPORTS)]
    kinds = (*IMPORTS, ast.If, ast.Try, ast.ExceptHandler, ast.Pass)
    return bool(imports) and all(
        isinstance(one, kinds)
        or (isinstance(one, ast.Assign) and not _calls(one.value))
        for one in inside
    )


def _calls(value: ast.expr) -> bool:
    return any(isinstance(one, ast.Call) for one in ast.walk(value))


def _reject_twice(library: Library) -> None:
    seen: dict[str, Saved] = {}
    for one in library.saved:
        for name in one.names if one.kind != "import" else ():
            first = seen.setdefault(name, one)
            if first is one or _is_declaration(first) or _overrides(first, one):
                seen[name] = one
                continue
            found = f"`{name}` is saved at {first.section.path}:{first.line} too"
            expected = "one definition of each saved name"
            library.report("BK505", one.place, found, expected)


def _is_declaration(one: Saved) -> bool:
    """Tell whether a function only has its name here: an overload, say."""
    (tree,) = ast.parse(one.source).body
    if not isinstance(tree, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return False
    if any("overload" in ast.unparse(one) for one in tree.decorator_list):
        return True
    last = ast.unparse(tree.body[-1])
    has_docstring = ast.get_docstring(tree) is not None
    return len(tree.body) == 1 + has_docstring and (
        last in ("...", "pass") or last.startswith("raise NotImplementedError")
    )


def _overrides(first: Saved, one: Saved) -> bool:
    """Tell whether a tab has its own in place of what all tabs have."""
    tabs = {saved.section.cells[saved.cell].tabs for saved in (first, one)}
    return first.section is one.section and len(tabs) == 2 and ("all",) in tabs
