"""A real kernel for a test: run code in it, get its text or its error."""

import re
from pathlib import Path

from jupyter_client.manager import start_new_kernel

_ANSI = re.compile(r"\x1b\[[0-9;]*m")


class KernelError(Exception):
    """The code raised; the message is the kernel's traceback."""


class Kernel:
    def __init__(self, name: str, folder: Path, timeout_s: float = 120) -> None:
        self._timeout_s = timeout_s
        self._manager, self._client = start_new_kernel(
            kernel_name=name, cwd=str(folder), startup_timeout=timeout_s
        )

    def run(self, code: str) -> str:
        """Run code; return what it printed and its last value as text."""
        printed: list[str] = []

        def note(message: dict) -> None:
            content = message["content"]
            if message["msg_type"] == "stream":
                printed.append(content["text"])
            elif message["msg_type"] in ("execute_result", "display_data"):
                printed.append(content["data"].get("text/plain", ""))

        reply = self._client.execute_interactive(
            code, output_hook=note, allow_stdin=False, timeout=self._timeout_s
        )
        content = reply["content"]
        if content["status"] != "ok":
            raise KernelError(_ANSI.sub("", "\n".join(content["traceback"])))
        return "".join(printed)

    def stop(self) -> None:
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)
