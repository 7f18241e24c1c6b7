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
    ONLY_TAB,
    TAB_KEYS,
    WITHOUT_EFFECT,
)
from bookkit.errors import ConfigError, explain, nearest, or_nearest

_TAB = re.compile(r"[a-z0-9][\w-]*", re.ASCII)


class Ini:
    """A parsed file. `notices` are what d2lbook's sections say without effect.

    Raises:
        ConfigError: it is missing, unreadable, has an unknown key of ours, or tabs
            that d2lbook could not build.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._parser = _parse(path)
        self.names_tabs = bool(self.words("build", "tabs"))
        self.tabs = self._read_tabs()
        if self.get("build", "source_dir") not in ("", "."):
            expected, remedy = "the folder that config.ini lies in", "move config.ini"
            raise self.wrong("build", "source_dir", expected, run=f"{remedy} there")
        self.notices = (*self._unknown(), *self._without_effect())

    def get(self, section: str, key: str) -> str:
        """Return a value, or its default."""
        default = D2LBOOK_DEFAULTS.get((section, key), "")
        default = BOOKKIT_KEYS[key] if section == "bookkit" else default
        return self._parser.get(section, key, fallback=default)

    def says(self, section: str, key: str) -> bool:
        """Tell whether a key is there, be it empty."""
        return self._parser.has_option(section, key)

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
        self, section: str, key: str, expected: str, found: str = "", run: str = ""
    ) -> ConfigError:
        """Return the error of a value; without `found` it is shown whole."""
        found = found or f"{key} = {self.get(section, key)!r}"
        return ConfigError(explain(self.place(section, key), found, expected, run))

    def _read_tabs(self) -> tuple[str, ...]:
        """Read names of tabs; a book without any has one, as in d2lbook."""
        tabs = self.words("build", "tabs") or (ONLY_TAB,)
        for name in tabs:
            remedy = ""
            if name != name.lower():
                remedy = f"tabs = {', '.join(tabs).lower()}; what readers see is "
                remedy += f"`title` in [bookkit-{name.lower()}]"
            if not _TAB.fullmatch(name) or name in ("all", "build"):
                expected = "small letters, digits, `-` and `_`; neither all nor build"
                raise self.wrong("build", "tabs", expected, f"tab `{name}`", remedy)
            if tabs.count(name) > 1:
                raise self.wrong("build", "tabs", "each tab once", f"`{name}` twice")
        return tabs

    def _unknown(self) -> list[str]:
        """Word what d2lbook would ignore; names that are meant for us are errors."""
        known = {**D2LBOOK_KEYS, "bookkit": frozenset(BOOKKIT_KEYS)}
        for tab in self.tabs:
            known[f"library-{tab}"] = LIBRARY_TAB_KEYS
            known[f"bookkit-{tab}"] = TAB_KEYS
        notices, folder = [], f"{self.path.parent}/"
        for section in self._parser.sections():
            if section not in known:
                text = unknown("section", section, known, self.place(section))
                if "bookkit" in f"{section} {nearest(section, known)}":
                    raise ConfigError(text)
                notices.append(text.removeprefix(folder))
                continue
            for key in self._parser[section]:
                if key not in known[section]:
                    kind, place = f"key in [{section}]", self.place(section, key)
                    text = unknown(kind, key, known[section], place)
                    if section.startswith("bookkit"):
                        raise ConfigError(text)
                    notices.append(text.removeprefix(folder))
        return notices

    def _without_effect(self) -> list[str]:
        """Word which keys of d2lbook's bookkit does not use, and what to do instead."""
        notices = []
        for section, keys, instead in WITHOUT_EFFECT:
            given = [key for key in keys.split() if self.get(section, key)]
            if given:
                found = f"[{section}] {', '.join(given)}: not used"
                place = self.place(section, given[0])
                place = place.removeprefix(f"{self.path.parent}/")
                notices.append(explain(place, found, run=instead))
        return notices

    def place(self, section: str, key: str | None = None) -> str:
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
    expected = or_nearest(names, name, known)
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
