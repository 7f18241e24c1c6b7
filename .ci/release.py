"""What a tag releases: `make release TAG=v1.2.3` checks it, proves it and packs it.

`check TAG` tells in a moment whether the tag may be released. `pack TAG` puts wheels,
the site and the notes into `_build/release`; the site must have been built.
"""

from __future__ import annotations

import configparser
import os
import re
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

from bookkit.site import archive

ROOT = Path(__file__).resolve().parents[1]
VERSIONED = ("bookkit/src/bookkit/__init__.py", "d2l/__init__.py")
_BUILD = (
    "import sys; from setuptools.build_meta import build_wheel as b; b(sys.argv[1])"
)
#: The earliest time that an archive knows: the same content makes the same bytes.
_TIME = "315532800"


def problems(root: Path, tag: str) -> list[str]:
    """Say what keeps a tag from being released."""
    version = tag.removeprefix("v")
    if not re.fullmatch(r"v\d+\.\d+\.\d+", tag):
        return [f"tag {tag}: expected a version, for example v1.2.3"]
    found = {}
    for name in VERSIONED:
        text = (root / name).read_text(encoding="utf-8")
        found[name] = "".join(re.findall(r'^__version__ = "(.*)"$', text, re.M))
    config = configparser.RawConfigParser()
    config.read(root / "config.ini", encoding="utf-8")
    found["config.ini, release"] = config["project"]["release"]
    told = [
        f"{name}: {one}; expected {version}, as the tag {tag} says"
        for name, one in found.items()
        if one != version
    ]
    if not notes(root, version):
        told.append(
            f"CHANGELOG.md: no entries under `## [{version}] - YYYY-MM-DD`; expected "
            "what was under Unreleased"
        )
    return told


def notes(root: Path, version: str) -> str:
    """Return what the changelog says of a version; "" if it has no dated section."""
    text = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    heading = rf"^## \[{re.escape(version)}\] - (\S+)\n(.*?)(?=^## |\Z)"
    section = re.search(heading, text, re.M | re.S)
    if section is None:
        return ""
    try:
        date.fromisoformat(section[1])
    except ValueError:
        return ""
    return section[2].strip()


def pack(root: Path, tag: str) -> Path:
    """Write wheels, the site and the notes of a release; return their folder."""
    folder = root / "_build" / "release"
    shutil.rmtree(folder, ignore_errors=True)
    wheels = folder / "wheels"
    for project in (root, root / "bookkit"):
        with_time = {**os.environ, "SOURCE_DATE_EPOCH": _TIME}
        # setuptools would pack what modules of earlier versions have left there
        shutil.rmtree(project / "build", ignore_errors=True)
        command = [sys.executable, "-c", _BUILD, str(wheels)]
        wheels.mkdir(parents=True, exist_ok=True)
        subprocess.run(command, cwd=project, env=with_time, check=True)
    site = folder / f"site-{tag.removeprefix('v')}.zip"
    archive.pack(root / "_build" / "html", site, "html")
    (folder / "notes.md").write_text(notes(root, tag.removeprefix("v")) + "\n", "utf-8")
    return folder


def main() -> int:
    """Check or pack; return the exit code."""
    what, tag = sys.argv[1:]
    told = problems(ROOT, tag)
    if told:
        print("\n".join(f"error: {one}" for one in told), file=sys.stderr)
        return 2
    if what == "pack":
        print(f"Release: {pack(ROOT, tag)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
