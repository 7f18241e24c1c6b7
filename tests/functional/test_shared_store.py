"""Results shared with others: what is found, what is put there, what trouble costs."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from faulty_books import CONFIG, SITE_CONFIG, Book, interrupt, told

from bookkit.run.cache.sealed import seal

CELLS = {"one": "print(6 * 7)", "two": "print(6 * 8)", "bad": "1 / 0"}
GOOD = {"one": "print(6 * 7)", "two": "print(6 * 8)"}
TIMEOUT_S = 2
SECRETS = {"key": "testing", "secret": "testing"}


def config(url: object, write: bool = False, base: str = CONFIG, **options: Any) -> str:
    """Return the configuration of a book that shares its results."""
    keys = (
        f"store = {url}\nstore_write = {str(write).lower()}\n"
        f"store_timeout_s = {TIMEOUT_S}\nstore_options = {json.dumps(options)}\n"
    )
    return base.replace("[bookkit]\n", f"[bookkit]\n{keys}")


def cached(book: Book) -> dict[str, bool]:
    _, output = book.bookkit("run", "--json")
    rows = told(output)["notebooks"]
    return {row["section"].removesuffix(".md"): row["cached"] for row in rows}


def entries(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.parent.parent == folder)


def test_when_a_folder_is_shared_then_a_second_book_runs_nothing(tmp_path):
    store = tmp_path / "store"
    Book(tmp_path / "first", CELLS, config(store, write=True)).bookkit("run")
    assert [path.suffix for path in entries(store)] == [".json"] * 3
    second = Book(tmp_path / "second", CELLS, config(store))
    assert set(cached(second).values()) == {True}
    assert not (second.root / "_build" / "run").exists()
    # they were copied: the store is not needed again
    assert len(entries(second.root / "_build" / "cache")) == 3
    _, told = second.bookkit("explain", "one.md")
    assert "one.md [alpha]: kept, passed" in told
    assert f"(from {store})" in told
    _, told = second.bookkit("cache")
    assert "hit rate: 100%; 1 runs asked for 3 results and found 0 here, 3" in told
    assert f"shared store {store}: 3 entries" in told
    (second.root / "config.ini").write_text(CONFIG)
    assert set(cached(second).values()) == {True}


def test_when_writing_is_not_allowed_then_nothing_is_put_there(tmp_path):
    store = tmp_path / "store"
    store.mkdir()
    book = Book(tmp_path / "book", GOOD)
    status, output = book.bookkit("run", "--store", str(store))
    assert (status, entries(store)) == (0, [])
    assert "WARNING" not in output


def test_when_shared_entries_are_damaged_then_they_are_made_again(tmp_path):
    store = tmp_path / "store"
    Book(tmp_path / "first", GOOD, config(store, write=True)).bookkit("run")
    truncated, foreign = entries(store)
    truncated.write_text(truncated.read_text()[:-9])
    foreign.write_text('{"format": 99}')
    status, output = Book(tmp_path / "second", GOOD, config(store, write=True)).bookkit(
        "run"
    )
    assert status == 0, output
    assert output.count("ignored") == 2
    assert output.count("[alpha] passed") == 2
    third = Book(tmp_path / "third", GOOD, config(store))
    assert set(cached(third).values()) == {True}


def forge(path: Path, old: str, new: Any) -> None:
    """Seal an entry that says something else, as whoever writes to a store can."""
    content = json.loads(path.read_text().replace(old, new))
    del content["sha256"]
    path.write_text(json.dumps(seal(content, content["format"])))


def test_when_an_entry_is_forged_with_care_then_pages_and_notebooks_show_it(tmp_path):
    store = tmp_path / "store"
    cells = {"one": "from IPython.display import HTML\nHTML('<b>hon' + 'est</b>')"}
    shared = config(store, True, SITE_CONFIG)
    Book(tmp_path / "first", cells, shared).passes("run")
    (entry,) = entries(store)
    forge(entry, "<b>honest</b>", "<script>forged()</script>")
    second = Book(tmp_path / "second", cells, shared)
    second.passes("build")
    for place in ("html/one.html", "notebooks/alpha/one.ipynb"):
        shown = (second.root / "_build" / place).read_text(encoding="utf-8")
        assert "<script>forged()" in shown and "<b>honest</b>" not in shown


def test_when_an_entry_is_forged_without_care_then_it_is_not_copied(tmp_path):
    store = tmp_path / "store"
    cells = {"one": "print('honest')", "two": "print('honest', 2)"}
    Book(tmp_path / "first", cells, config(store, True)).passes("run")
    more, large = entries(store)
    forge(more, '"outputs": [', '"outputs": [{"output_type": "forged"}, ')
    forge(large, "honest", "forged" * 20_000)
    second = Book(tmp_path / "second", cells, config(store))
    output = second.passes("run")
    assert output.count("ignored") == 2 and output.count("[alpha] passed") == 2
    kept = entries(second.root / "_build" / "cache")
    assert not any("forged" in path.read_text() for path in kept)


def test_when_the_shared_folder_is_read_only_then_one_notice_says_so(tmp_path):
    store = tmp_path / "store"
    Book(tmp_path / "first", {"one": GOOD["one"]}, config(store, True)).bookkit("run")
    mount = f"mount --bind {store} {store} && mount -o remount,ro,bind {store}"
    if os.geteuid() != 0 or os.system(f"{mount} 2>/dev/null"):
        pytest.skip("a folder can only be made read-only for root by root")
    try:
        second = Book(tmp_path / "second", GOOD, config(store, write=True))
        output = second.passes("run")
        assert output.count("shared store") == 1
        assert "Read-only file system" in output
        assert output.count("[alpha] passed") == 1
    finally:
        os.system(f"umount -l {store}")


@pytest.fixture(scope="module")
def s3() -> Iterator[dict[str, Any]]:
    """Serve S3 on this machine, with a bucket; return the options to reach it."""
    code = (
        "import sys, time, fsspec\n"
        "from moto.server import ThreadedMotoServer\n"
        "server = ThreadedMotoServer(ip_address='127.0.0.1', port=0, verbose=False)\n"
        "server.start()\n"
        "url = 'http://%s:%s' % server.get_host_and_port()\n"
        "fsspec.filesystem('s3', key='a', secret='b', endpoint_url=url)"
        ".mkdir('bucket')\n"
        "print(url, flush=True)\n"
        "sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        assert server.stdout is not None and server.stdin is not None
        url = server.stdout.readline().strip()
        yield {**SECRETS, "endpoint_url": url}
        server.stdin.close()


def test_when_a_bucket_is_shared_then_a_second_book_runs_nothing(tmp_path, s3):
    url = "s3://bucket/prefix"
    first = Book(tmp_path / "first", CELLS, config(url, write=True, **s3))
    _, output = first.bookkit("run")
    assert "shared store" not in output
    second = Book(tmp_path / "second", CELLS, config(url, **s3))
    assert set(cached(second).values()) == {True}
    assert not (second.root / "_build" / "run").exists()
    _, told = second.bookkit("cache")
    assert f"shared store {url}: 3 entries" in told


def trouble(tmp_path: Path, text: str) -> tuple[str, float]:
    """Run a book beside one without a store; return its output and extra seconds."""
    began = time.monotonic()
    status, _ = Book(tmp_path / "plain", GOOD).bookkit("run", "-j", "1")
    plain_s = time.monotonic() - began
    book = Book(tmp_path / "book", GOOD, text)
    began = time.monotonic()
    output = book.passes("run", "-j", "1")
    assert output.count("[alpha] passed") == 2
    extra_s = time.monotonic() - began - plain_s
    return " ".join(output.split()), extra_s


def test_when_the_bucket_does_not_exist_then_one_notice_says_so(tmp_path, s3):
    output, _ = trouble(tmp_path, config("s3://none/prefix", write=True, **s3))
    assert output.count("shared store") == 1
    assert "s3://none/prefix: The specified bucket does not exist; going on" in output


def test_when_a_server_never_answers_then_the_run_goes_on(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        text = config("s3://bucket", write=True, endpoint_url=url, **SECRETS)
        output, extra_s = trouble(tmp_path, text)
    assert output.count("shared store") == 1
    assert "going on without it" in output
    assert extra_s < 3 * TIMEOUT_S + 2


def test_when_interrupted_while_a_server_is_silent_then_it_ends_soon(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        text = config("s3://bucket", endpoint_url=url, **SECRETS)
        book = Book(tmp_path, GOOD, text.replace(f"_s = {TIMEOUT_S}\n", "_s = 100\n"))
        process = book.start("run")
        server.settimeout(60)
        with server.accept()[0]:  # it has asked, and will wait
            began = time.monotonic()
            interrupt(process)
            output, _ = process.communicate(timeout=60)
    assert time.monotonic() - began < 3
    assert process.returncode == 130, output
    assert "Traceback" not in output


NOWHERE = "http://127.0.0.1:9"
TROUBLES = {
    "unreachable": (
        config("s3://bucket", True, endpoint_url=NOWHERE, **SECRETS),
        "Could not connect to the endpoint",
    ),
    "unknown protocol": (config("nonsense://bucket", True), "Protocol not known"),
    "missing package": (config("gs://bucket", True), "gcsfs"),
    "no such folder": (config("/nonexistent/store"), "no such folder"),
    "not a folder": (config("/dev/null/store", True), "Not a directory"),
    "odd options": (config("s3://bucket", True, config_kwargs=1), "not a mapping"),
    "odd URL": (config("s3://", True, endpoint_url=NOWHERE, **SECRETS), ""),
}


@pytest.mark.parametrize("kind", TROUBLES)
def test_when_a_store_cannot_be_used_then_one_notice_says_so(tmp_path, kind):
    text, words = TROUBLES[kind]
    output = Book(tmp_path, GOOD, text).passes("run")
    assert output.count("[alpha] passed") == 2
    assert output.count("going on without it") <= 1
    assert words in output
    assert words == "" or output.count("shared store") == 1


def test_when_credentials_are_wrong_then_one_notice_says_so(tmp_path):
    refusing = (
        "import http.server\n"
        "class Refuse(http.server.BaseHTTPRequestHandler):\n"
        "    def do_GET(self):\n"
        "        body = b'<Error><Code>InvalidAccessKeyId</Code>"
        "<Message>No such key</Message></Error>'\n"
        "        self.rfile.read(int(self.headers.get('Content-Length', 0)))\n"
        "        self.send_response(403)\n"
        "        self.send_header('Content-Length', str(len(body)))\n"
        "        self.end_headers()\n"
        "        if self.command != 'HEAD':\n"
        "            self.wfile.write(body)\n"
        "    do_HEAD = do_PUT = do_GET\n"
        "server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Refuse)\n"
        "print(server.server_port, flush=True)\n"
        "server.serve_forever()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", refusing],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        assert server.stdout is not None
        url = f"http://127.0.0.1:{server.stdout.readline().strip()}"
        try:
            text = config("s3://bucket", True, endpoint_url=url, **SECRETS)
            status, output = Book(tmp_path, GOOD, text).bookkit("run")
        finally:
            server.kill()
    assert status == 0, output
    assert output.count("shared store") == 1
    assert "Forbidden" in output or "No such key" in output


def test_when_a_cell_declares_a_file_then_it_finds_it_where_it_runs(tmp_path):
    book = Book(
        tmp_path, {"one": "#@data data/table.csv\nopen('data/table.csv').read()"}
    )
    table = tmp_path / "data" / "table.csv"
    status, output = book.bookkit("run")
    assert status == 1
    assert "data file not in the book" in output or "No such file" in output
    table.parent.mkdir()
    for content in ("1,2", "3,4"):
        table.write_text(content)
        assert cached(book) == {"one": False}
        assert cached(book) == {"one": True}
    table.write_text("5,6")
    _, told = book.bookkit("explain", "one.md", "--tab", "alpha")
    assert told.splitlines()[1].strip() == "data file data/table.csv"
    status, told = book.bookkit("explain", "--tab", "gamma")
    assert status == 2
    assert "unknown tab `gamma`" in told


def test_when_results_are_pruned_then_it_is_told_what_went(tmp_path):
    book = Book(tmp_path, GOOD)
    book.bookkit("run")
    status, told = book.bookkit("cache", "--prune", "--max-size", "0")
    assert status == 0
    assert told.startswith("removed: 2 entries")
    assert set(cached(book).values()) == {False}
    assert book.bookkit("cache", "--max-age", "3d")[0] == 2
    assert book.bookkit("cache", "--prune", "--max-age", "soon")[0] == 2
