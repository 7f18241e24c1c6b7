"""The wheel of the saved functions, for readers who have no source: same bytes always.

Made where the book's `pyproject.toml` names the folder of `lib_file` as a package.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import tomllib
from pathlib import Path

from bookkit.book.config import Config
from bookkit.errors import SiteError, explain
from bookkit.files import copy_whole, digest
from bookkit.kernels import programs

_BUILD = (
    "import sys; from setuptools.build_meta import build_wheel as b; b(sys.argv[1])"
)
#: The earliest time that an archive knows.
_TIME = "315532800"


def wheel_of(config: Config) -> Path | None:
    """Return the wheel, made anew if what is in it changed; None: the book has none.

    Raises:
        SiteError: setuptools cannot make it.
    """
    project = config.root / "pyproject.toml"
    package = next((tab.library.parent for tab in config.tabs if tab.library), None)
    if package is None or not project.is_file():
        return None
    settings = tomllib.loads(project.read_text(encoding="utf-8"))
    packages = settings.get("tool", {}).get("setuptools", {}).get("packages", [])
    if "project" not in settings or package.name not in packages:
        return None
    files = [path for path in sorted(package.iterdir()) if path.is_file()]
    beside = [one for name in ("README*", "LICENSE*") for one in config.root.glob(name)]
    place = config.output / "wheel" / digest([project, *files, *sorted(beside)])[:16]
    if not list(place.glob("*.whl")):
        shutil.rmtree(place.parent, ignore_errors=True)
        _make(project, package, files, beside, place)
    return next(place.glob("*.whl"))


def _make(
    project: Path, package: Path, files: list[Path], beside: list[Path], place: Path
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source, made = Path(folder, "source"), Path(folder, "made")
        for path in (project, *beside):
            copy_whole(path, source / path.name)
        for path in files:
            copy_whole(path, source / package.name / path.name)
        code, said = programs.run(
            [sys.executable, "-c", _BUILD, str(made)],
            cwd=source,
            env={**os.environ, "SOURCE_DATE_EPOCH": _TIME},
        )
        if code:
            last = said.strip()[-500:]
            raise SiteError(explain(str(project), f"it makes no wheel\n    {last}"))
        (wheel,) = made.glob("*.whl")
        copy_whole(wheel, place / wheel.name)
