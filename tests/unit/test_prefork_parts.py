"""The parts of prefork that need no kernel: words, keys, messages, command lines."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest
from jupyter_client.manager import KernelManager

from bookkit.kernels.prefork import describe_exit
from bookkit.kernels.prefork.provisioner import split_command
from bookkit.kernels.prefork.server import wire
from bookkit.kernels.prefork.servers import PreforkError, ServerSpec
from bookkit.kernels.prefork.sockets import name_sockets

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    one, other = socket.socketpair()
    with one, other:
        one.settimeout(5)
        other.settimeout(5)
        yield one, other


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (None, "still running"),
        (0, "exited with code 0"),
        (3, "exited with code 3"),
        (-9, "killed by SIGKILL (often: out of memory)"),
        (-11, "killed by SIGSEGV (a crash in native code)"),
        (-2, "killed by SIGINT"),
        (-1000, "killed by signal 1000"),
    ],
)
def test_when_a_process_ended_then_it_is_said_how(code, expected):
    assert describe_exit(code) == expected


def test_when_a_command_runs_ipykernel_then_it_is_split_there():
    command = ["/py", "-X", "utf8", "-m", "ipykernel_launcher", "-f", "/c.json"]
    assert split_command(command) == (["/py", "-X", "utf8"], ["-f", "/c.json"])


@pytest.mark.parametrize(
    "command",
    [
        [],
        ["/py"],
        ["/py", "-m"],
        ["/py", "-m", "xpython", "-f", "x"],
        ["python", "-m", "ipykernel_launcher", "-f", "x"],
    ],
)
def test_when_a_command_cannot_be_forked_then_that_is_said(command):
    with pytest.raises(PreforkError):
        split_command(command)


def build_spec(cwd: str = "/a", **env: str) -> ServerSpec:
    return ServerSpec.build(["/py"], ["torch"], env, cwd)


def test_when_only_free_variables_differ_then_the_server_is_the_same():
    one = build_spec(A="1", JPY_SESSION_NAME="x", CUDA_VISIBLE_DEVICES="0")
    other = build_spec(A="1", JPY_SESSION_NAME="y", CUDA_VISIBLE_DEVICES="1")
    assert one == other == build_spec(A="1", cwd="/b")
    assert one != build_spec(A="2")


@pytest.mark.parametrize(
    ("path", "same"),
    [("/x", True), ("/x:/y", True), ("x", False), ("/x:", False), ("", False)],
)
def test_when_python_path_is_relative_then_the_folder_counts(path, same):
    one, other = (build_spec(cwd=cwd, PYTHONPATH=path) for cwd in ("/a", "/b"))
    assert (one == other) is same


def test_when_a_message_is_sent_then_it_arrives_with_its_files(pair):
    reader, writer = os.pipe()
    # A lone surrogate is how Python holds a byte that is not valid UTF-8.
    message = {"a": "层\udcff" * 100_000}
    # Larger than what the system holds: it must be sent and read at the same time.
    sender = threading.Thread(target=wire.send, args=(pair[0], message, [writer]))
    sender.start()
    received, fds = wire.receive(pair[1])
    sender.join()
    os.close(writer)
    assert received == message
    for fd in fds:
        os.write(fd, b"x")
        os.close(fd)
    assert os.read(reader, 10) == b"x"
    os.close(reader)


@pytest.mark.parametrize("frame", [b"", b"\0\0", b"\0\0\0\5abc", b"\xff\xff\xff\xff{}"])
def test_when_the_other_side_closes_or_talks_nonsense_then_it_is_the_end(pair, frame):
    pair[0].sendall(frame)
    pair[0].shutdown(socket.SHUT_WR)
    with pytest.raises(EOFError):
        wire.receive(pair[1])


def test_when_the_client_is_imported_then_nothing_else_of_the_tool_is():
    source = (
        "import sys, bookkit.kernels.prefork\n"
        "print([m for m in sys.modules if m.startswith('bookkit.')"
        " and not m.startswith('bookkit.kernels.prefork') and m != 'bookkit.kernels'])"
    )
    shown = subprocess.check_output([sys.executable, "-c", source], text=True)
    assert shown.strip() == "[]"


@pytest.mark.parametrize(
    "told", [{"ip": "0.0.0.0"}, {"stdin_port": 50123}, {"transport": "ipc", "ip": "k"}]
)
def test_when_a_manager_is_told_where_kernels_listen_then_that_stays(told):
    manager = KernelManager(**told)
    before = (manager.transport, manager.ip, manager.ports)
    name_sockets(manager)
    assert (manager.transport, manager.ip, manager.ports) == before


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="has no such sockets")
def test_when_a_manager_is_told_nothing_then_each_kernel_has_names_of_its_own():
    managers = [KernelManager(), KernelManager()]
    for manager in managers:
        name_sockets(manager)
        assert manager.transport == "ipc"
    assert managers[0].ip != managers[1].ip
