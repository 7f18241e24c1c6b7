"""The program uv: found or fetched, told what a user has set for pip, and run.

Knows nothing of books. Standard library only.
"""

from __future__ import annotations

import configparser
import hashlib
import io
import json
import os
import platform
import re
import shutil
import sys
import tempfile
import urllib.request
import zipfile
from collections.abc import Collection, Mapping
from functools import cached_property
from pathlib import Path
from urllib.parse import urljoin

from bookkit.errors import EnvironmentFailure, explain
from bookkit.kernels import programs

#: What is fetched where PATH has none; the oldest that has all options we use.
VERSION, OLDEST = "0.13.9", (0, 9, 8)
#: A setting of pip, and the variable that tells uv the same.
_SAME = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "constraint": "UV_CONSTRAINT",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
    "client-cert": "SSL_CLIENT_CERT",
    "proxy": "ALL_PROXY",
    "default-timeout": "UV_HTTP_TIMEOUT",
}
#: The first would mix other packages in; with the second nothing stays compiled.
_NOT_INHERITED = ("PYTHONPATH", "PYTHONDONTWRITEBYTECODE")


def pip_settings() -> dict[str, str]:
    """Return what pip's files and variables say, e.g. `{"index-url": "https://…"}`."""
    home, own = Path.home(), os.environ.get("PIP_CONFIG_FILE", "")
    folders = ("/etc/xdg/pip", "/etc", home / ".pip", home / ".config" / "pip")
    mac = home / "Library" / "Application Support" / "pip"
    files = [Path(one, "pip.conf") for one in (*folders, mac, sys.prefix)]
    parser = configparser.RawConfigParser()
    try:
        parser.read([] if own == os.devnull else [*files, own], encoding="utf-8")
    except configparser.Error as error:
        raise EnvironmentFailure(explain("pip's settings", str(error))) from None
    found: dict[str, str] = {}
    for section in ("global", "install"):
        found |= dict(parser[section]) if parser.has_section(section) else {}
    for name, value in os.environ.items():
        if name.startswith("PIP_"):
            found[name.removeprefix("PIP_").lower().replace("_", "-")] = value
    return {name: value for name, value in found.items() if value}


class Uv:
    """One uv, and the processes that it runs as.

    It is put into `folder` where PATH has none, with its cache where the usual place
    for that cannot be written. `without` names settings of pip that are not to hold.

    Raises:
        EnvironmentFailure: there is none, and none can be fetched.
    """

    def __init__(self, folder: Path, without: Collection[str] = ()) -> None:
        pip = {k: v for k, v in pip_settings().items() if k not in without}
        self._variables = variables(folder, pip)
        self.program = _find(folder, pip)
        says_no = pip.get("no-index", "0").lower() in ("0", "false", "no", "off")
        self._no_index = () if says_no else ("--no-index",)
        self._running: set[programs.Program] = set()
        self._interrupted = self._cannot_fetch = False

    @cached_property
    def pythons(self) -> dict[str, str]:
        """Return version, e.g. `3.13` -> path of the newest such Python here."""
        asked = ["python", "list", "--only-installed", "--output-format", "json"]
        _, listed = self._ask(*asked, "--no-python-downloads")
        found: dict[str, str] = {}
        for one in json.loads(listed or "[]"):
            if (one["implementation"], one["variant"]) == ("cpython", "default"):
                found.setdefault(one["version"].rpartition(".")[0], one["path"])
        return found

    @cached_property
    def cache(self) -> Path:
        """Return the folder that uv keeps packages in."""
        return Path(self._ask("cache", "dir")[1].strip())

    def fetch_python(self, version: str) -> bool:
        """Fetch a Python, and tell whether that was possible.

        One failure is enough: the next would wait for the same place in vain.
        """
        if not self._cannot_fetch:
            code, _ = self._ask("python", "install", "--no-bin", version)
            self._cannot_fetch = code != 0
        return not self._cannot_fetch

    def _ask(self, *words: str) -> tuple[int, str]:
        command = [self.program, *words]
        return programs.run(command, env=self._variables, errors=False)

    def __call__(self, log: Path, *command: object, stdin: str = "") -> str:
        """Run uv, its words into a log; return them if it fails, else ""."""
        more = self._no_index if command[0] == "pip" else ()
        return self.run(log, self.program, *command, *more, stdin=stdin)

    def run(self, log: Path, *command: object, stdin: str = "") -> str:
        """Run any program as `__call__` runs uv."""
        if self._interrupted:
            return "interrupted"
        words = list(map(str, command))
        with tempfile.TemporaryFile() as given:
            given.write(stdin.encode())
            given.seek(0)
            program = programs.Program(words, env=self._variables, stdin=given)
        self._running.add(program)
        if self._interrupted:  # meanwhile
            program.end()
        code = program.wait()
        self._running.discard(program)
        output = program.said()
        with open(log, "a", encoding="utf-8") as file:
            file.write(f"$ {' '.join(words)}\n{output}")
        return (output.strip() or f"exit status {code}") if code else ""

    def interrupt(self) -> None:
        """End what runs, with all that it started, and start nothing more."""
        self._interrupted = True
        for program in list(self._running):
            program.end()


