"""A real kernel for a test: run code in it, get its text or its error."""

import ast
import re
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.manager import start_new_kernel

#: Where a kernel finds the words of `tests/words`, and the functions that use them.
_PATH = [str(Path(__file__).parent / name) for name in ("", "claims")]
#: Lets a kernel find them, and compare comments of shapes from then on.
WATCHED = f"""\
__import__('sys').path += {_PATH}
__import__('shapes').watch(get_ipython())
"""
_OUTPUTS = ("stream", "execute_result", "display_data", "error")
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
        return "".join(
            one.text if one.output_type == "stream" else one.data.get("text/plain", "")
            for one in self.outputs(code)
            if one.output_type != "error"
        )

    def outputs(self, code: str) -> list[Any]:
        """Run code; return its outputs as a notebook has them."""
        found: list[Any] = []

        def note(message: dict) -> None:
            if message["msg_type"] not in _OUTPUTS:
                return
            one = nbformat.v4.output_from_msg(message)
            stream = one.output_type == "stream"
            if stream and found and found[-1].get("name") == one.name:
                found[-1].text += one.text
            else:
                found.append(one)

        reply = self._client.execute_interactive(
            code, output_hook=note, allow_stdin=False, timeout=self._timeout_s
        )
        content = reply["content"]
        if content["status"] != "ok":
            raise KernelError(_ANSI.sub("", "\n".join(content["traceback"])))
        return found

    def stop(self) -> None:
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)


def wrong_shapes(kernel: Kernel, all_ran: bool = False) -> list[str]:
    """List comments of shapes that are not so in the cells that this kernel ran."""
    told = kernel.run(f"__import__('shapes').report({all_ran})")
    return list(ast.literal_eval(told))
