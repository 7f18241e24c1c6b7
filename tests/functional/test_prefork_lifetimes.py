"""Nothing outlives what it belongs to, whatever is killed, and the next start works."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import textwrap
import threading
import time
import uuid
from collections.abc import Iterator

import pytest
from jupyter_core.utils import ensure_event_loop
from prefork_kernels import (
    Kernel,
    find_processes,
    list_descendants,
    start_kernel,
    wait_until_gone,
    write_kernelspec,
)

from bookkit.kernels.prefork import stop_all
from bookkit.kernels.prefork.process import PreforkProcess
from bookkit.kernels.prefork.servers import _STOP_S, _servers

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="looks at processes in /proc"
)

# One process in the kernel's group, one daemonised by exec, one by two forks alone,
# one that ignores what it can ignore.
LEAVE_PROCESSES = """
import os, signal, subprocess, sys, time, warnings
warnings.filterwarnings('ignore', '.*fork', DeprecationWarning)  # of Python 3.12
sleep = [sys.executable, '-c', 'import time; time.sleep(300)', {marker!r}]
subprocess.Popen(sleep)
again = 'import subprocess, sys; subprocess.Popen(%r, start_new_session=True)' % sleep
subprocess.run([sys.executable, '-c', again])
middle = os.fork()
if middle == 0:
    os.setsid()
    if os.fork():
        os._exit(0)
    for signum in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(signum, signal.SIG_IGN)
    time.sleep(300)
    os._exit(0)
os.waitpid(middle, 0);
"""

OWNER = """
import json, os, pathlib, sys, time
sys.path.insert(0, {tests!r})
from prefork_kernels import list_descendants, start_kernel
with start_kernel(pathlib.Path({specs!r}), {name!r}) as kernel:
    kernel.run({code!r})
    {extra}
    print(json.dumps(sorted(list_descendants(os.getpid()))), flush=True)
    time.sleep(300)
