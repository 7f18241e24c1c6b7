"""Wheels of small packages, written for a test."""

import zipfile
from pathlib import Path


def write_wheel(folder: Path, name: str, version: str, **modules: str) -> Path:
    """Write a wheel; `modules` are its files, with their text, e.g. `one="ONE = 1"`."""
    package, facts = name.replace("-", "_"), f"{name.replace('-', '_')}-{version}"
    files = {f"{package}/{module}.py": text for module, text in modules.items()}
    files |= {
        f"{package}/__init__.py": "",
        f"{facts}.dist-info/METADATA": (
            f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        ),
        f"{facts}.dist-info/WHEEL": (
            "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        ),
        f"{facts}.dist-info/RECORD": "",
    }
    path = folder / f"{facts}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for inside, text in files.items():
            archive.writestr(inside, text)
    return path
