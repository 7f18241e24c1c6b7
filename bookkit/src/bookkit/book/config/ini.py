"""`config.ini` as text: known keys, values of a kind, and where a key stands.

Standard library only.
"""

from __future__ import annotations

import configparser
import math
import re
from collections.abc import Collection
from pathlib import Path

from bookkit.book.config.keys import (
    BOOKKIT_KEYS,
    D2LBOOK_DEFAULTS,
    D2LBOOK_KEYS,
    LIBRARY_TAB_KEYS,
    TAB_KEYS,
)
from bookkit.errors import ConfigError, explain, nearest


class Ini:
    """A parsed file; all of its sections and keys are known.

    Raises:
        ConfigError: it is missing, unreadable, or has an unknown key.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._parser = _parse(path)
        self.tabs = self.words("build", "tabs")
        self._reject_unknown()
        if not self.tabs:
            found, example = "no tab is named", "`tabs = pytorch, mxnet`"
            expected = f"at least one, for example {example}"
            raise ConfigError(explain(f"{path}: [build] tabs", found, expected))

    def get(self, section: str, key: str) -> str:
        """Return a value, or its default."""
        default = D2LBOOK_DEFAULTS.get((section, key), "")
        default = BOOKKIT_KEYS[key] if section == "bookkit" else default
        return self._parser.get(section, key, fallback=default)

    def words(self, section: str, key: str) -> tuple[str, ...]:
        """Return words that spaces or commas part."""
        return tuple(filter(None, re.split(r"[\s,]+", self.get(section, key))))

    def truth(self, section: str, key: str, default: bool) -> bool:
        """Return whether a value is `true`, in any letters; none is the default."""
        text = self.get(section, key).strip().lower()
        if text not in ("", "true", "false"):
            raise self.wrong(section, key, "true or false")
        return text == "true" if text else default

    def positive(self, key: str) -> float:
        """Return a number of [bookkit] that is above 0."""
        try:
            number = float(self.get("bookkit", key))
        except ValueError:
            number = 0
        if not 0 < number < math.inf:
            raise self.wrong("bookkit", key, "a number above 0")
        return number

    def wrong(
        self, section: str, key: str, expected: str, found: str = ""
    ) -> ConfigError:
        """Return the error of a value; without `found` it is shown whole."""
        found = found or f"{key} = {self.get(section, key)!r}"
        return ConfigError(explain(self._place(section, key), found, expected))

    def _reject_unknown(self) -> None:
        known = {**D2LBOOK_KEYS, "bookkit": frozenset(BOOKKIT_KEYS)}
        for tab in self.tabs:
            known[f"library-{tab}"] = LIBRARY_TAB_KEYS
            known[f"bookkit-{tab}"] = TAB_KEYS
        for section in self._parser.sections():
            if section not in known:
                place = self._place(section)
                raise ConfigError(unknown("section", section, known, place))
            for key in self._parser[section]:
                if key not in known[section]:
                    kind, place = f"key in [{section}]", self._place(section, key)
                    raise ConfigError(unknown(kind, key, known[section], place))

    def _place(self, section: str, key: str | None = None) -> str:
        """Word where a section or key stands."""
        inside = False
        rows = self.path.read_text("utf-8").splitlines()
        for number, text in enumerate(rows, start=1):
            if text.startswith("["):
                inside = text.strip() == f"[{section}]"
                if inside and key is None:
                    return f"{self.path}:{number}"
            elif inside and key and re.match(rf"{re.escape(key)}\s*[=:]", text, re.I):
                return f"{self.path}:{number}"
        return f"{self.path}:1"


def unknown(kind: str, name: str, known: Collection[str], place: str) -> str:
    """Word that there is no such name, and which one is near."""
    names = f"known: {', '.join(sorted(known))}"
    expected = "; ".join(filter(None, [nearest(name, known), names]))
    return explain(place, f"unknown {kind} `{name}`", expected)


def _parse(path: Path) -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    try:
        parser.read_string(path.read_text(encoding="utf-8"), source=str(path))
        for section in parser.sections():
            parser.items(section)  # a lone `%` is an error only when it is read
    except FileNotFoundError:
        expected = "the book's folder, which has a config.ini"
        remedy = "cd to the book, or pass --root FOLDER"
        error_text = explain(str(path), "no such file", expected, remedy)
        raise ConfigError(error_text) from None
    except (configparser.Error, OSError, UnicodeDecodeError) as error:
        raise ConfigError(explain(str(path), f"cannot be read: {error}")) from None
    return parser
