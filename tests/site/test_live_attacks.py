"""Who must not run code: each attack on a real server, with real sockets and pages."""

import base64
import contextlib
import functools
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from live_cells import Reader, Served
from playwright.sync_api import BrowserContext
from serving import Quiet, read_policy, serve
from strangers import NOBODY, as_nobody, listening, only_root
from websockets.exceptions import ConnectionClosed, InvalidStatus

from bookkit.serve.cells.gate import DELAY_S, HELLO_S, MOST_STRANGERS

OPEN = """([address, hello]) => new Promise((resolve) => {
  const heard = [];
  let socket;
  try { socket = new WebSocket(address); }
  catch (error) { resolve(["refused"]); return; }
  socket.onopen = () => { heard.push("open"); socket.send(JSON.stringify(hello)); };
  socket.onmessage = (event) => {
    heard.push(JSON.parse(event.data).type);
    socket.close();
  };
  socket.onclose = (event) => resolve([...heard, event.code]);
})"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    made = Served(tmp_path_factory.mktemp("attacked") / "book")
    yield made
    made.end()


def hello(token: object, **other: Any) -> str:
    content = {"type": "hello", "token": token, "page": "one", "reader": "attacker"}
    return json.dumps({**content, **other})


def tries(served: Served, first: str | bytes, **options: Any) -> tuple[int, float]:
    """Send a first message; return how the socket was closed, and after how long."""
    with served.socket(**options) as opened:
        began = time.monotonic()
        with contextlib.suppress(ConnectionClosed):
            opened.send(first)
            answer = opened.recv(timeout=10)
            pytest.fail(f"it was answered: {answer!r}")
        assert opened.close_code is not None
        return opened.close_code, time.monotonic() - began


def in_page(served: Served, page: Any, host: str = "") -> list[Any]:
    """Have a page open the socket with the right token."""
    given = json.loads(hello(served.token))
    address = f"ws://{host or served.host}/_bookkit/run"
    found: list[Any] = page.evaluate(OPEN, [address, given])
    return found


def test_when_a_page_of_ours_shows_the_token_then_it_is_let_in(served, reader):
    page = reader().new_page()
    page.goto(f"{served.url}one.html")
    assert in_page(served, page)[:2] == ["open", "ready"]


def test_when_a_page_of_another_site_knows_the_token_then_it_stays_out(
    served: Served, reader: Callable[..., BrowserContext], tmp_path: Path
) -> None:
    class Open(Quiet):
        policy = "default-src * 'unsafe-inline'"

    (tmp_path / "evil.html").write_text("<title>evil</title>")
    with serve(functools.partial(Open, directory=str(tmp_path))) as elsewhere:
        page = reader().new_page()
        for name in ("127.0.0.1", "localhost"):
            page.goto(f"{elsewhere.replace('127.0.0.1', name)}/evil.html")
            assert in_page(served, page) == [1006]
        page.set_content("<iframe sandbox='allow-scripts' srcdoc='<p>x'></iframe>")
        (framed,) = page.frames[1:]
        assert in_page(served, framed) == [1006]  # its origin is `null`


def test_when_a_page_elsewhere_frames_ours_then_nothing_is_shown(
    served: Served, reader: Callable[..., BrowserContext]
) -> None:
    page = reader().new_page()
    with page.expect_event("console", lambda said: "frame-ancestors" in said.text):
        page.set_content(f"<iframe src='{served.url}one.html'></iframe>")


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost@evil.example", " "]
)
def test_when_a_name_elsewhere_leads_here_then_it_is_refused(served, host):
    port = served.host.partition(":")[2]
    name = f"{host}:{port}"
    for origin in (f"http://{name}", served.url.rstrip("/")):
        assert handshake(served, f"Host: {name}", f"Origin: {origin}") == 403


@pytest.mark.parametrize(
    "origins",
    [
        [],
        ["null"],
        [""],
        ["http://evil.example"],
        ["https://{}"],
        ["http://{}.evil.example"],
        ["http://{}/"],
        ["//{}"],
        ["{}"],
        ["http://127.0.0.1"],
        ["http://{}", "http://evil.example"],
    ],
)
def test_when_the_origin_is_not_exactly_ours_then_it_is_refused(served, origins):
    given = [f"Origin: {origin.format(served.host)}" for origin in origins]
    assert handshake(served, f"Host: {served.host}", *given) in (400, 403)


def test_when_the_origin_is_ours_then_the_door_opens(served):
    ours = f"Origin: {served.url.rstrip('/')}"
    assert handshake(served, f"Host: {served.host}", ours) == 101
    assert handshake(served, f"Host: {served.host}", ours, method="POST") != 101


def handshake(served: Served, *headers: str, method: str = "GET") -> int:
    """Ask for a web socket with exactly these headers; return the status."""
    rows = [
        f"{method} /_bookkit/run HTTP/1.1",
        *headers,
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "",
        "",
    ]
    host, _, port = served.host.partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as opened:
        opened.sendall("\r\n".join(rows).encode())
        return int(opened.recv(100).split()[1])


@pytest.mark.parametrize(
    "token", ["", "wrong", None, 5, ["x"], "é" * 43, "x" * 43, {"a": 1}]
)
def test_when_the_token_is_wrong_then_that_takes_a_constant_time(served, token):
    code, seconds = tries(served, hello(token))
    assert code == 4401
    assert DELAY_S <= seconds < DELAY_S + 0.5


def test_when_part_of_the_token_is_right_then_it_is_wrong(served):
    for token in (served.token[:-1], served.token + "x", served.token.swapcase()):
        assert tries(served, hello(token))[0] == 4401


@pytest.mark.parametrize(
    ("first", "code"),
    [
        ("", 4401),
        ("[]", 4401),
        ("{", 4401),
        ("[" * 1500, 4401),
        (b"\x00\xff", 4401),
        (json.dumps({"type": "execute", "tab": "alpha", "code": "1"}), 4401),
        ("x" * 3000, 4401),
        ("x" * 1_100_000, 1009),
    ],
)
def test_when_the_first_message_is_another_then_the_socket_closes(served, first, code):
    assert tries(served, first)[0] == code


@pytest.mark.parametrize(
    "other",
    [
        {"type": "execute"},
        {"reader": ""},
        {"reader": "../x"},
        {"reader": "x" * 100},
        {"reader": 5},
        {"page": "../../etc/passwd"},
        {"page": "/etc/passwd"},
        {"page": "nowhere"},
        {"page": ""},
        {"page": "one\0"},
        {"page": None},
    ],
)
def test_when_hello_names_no_page_or_reader_then_the_socket_closes(served, other):
    assert tries(served, hello(served.token, **other))[0] == 4400


def test_when_a_token_is_of_an_earlier_run_then_it_is_refused(served):
    earlier = served.token
    served.end()
    served.start()
    assert served.token != earlier
    assert tries(served, hello(earlier))[0] == 4401
    with Reader(served, "late") as late:
        assert late.run("1 + 1") == "2"


def test_when_strangers_wait_at_the_door_then_there_are_few_and_not_for_long(served):
    with contextlib.ExitStack() as stack:
        waiting = [stack.enter_context(served.socket()) for _ in range(MOST_STRANGERS)]
        began = time.monotonic()
        with served.socket() as one_more, pytest.raises(ConnectionClosed):
            one_more.recv(timeout=5)
        assert one_more.close_code == 4429
        for one in waiting:
            with pytest.raises(ConnectionClosed):
                one.recv(timeout=HELLO_S + 2)
            assert one.close_code == 4408
        assert time.monotonic() - began < HELLO_S + 2
    with Reader(served, "after") as after:
        assert after.run("2 + 2") == "4"


def test_when_a_page_floods_then_it_is_closed_and_others_go_on(served):
    with Reader(served, "calm") as calm, Reader(served, "flood") as flood:
        calm.run("1")
        with pytest.raises(ConnectionClosed):
            for _ in range(5000):
                flood.send("complete", id=1, code="x", cursor=1)
            for _ in range(5000):
                flood.socket.recv(timeout=10)
        assert flood.socket.close_code == 4429
        assert calm.run("3") == "3"


def test_when_a_message_is_giant_then_its_page_is_closed_and_others_go_on(served):
    with Reader(served, "calm") as calm, Reader(served, "giant") as giant:
        with pytest.raises(ConnectionClosed):
            giant.execute("#" * 2_000_000)
            giant.until("done")
        assert giant.socket.close_code == 1009
        assert calm.run("4") == "4"


@pytest.mark.parametrize(
    "message",
    [
        {"type": "execute", "tab": "alpha"},
        {"type": "execute", "tab": "alpha", "code": ["1"]},
        {"type": "execute", "tab": "../x", "code": "1"},
        {"type": "execute", "tab": None, "code": "1"},
        {"type": "shutdown", "tab": "alpha"},
        {"type": "complete", "tab": "alpha", "code": "x", "cursor": "1"},
        {"type": ["start"], "tab": "alpha"},
        {},
    ],
)
def test_when_a_message_is_none_of_ours_then_that_is_said(served, message):
    with Reader(served, "odd") as odd:
        odd.socket.send(json.dumps(message))
        assert odd.until("problem", 5)["text"]


def test_when_a_page_does_not_read_then_it_is_let_go_and_its_cells_go_on(served):
    code = "for i in range(90):\n    print('x' * 10_000)\n    display(i)"
    with Reader(served, "deaf") as deaf, Reader(served, "deaf") as other:
        for _ in range(20):
            assert other.run(code)
        with pytest.raises(ConnectionClosed):
            for _ in range(10_000):
                deaf.socket.recv(timeout=10)
        assert deaf.socket.close_code == 4429


LOOK = """
import os, pathlib, sys
token, root = sys.stdin.readline().strip().encode(), sys.argv[1]
places = [
    *pathlib.Path("/proc").glob("[0-9]*/cmdline"),
    *pathlib.Path("/proc").glob("[0-9]*/environ"),
    *(pathlib.Path(at, name) for at, _, names in os.walk(root) for name in names),
]
for place in places:
    try:
        if token in place.read_bytes():
            print(place)
    except OSError:
        pass
