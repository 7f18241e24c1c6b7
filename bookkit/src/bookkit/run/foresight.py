"""Guess what a build will run, so that the import of its framework begins at once.

A framework takes longer to import than a build takes to find out what to run. A wrong
guess costs some of that import, and nothing else: what is run is decided elsewhere.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
from collections.abc import Sequence
from typing import Protocol

from bookkit.book.config import Config, Tab
from bookkit.files import write_whole
from bookkit.kernels import kernelspecs
from bookkit.kernels.environments import environment_of

NAME = "code-seen.json"
_CELL = re.compile(r"^```\s*\{[^}]*\.input[^}]*\}\s*\n(.*?)^```", re.M | re.S)
_TAG = re.compile(r"(?:#\s*@tab|%%tab)\s+([\w, ]+)")
_guessed: list[str] = []


class Work(Protocol):
    """A notebook that will run, as far as its kernel is concerned."""

    @property
    def tab(self) -> Tab: ...


def begin(config: Config, prefork: bool) -> None:
    """Start the servers of the tabs whose code differs from what was seen last."""
    if not prefork:
        return
    from bookkit.kernels.start import start_server

    kernelspecs.find_in(config)
    tabs = [t for t in edited_tabs(config) if not environment_of(t).unavailable()]
    for tab in tabs[: os.cpu_count() or 1]:
        with contextlib.suppress(Exception):  # the run says what is wrong with it
            start_server(tab.kernel, prefork)
            _guessed.append(tab.kernel)


def edited_tabs(config: Config) -> list[Tab]:
    """List the selected tabs whose code is not what the last run had."""
    now, before = _code(config), _seen(config)
    return [tab for tab in config.tabs if now[tab.name] != before.get(tab.name)]


def settle(todo: Sequence[Work]) -> None:
    """Let go of servers that nothing will be forked from."""
    needed = {work.tab.kernel for work in todo}
    if _guessed and not needed.intersection(_guessed):
        from bookkit.kernels import prefork

        prefork.stop_all()
    _guessed.clear()


def remember(config: Config) -> None:
    """Note the code of a run that was complete and passed."""
    with contextlib.suppress(OSError):
        code = {**_seen(config), **_code(config)}
        write_whole(config.output / NAME, json.dumps(code, indent=1))


def _seen(config: Config) -> dict[str, str]:
    try:
        text = (config.output / NAME).read_text(encoding="utf-8")
        return {str(tab): str(code) for tab, code in json.loads(text).items()}
    except (OSError, ValueError, AttributeError):
        return {}


def _code(config: Config) -> dict[str, str]:
    """Hash the text of each tab's cells, as far as a glance can tell them apart."""
    hashes = {tab.name: hashlib.sha256() for tab in config.tabs}
    for pattern in config.notebooks:
        for path in sorted(config.root.glob(pattern)):
            with contextlib.suppress(OSError):
                text = path.read_bytes().decode("utf-8", "replace")
                for cell in _CELL.findall(text.replace("\r\n", "\n")):
                    tag = _TAG.match(cell)
                    tabs = re.split(r"[,\s]+", tag[1]) if tag else ["all"]
                    for tab, total in hashes.items():
                        if tab in tabs or "all" in tabs:
                            total.update(b"\0" + cell.encode())
    return {tab: total.hexdigest() for tab, total in hashes.items()}
