"""What is installed in an environment, by the names of its folders of metadata.

A lock says what was asked for; a framework may have been swapped since, for a build
that uses a GPU, say. No interpreter is asked and no file is read, so that every
command can look. Standard library only.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from collections.abc import Mapping
from pathlib import Path

_SUFFIX = ".dist-info"


def installed(environment: Path) -> dict[str, str]:
    """Return distribution -> version, e.g. `{"torch": "2.13.0+cpu"}`.

    Names are as pip compares them, in order; empty where there is no environment.
    """
    found = {}
    for folder in environment.glob("lib/python*/site-packages"):
        with contextlib.suppress(OSError):
            for entry in os.listdir(folder):
                # pip renames what it is about to remove to `~name`.
                if entry.endswith(_SUFFIX) and entry[0] != "~":
                    name, _, version = entry.removesuffix(_SUFFIX).rpartition("-")
                    found[re.sub(r"[-_.]+", "-", name).lower()] = version
    return dict(sorted(found.items()))


def digest_of(packages: Mapping[str, str]) -> str:
    """Name a set of packages, e.g. `0123456789abcdef`."""
    text = "\n".join(f"{name}=={packages[name]}" for name in sorted(packages))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
