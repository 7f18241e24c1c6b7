"""nbclient for our runs: what it lacks.

Names of nbclient that are not public, why, and until when:

- `NotebookClient._async_check_alive`: how the kernel ended is known only before its
  manager forgets it. Until `DeadKernelError` says it; not asked for upstream yet.
- `NotebookClient._cleanup_kernel`: a run that is cut short leaves it registered, to
  fail at the program's end. See jupyter/nbclient#128, closed with that case left.
"""

from __future__ import annotations

import ast
import asyncio
import atexit
import json
import time
from collections.abc import Sequence
from typing import Any

from jupyter_core.utils import ensure_async
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError

from bookkit.book.marks import ALLOWS
from bookkit.kernels.client import with_our_client
from bookkit.run.amount import Amount
from bookkit.run.memory import memory_mb
from bookkit.run.neutral import ASK

#: Warnings attributed to a cell (module `__main__`) fail it; a library's own,
#: attributed to the library's module, do not.
_STRICT = """
import warnings as _warnings
for _category in ({kinds},):
    _warnings.filterwarnings("error", category=_category, module="__main__")
del _warnings, _category
"""
#: Lets these filters hold for a line that no cell has, or for all lines again: others
#: that cells have set stay in their order. What was shown is an error in the next cell.
_PERMIT = """
def _bookkit_permit(kinds, line):
    import warnings
    for at, (action, text, kind, module, _) in enumerate(warnings.filters):
        ours = getattr(module, "pattern", module) == "__main__" and text is None
        if ours and action == "error" and kind in kinds:
            warnings.filters[at] = (action, text, kind, module, line)
    known = globals().get("__warningregistry__", {{}})
    for one in [one for one in known if isinstance(one, tuple)]:
        if issubclass(one[1], kinds):
            del known[one]
_bookkit_permit(({kinds},), {line})
del _bookkit_permit
"""
_NO_LINE = 2**30
#: Tells whether an error, or one that led to it, is not of the book: the system has
#: refused something (a connection, a file, memory), or there is no GPU.
_LOOK = r"""
def _bookkit_look():
    import re, sys
    led = [getattr(sys, "last_exc", None) or getattr(sys, "last_value", None)]
    for one in led:
        near = (one.__cause__, one.__context__) if one is not None else ()
        for other in (*near, *getattr(one, "exceptions", ())):
            if not any(other is known for known in led):
                led.append(other)
    return any(
        isinstance(one, (OSError, MemoryError))
        or re.search(r"\b(CUDA|cuDNN|NVIDIA|GPU|out of memory)\b", str(one), re.I)
        for one in led if one is not None
    )
_bookkit_outside = str(_bookkit_look())
del _bookkit_look
"""
_OUTSIDE = "globals().pop('_bookkit_outside')"
_VERSIONS = (
    "__import__('json').dumps({{name: getattr(__import__(name), '__version__', '?')"
    " for name in {names!r}}} | {{'python': __import__('platform').python_version()}})"
)
_MOST_REFUSALS = 20


