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
from dataclasses import dataclass, field
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
TOLD_EVERY_S = 20.0


@dataclass
class Work:
    """One environment to fill with the first of `pythons`, paths, that does."""

    one: Environment
    pythons: Sequence[str]
    wish: Wish
    status: str = "waiting"
    notices: list[str] = field(default_factory=list)

    @property
    def log(self) -> Path:
        return self.one.path.with_name(f"{self.one.name}.log")

    def attempts(self) -> Iterator[tuple[str, list[str], str]]:
        """Yield a Python, what uv installs, and what to say if that is not there.

        All builds of PyTorch have one name. That for CPUs comes from the user's own
        places or from PyTorch's index; the default index has one with CUDA for Linux.
        """
        python, locked = self.pythons[0], ["-r", str(self.one.lock)]
        torch = torch_of(self.one)
        build = self.one.tab.gpu if self.one.tab and self.wish.gpu else None
        if torch and sys.platform == "linux":
            for path in [] if self.wish.gpu else self.pythons:
                yield path, [*locked, "--no-deps", f"torch=={torch}+cpu"], ""
            backend = "auto" if self.wish.gpu else "cpu"
            said = "PyTorch's own index does not answer; taking the default one's build"
            yield python, [*locked, "--torch-backend", backend], f"{said}, with CUDA"
            yield python, locked, ""
            return
        if build:
            said = f"{build.requirement} is not to be had; taking the build for CPUs"
            yield python, [*locked, *build.options(devices.cuda_version())], said
        yield python, [*locked, "--no-deps"], ""


def fill_all(made: Sequence[Work], uv: Uv) -> None:
    """Fill all of them; a failure of one does not stop the others."""
    began = time.monotonic()
    failed: dict[tuple[str, str], list[tuple[Work, str]]] = {}
    with ThreadPoolExecutor(len(made) or 1) as pool:
        futures = {pool.submit(_fill, work, uv): work for work in made}
        left = set(futures)
        try:
            while left:
                done, left = wait(left, TOLD_EVERY_S, FIRST_COMPLETED)
                seconds = time.monotonic() - began
                for future in done:
                    work, cause = futures[future], future.result()
                    if cause:
                        failed.setdefault(cause[:2], []).append((work, cause[2]))
                    state = "failed" if cause else "done"
                    state = "left out" if work.one.reason.exists() else state
                    for text in (*work.notices, f"{state}, {seconds:.0f} s"):
                        print(f"  {work.one.name}: {text}", flush=True)
                if not done:
                    busy = [f"{futures[i].one.name} {futures[i].status}" for i in left]
                    print(f"  {seconds:.0f} s: {', '.join(busy)}", flush=True)
        except KeyboardInterrupt:
            uv.interrupt()
            raise
    if failed:
        raise EnvironmentFailure("\n".join(_told(*one) for one in failed.items()))


def _told(cause: tuple[str, str], failed: Sequence[tuple[Work, str]]) -> str:
    what, remedy = cause
    logs = ", ".join(str(work.log) for work, _ in failed)
    return explain(
        f"environment {', '.join(sorted(work.one.name for work, _ in failed))}",
        f"{what}\n    {failed[0][1]}",
        f"all of its lock; uv's words: {logs}",
        f"{remedy}, then the same command again (finished environments are kept)",
    )


def _fill(work: Work, uv: Uv) -> tuple[str, str, str] | None:
    """Fill one environment; return cause, remedy and last words of a failure."""
    one = work.one
    new, old = (one.path.with_name(f".{kind}-{one.name}") for kind in ("new", "old"))
    work.log.unlink(missing_ok=True)
    try:
        said = _install(work, uv, new)
        if re.search(_NETWORK, said) and not _install(work, uv, new, "--offline"):
            said = ""
            work.notices.append("no network: taken from uv's cache")
        if not said:
            said = _compile(work, uv, new)
        library = re.search(r"ImportError: (\S+): cannot open shared object", said)
        if library and one.tab and one.tab.kept:
            leave_out(one, f"the system lacks {library[1]}", library[1])
            return None
        if said:
            what, remedy = next(
                rest for match, *rest in _CAUSES if re.search(match, said)
            )
            return what, remedy, "\n    ".join(said.splitlines()[-3:])
        settings = (new / "pyvenv.cfg").read_text(encoding="utf-8")
        version = re.findall(r"version_info = ([\d.]+)", settings)[0]
        one.finish(version, new, gpu=work.wish.wants_gpu(one))
        if one.path.exists():
            one.path.rename(old)
        new.rename(one.path)
        return None
    finally:
        shutil.rmtree(old, ignore_errors=True)
        shutil.rmtree(new, ignore_errors=True)


def _compile(work: Work, uv: Uv, new: Path) -> str:
    """Have compiled what will be imported, and find out now if it cannot be."""
    (site,) = new.glob("lib/python*/site-packages")
    same = json.dumps([str(site.relative_to(new)), installed(new), work.one.imports])
    store = uv.cache / "bookkit" / hashlib.sha256(same.encode()).hexdigest()[:16]
    if bytecode.lend(store, site):
        return ""
    work.status = "importing"
    imports = f"import {', '.join(work.one.imports)}"
    said = uv.run(work.log, new / "bin" / "python", "-c", imports)
    if not said:
        bytecode.keep(site, store)
    return said


def _install(work: Work, uv: Uv, new: Path, *options: str) -> str:
    """Make and fill the new environment; return uv's words where it failed."""
    install = ["pip", "install", "--python", new / "bin" / "python", *options]
    if work.one.name in work.wish.again:  # what is damaged may be linked from there
        install.append("--no-cache")
    without = work.one.tab.gpu.replaces if work.one.tab and work.one.tab.gpu else ""
    for python, wanted, notice in work.attempts():
        work.status = "installing"
        shutil.rmtree(new, ignore_errors=True)
        said = uv(work.log, "venv", "-q", "--relocatable", "--python", python, new)
        said = said or uv(work.log, *install, *wanted, stdin=without)
        if not re.search(_NOT_THERE, said):
            break
        work.notices += [notice] if notice else []
    if not said and not work.one.tab and (OWN / "pyproject.toml").exists():
        linking = ("--no-deps", "--no-build-isolation", "-e", OWN)
        said = uv(work.log, *install, *linking)
    return said
