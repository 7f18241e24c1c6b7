"""Names of one meaning in every tab, as `[library-TAB]` gives them to a framework.

d2lbook's keys, read as it reads them. Standard library only.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from bookkit.book.config.ini import Ini

#: Keys whose entries end with a comma, too.
_BY_COMMA = ("simple_alias", "fluent_alias")


@dataclass(frozen=True)
class Call:
    """A call `name(positional, keyword=default)`, and what stands in its place."""

    name: str
    positional: tuple[str, ...]
    keywords: tuple[tuple[str, str], ...]  # with their defaults
    body: str


@dataclass(frozen=True)
class Aliases:
    """What a tab's aliases put into cells, and into its module of saved code.

    `texts` are replaced first, in order: the pattern, the new text. `simple` ones are
    names that may end with `(`, and what stands for them, found by `simple_pattern`;
    `fluent` ones become methods of their first argument.
    """

    package: str
    line: int  # of config.ini, where they begin
    code: str = ""
    texts: tuple[tuple[re.Pattern[str], str], ...] = ()
    simple: tuple[tuple[str, str], ...] = ()
    simple_pattern: re.Pattern[str] | None = None
    fluent: tuple[tuple[str, str], ...] = ()
    calls: tuple[Call, ...] = ()

    @property
    def replaced(self) -> tuple[str, ...]:
        """Return the beginnings of `d2l.NAME(` that plain d2lbook replaces."""
        called = [name for name, _ in self.fluent] + [one.name for one in self.calls]
        plain = [name for name, _ in self.simple]
        return (*plain, *(f"{name}(" for name in called))

    def __bool__(self) -> bool:
        """Tell whether any is replaced in cells."""
        return bool(self.texts or self.simple or self.fluent or self.calls)


def read_aliases(ini: Ini, tab: str, package: str) -> Aliases:
    """Read the aliases of a tab; `package` holds the modules of saved code.

    Raises:
        ConfigError: an alias is no Python, or no pattern.
    """
    section = f"library-{tab}"
    name = ini.get(section, "lib_name").strip()
    # without a `lib_name`, d2lbook does without these
    simple, fluent, calls = (
        list(_pairs(ini, section, key)) if name else []
        for key in ("simple_alias", "fluent_alias", "args_alias")
    )
    rows = [("alias", ini.get(section, "alias").strip())]
    rows += [
        ("simple_alias", f"{a.rstrip('(')} = {name}.{b.rstrip('(')}") for a, b in simple
    ]
    rows += [
        ("fluent_alias", f"{a} = lambda x, *args, **kwargs: x.{b}(*args, **kwargs)")
        for a, b in fluent
    ]
    rows += [("args_alias", f"def {a}:\n    return {b}") for a, b in calls]
    for key, text in rows:
        _require_python(ini, section, key, text)
    return Aliases(
        package=package,
        line=int(ini.place(section).rpartition(":")[2]),
        code="\n".join(text for _, text in rows if text),
        texts=tuple(_reversed(ini, section)),
        simple=tuple((a, f"{name}.{b}") for a, b in simple),
        simple_pattern=_pattern_of([a for a, _ in simple], package) if simple else None,
        fluent=tuple(fluent),
        calls=tuple(_call(ini, section, a, b) for a, b in calls),
    )


def _pattern_of(names: list[str], package: str) -> re.Pattern[str]:
    """Find whole names, where d2lbook takes the beginning of any: `d2l.log_times`."""
    known = "|".join(dict.fromkeys(["d2l", re.escape(package or "d2l")]))
    ends = [re.escape(name) + ("" if name.endswith("(") else r"\b") for name in names]
    return re.compile(rf"(?<![\w.])(?:{known})\.({'|'.join(ends)})")


def _pairs(ini: Ini, section: str, key: str) -> Iterator[tuple[str, str]]:
    """Yield both sides of `a -> b`; of `a` alone, twice the same."""
    separator = r"[,\n]" if key in _BY_COMMA else r"\n"
    for entry in filter(
        None, map(str.strip, re.split(separator, ini.get(section, key)))
    ):
        sides = [side.strip() for side in entry.split("->")]
        yield (sides[0], sides[1]) if len(sides) == 2 else (entry, entry)


def _reversed(ini: Ini, section: str) -> Iterator[tuple[re.Pattern[str], str]]:
    r"""Yield texts that are replaced as they are, and patterns such as `f\((\w)\)`.

    Plain d2lbook takes patterns for texts, too, which no cell has.
    """
    for old, new in _pairs(ini, section, "reverse_alias"):
        try:
            if "\\" in old:
                found = re.compile(old)
                re.sub(found, new, "")
                yield found, new
            else:
                yield re.compile(re.escape(old)), new.replace("\\", r"\\")
        except re.error as error:
            found_text = f"`{old}`: {error}"
            expected = "a text, or a regular expression"
            raise ini.wrong(section, "reverse_alias", expected, found_text) from None


def _require_python(ini: Ini, section: str, key: str, text: str) -> None:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError) as error:
        wrong = getattr(error, "text", None) or text
        expected = "Python on both sides of each `->`"
        raise ini.wrong(section, key, expected, f"`{wrong.strip()}`") from None


def _call(ini: Ini, section: str, pattern: str, body: str) -> Call:
    call = ast.parse(pattern, mode="eval").body
    assert isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
    positional = [one.id for one in call.args if isinstance(one, ast.Name)]
    keywords = [(one.arg, ast.unparse(one.value)) for one in call.keywords if one.arg]
    if len(positional) + len(keywords) != len(call.args) + len(call.keywords):
        expected = "a name for each argument"
        raise ini.wrong(section, "args_alias", expected, f"`{pattern}`")
    return Call(call.func.id, tuple(positional), tuple(keywords), body)