def variables(folder: Path, pip: Mapping[str, str]) -> dict[str, str]:
    """Translate pip's settings; what is set for uv itself stays."""
    own = {k: v for k, v in os.environ.items() if k not in _NOT_INHERITED}
    for name, variable in _SAME.items():
        if name in pip:
            between = "," if name == "find-links" else " "
            own.setdefault(variable, between.join(pip[name].split()))
    if "extra-index-url" in pip:  # pip takes the best of all indexes
        own.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "uv")
    try:
        cache.mkdir(parents=True, exist_ok=True)
    except OSError:
        own.setdefault("UV_CACHE_DIR", str(folder / "cache"))
        own.setdefault("UV_PYTHON_INSTALL_DIR", str(folder / "python"))
    return own


def _find(folder: Path, pip: Mapping[str, str]) -> str:
    own = folder / "bin" / "uv"
    for path in filter(None, (shutil.which("uv"), str(own))):
        failed, text = _output(path, "--version")
        version = tuple(map(int, re.findall(r"\d+", text)[:3]))
        if not failed and version >= OLDEST:
            return path
    quiet = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    failed, text = _output(sys.executable, "-m", "venv", "--clear", str(folder))
    if not failed:
        failed, text = _output(str(folder / "bin/python"), *quiet, f"uv=={VERSION}")
    if not failed:
        return str(own)
    try:  # Debian's Python has neither pip nor venv until packages are installed
        content = _wheel(pip.get("index-url", "https://pypi.org/simple"))
        shutil.rmtree(folder, ignore_errors=True)
        own.parent.mkdir(parents=True)
        own.write_bytes(content)
        own.chmod(0o755)
        return str(own)
    except (OSError, ValueError, LookupError, StopIteration) as error:
        raise EnvironmentFailure(
            explain(
                "uv, which makes the environments",
                f"it is not on PATH, and fetching it fails: {error}\n    {text[-400:]}",
                f"uv {'.'.join(map(str, OLDEST))} or newer",
                "check the connection (or pip's index settings), or install uv (for "
                "example with pipx install uv), then the same command again",
            )
        ) from None


def _output(*command: str) -> tuple[bool, str]:
    """Run a command; tell whether it failed, and what it wrote."""
    try:
        code, said = programs.run(command)
    except OSError as error:
        return True, str(error)
    return code != 0, said.strip()


def _wheel(index: str) -> bytes:
    """Return the program out of the wheel that an index has for this machine."""
    page = f"{index.rstrip('/')}/uv/"
    asked = {"Accept": "application/vnd.pypi.simple.v1+json"}
    request = urllib.request.Request(page, headers=asked)
    with urllib.request.urlopen(request, timeout=60) as answer:
        files = json.load(answer)["files"]
    system = "macosx" if sys.platform == "darwin" else "manylinux"
    name = re.compile(rf"uv-{VERSION}-.*{system}\w*_{platform.machine()}\b.*\.whl$")
    wheel = next(file for file in files if name.match(file["filename"]))
    with urllib.request.urlopen(urljoin(page, wheel["url"]), timeout=60) as answer:
        content: bytes = answer.read()
    if hashlib.sha256(content).hexdigest() != wheel["hashes"]["sha256"]:
        raise ValueError(f"{wheel['filename']} is not what the index says it is")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        inside = next(one for one in archive.namelist() if one.endswith("/scripts/uv"))
        return archive.read(inside)
