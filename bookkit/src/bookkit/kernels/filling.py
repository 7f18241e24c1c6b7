"""Fill environments with uv, several at a time, each whole or not at all.

Standard library only.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

from bookkit.errors import EnvironmentFailure, explain
from bookkit.kernels import bytecode, devices
from bookkit.kernels.choosing import Wish, leave_out, torch_of
from bookkit.kernels.environments import OWN, Environment
from bookkit.kernels.packages import installed
from bookkit.kernels.uv import Uv

_NETWORK = r"dns error|error sending request|timed out|unreachable|onnection refused"
_NOT_THERE = r"No solution found|no wheels|not found in the|download\.pytorch\.org"
# What uv says, what it means, what to do.
_CAUSES = (
    (r"No space left|os error 28", "the disk is full", "free some space"),
    ("Hash mismatch", "a package is not the one in the lock", "undo edits of the lock"),
    (r"\b40[13] ", "the package index refuses", "check pip's index settings"),
    (_NETWORK, "no network: the package index cannot be reached", "check it"),
    (_NOT_THERE, "the lock's versions are not to be had here", "check pip's settings"),
    ("shared object", "the system lacks a library", "install it"),
    ("", "uv failed", "read the log"),
)
_PROGRESS_EVERY_S = 20.0


@dataclass
class Work:
    """One environment to fill, with which Python and what it is doing now."""

    one: Environment
    python: str
    wish: Wish
    status: str = "waiting"

    @property
    def log(self) -> Path:
        return self.one.path.with_name(f"{self.one.name}.log")

    def say(self, text: str) -> None:
        print(f"  {self.one.name}: {text}", flush=True)

    def attempts(self) -> Iterator[tuple[list[str], str]]:
        """Yield what uv installs, and what to say if that is not there.

        All builds of PyTorch have one name. That for CPUs comes from the user's own
        places or from PyTorch's index; the default index has one with CUDA for Linux.
        """
        locked, tab = ["-r", str(self.one.lock)], self.one.tab
        torch = torch_of(self.one)
        if torch and sys.platform == "linux":
            if not self.wish.gpu:
                yield [*locked, "--no-deps", *(f"{pin}+cpu" for pin in torch)], ""
            notice = "PyTorch's own index does not answer; taking the default one's "
            backend = "auto" if self.wish.gpu else "cpu"
            yield [*locked, "--torch-backend", backend], f"{notice}build, with CUDA"
            yield locked, ""
            return
        if tab and tab.gpu and self.wish.gpu:
            notice = (
                f"{tab.gpu.requirement} is not to be had; taking the build for CPUs"
            )
            yield [*locked, *tab.gpu.options(devices.cuda_version())], notice
        yield [*locked, "--no-deps"], ""


def fill_all(made: Sequence[Work], uv: Uv) -> None:
    """Fill all of them; a failure of one does not stop the others.

    Raises:
        EnvironmentFailure: some cannot be made.
    """
    began = time.monotonic()
    failed: dict[tuple[str, str], list[tuple[Work, str]]] = {}
    with ThreadPoolExecutor(len(made) or 1) as pool:
        left = {pool.submit(_fill, work, uv): work for work in made}
        try:
            while left:
                done, _ = wait(left, _PROGRESS_EVERY_S, FIRST_COMPLETED)
                seconds = time.monotonic() - began
                for future in done:
                    work, error = left.pop(future), future.result()
                    state = "left out" if work.one.reason.exists() else "done"
                    if error:
                        state, cause = "failed", _cause_of(error)
                        failed.setdefault(cause, []).append((work, error))
                    work.say(f"{state}, {seconds:.0f} s")
                if not done:
                    busy = [f"{work.one.name} {work.status}" for work in left.values()]
                    print(f"  {seconds:.0f} s: {', '.join(busy)}", flush=True)
        except KeyboardInterrupt:
            uv.interrupt()
            raise
    if failed:
        texts = [_word_failure(*cause, works) for cause, works in failed.items()]
        raise EnvironmentFailure("\n".join(texts))


def _cause_of(error: str) -> tuple[str, str]:
    """Return what uv's words mean, and what to do."""
    return next((what, do) for sign, what, do in _CAUSES if re.search(sign, error))


def _word_failure(what: str, remedy: str, failed: Sequence[tuple[Work, str]]) -> str:
    last = "\n    ".join(failed[0][1].splitlines()[-3:])
    logs = ", ".join(str(work.log) for work, _ in failed)
    return explain(
        f"environment {', '.join(sorted(work.one.name for work, _ in failed))}",
        f"{what}\n    {last}",
        f"all of its lock; uv's words: {logs}",
        f"{remedy}, then the same command again (finished environments are kept)",
    )


def _fill(work: Work, uv: Uv) -> str:
    """Fill one environment in place of the old one; return what failed."""
    one = work.one
    new, old = (one.path.with_name(f".{kind}-{one.name}") for kind in ("new", "old"))
    work.log.unlink(missing_ok=True)
    one.reason.unlink(missing_ok=True)
    try:
        error = _install(work, uv, new)
        if re.search(_NETWORK, error) and not _install(work, uv, new, "--offline"):
            work.say("no network: taken from uv's cache")
            error = ""
        error = error or _compile(work, uv, new)
        library = re.search(r"ImportError: (\S+): cannot open shared object", error)
        if library and one.tab and one.tab.kept:
            leave_out(one, f"the system lacks {library[1]}", library[1])
            return ""
        if not error:
            settings = (new / "pyvenv.cfg").read_text(encoding="utf-8")
            version = re.findall(r"version_info = ([\d.]+)", settings)[0]
            one.finish(version, new, gpu=work.wish.wants_gpu(one))
            if one.path.exists():
                one.path.rename(old)
            new.rename(one.path)
        return error
    finally:
        shutil.rmtree(old, ignore_errors=True)
        shutil.rmtree(new, ignore_errors=True)


def _install(work: Work, uv: Uv, new: Path, *options: str) -> str:
    """Make and fill the new environment; return uv's words where it failed."""
    work.status = "installing"
    install = ["pip", "install", "--python", new / "bin" / "python", *options]
    if work.one.name in work.wish.again:  # what is damaged may be linked from there
        install.append("--no-cache")
    excluded = work.one.tab.gpu.replaces if work.one.tab and work.one.tab.gpu else ""
    venv = ("venv", "-q", "--clear", "--relocatable", "--python", work.python, new)
    error = uv(work.log, *venv)
    for wanted, notice in () if error else work.attempts():
        error = uv(work.log, *install, *wanted, stdin=excluded)
        if not re.search(_NOT_THERE, error):
            break
        if notice:
            work.say(notice)
    if not error and not work.one.tab and (OWN / "pyproject.toml").exists():
        link = ("--no-deps", "--no-build-isolation", "-e", OWN)
        error = uv(work.log, *install, *link)
    return error


def _compile(work: Work, uv: Uv, new: Path) -> str:
    """Have compiled what will be imported, and find out now if it cannot be."""
    (site,) = new.glob("lib/python*/site-packages")
    same = json.dumps([str(site.relative_to(new)), installed(new), work.one.imports])
    store = uv.cache / "bookkit" / hashlib.sha256(same.encode()).hexdigest()[:16]
    if bytecode.take(store, site):
        return ""
    work.status = "importing"
    imports = f"import {', '.join(work.one.imports)}"
    error = uv.run(work.log, new / "bin" / "python", "-c", imports)
    if not error:
        bytecode.keep(site, store)
    return error
