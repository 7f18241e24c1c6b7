"""What cannot be forked is spawned with one line of notice, and nobody else gets in."""

import asyncio
import errno
import logging
import os
import pathlib
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from jupyter_client.connect import LocalPortCache
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from prefork_kernels import (
    Kernel,
    list_descendants,
    start_kernel,
    write_kernelspec,
)

from bookkit.kernels.prefork import provisioner, stop_all
from bookkit.kernels.prefork.process import PreforkProcess
from bookkit.kernels.prefork.provisioner import start
from bookkit.kernels.prefork.servers import PreforkError, Server, _servers

NOBODY = 65534


@pytest.fixture(autouse=True)
def _notices_are_new() -> None:
    provisioner._noticed.clear()


def notices(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [
        record.getMessage()
        for record in caplog.records
        if record.name.startswith("bookkit") and record.levelno >= logging.WARNING
    ]


def write_module(folder: pathlib.Path, source: str) -> dict[str, str]:
    (folder / "preloaded_module.py").write_text(source)
    return {"PYTHONPATH": str(folder)}


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("import no_such_module_xyz", "No module named 'no_such_module_xyz'"),
        ("raise SystemExit('no device')", "SystemExit: no device"),
        ("1 / 0", "importing preloaded_module failed: ZeroDivisionError"),
        ("import os; os.kill(os.getpid(), 11)", "killed by SIGSEGV"),
        ("import os; os._exit(7)", "exited with code 7"),
        (
            "import threading, time\n"
            "threading.Thread(target=time.sleep, args=(60,), daemon=True).start()",
            "left threads running",
        ),
    ],
)
def test_when_a_module_cannot_be_preloaded_then_kernels_are_spawned_with_one_notice(
    python, specs, caplog, source, said
):
    env = write_module(specs, source)
    name = write_kernelspec(specs, python, ["preloaded_module"], env)
    for _ in range(2):
        with start_kernel(specs, name) as kernel:
            assert isinstance(kernel.process, subprocess.Popen)
            assert kernel.run("1 + 1") == "result: 2"
    (notice,) = notices(caplog)
    assert said in notice
    assert "\n" not in notice
    stop_all()


@pytest.mark.parametrize("said", ["", "this platform has no fork"])
def test_when_forks_are_off_then_kernels_are_spawned(
    python, specs, caplog, monkeypatch, said
):
    if said:
        monkeypatch.delattr(os, "fork")
    else:
        monkeypatch.setenv("BOOKKIT_PREFORK", "0")
    name = write_kernelspec(specs, python, [])
    with start_kernel(specs, name) as kernel:
        assert isinstance(kernel.process, subprocess.Popen)
    assert said in "".join(notices(caplog))
    assert len(notices(caplog)) == bool(said)


def test_when_the_folder_is_missing_then_the_error_is_the_usual_one(python, specs):
    name = write_kernelspec(specs, python, [])
    with (
        pytest.raises(FileNotFoundError),
        start_kernel(specs, name, cwd=str(specs / "missing")),
    ):
        pass


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="has no such sockets")
@pytest.mark.parametrize("preload", [[], None], ids=["prefork", "prefork-off"])
def test_when_free_ports_are_taken_before_a_kernel_binds_them_then_it_still_answers(
    python, specs, monkeypatch, preload
):
    if preload is None:
        monkeypatch.setenv("BOOKKIT_PREFORK", "0")
    find, takers = LocalPortCache.find_available_port, []

    def find_and_lose(self: LocalPortCache, ip: str) -> int:
        taker = socket.create_server((ip, find(self, ip)))
        takers.append(taker)
        return int(taker.getsockname()[1])

    monkeypatch.setattr(LocalPortCache, "find_available_port", find_and_lose)
    name = write_kernelspec(specs, python, [])
    with start_kernel(specs, name) as kernel:
        assert kernel.run("6 * 7") == "result: 42"
        first = kernel.manager.ip
        kernel.manager.restart_kernel(now=True)
        kernel.client.wait_for_ready(timeout=20)
        assert kernel.run("6 * 7") == "result: 42"
        assert kernel.manager.ip == first
    for taker in takers:
        taker.close()


