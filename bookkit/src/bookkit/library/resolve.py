"""What saved code reads, and from where its module has it: imports, guards, itself."""

from __future__ import annotations

import builtins
from collections.abc import Iterable
from pathlib import PurePosixPath

from bookkit.book.config import CONFIG_NAME
from bookkit.book.syntax import Binding
from bookkit.errors import or_nearest
from bookkit.library.code import Code
from bookkit.library.records import Library, Place, Scope

_BUILTINS = frozenset(dir(builtins)) | {"__name__", "__file__", "__doc__", "__class__"}
#: How modules begin that are no modules.
FUTURE = "__future__."


def resolve(library: Library, one: Code, place: Place, scope: Scope) -> None:
    """Find an import for every name that the saved code reads."""
    for binding in one.bindings if one.kind == "import" else ():
        _add_import(library, place, binding)
    if one.kind != "import":
        for binding in (b for found in scope.bindings.values() for b in found):
            if binding.module.startswith(FUTURE):
                _add_import(library, place, binding)
    defined = {
        name
        for other in library.saved
        if other.kind != "import"
        for name in other.names
    }
    known = defined | library.head.names | library.self_names
    known |= {name for other in library.pieces for name in other.names}
    for name in sorted(one.uses - _BUILTINS - set(one.names)):
        imported = scope.bindings.get(name, [])
        if not imported and name in scope.guards:
            _add_guard(library, place, scope.guards[name], scope)
            continue
        if not imported and (name in known or library.head.is_open):
            continue
        if not imported and name != "get_ipython":
            found = f"saved code uses `{name}`, which nothing saved or imported defines"
            if name in scope.unsaved:
                found = f"saved code uses `{name}`, which is defined at line "
                found += f"{scope.unsaved[name]} without `#@save`"
            expected = f"`#@save` on `{name}` too, or an import of it in the section"
            if name not in scope.unsaved:
                expected = or_nearest(expected, name, {*known, *scope.bindings})
            library.report("BK504", place, found, expected)
        for binding in _needed(imported, one.dotted):
            if binding.module == library.module and not binding.dotted:
                library.self_names.add(name)
            elif binding.module != f"{library.module}.{name}":
                _add_import(library, place, binding, clash=name in defined)


def resolve_aliases(library: Library, scopes: Iterable[Scope]) -> None:
    """Find an import for what aliases stand for, in whatever section has one."""
    place = PurePosixPath(CONFIG_NAME), library.tab.aliases.line
    every = Scope()
    for scope in scopes:
        for name, bindings in scope.bindings.items():
            every.bindings.setdefault(name, bindings[:1])
    for one in library.aliases:
        for name in set(one.names) & {b.name for b in library.imports.values()}:
            found = f"an alias `{name}`, which saved code imports as well"
            expected = "one meaning of a name in all saved code of a tab"
            library.report("BK506", place, found, expected)
        for name in library.head.names & one.uses:
            every.bindings.pop(name, None)
        resolve(library, one, place, every)


def _add_guard(library: Library, place: Place, guard: Code, scope: Scope) -> None:
    if guard in library.guards:
        return
    for binding in guard.bindings:
        library.imports.pop(binding.statement, None)
    for name in set(guard.names) & {b.name for b in library.imports.values()}:
        found = f"`{name}` is imported here in one of several ways, elsewhere in one"
        expected = "one meaning of a name in all saved code of a tab"
        library.report("BK506", place, found, expected)
    library.guards.append(guard)
    resolve(library, guard, place, scope)


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
    library: Library, place: Place, binding: Binding, clash: bool = False
) -> None:
    """Let the module import a name, unless it does so already."""
    if binding.module.startswith(FUTURE) and library.head.text:
        if binding not in {b for one in library.head.pieces for b in one.bindings}:
            found = f"`{binding.statement}` is missing in it, which saved code needs"
            expected = "such imports at its top: Python takes them nowhere else"
            library.report_head(found, expected)
        return
    pieces = [*library.head.pieces, *library.guards]
    present = [known for one in pieces for known in one.bindings]
    present += library.imports.values()
    if any(known.means(binding) for known in present):
        return
    others = [other for other in present if other.name == binding.name]
    rivals = [other for other in others if not other.suits(binding)]
    if rivals or clash:
        rival = f"`{rivals[0].statement}`" if rivals else "a saved definition"
        found = f"`{binding.statement}`, but {rival} defines `{binding.name}` as well"
        expected = "one meaning of a name in all saved code of a tab"
        library.report("BK506", place, found, expected)
    library.imports.setdefault(binding.statement, binding)
