"""Run a book's notebooks as plain nbclient does: spawned kernels, nothing kept.

    python -m benchmarks.plain BOOK

Kernels are named after the tabs and found through JUPYTER_PATH.
"""

from __future__ import annotations

import asyncio
import copy
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from nbclient import NotebookClient

from bookkit.book.config import load
from bookkit.book.source import notebook_of, read_book, runs_code


async def _run(root: Path) -> int:
    config = load(root)
    slots = asyncio.Semaphore(os.cpu_count() or 1)

    async def one(notebook: Any, kernel: str) -> None:
        async with slots:
            with tempfile.TemporaryDirectory() as folder:
                resources = {"metadata": {"path": folder}}
                client = NotebookClient(
                    copy.deepcopy(notebook), kernel_name=kernel, resources=resources
                )
                await client.async_execute()

    ran = 0
    async with asyncio.TaskGroup() as group:
        for tab in config.tabs:
            for section in read_book(config):
                notebook = notebook_of(section, tab.name, config)
                if runs_code(notebook):
                    group.create_task(one(notebook, tab.name))
                    ran += 1
    return ran


if __name__ == "__main__":
    print(asyncio.run(_run(Path(sys.argv[1]))), "notebooks")
