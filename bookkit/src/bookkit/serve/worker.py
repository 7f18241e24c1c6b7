"""The process that builds, again and again, and keeps what it has imported.

Run by `builds`: `python -m bookkit.serve.worker FD SETTINGS`. FD is a socket: a line of
JSON asks for a build, lines of JSON tell of it, the one with `error` is the last. When
it is closed, everything ends.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import queue
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

#: The owner waits a little longer before it kills what is left.
END_S = 0.4


class Worker:
    """Builds one book; `settings` are root, tabs and verbose."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self._root = Path(settings["root"])
        self._tabs: list[str] = settings["tabs"]
        self._verbose: bool = settings["verbose"]
        self._names: list[str] = []
        self._made_with: object = None

    def build(self, aloud: bool, tell: Callable[[Any], None]) -> dict[str, Any]:
        """Build once; tell the terminal what `make` would, if it fails or `aloud`."""
        from bookkit.errors import BookkitError
        from bookkit.serve.told import Told

        output, told = io.StringIO(), Told(tell)
        try:
            captured = contextlib.redirect_stdout(output)
            with contextlib.nullcontext() if aloud or self._verbose else captured:
                self._build(told)
        except BookkitError as error:
            answer = told.of(error)
        except Exception as error:
            answer = {"error": _explained(error), "warnings": told.listed}
        else:
            return told.of(None)
        sys.stdout.write(output.getvalue())
        sys.stdout.flush()
        print(f"error: {answer['error']}", file=sys.stderr, flush=True)
        return answer

    def get_ready(self) -> None:
        """Begin what the next build will need, as far as that is known."""
        from bookkit.site import waiting

        with contextlib.suppress(Exception):  # the next build will tell
            waiting.get_ready(self._root, self._names, self._verbose)

    def _build(self, told: Any) -> None:
        from bookkit import workflow
        from bookkit.book.config import load
        from bookkit.run.options import Options

        config = load(self._root, self._tabs)
        self._names = [tab.name for tab in config.tabs]
        self._renew_servers(config)
        workflow.build(config, Options(keep_servers=True), self._verbose, told)

    def _renew_servers(self, config: Any) -> None:
        """Let go of what was imported from an environment that is another by now."""
        from bookkit.kernels import prefork
        from bookkit.kernels.environments import environment_of
        from bookkit.kernels.packages import installed

        made_with = [
            (tab, environment_of(tab).record(), installed(tab.environment))
            for tab in config.tabs
        ]
        if self._made_with not in (None, made_with):
            prefork.stop_all()
        self._made_with = made_with


def _explained(error: Exception) -> str:
    from bookkit.errors import blame_machine

    blamed = blame_machine(error)
    if blamed:
        return blamed
    lines = "".join(traceback.format_exception(error)).rstrip()
    return f"{lines}\nThis is a bug in bookkit. Please report it with the lines above."


def _listen(channel: socket.socket, asked: queue.SimpleQueue[bool]) -> None:
    """Take orders; at the end of the owner be gone soon, with all children."""
    with contextlib.suppress(OSError):
        for line in channel.makefile("r", encoding="utf-8"):
            asked.put(bool(json.loads(line)["aloud"]))
    os.killpg(0, signal.SIGINT)
    time.sleep(END_S)
    os.killpg(0, signal.SIGKILL)


def main(arguments: list[str]) -> None:
    """Answer each order with a build until the owner is gone."""
    # Its owner may have been told to ignore Ctrl-C, as a shell's background job is.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    channel = socket.socket(fileno=int(arguments[0]))
    channel.set_inheritable(False)
    asked: queue.SimpleQueue[bool] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(channel, asked), daemon=True).start()
    worker = Worker(json.loads(arguments[1]))

    def tell(what: Any) -> None:
        channel.sendall(json.dumps(what).encode() + b"\n")

    with contextlib.suppress(KeyboardInterrupt, BrokenPipeError):
        while True:
            tell(worker.build(asked.get(), tell))
            worker.get_ready()


if __name__ == "__main__":
    main(sys.argv[1:])
