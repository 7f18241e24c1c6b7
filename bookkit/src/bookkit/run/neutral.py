"""Outputs without the machine they were made on: two machines publish the same bytes.

Folders of this machine get short names that a reader understands, and numbers that
differ from run to run get one that does not. Only what this machine really has is
replaced, in every spelling of a path; what merely looks like one stays.

nbval compares what is published with what another run puts out: `nbval_text` writes
the same rules for it.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from bookkit.run import spelling
from bookkit.temporary import outside

#: An expression for a kernel: what it alone knows of where it runs, as JSON.
ASK = (
    "(lambda os, sys: __import__('json').dumps({'path': sys.path, 'prefix': sys.prefix,"
    " 'base': sys.base_prefix, 'standard': os.path.dirname(os.__file__),"
    " 'home': os.path.expanduser('~'), 'pid': os.getpid(),"
    " 'host': os.uname().nodename, 'user': os.environ.get('USER', '')}))"
    "(__import__('os'), __import__('sys'))"
)
#: Readers know the folders of packages by these names.
_PACKAGES = ("site-packages", "dist-packages")
_ENVIRONMENT, _STANDARD, _TEMPORARY, _HOME = ".venv", "python3", "/tmp", "~"
#: Folders that every machine has, and that say nothing of one.
_OF_ALL = ("/usr", "/usr/local", "/opt")

#: A pattern, and what replaces it as `re.sub` takes it.
Rule = tuple[str, str]
Compiled = tuple[re.Pattern[str], str]

#: Times and threads in what frameworks log from C++: TensorFlow; glog and absl
#: (Paddle); PyTorch; MXNet. Then numbers of processes, in files' and their own names.
_FORMS: tuple[Rule, ...] = (
    (r"(?m)^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}: (?=[IWEF] [\w./-]+:\d+\])", ""),
    (
        r"(?m)^([IWEF])(?:\d{8}|\d{4}) \d\d:\d\d:\d+\.\d+ +\d+ (?=[\w./-]+:\d+\])",
        r"\g<1> ",
    ),
    (r"(?m)^\[([IWEF])\d{4} \d\d:\d\d:\d\d\.\d+ (?=[\w./-]+:\d+\])", r"[\g<1> "),
    (r"(?m)^\[\d\d:\d\d:\d\d\] (?=[\w./-]+\.(?:cc|cu|h):\d+: )", ""),
    (r"\bipykernel_\d+", "ipykernel"),
    (r"(\bname='[^'\n]*' )pid=\d+ parent=\d+(?= )", r"\g<1>pid=PID parent=PID"),
    (r"(\bname='[^'\n]*' )parent=\d+(?= )", r"\g<1>parent=PID"),
)
#: What `repr` says of objects (`<object object at 0x7f…>`) and of threads, and names
#: that `tempfile` draws: what a number stands for is `number`.
_ADDRESS = r"(?P<before> at 0x)(?P<number>[0-9A-Fa-f]{5,16})(?=[>;:,]|&gt;| \w+=)"
_THREAD = r"(?P<before>\bstarted (?:daemon )?)(?P<number>\d{6,})(?=\)(?:>|&gt;))"
_DRAWN = r"tmp)(?P<number>[a-z0-9_]{8})(?![A-Za-z0-9_])"
_REPLACED = [(re.compile(found), to) for found, to in _FORMS]
_COUNTED = (re.compile(_ADDRESS), re.compile(_THREAD))
#: Base64 has slashes, and may have a short folder between two of them.
_PICTURE = re.compile(
    r"(;base64,\s*[A-Za-z0-9+/=]+(?:(?<=[A-Za-z0-9+/]{60})\n[A-Za-z0-9+/=]+)*)"
)
_LEVELS = r"(?:DEBUG|INFO|WARNING|ERROR|CRITICAL|FATAL)\b"
_GAP = r"[^\w\n]{1,3}"


class Neutral:
    """Makes the outputs of one notebook neutral, in the order of their cells.

    What differs from run to run (an address, a drawn name) is numbered: equal ones
    stay equal, others differ. `about` is what a kernel answered to `ASK`, empty where
    it could not; `folders` and `temporary` are those it was started in.
    """

    def __init__(
        self,
        about: Mapping[str, Any],
        folders: Iterable[Path],
        temporary: Path | None = None,
    ) -> None:
        places = list(_places(about, folders, temporary))
        self._paths = [
            _Place(path, rules, _drawn([place]))
            for place, (path, rules) in zip(places, _path_rules(places), strict=True)
        ]
        pid, host = str(about.get("pid", "")), str(about.get("host", ""))
        self._called = [word for word in (pid, host) if word]
        self._own = _compiled(_own(about, pid))
        self._numbers: dict[str, int] = {}

    def text(self, text: str) -> str:
        """Return a text as it would be on any machine; pictures in it stay."""
        parts = _PICTURE.split(text) if ";base64," in text else [text]
        parts[::2] = map(self._plain, parts[::2])
        return "".join(parts)

    def _plain(self, text: str) -> str:
        for counted in _COUNTED:
            text = counted.sub(self._count, text)
        for place in self._paths:
            text = place.replaced(text, self._count)
        text = _replaced(text, _REPLACED)
        is_called = any(word in text for word in self._called)
        return _replaced(text, self._own) if is_called else text

    def output(self, output: Mapping[str, Any]) -> dict[str, Any]:
        """Return one of nbformat's outputs with neutral texts; pictures stay."""
        neutral = {
            key: self._anything(one) for key, one in output.items() if key != "data"
        }
        if "data" in output:
            neutral["data"] = {
                kind: one if _is_bytes(kind) else self._anything(one)
                for kind, one in output["data"].items()
            }
        return neutral

    def _anything(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self._anything(key): self._anything(value[key]) for key in value}
        if isinstance(value, list | tuple):
            return [self._anything(one) for one in value]
        return value

    def _count(self, found: re.Match[str]) -> str:
        number = found["number"].lower().lstrip("0")
        turn = self._numbers.setdefault(number, len(self._numbers) + 1)
        return f"{found['before']}…{turn}"


