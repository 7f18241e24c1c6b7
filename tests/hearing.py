"""A started command, heard while it runs."""

import subprocess
import threading


class Hearing:
    """What a process prints, line by line, as it comes."""

    process: "subprocess.Popen[str]"
    lines: list[str]

    def hear(self) -> None:
        """Begin to listen to `process`."""
        threading.Thread(target=self._read, args=(self.process,), daemon=True).start()

    def _read(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout
        with process.stdout as said:
            for line in said:
                self.lines.append(line)

    @property
    def said(self) -> str:
        return "".join(self.lines)