def test_when_streams_are_given_then_the_kernel_writes_to_them(python, specs):
    name = write_kernelspec(specs, python, [])
    with (specs / "out").open("w") as out, (specs / "err").open("w") as err:
        options = {"stdout": out, "stderr": err.fileno()}
        with start_kernel(specs, name, **options) as kernel:
            assert isinstance(kernel.process, PreforkProcess)
            kernel.run("import sys; print('to the terminal', file=sys.__stdout__)")
            kernel.run("sys.__stdout__.flush()")
            kernel.run("import time; time.sleep(0.3)")
    assert "to the terminal" in (specs / "out").read_text()


def test_when_an_environment_differs_then_the_kernel_has_its_own(python, specs):
    env = write_module(specs, "import os\nseen = os.environ['READ_AT_IMPORT']")
    cell = (
        "import os, preloaded_module as m\nm.seen, os.environ['CUDA_VISIBLE_DEVICES']"
    )
    shown = set()
    stop_all()
    for value, device in (("one", "0"), ("one", "1"), ("two", "1")):
        variables = {**env, "READ_AT_IMPORT": value, "CUDA_VISIBLE_DEVICES": device}
        name = write_kernelspec(specs, python, ["preloaded_module"], variables)
        with start_kernel(specs, name) as kernel:
            assert isinstance(kernel.process, PreforkProcess)
            shown.add((value, device, kernel.run(cell)))
    assert shown == {(v, d, f"result: ('{v}', '{d}')") for v, d, _text in shown}
    assert len(_servers) == 2
    stop_all()


def test_when_python_path_is_relative_then_it_is_as_in_a_spawned_kernel(python, specs):
    paths = []
    for preload in ([], None):
        name = write_kernelspec(specs, python, preload, {"PYTHONPATH": "here::/there"})
        for folder in ("a", "b"):
            (specs / folder / "here").mkdir(parents=True, exist_ok=True)
            cwd = str(specs / folder)
            with start_kernel(specs, name, cwd=cwd) as kernel:
                paths.append(kernel.run("import sys; sys.path"))
    assert paths[:2] == paths[2:]
    assert paths[0] != paths[1]
    stop_all()


def test_when_many_start_in_one_loop_then_it_is_never_blocked(python, specs):
    env = write_module(specs, "import time\ntime.sleep(2)")
    name = write_kernelspec(specs, python, ["preloaded_module"], env)

    async def start_all() -> tuple[float, list[Any]]:
        managers = [AsyncKernelManager(kernel_name=name) for _ in range(3)]
        for manager in managers:
            manager.kernel_spec_manager.kernel_dirs = [str(specs)]
        ticker = asyncio.create_task(longest_pause())
        await asyncio.gather(*(m.start_kernel() for m in managers))
        ticker.cancel()
        processes = [m.provisioner.process for m in managers]
        await asyncio.gather(*(m.shutdown_kernel(now=True) for m in managers))
        for manager in managers:
            manager.context.destroy(linger=0)
        return pauses[-1], processes

    pauses = [0.0]

    async def longest_pause() -> None:
        loop = asyncio.get_running_loop()
        while True:
            before = loop.time()
            await asyncio.sleep(0.01)
            pauses.append(max(pauses[-1], loop.time() - before))

    pause, processes = asyncio.run(start_all())
    assert all(isinstance(process, PreforkProcess) for process in processes)
    assert len(_servers) == 1
    assert len(pauses) > 20
    assert pause < 1.5
    stop_all()