print("looked")
"""


@pytest.mark.parametrize("user", [None, NOBODY])
def test_when_anybody_looks_then_the_token_is_in_no_file_and_command(served, user):
    if user and os.getuid():
        pytest.skip("only root can be another user")
    python = shutil.which("python3", path="/usr/bin:/bin") or sys.executable
    with Reader(served, "owner") as owner:
        owner.run("1")
        found = subprocess.run(
            [python, "-c", LOOK, str(served.book.root)],
            input=served.token,
            capture_output=True,
            text=True,
            check=True,
            **({"user": user, "group": user, "extra_groups": []} if user else {}),
        )
        assert found.stdout == "looked\n"


TRY = """
try:
    open(sys.argv[1])
except PermissionError:
    print("closed")
with connect(sys.argv[2], origin=sys.argv[3]) as opened:
    opened.send(sys.argv[4])
    try:
        print(opened.recv(timeout=10))
    except ConnectionClosed:
        print(opened.close_code)
"""


@only_root
def test_when_another_user_wants_a_kernel_to_obey_then_it_lacks_the_key(served):
    imports = (
        "sys; from websockets.sync.client import connect; "
        "from websockets.exceptions import ConnectionClosed"
    )
    socket, origin = f"ws://{served.host}/_bookkit/run", served.url.rstrip("/")
    with Reader(served, "owner") as owner:
        shown = owner.run("import ipykernel; print(ipykernel.get_connection_file())")
        file = Path(shown.strip())
        assert file.stat().st_mode & 0o077 == 0
        words = (str(file), socket, origin, hello("x" * 43))
        assert as_nobody(TRY, *words, imports=imports).split() == ["closed", "4401"]


def test_when_a_cell_is_run_then_with_the_rights_of_who_serves(served):
    with Reader(served, "one") as one:
        assert one.run("import os; os.getuid()") == str(os.getuid())
        # and is the first to go when memory is short
        assert one.run("print(open('/proc/self/oom_score_adj').read())") == "1000\n\n"


#: Folder and process, which outputs name no more, with other signs and backwards.
WHERE = "import os\nprint(os.getcwd().replace(os.sep, '|'), str(os.getpid())[::-1])"


def test_when_two_have_the_token_then_they_reach_each_others_files(served):
    with Reader(served, "one") as one, Reader(served, "two") as two:
        one.run("open('mine', 'w').write('secret')")
        folder, pid = one.run(WHERE).replace("|", os.sep).split()
        assert two.run(f"print(open('{folder}/mine').read())") == "secret\n"
        assert two.run(f"import os; os.kill(int('{pid}'[::-1]), 9)") == ""
        one.until("kernel", state="dead")


def test_when_a_token_is_made_then_it_has_256_bits(served):
    assert len(base64.urlsafe_b64decode(served.token + "=")) == 32


def test_when_no_host_is_named_then_it_listens_on_loopback_alone(served):
    found = listening(served.process.pid)
    assert {address for address, _ in found} == {"0100007F"}  # 127.0.0.1


def test_when_pages_are_served_then_with_the_policy_that_the_site_has(served):
    import http.client

    for path in ("/one.html", "/missing.html", "/_bookkit/plain.css"):
        connection = http.client.HTTPConnection(served.host, timeout=10)
        connection.request("GET", path)
        headers = connection.getresponse().headers
        connection.close()
        policy = headers["Content-Security-Policy"]
        assert policy == f"{read_policy()}; connect-src 'self'"


def test_when_served_to_all_then_the_token_is_asked_for_as_well(served):
    process = served.book.start("read", "--port", "0", "--host", "0.0.0.0")
    try:
        assert process.stdout
        line = process.stdout.readline()
        address, _, token = line.split()[1].partition("#run=")
        assert token and token != served.token
        assert process.stdout.readline().strip().endswith(f"#run={token}")
        host = address.split("/")[2]
        port = host.partition(":")[2]
        everywhere = Served.__new__(Served)
        everywhere.host, everywhere.url = host, address
        assert tries(everywhere, hello(served.token))[0] == 4401
        assert tries(everywhere, hello(""))[0] == 4401
        with pytest.raises(InvalidStatus), everywhere.socket(origin=None):
            pass
        assert {one for one, _ in listening(process.pid)} == {"00000000"}
        with urllib.request.urlopen(f"{address}one.html") as page:  # for everybody
            assert page.status == 200
        name = f"evil.example:{port}"
        given = (f"Host: {name}", f"Origin: http://{name}")
        assert handshake(everywhere, *given) == 403
    finally:
        process.terminate()
        process.communicate(timeout=10)