def ask(python: Path) -> dict[str, Any]:
    """Return what an interpreter answers to `ASK`; nothing where it cannot."""
    command = [str(python.absolute()), "-c", f"print({ASK})"]
    done = subprocess.run(command, capture_output=True, text=True)
    return json.loads(done.stdout) if done.returncode == 0 else {}


def nbval_text(abouts: Iterable[Mapping[str, Any]], folders: Iterable[Path]) -> str:
    """Return what nbval is to make of both sides before it compares them.

    It sees each text alone, so it cannot count: all numbers are one to it. Nor does it
    know the kernel's process: any number is, where a process is spoken of.
    """
    # Kernels that nbval starts call their cells by files.
    rules: list[Rule] = [
        (r"(?:/[^\s/:\"'<>]+)*/ipykernel_\d+/\d+\.py|<cell \d+>", "<cell>"),
        (r"(?P<before> at 0x|\bstarted (?:daemon )?|/tmp/tmp)…\d+", r"\g<before>…"),
    ]
    folders = list(folders)
    # nbval is started by us or, as a rule, by somebody else
    temporaries = (Path(tempfile.gettempdir()), outside())
    for about, temporary in itertools.product(abouts, temporaries):
        places = list(_places(about, folders, temporary))
        counted = (*_drawn(places), _ADDRESS, _THREAD)
        rules += [(pattern, r"\g<before>…") for pattern in counted]
        rules += [rule for _, own in _path_rules(places) for rule in own]
        rules += [*_FORMS, *_own(about, r"(?:\d+|PID)")]
    lines = (f"regex: {found}\nreplace: {to}\n" for found, to in dict.fromkeys(rules))
    return "".join(line for line in lines if line.count("\n") == 2)


def _is_bytes(kind: str) -> bool:
    if kind in ("application/pdf", "application/octet-stream"):
        return True
    return kind.startswith(("image/", "audio/", "video/")) and kind != "image/svg+xml"


def _compiled(rules: Iterable[Rule]) -> list[Compiled]:
    return [(re.compile(pattern), to) for pattern, to in rules]


def _replaced(text: str, rules: Iterable[Compiled]) -> str:
    for found, to in rules:
        text = found.sub(to, text)
    return text