def test_when_started_ahead_then_the_first_kernel_comes_from_that_server(python, specs):
    name = write_kernelspec(specs, python, [], {"SOME": "${HOME}/x"})
    start(KernelSpec.from_resource_dir(str(specs / name))).result(60)
    (server,) = _servers.values()
    with start_kernel(specs, name) as kernel:
        assert kernel.process.pid in list_descendants(server.pid)
    assert list(_servers.values()) == [server]


def test_when_it_cannot_be_started_ahead_then_the_result_says_why():
    spec = KernelSpec(argv=["/bin/true", "{connection_file}"])
    with pytest.raises(PreforkError, match="has no '-m ipykernel_launcher'"):
        start(spec).result(0)


@pytest.fixture
def serving(python: str, specs: pathlib.Path) -> Iterator[tuple[Server, Kernel]]:
    name = write_kernelspec(specs, python, [])
    stop_all()
    with start_kernel(specs, name) as kernel:
        (server,) = _servers.values()
        yield server, kernel


@pytest.mark.parametrize(
    "body", [b"", b"\xff\xfe", b"{", b"[]", b"{}", b'{"command": 1}', b"null"]
)
def test_when_a_message_is_bad_then_only_that_is_refused(serving, specs, body):
    server, kernel = serving
    ours, theirs = socket.socketpair()
    with ours, open(os.devnull) as null:
        frame = struct.pack("!I", len(body)) + body
        fds = [theirs.fileno(), null.fileno(), null.fileno()]
        socket.send_fds(server._control, [frame], fds)
        theirs.close()
        ours.settimeout(10)
        assert b'"error"' in ours.recv(1000)
    assert not server.ended
    assert kernel.run("1") == "result: 1"
    with start_kernel(specs, kernel.manager.kernel_name) as second:
        assert second.process.pid in list_descendants(server.pid)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc/net/unix")
def test_when_a_server_runs_then_no_socket_of_it_has_a_name(serving):
    server, kernel = serving
    keeper = _parent(kernel.process.pid)
    inodes = _socket_inodes(server.pid) | _socket_inodes(keeper)
    lines = pathlib.Path("/proc/net/unix").read_text().splitlines()[1:]
    rows = [line.split() for line in lines]
    ours = [row for row in rows if row[6] in inodes]
    assert len(ours) >= 2
    # An eighth word would be a path, or the name of an abstract socket.
    assert [row[7:] for row in ours] == [[] for _row in ours]
    assert _socket_inodes(server.pid) <= {row[6] for row in ours}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="uses /proc")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_when_another_user_reaches_for_the_socket_then_it_is_refused(serving):
    server, _kernel = serving
    fd = server._process.args[-3]
    assert _try_to_take(server.pid, int(fd), uid=0) == 0
    assert _try_to_take(server.pid, int(fd), uid=NOBODY) == errno.EPERM


def _try_to_take(pid: int | None, fd: int, uid: int) -> int:
    """Have user `uid` duplicate a descriptor of `pid`; return the error's number."""
    source = (
        "import ctypes, os, sys\n"
        "pid, fd, uid = map(int, sys.argv[1:])\n"
        "os.setgroups([]); os.setgid(uid); os.setuid(uid)\n"
        "libc = ctypes.CDLL(None, use_errno=True)\n"
        "taken = libc.syscall(438, os.pidfd_open(pid), fd, 0)  # pidfd_getfd\n"
        "sys.exit(ctypes.get_errno() if taken < 0 else 0)\n"
    )
    command = [sys.executable, "-c", source, str(pid), str(fd), str(uid)]
    if uid:
        # Another user may be unable to read our Python.
        command[0] = "/usr/bin/python3"
    return subprocess.run(command, check=False).returncode


def _parent(pid: int) -> int:
    stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
    return int(stat.rpartition(")")[2].split()[1])


def _socket_inodes(pid: int | None) -> set[str]:
    links = []
    for path in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        links.append(os.readlink(path))
    return {link[8:-1] for link in links if link.startswith("socket:")}
