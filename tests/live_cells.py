"""A small book that is read by real servers, and readers that run its cells."""

import contextlib
import hashlib
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from faulty_books import CONFIG, SITE_CONFIG, Book, wait_until
from hearing import Hearing
from websockets.sync.client import ClientConnection, connect

WAIT_S = 30.0
#: All that the pages of these tests are: the server looks into none.
PAGE = "<!doctype html><html lang='en'><head><title>{0}</title></head><body>{0}</body>"
DATA = "#@data numbers.csv\nopen('numbers.csv').read()"


class Served(Hearing):
    """`bookkit read` of a book with one tab, `alpha`, that imports nothing."""

    def __init__(self, folder: Path, live: str = "") -> None:
        config = CONFIG.replace("[bookkit]\n", f"[bookkit]\n{live}")
        config += "preload = json\n[library-alpha]\nlib_file = d2l/alpha.py\n"
        self.book = Book(folder, {"one": DATA, "two": "1", "three": "1"}, config)
        (folder / "numbers.csv").write_text("1,2\n")
        (folder / "d2l").mkdir()
        (folder / "d2l" / "alpha.py").write_text("version = 1\n")
        for name in ("index", "one", "two", "three"):
            page = folder / "_build" / "html" / f"{name}.html"
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_text(PAGE.format(name))
        self.start()

    def start(self, command: str = "read") -> None:
        """Start the server, or another one."""
        self.lines: list[str] = []
        self.process = self.book.start(command, "--port", "0")
        self.hear()
        found = r"Open (http://(127\.0\.0\.1:\d+)/)#run=(\S+) "
        assert wait_until(lambda: re.search(found, self.said), WAIT_S), self.said
        self.url, self.host, self.token = re.findall(found, self.said)[0]

    @property
    def memory_mb(self) -> float:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        (peak,) = re.findall(r"VmHWM:\s+(\d+) kB", status)
        return int(peak) / 1024

    def socket(self, **options: Any) -> ClientConnection:
        """Open a socket as a page of the server does."""
        given = {"origin": self.url.rstrip("/"), "max_size": None, "close_timeout": 1}
        return connect(f"ws://{self.host}/_bookkit/run", **{**given, **options})

    def end(self) -> None:
        """End the server, which has had nothing to complain of."""
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(10)
        assert len(self.lines) == 1, self.said


class Written(Served):
    """`bookkit serve` of a book with one section, that has come to its first site."""

    def __init__(self, folder: Path, cell: str) -> None:
        library = "[library-alpha]\nlib_file = d2l/alpha.py\n"
        self.book = Book(folder, {"one": cell}, SITE_CONFIG + library)
        self.start("serve")
        assert wait_until(lambda: "rebuilt" in self.said, 60), self.said

    def __enter__(self) -> "Written":
        return self

    def __exit__(self, *about: object) -> None:
        self.process.terminate()
        self.process.wait(10)


class Reader:
    """An open page that has said hello."""

    def __init__(self, served: Served, reader: str, page: str = "one") -> None:
        self._opened = contextlib.ExitStack()
        self.socket = self._opened.enter_context(served.socket())
        self.send("hello", token=served.token, page=page, reader=reader)
        self.heard: list[dict[str, Any]] = []
        #: What ran before this page came.
        self.missed: list[dict[str, Any]] = []
        self.ready = self.until("ready")

    def __enter__(self) -> "Reader":
        return self

    def __exit__(self, *about: object) -> None:
        self._opened.close()

    def send(self, kind: str, **content: Any) -> None:
        """Send a message."""
        self.socket.send(json.dumps({"type": kind, "tab": "alpha", **content}))

    def until(self, kind: str, seconds: float = WAIT_S, **wanted: Any) -> Any:
        """Return the next message of a kind that has these values.

        What the page missed before it came counts only where it is asked for.
        """
        wanted = {"again": None, **wanted}
        deadline = time.monotonic() + seconds
        while True:
            left = deadline - time.monotonic()
            message = json.loads(self.socket.recv(timeout=max(left, 0)))
            (self.missed if message.get("again") else self.heard).append(message)
            fits = all(message.get(name) == one for name, one in wanted.items())
            if message["type"] == kind and fits:
                return message

    def execute(self, code: str, cell: str = "1", id: int = 1, **more: Any) -> None:
        """Have a cell run."""
        self.send("execute", code=code, cell=cell, id=id, **more)

    def run(self, code: str, status: str = "ok", seconds: float = WAIT_S) -> str:
        """Run a cell and return the text that it shows; it ends as expected."""
        self.heard.clear()
        self.execute(code)
        done = self.until("done", seconds)
        assert done["status"] == status, self.heard
        return "".join(blocks(self.heard))

    def outputs(self) -> list[dict[str, Any]]:
        """Return what was shown since the last cell began."""
        return [one["output"] for one in self.heard if one["type"] == "output"]

    def texts(self, kind: str) -> list[str]:
        """Return what messages of a kind say."""
        return [one["text"] for one in self.heard if one["type"] == kind]


def blocks(heard: list[dict[str, Any]]) -> Iterator[str]:
    """Put texts together as a page does."""
    block: str | None = None
    for message in heard:
        output = message.get("output", {})
        if output.get("kind") == "text" and not output.get("new"):
            assert block is not None
            keep = output.get("keep", len(block))
            block = block[:keep] + output["text"]
        elif output:
            yield block or ""
            block = output.get("text", "")
        elif message["type"] == "clear":
            block = None
    yield block or ""


def digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
