"""What a live kernel is started with: what a run of its section would find."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from pathlib import Path, PurePosixPath

from bookkit.book import d2lbook
from bookkit.book.commands import to_run
from bookkit.book.config import Config, Tab
from bookkit.book.datafiles import data_files
from bookkit.book.solutions import run_notebook_of
from bookkit.book.source import read_section
from bookkit.errors import BookkitError
from bookkit.files import digest
from bookkit.kernels import devices, kernelspecs
from bookkit.kernels.environments import environment_of
from bookkit.kernels.start import kernel_variables
from bookkit.run.surroundings import Surroundings, place_resources, surroundings_of

#: A cell must not open windows or browsers where the server runs.
_WINDOWS = ("DISPLAY", "WAYLAND_DISPLAY")
_NO_BROWSER = {"BROWSER": "true"}
#: In a kernel's folder.
_SCRATCH_NAME = "tmp"


def environment(tab: Tab) -> dict[str, str]:
    """Return the variables that all live kernels of a tab share, and their server.

    When the tab's environment is made anew they are others, and so is the server.
    """
    kept = {name: one for name, one in os.environ.items() if name not in _WINDOWS}
    record = json.dumps(environment_of(tab).record(), sort_keys=True)
    made = {"BOOKKIT_MADE": hashlib.sha256(record.encode()).hexdigest()[:16]}
    return {**kept, **kernel_variables(True, ()), **_NO_BROWSER, **made}


def warm(tab: Tab) -> None:
    """Have a tab's framework imported, unless it is; kernels then fork from that."""
    from jupyter_client.kernelspec import KernelSpecManager

    from bookkit.kernels.prefork import provisioner

    spec = KernelSpecManager().get_kernel_spec(tab.kernel)
    provisioner.start(spec, environment(tab))


def prepare(config: Config) -> None:
    """Write what all kernels of a server need: kernelspecs and copies of resources."""
    kernelspecs.find_in(config)
    kernelspecs.write_all(config)
    place_resources(config)


def lay_out(
    config: Config, page: str, tab: Tab, folder: Path
) -> tuple[Surroundings, dict[str, str]]:
    """Lay out a section in a new folder; return what is around it, and variables.

    A section that cannot be read, as while it is written, declares no files.
    """
    section, wanted = None, 0
    path = PurePosixPath(f"{page}.md")
    with contextlib.suppress(BookkitError, OSError):
        section = read_section(config, path)
        notebook = run_notebook_of(section, tab.name, config)
        most = min(2, len(devices.gpu_names()))
        wanted = d2lbook.gpus_wanted(notebook, most) if notebook and most else 0
    data = data_files(section, tab.name) if section else ()
    around = surroundings_of(config, path, folder / "run", data)
    try:
        around.lay_out()
    except FileNotFoundError:  # a declared file is missing
        around = surroundings_of(config, path, folder / "run")
        around.lay_out()
    scratch = folder / _SCRATCH_NAME
    scratch.mkdir()
    variables = kernel_variables(True, range(wanted))
    return around, {**environment(tab), **variables, "TMPDIR": str(scratch)}


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
