"""JupyterLab as a reader of the book finds it: its contents, its kernels, its language.

Settings that the reader made in JupyterLab themselves have precedence.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any, NoReturn
from urllib.parse import quote

from bookkit import temporary
from bookkit.book.config import Config
from bookkit.book.config.sphinx import language_of
from bookkit.book.source import Section, runs_code
from bookkit.errors import EnvironmentFailure, explain
from bookkit.files import write_whole
from bookkit.kernels import kernelspecs
from bookkit.publish.contents import contents
from bookkit.publish.numbers import References

#: JupyterLab's names for languages, of which the build environment has packs.
_LOCALES = {"zh": "zh_CN"}


def write_contents(config: Config, sections: Sequence[Section], folder: Path) -> Path:
    """Write the page that JupyterLab opens on: the notebooks that are in a folder."""
    references = References(config, sections)
    places = []
    for tab in config.tabs:
        found = {
            section.path: PurePosixPath(tab.name) / section.path.with_suffix(".ipynb")
            for section in sections
        }
        there = {path: at for path, at in found.items() if _has_code(folder / at)}
        places += [(tab, there)] if there else []
    words = references.words
    path = folder / f"{words['lab_contents']}.md"
    write_whole(path, contents(references, sections, places, words["lab_said"]))
    return path


def _has_code(path: Path) -> bool:
    import nbformat

    return path.is_file() and runs_code(nbformat.read(path, as_version=4))  # type: ignore[no-untyped-call]


def open_lab(config: Config, page: Path, words: Sequence[str]) -> NoReturn:
    """Become JupyterLab, open on a page; `words` are options of its command line.

    Raises:
        EnvironmentFailure: it is not installed.
    """
    if importlib.util.find_spec("jupyterlab") is None:
        found = "JupyterLab is not installed where bookkit is"
        run = f"{sys.executable} -m pip install jupyterlab"
        raise EnvironmentFailure(explain(sys.prefix, found, run=run))
    own = kernelspecs.data_folder(config)
    settings = own / "lab-settings"
    write_whole(settings / "overrides.json", json.dumps(_settings(config), indent=1))
    kernelspecs.find_in(config)
    # Those of tabs that this machine can run; one that has no code has none
    written = (own / "kernels" / tab.kernel for tab in config.tabs)
    kernels = [path.name for path in written if path.is_dir()]
    options = {
        "LabApp.app_settings_dir": settings,
        # What was open in another book is not opened here
        "LabApp.workspaces_dir": own / "lab-workspaces",
        "LabApp.default_url": f"/lab/tree/{quote(page.name)}",
        "KernelSpecManager.allowed_kernelspecs": kernels,
        "KernelSpecManager.ensure_native_kernel": not kernels,
        "MultiKernelManager.default_kernel_name": next(iter(kernels), "python3"),
        "ServerApp.root_dir": page.parent,
    }
    given = [f"--{name}={value}" for name, value in options.items()]
    command = [sys.executable, "-m", "jupyterlab", *given, *words]
    sys.stdout.flush()
    temporary.leave()
    os.execv(sys.executable, command)


def _settings(config: Config) -> dict[str, dict[str, Any]]:
    """Return what takes the place of JupyterLab's defaults."""
    settings: dict[str, dict[str, Any]] = {
        # Neither asks whether it may fetch news, nor does
        "@jupyterlab/apputils-extension:notification": {
            "fetchNews": "false",
            "checkForUpdates": False,
        },
        # The contents are for reading
        "@jupyterlab/docmanager-extension:plugin": {
            "defaultViewers": {"markdown": "Markdown Preview"}
        },
    }
    if locale := _LOCALES.get(language_of(config.language)):
        settings["@jupyterlab/translation-extension:plugin"] = {"locale": locale}
    return settings
