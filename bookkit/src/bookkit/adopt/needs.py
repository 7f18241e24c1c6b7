"""What a book needs that its `config.ini` does not say, told from its text."""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Sequence

from bookkit.book.config import Config, Tab
from bookkit.book.source import Section, notebook_of
from bookkit.book.syntax import parse_code, reads_of

BIBFILE = ("pdf", "bibfile")
#: Modules that come in a package of another name, or need one that it does not ask for.
_PACKAGES = {
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python-headless",
    "dateutil": "python-dateutil",
    "mpl_toolkits": "matplotlib",
    "mxnet": "mxnet==1.9.1 numpy==1.23.5",
    "paddle": "paddlepaddle setuptools",
    "pkg_resources": "setuptools",
    "PIL": "pillow",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "tvm": "apache-tvm",
    "yaml": "pyyaml",
}
#: Packages that newer Pythons have no wheels of, or cannot import.
_PYTHONS = {"mxnet==": "3.11"}
#: What every kernel has.
_KERNEL = ("ipykernel",)
_OF_KERNEL = frozenset({"IPython", "ipykernel", "traitlets", "matplotlib_inline"})
#: Packages that indexes have a build of for CPUs, and others for each CUDA.
_BUILDS = frozenset({"torch", "torchvision", "torchaudio"})


def values_for(
    config: Config, sections: Sequence[Section]
) -> dict[tuple[str, str], str]:
    """Return values that `config.ini` lacks, by section and key."""
    bibfile = "" if config.bibfile else bibliography_of(config, sections)
    values = {BIBFILE: bibfile} if bibfile else {}
    for tab in config.all_tabs:
        wanted = " ".join(requirements_of(config, sections, tab))
        pythons = next((one for name, one in _PYTHONS.items() if name in wanted), "")
        if pythons and tab.pythons == config.pythons:
            values[f"bookkit-{tab.name}", "pythons"] = pythons
    return values


def bibliography_of(config: Config, sections: Sequence[Section]) -> str:
    """Return the BibTeX file that the text names, or the only one; "": neither."""
    for section in sections:
        marks = (one.meta for one in section.tokens if one.type == "mark")
        for name in (one["value"] for one in marks if one["name"] == "bibliography"):
            path = os.path.normpath(f"{section.path.parent}/{name}")
            if (config.root / path).is_file():
                return path
    found = sorted(one.name for one in config.root.glob("*.bib"))
    return found[0] if len(found) == 1 else ""


def requirements_of(config: Config, sections: Sequence[Section], tab: Tab) -> list[str]:
    """Return the packages of what cells of a tab import, and its library."""
    modules = set()
    for section in sections:
        notebook = notebook_of(section, tab.name, config)
        for cell in notebook.cells if notebook else ():
            if cell.cell_type == "code":
                modules |= _imported(cell.source)
    if tab.library and tab.library.is_file():
        text = tab.library.read_text(encoding="utf-8", errors="replace")
        modules |= _imported(text)
    own = {one.stem for one in config.root.iterdir()}
    outside = modules - own - sys.stdlib_module_names - _OF_KERNEL
    if "mxnet" in outside:
        outside -= {"numpy"}  # one that it works with comes with it
    packages = {name for one in outside for name in _PACKAGES.get(one, one).split()}
    return [*_KERNEL, *sorted(packages, key=str.lower)]


def _imported(source: str) -> set[str]:
    """Return the modules that code imports, the outermost package of each."""
    tree = parse_code(source)
    names: set[str] = set()
    for node in reads_of(tree).imports if tree else ():
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif node.module and not node.level:
            names.add(node.module)
    return {name.partition(".")[0] for name in names}


def wish_text(packages: Sequence[str]) -> str:
    """Return what to lock: a line for each package."""
    rows = [
        "# What cells import; pin what they need in one version, then: bookkit lock"
    ]
    builds = " ".join(one for one in packages if one in _BUILDS)
    rows += [f"# builds: {builds}"] if builds else []
    return "\n".join([*rows, *packages, ""])
