"""`bookkit serve` of a small book, and what an author does to the book meanwhile."""

import http.client
import os
import re
import signal
from collections.abc import Callable, Sequence
from pathlib import Path

from faulty_books import Book, wait_until
from hearing import Hearing
from playwright.sync_api import BrowserContext, Page

CONFIG = """\
[project]
name = faulty
title = 小书
lang = zh
[build]
tabs = alpha
notebooks = *.md
warning_is_error = True
sphinx_extensions = bookkit.site.extension
sphinx_configs =
    extensions = [n for n in extensions if n not in ('recommonmark',
        'sphinxcontrib.rsvgconverter', 'sphinxcontrib.bibtex')]
    language = 'zh_CN'
    html_theme = 'furo'
    html_theme_options = {{}}
    html_math_renderer = 'bookkit'
[bookkit]
levels = BK201 error, BK202 error
[bookkit-alpha]
title = Alpha
preload = heavy
environment = PYTHONPATH={folder}
"""
#: Stands for a framework: takes its time, and notes who imported it.
HEAVY = """\
import os, time
with open({log!r}, "a") as log:
    print(os.getpid(), file=log)
time.sleep(1.5)
"""


class Served(Hearing):
    """A book that is served; what the server says is in `said`."""

    def __init__(self, folder: Path, tabs: Sequence[str] = ("alpha",)) -> None:
        self.imports = folder / "imports.log"
        library = folder / "library"
        library.mkdir(parents=True)
        (library / "heavy.py").write_text(HEAVY.format(log=str(self.imports)))
        config = CONFIG.format(folder=library)
        cells = {"one": "6 * 7", "two": "'two'"}
        self.book = Book(folder / "book", cells, config, tabs)
        self.lines: list[str] = []
        self.start()

    def start(self, port: int = 0) -> None:
        self.process = self.book.start("serve", "--port", str(port))
        self.hear()
        self.wait_for(r"Open (http://127\.0\.0\.1:(\d+)/)")
        found = re.search(r"Open (http://127\.0\.0\.1:(\d+)/)", self.said)
        assert found
        self.url, self.port = found[1], int(found[2])

    def wait_for(self, pattern: str, seconds: float = 20) -> None:
        assert wait_until(lambda: re.search(pattern, self.said), seconds), self.said

    def open_first(self, reader: Callable[..., BrowserContext]) -> Page:
        """Open the book's first page, once a build has ended."""
        self.wait_for(r"rebuilt|failed|nothing to")
        opened = reader().new_page()
        opened.goto(f"{self.url}one.html")
        return opened

    def save(self, name: str, words: str = "Words.", cell: str = "6 * 7") -> None:
        """Write a section as editors do; what was said before is forgotten."""
        text = (
            f"# {name}\n\n{words}\n\n```{{.python .input}}\n#@tab alpha\n{cell}\n```\n"
        )
        self.lines.clear()
        self.replace(f"{name}.md", text)

    def replace(self, name: str, text: str) -> None:
        scratch = self.book.root / f"{name}~"
        scratch.write_text(text, encoding="utf-8")
        scratch.replace(self.book.root / name)

    def ask(
        self, path: str, host: str | None = None, **headers: str
    ) -> tuple[int, str, http.client.HTTPMessage]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.putrequest("GET", path, skip_host=True)
        connection.putheader("Host", host or f"127.0.0.1:{self.port}")
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        connection.close()
        return answer.status, text, answer.headers

    def end(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
