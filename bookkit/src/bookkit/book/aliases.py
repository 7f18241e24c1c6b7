"""The names that d2lbook replaces in code, as `config.ini` lists them."""

from __future__ import annotations

import configparser
import re
from collections.abc import Iterator

from bookkit.book.config import CONFIG_NAME, Config


def read_aliases(config: Config, tab: str) -> tuple[str, ...]:
    """Return the beginnings of `d2l.NAME(` that d2lbook replaces in one tab.

    Its `simple_alias` is replaced as plain text, so `log` stands for every name
    that begins so; one that ends with a parenthesis, like `rand(`, for itself.
    """
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(config.root / CONFIG_NAME, encoding="utf-8")
    section = f"library-{tab}"

    def left_sides(key: str, separators: str) -> Iterator[str]:
        for entry in re.split(separators, parser.get(section, key, fallback="")):
            if entry.strip():
                yield entry.split("->")[0].strip()

    simple = tuple(left_sides("simple_alias", r"[,\n]"))
    fluent = tuple(f"{name}(" for name in left_sides("fluent_alias", r"[,\n]"))
    called = tuple(name.split("(")[0] + "(" for name in left_sides("args_alias", r"\n"))
    return simple + fluent + called
