"""One framework's variant of the book, as `config.ini` says it.

Standard library only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from bookkit.book.config.aliases import Aliases, read_aliases
from bookkit.book.config.gpu import GpuBuild, read_gpu
from bookkit.book.config.ini import Ini
from bookkit.book.config.keys import TITLES
from bookkit.book.config.places import read_library
from bookkit.book.config.services import Service, read_services


@dataclass(frozen=True)
class Tab:
    """One framework's variant of the book.

    `kept` is a folder of the book for results of machines that can run it; `install` is
    what readers install for the notebooks, and `services` open them elsewhere. `run` is
    false where no cell is to be run.
    """

    name: str
    title: str
    preload: tuple[str, ...]
    compile: tuple[str, ...]
    install: tuple[str, ...]
    lock: Path
    environment: Path
    kernel: str
    library: Path | None
    pythons: tuple[str, ...]
    platforms: tuple[str, ...]
    limits: str
    gpu: GpuBuild | None
    frozen: bool
    variables: tuple[tuple[str, str], ...]
    kept: Path | None
    aliases: Aliases
    run: bool
    services: tuple[Service, ...]

    @property
    def python(self) -> Path:
        return self.environment / "bin" / "python"


def read_tab(ini: Ini, name: str) -> Tab:
    """Read what `[bookkit-TAB]` and `[library-TAB]` say.

    Raises:
        ConfigError: a value is of the wrong kind.
    """
    root, section = ini.path.parent, f"bookkit-{name}"
    library = read_library(ini, name)
    own_pythons = read_pythons(ini, section)
    return Tab(
        name=name,
        title=ini.get(section, "title") or TITLES.get(name, name),
        preload=ini.words(section, "preload"),
        compile=ini.words(section, "compile"),
        install=tuple(ini.get(section, "install").split()),
        lock=root / ini.get("bookkit", "locks") / f"{name}.txt",
        environment=root / ini.get("bookkit", "environments") / name,
        kernel=f"{ini.get('project', 'name')}-{name}".lower(),
        library=root / library if library else None,
        pythons=own_pythons or read_pythons(ini, "bookkit"),
        platforms=ini.words(section, "platforms"),
        limits=ini.get(section, "limits"),
        gpu=read_gpu(ini, section),
        frozen=ini.get(section, "frozen").lower() == "true",
        variables=tuple(_variables(ini, section)),
        kept=_kept(ini, section),
        aliases=read_aliases(ini, name, Path(library).parts[0] if library else ""),
        run=ini.truth(section, "run", True),
        services=read_services(ini, name),
    )


def read_pythons(ini: Ini, section: str) -> tuple[str, ...]:
    """Read versions such as 3.11, and put the newest last."""
    versions = ini.words(section, "pythons")
    for word in versions:
        if not re.fullmatch(r"3\.\d+", word):
            raise ini.wrong(section, "pythons", "a version such as 3.11", f"`{word}`")
    return tuple(sorted(versions, key=lambda word: int(word.split(".")[1])))


def _variables(ini: Ini, section: str) -> Iterator[tuple[str, str]]:
    """Yield what `NAME=VALUE` lines say, for the environment of a tab's kernels."""
    for row in ini.get(section, "environment").splitlines():
        name, sign, value = row.strip().partition("=")
        if row.strip() and not (sign and re.fullmatch(r"[A-Za-z_]\w*", name)):
            expected, found = "a line NAME=VALUE", f"`{row.strip()}`"
            raise ini.wrong(section, "environment", expected, found)
        if sign:
            yield name, value


def _kept(ini: Ini, section: str) -> Path | None:
    """Read the name of a folder below the book's own."""
    text = ini.get(section, "kept")
    name = PurePosixPath(text)
    if text and (name.is_absolute() or ".." in name.parts or not name.parts):
        expected = "a folder of the book, such as kept/mxnet"
        raise ini.wrong(section, "kept", expected)
    return ini.path.parent / name if text else None
