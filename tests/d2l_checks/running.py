"""Run the checks of one tab in that tab's environment, which has no pytest."""

from __future__ import annotations

import sys
import traceback
from typing import Any


def run(names: dict[str, Any]) -> None:
    """Call every `check_...` function and exit with the number that failed."""
    failures = 0
    for name, check in names.items():
        if not name.startswith("check_"):
            continue
        try:
            check()
        except Exception:
            failures += 1
            print(f"{name} failed\n{traceback.format_exc()}")
        else:
            print(f"{name} passed")
    sys.exit(failures)


def modules_beside(framework: str, module: str) -> set[str]:
    """Import a framework, then a module of d2l; return what the second one added."""
    import importlib

    importlib.import_module(framework)
    before = set(sys.modules)
    importlib.import_module(module)
    return set(sys.modules) - before
