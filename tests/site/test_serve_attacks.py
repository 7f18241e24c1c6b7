"""What a served book answers, and to whom: it gives pages, and takes no orders."""

import http.client
import json
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from faulty_books import wait_until
from live_cells import Written
from websockets.sync.client import connect

ORDERS = [
    "",
    "build",
    "[]",
    "{",
    json.dumps({"type": "build"}),
    json.dumps({"aloud": True}),
    json.dumps({"type": "execute", "tab": "alpha", "code": "1"}),
]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Written]:
    with Written(tmp_path_factory.mktemp("attacked") / "book", "6 * 7") as made:
        yield made


def ask(written: Written, method: str, path: str, **headers: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(written.host, timeout=10)
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, content


def files(root: Path) -> dict[Path, str]:
    """Return what is there, but for folders that lead out of the book."""
    return {
        path: sha256(path.read_bytes()).hexdigest()
        for path in root.rglob("*")
        if path.is_file()
        and ".envs" not in path.parts
        # Sphinx, getting ready for the next build, begins an empty one
        and path.name != "sphinx-warnings.txt"
    }


def is_quiet(written: Written, builds: int) -> bool:
    """Tell whether nothing is built in a while that is long for a build."""
    time.sleep(1)
    return written.said.count("rebuilt") == builds


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_when_a_request_is_no_question_then_nothing_changes(written, method):
    before, builds = files(written.book.root), written.said.count("rebuilt")
    for path in ("/one.html", "/new.html", "/_bookkit/live", "/_bookkit/run", "/"):
        assert ask(written, method, path)[0] in (404, 405), path
    assert files(written.book.root) == before
    assert is_quiet(written, builds)


def test_when_asked_for_a_head_then_there_is_no_body(written):
    assert ask(written, "HEAD", "/one.html") == (200, b"")
    assert ask(written, "GET", "/one.html?build=1&run=one.md")[0] == 200


def test_when_a_link_leads_out_of_the_site_then_it_is_not_followed(written):
    html = written.book.root / "_build" / "html"
    (html / "inside.html").symlink_to("one.html")
    (html / "outside.html").symlink_to(written.book.root / "config.ini")
    (html / "folder").symlink_to(written.book.root)
    assert ask(written, "GET", "/inside.html")[0] == 200
    for path in ("/outside.html", "/folder/config.ini", "/folder/one.md"):
        status, content = ask(written, "GET", path)
        assert status == 404 and b"notebooks = " not in content
    for name in ("inside.html", "outside.html", "folder"):
        (html / name).unlink()


def test_when_a_program_follows_then_it_hears_builds_and_orders_nothing(written):
    builds = written.said.count("rebuilt")
    with connect(f"ws://{written.host}/_bookkit/live", origin=None) as heard:
        state = json.loads(heard.recv(timeout=10))
        for order in ORDERS:
            heard.send(order)
        assert is_quiet(written, builds)
        with pytest.raises(TimeoutError):
            heard.recv(timeout=0.1)
        # a saved file does start a build, and who follows reads what it says
        written.book.write("one", "1 / 0")
        assert wait_until(lambda: "ZeroDivisionError" in written.said, 60)
        while "ZeroDivisionError" not in (told := heard.recv(timeout=30)):
            assert json.loads(told) != state
        assert "one.md" in told
        written.book.write("one", "6 * 7")
        assert wait_until(lambda: written.said.count("rebuilt") > builds, 60)
