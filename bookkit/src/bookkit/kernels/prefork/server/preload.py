"""Import modules ahead of time so that a fork cannot tell when they were imported."""

from __future__ import annotations

import contextlib
import gc
import importlib
import importlib.util
import io
import itertools
import os
import sys
import tempfile
import threading
import types
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from .request import Request
from .reseed import reseed

# What every kernel imports while it starts. Half of that time goes into the debugger.
_KERNEL_MODULES = (
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.extensions.storemagic",
    "ipykernel.debugger",
    "psutil",
    "sqlite3",
    "tornado.platform.asyncio",
    "tornado.queues",
)
_INLINE = "module://matplotlib_inline.backend_inline"


class PreloadError(Exception):
    """The modules cannot be imported ahead; the text says which and why."""


class _LateStream(io.TextIOBase):
    """Stands for `sys.stdout` or `sys.stderr` while modules are imported.

    Log handlers made at import keep the stream of that moment. With this one they
    write to the stream of the moment of writing, which in a kernel is the notebook's.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    @property
    def _target(self) -> Any:
        stream = getattr(sys, self._name)
        return getattr(sys, f"__{self._name}__") if stream is self else stream

    def write(self, text: str) -> int:
        written: int = self._target.write(text)
        return written

    def flush(self) -> None:
        self._target.flush()

    def isatty(self) -> bool:
        return bool(self._target.isatty())

    def fileno(self) -> int:
        return int(self._target.fileno())

    def writable(self) -> bool:
        return True

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return str(self._target.encoding)


@dataclass
class Preloaded:
    """What importing changed in this process, to be repeated in every kernel."""

    env_set: dict[str, str] = field(default_factory=dict)
    env_added: dict[str, str] = field(default_factory=dict)
    env_removed: set[str] = field(default_factory=set)
    warning_filters: list[Any] = field(default_factory=list)

    def apply(self, request: Request) -> None:
        """In a fork: become the process that a spawned kernel would have been."""
        env = {**self.env_added, **request.env, **self.env_set}
        for name in self.env_removed:
            env.pop(name, None)
        os.environ.clear()
        os.environ.update(env)
        sys.argv = [*sys.argv, *request.arguments]
        sys.orig_argv = list(request.command)
        sys.modules["__main__"] = types.ModuleType("__main__")
        reseed()
        # Python's own choice, made at the first use and kept
        tempfile.tempdir = None

    def raise_warning_filters(self) -> None:
        """Put the imported modules' warning filters before the shell's own.

        In a spawned kernel a cell imports them after the shell has started. Filters
        that they appended are already behind the shell's.
        """
        for action, message, category, module, line in reversed(self.warning_filters):
            warnings.filterwarnings(
                action,
                message=getattr(message, "pattern", ""),
                category=category,
                module=getattr(module, "pattern", ""),
                lineno=line,
            )


def preload(modules: Sequence[str]) -> Preloaded:
    """Import ipykernel and `modules`, and make this process ready to be forked.

    Raises:
        PreloadError: a module cannot be imported, or cannot be forked afterwards.
    """
    # ipykernel reads it at import: it would watch for the end of the wrong process.
    os.environ.pop("JPY_PARENT_PID", None)
    launcher = importlib.util.find_spec("ipykernel_launcher")
    sys.argv = [(launcher and launcher.origin) or "ipykernel_launcher"]
    env_before = dict(os.environ)
    _import("ipykernel.kernelapp")
    # matplotlib looks at it when it is imported; ipykernel sets it before any cell.
    os.environ.setdefault("MPLBACKEND", _INLINE)
    for name in _KERNEL_MODULES:
        with contextlib.suppress(ImportError):  # versions differ: only time is lost
            importlib.import_module(name)
    filters_before = list(warnings.filters)
    with _late_streams():
        for name in modules:
            _import(name)
    _check_forkable()
    sys.stdout.flush()
    sys.stderr.flush()
    gc.collect()
    gc.freeze()
    env = dict(os.environ)
    changed = {n: v for n, v in env.items() if env_before.get(n) != v}
    return Preloaded(
        env_set={n: v for n, v in changed.items() if n in env_before},
        env_added={n: v for n, v in changed.items() if n not in env_before},
        env_removed=set(env_before) - set(env),
        warning_filters=list(
            itertools.takewhile(lambda f: f not in filters_before, warnings.filters)
        ),
    )


def _import(name: str) -> None:
    try:
        importlib.import_module(name)
    except BaseException as error:
        # Also SystemExit: some packages end the process when a device is missing.
        text = str(error).strip().splitlines()
        raise PreloadError(
            f"importing {name} failed: {type(error).__name__}"
            + (f": {text[0]}" if text else "")
        ) from error


@contextlib.contextmanager
def _late_streams() -> Iterator[None]:
    stdout: Any = _LateStream("stdout")
    stderr: Any = _LateStream("stderr")
    with contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(stderr):
        yield


def _check_forkable() -> None:
    """Refuse what a fork would break: running threads, a GPU already in use."""
    others = [t.name for t in threading.enumerate() if t is not threading.main_thread()]
    if others:
        raise PreloadError(f"the preloaded modules left threads running: {others}")
    with contextlib.suppress(OSError):
        for fd in os.listdir("/proc/self/fd"):
            with contextlib.suppress(OSError):
                target = os.readlink(f"/proc/self/fd/{fd}")
                if target.startswith(("/dev/nvidia", "/dev/kfd")):
                    raise PreloadError(f"the preloaded modules opened {target}")
