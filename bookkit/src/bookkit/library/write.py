"""Write the saved code of each tab into the module that readers import.

The author's text stays as it is, but for the mark, which goes, and one line of
docstring, which comes: where the book defines it. Formatting is what `ruff
format` leaves alone, quotes aside.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from pathlib import Path

from bookkit.book.config import Config
from bookkit.book.source import Section, read_book
from bookkit.book.syntax import dotted_names, parse_code
from bookkit.errors import BookkitError, SourceError, explain
from bookkit.files import write_whole
from bookkit.library.saved import Library, Saved, extract

WIDTH = 88

_QUOTED = re.compile(r"^([rRuU]?)(\"\"\"|'''|\"|')(.*)\2$", re.S)
_GETATTR = '''\
def __getattr__(name: str) -> object:
    """Say which names exist when somebody asks for one that does not."""
    import difflib

    near = difflib.get_close_matches(name, __all__, n=1)
    hint = f"; perhaps {near[0]}" if near else ""
    known = ", ".join(__all__) or "nothing"
    raise AttributeError(f"{__name__} has no {name}{hint}; it has {known}")
'''


def build_library(
    config: Config,
    check_only: bool = False,
    sections: list[Section] | None = None,
) -> list[Path]:
    """Write the modules of the selected tabs; return those that changed.

    With `check_only` nothing is written, and the list says what is stale.

    Raises:
        SourceError: a section cannot be read, or saved code is not complete.
            No module is written then, not even that of another tab.
    """
    texts = render_library(config, sections or read_book(config))
    changed = [
        path
        for path, text in texts.items()
        if not path.exists() or path.read_bytes() != text.encode()
    ]
    for path in () if check_only else changed:
        _write(path, texts[path])
    return changed


def stale(config: Config) -> list[Path]:
    """Return the modules that differ from what the sources say."""
    return build_library(config, check_only=True)


def render_library(config: Config, sections: list[Section]) -> dict[Path, str]:
    """Word the module of each selected tab that has one; see `build_library`."""
    libraries = [extract(config, sections, tab) for tab in config.tabs if tab.library]
    problems = [str(one) for library in libraries for one in library.problems]
    if problems:
        raise SourceError("\n".join(problems))
    return {
        library.tab.library: render(config, library)
        for library in libraries
        if library.tab.library
    }


def render(config: Config, library: Library) -> str:
    """Word one module."""
    blocks = [_heading(config, library), _imports(library), _all(library)]
    code = "\n\n".join(block for block in blocks if block) + "\n"
    after_definition = False
    for one in library.saved:
        if one.kind == "import":
            continue
        definition = one.kind == "definition"
        gap = "\n\n" if definition or after_definition else "\n"
        code += f"{gap}{_locate(one)}\n"
        after_definition = definition
    return f"{code}\n\n{_GETATTR}"


def reachable_saved(library: Library, cells: Iterable[str]) -> dict[str, str]:
    """Return the saved code that a notebook can reach, by the names it defines.

    Whatever this returns belongs into the key of the notebook's result. Empty
    when the notebook does not import the library; everything when the way it
    uses the library cannot be followed, as with `getattr(d2l, name)`. The imports
    that the module makes for its code are under a name of their own.
    """
    roots = _reached_names(library, list(cells))
    reached: set[str] = set()
    while roots - reached:
        reached |= roots
        for one in library.saved:
            if reached & set(one.names):
                roots = roots | (one.uses & set(library.names()))
                for chain in one.dotted:
                    alias, name = chain.split(".")[:2]
                    roots = roots | ({name} if alias in library.self_names else set())
    sources: dict[str, str] = {}
    if reached and library.imports:
        sources[f"imports of {library.module}"] = "\n".join(sorted(library.imports))
    for one in library.saved:
        if reached & set(one.names):
            name = ", ".join(one.names)
            sources[name] = "\n\n".join(filter(None, [sources.get(name), one.source]))
    return sources


def _reached_names(library: Library, cells: list[str]) -> set[str]:
    every = set(library.names())
    package, _, short = library.module.rpartition(".")
    if not any(package in cell for cell in cells):
        return set()
    trees = [parse_code(cell) for cell in cells]
    if None in trees:
        return every
    nodes = [node for tree in trees if tree for node in ast.walk(tree)]
    names: set[str] = set()
    paths: set[str] = set()  # what the notebook calls the library
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name == library.module:
                    paths.add(alias.asname or library.module)
        elif isinstance(node, ast.ImportFrom) and node.module == library.module:
            starred = any(alias.name == "*" for alias in node.names)
            names |= every if starred else {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module == package:
            paths |= {a.asname or a.name for a in node.names if a.name == short}
    followed = {id(node.value) for node in nodes if isinstance(node, ast.Attribute)}
    for node in nodes:
        if isinstance(node, ast.Name) and node.id in paths and id(node) not in followed:
            return every
    for chain in {chain for tree in trees if tree for chain in dotted_names(tree)}:
        for path in paths:
            if chain.startswith(f"{path}."):
                names.add(chain.removeprefix(f"{path}.").split(".")[0])
    return names & every


def _heading(config: Config, library: Library) -> str:
    paths = dict.fromkeys(str(one.section.path) for one in library.saved)
    title = re.sub(r"[\\\"]", "'", config.title or config.name)
    lines = [f'"""What {title} saves in its {library.tab.title} tab.', ""]
    if paths:
        lines += ["Generated by `bookkit lib`. To change it, edit", ""]
        lines += [f"    {path}" for path in paths]
        lines += ["", "and run it again."]
    else:
        lines += ["Generated by `bookkit lib`. Nothing is saved yet."]
    return "\n".join([*lines, '"""'])


