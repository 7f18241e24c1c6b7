"""What is installed in an environment, read from names of folders."""

from __future__ import annotations

from pathlib import Path


def installed(environment: Path) -> dict[str, str]:
    """Return distribution -> version, e.g. `{"torch": "2.13.0+cpu"}`."""
    found = {}
    for path in sorted(environment.glob("lib/python*/site-packages/*.dist-info")):
        name, _, version = path.name.removesuffix(".dist-info").partition("-")
        found[name.lower().replace("_", "-")] = version
    return found
