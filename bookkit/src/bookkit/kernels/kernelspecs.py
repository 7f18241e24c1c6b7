"""Kernelspecs of the tabs, in a folder of the book's output.

Everything that starts a kernel (our runs, nbval, JupyterLab) looks for them there, by
`JUPYTER_PATH`. Not in the build environment: a kernelspec names the book whose library
its cells import, and books may share environments.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

from bookkit.book.config import Config, Tab
from bookkit.files import write_whole
from bookkit.kernels.environments import environment_of

PROVISIONER = "bookkit-prefork"
#: ipykernel calls a cell by a path with the kernel's process number, which warnings and
#: tracebacks show. In a run it is called by its number; JupyterLab's debugger needs the
#: path, and nbval gives all cells one number. May go when ipykernel has a setting for
#: it; not asked for upstream yet.
_NAME_CELLS = (
    "'BOOKKIT_RUN' in __import__('os').environ and setattr(get_ipython().compile, "
    "'get_code_name', lambda raw, code, number: f'<cell {number}>')"
)
#: IPython prints a group of exceptions to stderr and sends no error, as long as its own
#: tracebacks know no groups; Python's are sent instead. Names of IPython that are not
#: public: `_get_exc_info` notes the error where Python does, `_showtraceback` sends it.
#: May go when IPython sends groups; not asked for upstream yet.
_TELL_GROUPS = (
    "hasattr(__import__('builtins'), 'BaseExceptionGroup') and "
    "get_ipython().set_custom_exc((BaseExceptionGroup,), "
    "lambda shell, kind, error, tb, tb_offset=None: (shell._get_exc_info(), "
    "shell._showtraceback(kind, error, ''.join(__import__('traceback')"
    ".format_exception(kind, error, tb.tb_next)).splitlines()))[1])"
)


def kernelspec(config: Config, tab: Tab) -> dict[str, object]:
    """Describe the kernel of one tab.

    `argv` names the interpreter by absolute path (a bare `python` would be
    replaced by the caller's), and the book's folder is on the path, so that a
    cell can import the library extracted from the book.
    """
    module = ["-Xfrozen_modules=off", "-m", "ipykernel_launcher"]
    # ipykernel warns at every start that loopback is not encrypted.
    # Kernels side by side would lock the one file that IPython keeps their history in.
    quiet = [
        "--IPKernelApp.log_level=ERROR",
        "--HistoryManager.hist_file=:memory:",
        f"--IPKernelApp.exec_lines={_NAME_CELLS}",
        f"--IPKernelApp.exec_lines={_TELL_GROUPS}",
    ]
    return {
        "argv": [
            str(tab.python.absolute()),
            *module,
            "-f",
            "{connection_file}",
            *quiet,
        ],
        "display_name": f"{tab.title} ({config.name})",
        "language": "python",
        "env": {
            "PYTHONPATH": _literal(str(config.root.absolute())),
            **dict(tab.variables),
        },
        "metadata": {
            "debugger": True,
            "kernel_provisioner": {
                "provisioner_name": PROVISIONER,
                "config": {"preload": list(tab.preload)},
            },
        },
    }


def _literal(text: str) -> str:
    """Return a text for the variables of a kernelspec, where `$` begins a name."""
    return text.replace("$", "$$")


def find_in(config: Config) -> None:
    """Make Jupyter look for this book's kernels first."""
    folder = str(data_folder(config))
    others = os.environ.get("JUPYTER_PATH", "").split(os.pathsep)
    if folder not in others:
        os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, [folder, *others]))


def data_folder(config: Config) -> Path:
    """Return what the book adds to Jupyter's path."""
    return config.output.absolute() / "jupyter"


def write_all(config: Config) -> None:
    """Write the kernelspec of every selected tab.

    That of a tab which this machine cannot have is removed.
    """
    kernels = data_folder(config) / "kernels"
    for tab in config.tabs:
        if environment_of(tab).unavailable():
            shutil.rmtree(kernels / tab.kernel, ignore_errors=True)
        else:
            write(kernels, tab.kernel, kernelspec(config, tab))


def write(kernels: Path, name: str, spec: dict[str, object]) -> None:
    """Write one kernelspec into a folder of them, unless it is there."""
    text = json.dumps(spec, indent=1, ensure_ascii=False)
    path = kernels / name / "kernel.json"
    if not path.is_file() or path.read_bytes() != text.encode():
        write_whole(path, text)