class _Place:
    """A folder, looked for only where its last name is: patterns of paths are slow."""

    def __init__(self, path: str, rules: Iterable[Rule], drawn: Iterable[str]) -> None:
        self._last = spelling.spellings(spelling.names(path)[-1])
        self._near = re.compile(spelling.near(path))
        self._drawn = [re.compile(one) for one in drawn]
        self._rules = _compiled(rules)

    def replaced(self, text: str, count: Callable[[re.Match[str]], str]) -> str:
        """Return the text without the folder; names drawn in it are counted."""
        if not any(form in text for form in self._last):
            return text
        return "\n".join(self._line(line, count) for line in text.split("\n"))

    def _line(self, line: str, count: Callable[[re.Match[str]], str]) -> str:
        if self._near.search(line):
            for drawn in self._drawn:
                line = drawn.sub(count, line)
            line = _replaced(line, self._rules)
        return line


def _places(
    about: Mapping[str, Any], folders: Iterable[Path], temporary: Path | None
) -> Iterator[tuple[str, str]]:
    """Yield folders of this machine and what they are called, longer ones first.

    "" is where the reader is: names in it stand alone.
    """
    known: dict[str, str] = {}

    def note(path: str | Path, name: str) -> None:
        if os.path.isabs(path):
            for one in (os.path.abspath(path), os.path.realpath(path)):
                if spelling.names(one) and one not in _OF_ALL:
                    known.setdefault(one, name)

    note(temporary or "", _TEMPORARY)
    for folder in folders:
        note(folder, "")
    searched = [path for path in about.get("path", ()) if os.path.isdir(path)]
    for path in searched:
        if os.path.basename(path) in _PACKAGES:
            note(path, os.path.basename(path))
    note(about.get("standard", ""), _STANDARD)
    note(about.get("prefix", ""), _ENVIRONMENT)
    note(about.get("base", ""), _STANDARD)
    note(about.get("home", ""), _HOME)
    for path in searched:
        if not path.startswith(f"{about['standard']}{os.sep}"):
            note(path, "")
    yield from sorted(known.items(), key=lambda one: (-len(one[0]), one[0]))


def _path_rules(places: list[tuple[str, str]]) -> Iterator[tuple[str, list[Rule]]]:
    """Yield folders with the rules for each, in their order."""
    homes = [path for path, name in places if name == _HOME]
    for path, name in places:
        patterns = [spelling.path_pattern(path)]
        patterns += [
            spelling.in_traceback(path.removeprefix(home))
            for home in homes
            if path.startswith(f"{home}{os.sep}")
        ]
        rules = [(one, rf"\g<colour>{name or '.'}") for one in patterns]
        if not name:
            own = [(spelling.inside(one), r"\g<colour>") for one in patterns]
            rules = [*own, *rules]
        yield path, rules


def _drawn(places: list[tuple[str, str]]) -> list[str]:
    patterns = [spelling.path_pattern(path) for path, to in places if to == _TEMPORARY]
    return [f"(?P<before>{one}{spelling.SLASH}{_DRAWN}" for one in patterns]


def _own(about: Mapping[str, Any], pid: str) -> Iterator[Rule]:
    """Yield rules for what a kernel is called: its process, its user, its host.

    They are words that may mean anything, so they count only where they are said of.
    """
    if pid:
        one = rf"(?<![\w.]){pid}(?!\w|\.\d)"
        word = r"(?:\b(?i:p?pid|process)|进程)(?:号| ?(?i:id))?"
        yield rf"(?P<before>{word}[^\w\n]{{0,3}}){one}", r"\g<before>PID"
        near = rf"{_GAP}(?:[\w.]+{_GAP})?"
        yield rf"(?P<before>\b{_LEVELS}{near}){one}", r"\g<before>PID"
        yield rf"{one}(?={near}{_LEVELS})", "PID"
    host, user = (re.escape(about.get(name, "")) for name in ("host", "user"))
    if host and host != "localhost":
        if user:
            yield rf"(?<![\w.-]){user}@{host}(?![\w-])", "user@localhost"
        yield rf"(?<![\w.@-]){host}(?=\]?:\d+\b)", "localhost"
