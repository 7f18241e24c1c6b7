"""Where a build may write: a book names folders, and none may hold what is not ours.

Standard library only.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from bookkit.book.config.ini import Ini
from bookkit.book.config.keys import D2LBOOK_DEFAULTS, FILE_KEYS

_OUTPUT = ("build", "output_dir")
#: What every command of ours leaves in the folder it writes to.
_OURS = (".lock", "jupyter")


def reject_unsafe(ini: Ini) -> None:
    """Refuse folders that a build would spoil, and files that are not of the book.

    Raises:
        ConfigError: one of them.
    """
    root = ini.path.parent
    for key in (_OUTPUT, ("bookkit", "environments")):
        folder = root / ini.get(*key)
        if root.resolve().is_relative_to(folder.resolve()):
            expected = (
                f"a folder of its own, such as {D2LBOOK_DEFAULTS.get(key, '.envs')}"
            )
            found = f"{key[1]} = {ini.get(*key)!r}: the book lies in it"
            raise ini.wrong(*key, expected, found)
    _reject_foreign(ini, root / ini.get(*_OUTPUT))
    for key in (*FILE_KEYS, ("build", "notebooks"), ("pdf", "bibfile")):
        for word in ini.words(*key):
            name = PurePosixPath(word)
            if name.is_absolute() or ".." in name.parts:
                expected = "a path from the book's folder to what lies in it"
                raise ini.wrong(*key, expected, f"{key[1]}: `{word}`")


def read_library(ini: Ini, name: str) -> str:
    """Read which module a tab's saved code is written to; "" for none.

    Raises:
        ConfigError: it is no module of the book.
    """
    section, text = f"library-{name}", ini.get(f"library-{name}", "lib_file")
    path = PurePosixPath(text)
    if text and (path.suffix != ".py" or path.is_absolute() or ".." in path.parts):
        expected = (
            "a Python module of the book, such as d2l/torch.py: it is overwritten"
        )
        raise ini.wrong(section, "lib_file", expected)
    return text


def _reject_foreign(ini: Ini, folder: Path) -> None:
    """Refuse a folder with files that bookkit has not made."""
    if ini.get(*_OUTPUT) == D2LBOOK_DEFAULTS[_OUTPUT] or not folder.is_dir():
        return
    names = sorted(path.name for path in folder.iterdir())
    if names and not set(names) & set(_OURS):
        found = f"output_dir: {folder} has files of others: {', '.join(names[:3])}"
        expected = "a folder that is empty, or not there yet: a build deletes in it"
        raise ini.wrong(*_OUTPUT, expected, found)
