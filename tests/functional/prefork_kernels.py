"""Real kernels for the prefork tests: kernelspecs, running code, finding processes."""

import contextlib
import json
import os
import pathlib
import re
import time
from collections.abc import Iterator
from typing import Any

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

ROOT = pathlib.Path(__file__).parents[2]
FRAMEWORKS = {
    "pytorch": "torch",
    "mxnet": "mxnet",
    "tensorflow": "tensorflow",
    "paddle": "paddle",
}
GONE_WITHIN_S = 2.0
KERNEL_TIMEOUT_S = 90


def find_python(environment: str) -> str | None:
    """Return the environment's Python if that and its framework are installed."""
    folder = ROOT / ".envs" / environment
    if not list(folder.glob(f"lib/python*/site-packages/{FRAMEWORKS[environment]}")):
        return None
    return str(folder / "bin" / "python")


def find_any_environment() -> tuple[str, str] | None:
    for environment, framework in FRAMEWORKS.items():
        python = find_python(environment)
        if python:
            return python, framework
    return None


def write_kernelspec(
    folder: pathlib.Path,
    python: str,
    preload: list[str] | None,
    env: dict[str, str] | None = None,
) -> str:
    """Write a kernelspec into `folder` and return its name; no preload: spawned."""
    name = f"k{len(list(folder.iterdir()))}"
    spec: dict[str, Any] = {
        "argv": [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": name,
        "language": "python",
        "env": env or {},
        "metadata": {},
    }
    if preload is not None:
        spec["metadata"]["kernel_provisioner"] = {
            "provisioner_name": "bookkit-prefork",
            "config": {"preload": preload},
        }
    (folder / name).mkdir()
    (folder / name / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    return name


class Kernel:
    def __init__(self, manager: KernelManager) -> None:
        self.manager = manager
        self.client = manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=KERNEL_TIMEOUT_S)

    @property
    def process(self) -> Any:
        return self.manager.provisioner.process

    def run(self, code: str, timeout_s: float = KERNEL_TIMEOUT_S) -> str:
        """Return what the cell shows, e.g. 'stdout: a\\n' or 'error: ValueError: x'."""
        shown: list[str] = []

        def show(message: dict[str, Any]) -> None:
            content, kind = message["content"], message["msg_type"]
            if kind == "stream":
                label = f"{content['name']}: "
                if not shown or not shown[-1].startswith(label):
                    shown.append(label)
                shown[-1] += content["text"]
            elif kind in ("execute_result", "display_data"):
                shown.append(f"result: {content['data']['text/plain']}")
            elif kind == "error":
                shown.append(f"error: {content['ename']}: {content['evalue']}")

        self.client.execute_interactive(
            code, timeout=timeout_s, output_hook=show, allow_stdin=False
        )
        return re.sub(r"ipykernel_\d+", "ipykernel_PID", "\n".join(shown))

    def start(self, code: str) -> None:
        self.client.execute(code)

    def wait_for_end(self, timeout_s: float = 10) -> int:
        code: int = self.process.wait(timeout_s)
        return code


@contextlib.contextmanager
def start_kernel(folder: pathlib.Path, name: str, **options: Any) -> Iterator[Kernel]:
    known = KernelSpecManager(kernel_dirs=[str(folder)])
    manager = KernelManager(kernel_name=name, kernel_spec_manager=known)
    env = {n: v for n, v in os.environ.items() if n != "PYTEST_CURRENT_TEST"}
    # With that variable ipykernel would not show what subprocesses print.
    manager.start_kernel(**{"env": env, **options})
    kernel = None
    try:
        kernel = Kernel(manager)
        yield kernel
    finally:
        if kernel:
            kernel.client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.context.destroy(linger=0)


def find_processes(marker: str) -> set[int]:
    found = set()
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            # A zombie has an empty command line; it runs no more.
            if marker in (folder / "cmdline").read_text(errors="replace"):
                found.add(int(folder.name))
    return found - {os.getpid()}


def is_running(pid: int) -> bool:
    with contextlib.suppress(OSError, IndexError):
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text(errors="replace")
        return stat.rpartition(")")[2].split()[0] not in "ZX"
    return False


def wait_until_gone(pids: set[int], within_s: float = GONE_WITHIN_S) -> set[int]:
    """Return those of `pids` that still run after `within_s`."""
    deadline = time.monotonic() + within_s
    while (left := {p for p in pids if is_running(p)}) and time.monotonic() < deadline:
        time.sleep(0.02)
    return left


def list_descendants(pid: int) -> set[int]:
    """Return the processes below `pid`, by /proc."""
    parents: dict[int, int] = {}
    for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, IndexError):
            text = path.read_text(errors="replace")
            state, parent = text.rpartition(")")[2].split()[:2]
            if state not in "ZX":
                parents[int(path.parent.name)] = int(parent)
    found: set[int] = set()
    frontier = {pid}
    while frontier:
        frontier = {p for p, parent in parents.items() if parent in frontier} - found
        found |= frontier
    return found
