"""What a live kernel is started with: what a run of its section would find."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path, PurePosixPath

from bookkit.book import d2lbook
from bookkit.book.commands import to_run
from bookkit.book.config import Config, Tab
from bookkit.book.datafiles import data_files, place_files
from bookkit.book.solutions import run_notebook_of
from bookkit.book.source import read_section
from bookkit.errors import BookkitError
from bookkit.files import digest
from bookkit.kernels import devices, kernelspecs
from bookkit.kernels.environments import environment_of
from bookkit.kernels.start import kernel_variables
from bookkit.run.notebook import SCRATCH_NAME

#: A cell must not open windows or browsers where the server runs.
_WINDOWS = ("DISPLAY", "WAYLAND_DISPLAY")
_NO_BROWSER = {"BROWSER": "true"}


def environment() -> dict[str, str]:
    """Return the variables that all live kernels share, and their servers."""
    kept = {name: one for name, one in os.environ.items() if name not in _WINDOWS}
    return {**kept, **kernel_variables(True, ()), **_NO_BROWSER}


def warm(tab: Tab) -> None:
    """Have a tab's framework imported, unless it is; kernels then fork from that."""
    from jupyter_client.kernelspec import KernelSpecManager

    from bookkit.kernels.prefork import provisioner

    spec = KernelSpecManager().get_kernel_spec(tab.kernel)
    provisioner.start(spec, environment())


def prepare(config: Config) -> Path:
    """Write the kernelspecs, and return the folder for this server's kernels."""
    kernelspecs.find_in(config)
    kernelspecs.write_all(config)
    every = config.output / "live"
    for left in every.glob("*"):
        if not Path(f"/proc/{left.name}").exists() or left.name == str(os.getpid()):
            shutil.rmtree(left, ignore_errors=True)
    return every / str(os.getpid())


def lay_out(config: Config, page: str, tab: Tab, folder: Path) -> dict[str, str]:
    """Make a kernel's folder with the section's files; return its variables.

    A section that cannot be read, as while it is written, has none.
    """
    scratch = folder / SCRATCH_NAME
    scratch.mkdir(parents=True)
    wanted = 0
    with contextlib.suppress(BookkitError, OSError):
        section = read_section(config, PurePosixPath(f"{page}.md"))
        place_files(config.root, data_files(section, tab.name), folder)
        notebook = run_notebook_of(section, tab.name, config)
        most = min(2, len(devices.gpu_names()))
        wanted = d2lbook.gpus_wanted(notebook, most) if notebook and most else 0
    variables = kernel_variables(True, range(wanted))
    return {**environment(), **variables, "TMPDIR": str(scratch)}


def library_of(tab: Tab) -> str:
    """Return a digest of what `d2l` is for a tab; "" where there is none."""
    with contextlib.suppress(OSError):
        return digest([tab.library]) if tab.library else ""
    return ""


def state_of(config: Config, tab: Tab) -> dict[str, str]:
    """Tell whether a tab can be run here, and if not, why or what to run."""
    one = environment_of(tab)
    if not config.runs_in(tab):
        return {"state": "unavailable", "text": ""}
    try:
        state = one.state()
    except BookkitError:  # it has no lock
        state = "missing"
    if state == "unavailable":
        return {"state": state, "text": tab.limits or one.unavailable()}
    if state == "fresh":
        return {"state": "ready"}
    return {"state": "missing", "next": to_run(one.lock, "environments", tab.name)}
