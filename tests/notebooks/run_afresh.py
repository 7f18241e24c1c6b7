"""Run the whole book once more, uncached, kernels spawned; publish it elsewhere.

    python run_afresh.py TABS FOLDER

A program of its own, so that a test can take its network and its home away.
"""

import fcntl
import json
import socket
import struct
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from bookkit import workflow
from bookkit.book import config as configuration
from bookkit.book.source import read_book
from bookkit.publish import notebooks as publish
from bookkit.run import report
from bookkit.run.execute import Run
from bookkit.run.options import Options
from bookkit.run.plan import executed_notebooks, plan

ROOT = Path(__file__).resolve().parents[2]
_GET_FLAGS, _SET_FLAGS, _UP = 0x8913, 0x8914, 1  # linux/sockios.h, linux/if.h


def raise_loopback() -> None:
    """Kernels talk on 127.0.0.1, which is down in a new network namespace."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sh14x", b"lo", 0)
        answer = fcntl.ioctl(any_socket, _GET_FLAGS, request)
        flags = struct.unpack_from("16sh", answer)[1]
        if not flags & _UP:
            fcntl.ioctl(
                any_socket, _SET_FLAGS, struct.pack("16sh14x", b"lo", flags | _UP)
            )


def main(tabs: str, folder: Path) -> None:
    raise_loopback()
    book = configuration.load(ROOT, tabs.split(","))
    with workflow.locked(book):
        sections = read_book(book)
        jobs = plan(book, sections)
        with tempfile.TemporaryDirectory() as elsewhere:  # where nothing is kept
            other = replace(book, output=Path(elsewhere))
            results = Run(other, jobs, Options(prefork=False)).finish()
    executed = executed_notebooks(book, sections, results)
    publish.write_notebooks(book, sections, executed, folder)
    told = json.dumps(report.as_json(results), ensure_ascii=False)
    (folder / "results.json").write_text(told, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
