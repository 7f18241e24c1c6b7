"""The tables of a folder of tests: one module for each section."""

import functools
import importlib.util
from pathlib import Path
from types import ModuleType


def names_of(folder: Path) -> list[str]:
    """List the modules of a folder that name a section."""
    return sorted(
        path.stem
        for path in folder.glob("*.py")
        if "\nSECTION = " in path.read_text(encoding="utf-8")
    )


@functools.cache
def load_table(folder: Path, name: str) -> ModuleType:
    """Import one; two folders may have tables of the same name."""
    spec = importlib.util.spec_from_file_location(
        f"{folder.name}_{name}", folder / f"{name}.py"
    )
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
