"""Write the saved code of each tab into the module that readers import.

The author's text stays as it is, but for the mark, which goes, and one line of
docstring, which comes: where the book defines it. Formatting is what `ruff
format` leaves alone, quotes aside.
"""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from pathlib import Path

from bookkit.book.allowances import without_allowed
from bookkit.book.config import Config
from bookkit.book.judge import judge
from bookkit.book.source import Section, read_book
from bookkit.book.syntax import offset_of
from bookkit.errors import BookkitError, SourceError, explain
from bookkit.files import write_whole
from bookkit.library.head import MARK, OWN
from bookkit.library.methods import join
from bookkit.library.records import Library, Saved
from bookkit.library.saved import extract

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
        SourceError: a section cannot be read, or saved code is not complete, and that
            is neither known nor a matter of style. No module is written then, not
            even that of another tab.
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


def render_library(config: Config, sections: list[Section]) -> dict[Path, str]:
    """Word the module of each selected tab that has one; see `build_library`."""
    libraries = [extract(config, sections, tab) for tab in config.tabs if tab.library]
    problems = [problem for library in libraries for problem in library.problems]
    files = [one for each in sections for one in (each, each.solution) if one]
    texts = {one.path: one.text for one in files}
    left = without_allowed(texts, dict.fromkeys(problems))
    errors = judge(config, left).errors
    # whatever the book makes of it otherwise: an author's text is not replaced
    lost = [one for one in problems if one.code == "BK509"]
    if errors or lost:
        raise SourceError("\n".join(map(str, dict.fromkeys([*errors, *lost]))))
    return {
        library.tab.library: render(config, library)
        for library in libraries
        if library.tab.library
    }


def render(config: Config, library: Library) -> str:
    """Word a module: what its author wrote above, then what the text saves."""
    blocks = [_heading(config, library), _imports(library)]
    blocks += [guard.source for guard in library.guards]
    if "__all__" not in library.head.names:
        blocks.append(_all(library))
    code = "\n\n".join(block for block in blocks if block) + "\n"
    after_definition = False
    for one in library.saved:
        if one.kind == "import":
            continue
        definition = one.kind == "definition"
        gap = "\n\n" if definition or after_definition else "\n"
        code += f"{gap}{_located(one)}\n"
        after_definition = definition
    if library.aliases:
        code += "\n\n# Aliases of config.ini\n"
        code += "\n".join(one.source for one in library.aliases) + "\n"
    if "__getattr__" not in library.head.names:
        code += f"\n\n{_GETATTR}"
    return code


def _heading(config: Config, library: Library) -> str:
    paths = dict.fromkeys(str(one.section.path) for one in library.saved)
    title = re.sub(r"[\\\"]", "'", config.title or config.name)
    said = f"What {title} saves in its {library.tab.title} tab."
    lines = [f"{OWN} Nothing is saved yet."]
    if paths:
        lines = [f"{OWN} To change it, edit", ""]
        lines += [f"    {path}" for path in paths]
        lines += ["", "and run it again."]
    if library.head.text:
        rows = [f"# {line}".rstrip() for line in [said, "", *lines]]
        return "\n".join([library.head.text, "", MARK, *rows])
    return "\n".join([f'"""{said}', "", *lines, '"""'])


def arranged(imports: list[str], library: Library) -> str:
    """Put import statements in the order that is usual."""
    import isort

    return isort.code(
        "\n".join(imports),
        profile="black",
        line_length=WIDTH,
        known_first_party=[library.module.split(".")[0]],
    ).strip()


def _imports(library: Library) -> str:
    self_names = library.self_names - library.head.names
    own = ["import sys"] if self_names else []
    text = arranged([*sorted(library.imports), *own], library)
    for name in sorted(self_names):
        text += f"\n\n{name} = sys.modules[__name__]"
    return text


def _all(library: Library) -> str:
    names = [f'"{name}"' for name in library.names()]
    line = f"__all__ = [{', '.join(names)}]"
    if len(line) <= WIDTH:
        # the annotation tells type checkers what an empty list holds
        return line if names else "__all__: list[str] = []"
    return "__all__ = [\n" + "".join(f"    {name},\n" for name in names) + "]"


def _located(one: Saved) -> str:
    """Return saved code that says where the book defines it, methods each."""
    if one.methods:
        methods = [_locate(method) for method in one.methods]
        return join(_locate(replace(one, source=one.bare)), methods)
    return _locate(one)


def _locate(one: Saved) -> str:
    """Add to a piece of saved code where the book defines it."""
    place = one.section.label or one.section.path
    sentence = f"Defined in {one.section.title} ({place})."
    if one.kind != "definition":
        return f"# {sentence}\n{one.source}"
    node = ast.parse(one.source).body[0]
    assert isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
    if any("overload" in ast.unparse(decorator) for decorator in node.decorator_list):
        return one.source  # types alone, of what a later one defines
    first = node.body[0]
    start = offset_of(one.source, first.lineno, first.col_offset)
    if ast.get_docstring(node, clean=False) is None:
        return _new_docstring(one.source, node, start, sentence)
    assert first.end_lineno is not None and first.end_col_offset is not None
    stop = offset_of(one.source, first.end_lineno, first.end_col_offset)
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


def _write(path: Path, text: str) -> None:
    try:
        write_whole(path, text)
    except OSError as error:
        found = f"cannot be written: {error.strerror}"
        expected = "a folder that can be written to, on a disk with room"
        raise BookkitError(explain(str(path), found, expected, "bookkit lib")) from None