def _imports(library: Library) -> str:
    import isort

    statements = sorted(library.imports)
    if library.self_names:
        statements.append("import sys")
    text = isort.code(
        "\n".join(statements),
        profile="black",
        line_length=WIDTH,
        known_first_party=[library.module.split(".")[0]],
    ).strip()
    for name in sorted(library.self_names):
        text += f"\n\n{name} = sys.modules[__name__]"
    return text


def _all(library: Library) -> str:
    names = [f'"{name}"' for name in library.names()]
    line = f"__all__ = [{', '.join(names)}]"
    if len(line) <= WIDTH:
        # the annotation tells type checkers what an empty list holds
        return line if names else "__all__: list[str] = []"
    return "__all__ = [\n" + "".join(f"    {name},\n" for name in names) + "]"


def _locate(one: Saved) -> str:
    """Add to the saved code where the book defines it."""
    place = one.section.label or one.section.path
    sentence = f"Defined in {one.section.title} ({place})."
    if one.kind == "assignment":
        return f"# {sentence}\n{one.source}"
    node = ast.parse(one.source).body[0]
    assert isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
    first = node.body[0]
    start = _offset(one.source, first.lineno, first.col_offset)
    if ast.get_docstring(node, clean=False) is None:
        return _new_docstring(one.source, node, start, sentence)
    assert first.end_lineno is not None and first.end_col_offset is not None
    stop = _offset(one.source, first.end_lineno, first.end_col_offset)
    literal = _QUOTED.match(one.source[start:stop])
    if not literal or '"""' in literal[3]:
        return one.source  # two literals side by side, say: leave it alone
    indent = " " * first.col_offset
    text = literal[3].rstrip()
    text = f'{literal[1]}"""{text}\n\n{indent}{sentence}\n{indent}"""'
    rest = one.source[stop:]
    if isinstance(node, ast.ClassDef) and len(node.body) > 1:
        rest = "\n\n" + rest.lstrip("\n")
    return one.source[:start] + text + rest


def _new_docstring(
    source: str,
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef,
    start: int,
    sentence: str,
) -> str:
    head, body = source[:start], source[start:]
    gap = "\n\n" if isinstance(node, ast.ClassDef) else "\n"
    if not head.endswith("\n") and head.rsplit("\n", 1)[-1].strip():
        indent = "    "  # the body stands on the header's own line
        return f'{head.rstrip()}\n{indent}"""{sentence}"""{gap}{indent}{body}'
    lines = source.split("\n")
    at = min([node.body[0].lineno, *_decorator_lines(node.body[0])]) - 1
    indent = " " * node.body[0].col_offset
    docstring = f'{indent}"""{sentence}"""' + gap[1:]
    return "\n".join([*lines[:at], docstring, *lines[at:]])


def _decorator_lines(statement: ast.stmt) -> list[int]:
    return [one.lineno for one in getattr(statement, "decorator_list", [])]


def _offset(source: str, line: int, column: int) -> int:
    """Turn a place of the syntax tree, whose columns count bytes, into an index."""
    lines = source.split("\n")
    before = sum(len(text) + 1 for text in lines[: line - 1])
    return before + len(lines[line - 1].encode()[:column].decode())


def _write(path: Path, text: str) -> None:
    """Replace a file whole or not at all."""
    try:
        write_whole(path, text)
    except OSError as error:
        found = f"cannot be written: {error.strerror}"
        expected = "a folder that can be written to, on a disk with room"
        raise BookkitError(explain(str(path), found, expected, "bookkit lib")) from None