class Client(NotebookClient):
    """nbclient, plus a limit on output, our setup, and seconds per cell."""

    text_bytes = picture_bytes = 0
    strict: Sequence[str] = ()
    setup = ""
    preload: Sequence[str] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.flooded = ""  # the limit that was passed
        self.current: int | None = None
        self.amount = Amount()
        self.began: float | None = None
        self.seconds: dict[int, float] = {}
        self.versions: dict[str, str] = {}
        self.about: dict[str, Any] = {}  # where it runs
        self.exit_code: int | None = None
        self.peak_mb: float | None = None
        self.outside = False
        self.on_cell_error = self._look_at_error

    def create_kernel_manager(self) -> Any:
        """Have the manager make clients of our kind, that soon try to connect again."""
        manager = super().create_kernel_manager()
        manager.log = self.log  # the result tells why a kernel cannot start
        return with_our_client(manager)

    async def async_execute_cell(
        self, cell: Any, cell_index: int, *args: Any, **kwargs: Any
    ) -> Any:
        if self.began is None:
            await self._prepare()
            self.began = time.monotonic()
        if cell.cell_type != "code":
            return cell
        self.current, self.amount, self.outside = cell_index, Amount(), False
        tags = cell.metadata.get("tags", [])
        permitted = [one for one in self.strict if f"{ALLOWS}{one}" in tags]
        await self._permit(permitted, _NO_LINE)
        began = time.monotonic()
        try:
            ran = await super().async_execute_cell(cell, cell_index, *args, **kwargs)
        finally:
            self.seconds[cell_index] = time.monotonic() - began
            self._measure_memory()
        await self._permit(permitted, 0)
        return ran

    def forget(self) -> None:
        """Let nothing of a run that has ended happen at the program's end."""
        atexit.unregister(self._cleanup_kernel)

    def _measure_memory(self) -> None:
        """Ask the system, not the kernel, which may be busy or gone."""
        pid = getattr(getattr(self.km, "provisioner", None), "pid", None)
        peak = memory_mb(f"/proc/{pid}/status", "VmHWM")
        if peak is not None:
            self.peak_mb = max(peak, self.peak_mb or 0.0)

    async def _prepare(self) -> None:
        """Set warnings up and read the versions, leaving no trace in the history."""
        # `__import__("a.b")` is `a`, whose version it is
        names = list(dict.fromkeys(name.partition(".")[0] for name in self.preload))
        setup = self.setup
        if self.strict:
            setup += _STRICT.format(kinds=", ".join(self.strict))
        text = await self._ask(setup, _VERSIONS.format(names=names), needed=True)
        if text:
            self.versions = json.loads(text)
            self.about = json.loads(await self._ask("", ASK) or "{}")

    async def _permit(self, kinds: Sequence[str], line: int) -> None:
        """Let kinds of warning be no error but on a line; 0: on every line."""
        if kinds:
            code = _PERMIT.format(kinds=", ".join(kinds), line=line)
            await self._ask(code, "''", needed=True)

    async def _look_at_error(self, **about: Any) -> None:
        """Ask what an error is of, before its kernel is gone."""
        self.outside = await self._ask(_LOOK, _OUTSIDE) == "True"

    async def _ask(self, code: str, expression: str, needed: bool = False) -> str:
        """Run code without a trace; return a text that an expression gives, or "".

        Raises:
            RuntimeError: the code is `needed`, and did not run to its end.
        """
        assert self.kc is not None  # nbclient made it before the first cell
        # After an error a kernel refuses what is asked in the next moment.
        for _ in range(_MOST_REFUSALS):
            message = self.kc.execute(
                code,
                silent=True,
                store_history=False,
                allow_stdin=False,
                user_expressions={"asked": expression},
            )
            reply: Any = await self.async_wait_for_reply(message)
            if reply["content"].get("status") != "aborted":
                break
        status = reply["content"].get("status")
        if needed and status != "ok":
            why = reply["content"].get("evalue", status)
            raise RuntimeError(f"the kernel could not be set up: {why}")
        answer = reply["content"].get("user_expressions", {}).get("asked", {})
        text = answer.get("data", {}).get("text/plain", "''")
        return str(ast.literal_eval(text))

    def process_message(self, message: Any, cell: Any, cell_index: int) -> Any:
        self.amount.take(message)
        if over := self.amount.over(self.text_bytes, self.picture_bytes):
            if not self.flooded:
                self.flooded = over
                # The reply may never come while the kernel is busy printing.
                asyncio.ensure_future(self._kill())
            return None
        return super().process_message(message, cell, cell_index)

    async def _kill(self) -> None:
        if self.km is not None:
            await ensure_async(self.km.shutdown_kernel(now=True))

    async def _async_check_alive(self) -> None:
        if self.kc is None:  # the run ended while nbclient's task was about to look
            raise asyncio.CancelledError
        try:
            await super()._async_check_alive()
        except DeadKernelError:
            provisioner = getattr(self.km, "provisioner", None)
            if provisioner is not None:
                self.exit_code = await provisioner.poll()
            raise