"""


@pytest.fixture
def name(specs: pathlib.Path, any_environment: tuple[str, str]) -> str:
    """Return a kernelspec whose kernels are forked."""
    python, framework = any_environment
    return write_kernelspec(specs, python, [framework])


@pytest.fixture
def marker() -> Iterator[str]:
    marker = f"left-{uuid.uuid4().hex}"
    yield marker
    for pid in find_processes(marker):
        os.kill(pid, signal.SIGKILL)


def the_server_pid() -> int:
    (server,) = _servers.values()
    assert server.pid is not None
    return server.pid


def leave_processes(kernel: Kernel, marker: str) -> set[int]:
    """Have a cell leave processes; return the kernel and all that came from it."""
    assert isinstance(kernel.process, PreforkProcess)
    assert kernel.run(LEAVE_PROCESSES.format(marker=marker)) == ""
    left = list_descendants(the_server_pid())
    assert len(find_processes(marker) & left) == 2
    # The keeper, the kernel, and three that the cell left (by two forks: one stays).
    assert len(left) == 5
    return left


def start_owner(
    specs: pathlib.Path, name: str, code: str, extra: str = "pass"
) -> tuple["subprocess.Popen[str]", set[int]]:
    """Start a process that owns a kernel; return it and all processes below it."""
    tests = str(pathlib.Path(__file__).parent)
    values = {"tests": tests, "specs": str(specs), "name": name, "code": code}
    return start_python(OWNER.format(**values, extra=extra))


def start_python(source: str) -> tuple["subprocess.Popen[str]", set[int]]:
    """Run code in a process of its own; return it and the processes that it names."""
    command = [sys.executable, "-c", textwrap.dedent(source)]
    owner = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    return owner, set(json.loads(owner.stdout.readline()))


def kill_owner(owner: "subprocess.Popen[str]") -> None:
    assert owner.stdout is not None
    owner.kill()
    owner.wait()
    owner.stdout.close()


def test_when_a_kernel_is_killed_then_nothing_it_started_stays(specs, name, marker):
    with start_kernel(specs, name) as kernel, start_kernel(specs, name) as other:
        assert other.run("1") == "result: 1"
        manager = kernel.manager
        before = list_descendants(the_server_pid())
        kernel.run(LEAVE_PROCESSES.format(marker=marker))
        left = list_descendants(the_server_pid()) - before | {kernel.process.pid}
        assert len(left) == 4
        os.kill(kernel.process.pid, signal.SIGKILL)
        assert kernel.wait_for_end() == -signal.SIGKILL
        assert wait_until_gone(left) == set()
        assert not manager.is_alive()
        assert other.run("2") == "result: 2"


def test_when_a_kernel_is_shut_down_then_nothing_it_started_stays(specs, name, marker):
    with start_kernel(specs, name) as kernel:
        left = leave_processes(kernel, marker)
        kernel.manager.shutdown_kernel()
        assert wait_until_gone(left) == set()


def test_when_the_server_is_killed_then_only_the_next_one_works(specs, name, marker):
    with start_kernel(specs, name) as kernel:
        left = leave_processes(kernel, marker)
        killed = the_server_pid()
        os.kill(killed, signal.SIGKILL)
        assert wait_until_gone(left | {killed}) == set()
        assert kernel.wait_for_end() == -signal.SIGKILL
        with start_kernel(specs, name) as second:
            assert isinstance(second.process, PreforkProcess)
            assert second.run("1 + 1") == "result: 2"
        assert the_server_pid() != killed


def test_when_server_was_killed_a_moment_ago_then_a_start_works(specs, name):
    with start_kernel(specs, name):
        os.kill(the_server_pid(), signal.SIGKILL)
        with start_kernel(specs, name) as second:
            assert isinstance(second.process, PreforkProcess)


def test_when_a_keeper_is_killed_then_nothing_of_its_kernel_stays(specs, name, marker):
    with start_kernel(specs, name) as kernel:
        left = leave_processes(kernel, marker)
        stat = pathlib.Path(f"/proc/{kernel.process.pid}/stat").read_text()
        os.kill(int(stat.rpartition(")")[2].split()[1]), signal.SIGKILL)
        assert wait_until_gone(left) == set()
        assert kernel.wait_for_end() == -signal.SIGKILL


def test_when_the_owner_is_killed_then_nothing_stays(specs, name, marker):
    owner, below = start_owner(specs, name, LEAVE_PROCESSES.format(marker=marker))
    assert len(below) == 6
    kill_owner(owner)
    assert wait_until_gone(below) == set()
    assert find_processes(marker) == set()


def test_when_an_owner_that_forked_is_killed_then_nothing_else_stays(specs, name):
    fork = "child = os.fork() or time.sleep(300); os.environ['CHILD'] = str(child)"
    owner, below = start_owner(specs, name, f"{fork!r}", extra=fork)
    # The fork of the owner holds copies of all that the owner had open.
    stays = {p for p in below if b"prefork/server" not in _command_line(p)}
    assert len(stays) == 1
    kill_owner(owner)
    try:
        assert wait_until_gone(below - stays) == set()
    finally:
        for pid in stays:
            os.kill(pid, signal.SIGKILL)


def _command_line(pid: int) -> bytes:
    return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()


def test_when_the_owner_is_killed_amid_imports_then_nothing_stays(
    specs, python, marker
):
    (specs / "slow_module.py").write_text("import time\ntime.sleep(300)\n")
    env = {"PYTHONPATH": str(specs), "MARKER": marker}
    name = write_kernelspec(specs, python, ["slow_module"], env)
    source = f"""
        import json, time
        from jupyter_client.kernelspec import KernelSpec
        from bookkit.kernels.prefork.provisioner import start
        from bookkit.kernels.prefork.servers import _STOP_S, _servers
        start(KernelSpec.from_resource_dir({str(specs / name)!r}))
        (server,) = _servers.values()
        while not server.pid:
            time.sleep(0.01)
        time.sleep(1)
        print(json.dumps([server.pid]), flush=True)
        time.sleep(300)
    """
    owner, below = start_python(source)
    assert wait_until_gone(below, 0) == below
    kill_owner(owner)
    assert wait_until_gone(below) == set()


def test_when_one_of_two_owners_is_killed_then_the_other_goes_on(specs, name):
    with start_kernel(specs, name) as kernel:
        owner, below = start_owner(specs, name, "1")
        assert the_server_pid() not in below
        kill_owner(owner)
        assert wait_until_gone(below) == set()
        assert kernel.run("1") == "result: 1"


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_when_a_fork_of_the_owner_stops_all_then_kernels_stay(specs, name):
    with start_kernel(specs, name) as kernel:
        child = os.fork()
        if child == 0:
            stop_all()
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        assert kernel.run("1") == "result: 1"
        assert wait_until_gone({the_server_pid()}, 0.5) == {the_server_pid()}


def test_when_all_is_stopped_then_servers_and_kernels_are_gone(specs, name, marker):
    with start_kernel(specs, name) as kernel:
        left = leave_processes(kernel, marker) | {the_server_pid()}
        started = time.monotonic()
        stop_all()
        # A server that does not end by itself is killed, but only after a while.
        assert time.monotonic() - started < _STOP_S
        assert wait_until_gone(left, 0.1) == set()
        assert kernel.wait_for_end() == -signal.SIGKILL


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import os; os.kill(os.getpid(), 9)", -9),
        ("import os; os.kill(os.getpid(), 11)", -11),
        ("import os; os._exit(3)", 3),
        ("import os; os._exit(0)", 0),
    ],
)
def test_when_a_cell_ends_its_process_then_the_code_is_told(
    specs, name, code, expected
):
    with start_kernel(specs, name) as kernel:
        kernel.start(code)
        assert kernel.wait_for_end() == expected
        assert kernel.process.poll() == expected


def test_when_interrupted_then_the_cell_stops_and_the_kernel_goes_on(specs, name):
    with start_kernel(specs, name) as kernel:
        kernel.run("import time; x = 1")

        def interrupt() -> None:
            kernel.manager.interrupt_kernel()
            ensure_event_loop().close()  # the one of this thread

        timer = threading.Timer(1.0, interrupt)
        timer.start()
        assert kernel.run("time.sleep(300)", 30) == "error: KeyboardInterrupt: "
        timer.join()
        assert kernel.run("x") == "result: 1"


def test_when_restarted_then_the_process_is_new_and_empty(specs, name):
    with start_kernel(specs, name) as kernel:
        kernel.run("x = 1")
        first = kernel.process.pid
        kernel.manager.restart_kernel()
        kernel.client.wait_for_ready(timeout=60)
        assert isinstance(kernel.process, PreforkProcess)
        assert kernel.process.pid != first
        assert wait_until_gone({first}, 0) == set()
        assert "NameError" in kernel.run("x")
