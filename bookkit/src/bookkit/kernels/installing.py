"""Make the environments that are not fresh, each whole or not at all.

Standard library only: `python -m bookkit.kernels.installing` runs before
anything exists.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import fcntl
import hashlib
import json
import platform
import re
import shutil
import signal
import sys
import time
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path

from bookkit.book.config import Config, load
from bookkit.errors import BookkitError, EnvironmentFailure, blame_machine, explain
from bookkit.files import write_whole
from bookkit.kernels import bytecode, devices, kernelspecs
from bookkit.kernels.environments import (
    BUILD,
    OWN,
    Environment,
    build_environment,
    environment_of,
)
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


@dataclass(frozen=True)
class Wish:
    """What is asked for: a Python by version, GPU builds or not, which made anew."""

    python: str = ""
    gpu: bool = False
    again: Collection[str] = ()

    def met_by(self, one: Environment) -> bool:
        """Tell whether an environment needs no work."""
        state, record = one.state(), one.record() or {}
        if one.name in self.again or state not in ("fresh", "unavailable"):
            return False
        if state == "unavailable":
            try:
                chances = json.loads(one.reason.read_text("utf-8").partition("\n")[2])
                return bool(chances == _chances(one, chances["library"]))
            except (ValueError, LookupError, TypeError):  # damaged: tried once more
                return False
        version = str(record["python"]).rpartition(".")[0]
        other_python = self.python in one.pythons and version != self.python
        return record.get("gpu", False) == self.wants_gpu(one) and not other_python

    def wants_gpu(self, one: Environment) -> bool:
        """Tell whether a build for GPUs is to be installed, where there is one."""
        return self.gpu and bool(one.tab and one.tab.gpu or _torch(one))


def _torch(one: Environment) -> str:
    """Return the version of PyTorch in a lock; "" without."""
    return "".join(re.findall(r"^torch==([\d.]+)", one.lock.read_text("utf-8"), re.M))


@dataclass
class _Work:
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
        torch = _torch(self.one)
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


def ensure(config: Config, wish: Wish) -> list[str]:
    """Make what is not as wished, several at a time; return the names made.

    Raises:
        EnvironmentFailure: some cannot be made; the others are finished first.
    """
    config.environments.mkdir(parents=True, exist_ok=True)
    wanted = [build_environment(config), *map(environment_of, config.tabs)]
    made: list[_Work] = []
    with _locked(config.environments / ".lock"):
        todo = [one for one in wanted if not wish.met_by(one)]
        if todo:
            for one in todo:
                _look_before(one)
            uv = Uv(config.environments.absolute() / ".uv")
            made = [
                _Work(one, found, wish)
                for one in todo
                if (found := _pythons(one, wish, uv))
            ]
            words = ", ".join(f"{work.one.name} ({work.one.state()})" for work in made)
            print(f"Environments to make: {words}", flush=True)
            _fill_all(made, uv)
    kernelspecs.write_all(config)
    return [work.one.name for work in made]


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    with open(path, "w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            print("Another build makes environments; waiting", flush=True)
            fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _chances(one: Environment, library: str) -> dict[str, object]:
    """Return what changes when a Python appears, or a library, that was not there."""
    try:
        loads = bool(library and ctypes.CDLL(library))
    except OSError:
        loads = False
    pythons = [shutil.which(f"python{version}") for version in one.pythons]
    return {"pythons": pythons, "library": library, "loads": loads}


def _leave_out(one: Environment, why: str, library: str = "") -> None:
    """Let committed results stand for an environment that this machine cannot have."""
    chances = json.dumps(_chances(one, library))
    shutil.rmtree(one.path, ignore_errors=True)
    write_whole(one.reason, f"{why}\n{chances}\n")
    print(f"{one.name} cannot run here: {why}. Committed results are shown", flush=True)


def _pythons(one: Environment, wish: Wish, uv: Uv) -> list[str]:
    """Return the Pythons it can be made with, the best first; none: it is unavailable.

    Raises:
        EnvironmentFailure: there is none, and no kept results stand in for it.
    """
    tab, newest = one.tab, one.pythons[-1]
    here = f"{sys.platform}-{platform.machine()}".replace("darwin", "macos")
    if tab and tab.platforms and here not in tab.platforms:
        why = f"there are no wheels for {here}"
    else:
        found = [uv.pythons[v] for v in reversed(one.pythons) if v in uv.pythons]
        if wish.python in one.pythons and wish.python in uv.pythons:
            found = [uv.pythons[wish.python]]
        if found or (fetched := uv.fetch_python(newest)):
            one.reason.unlink(missing_ok=True)
            return found or [fetched]
        why = f"it needs Python {' or '.join(one.pythons)}; this machine has "
        why += f"{', '.join(uv.pythons) or 'none'}, and uv cannot fetch one"
    why += f" ({tab.limits})" if tab and tab.limits else ""
    if not (tab and tab.kept):
        remedy = f"install Python {newest}, or leave it out: make TABS=…"
        raise EnvironmentFailure(explain(f"environment {one.name}", why, "", remedy))
    _leave_out(one, why)
    return []


def _look_before(one: Environment) -> None:
    """Refuse to delete what is no environment; name what was installed by hand.

    Raises:
        EnvironmentFailure: it is none, or there is no lock to make it from.
    """
    one.lock_hash()
    if one.path.exists() and not (one.path / "pyvenv.cfg").exists():
        found = "this is not an environment, and is not deleted"
        remedy = "move it, or change `environments` in config.ini"
        raise EnvironmentFailure(explain(str(one.path), found, "", remedy))
    now = installed(one.path)
    before = (one.record() or {}).get("packages") or now
    by_hand = [f"{name} {now[name]}" for name in now if before.get(name) != now[name]]
    if by_hand:
        print(f"{one.name}: what was installed by hand goes: {', '.join(by_hand)}")


def _fill_all(made: Sequence[_Work], uv: Uv) -> None:
    """Fill all of them; a failure of one does not stop the others."""
    began = time.monotonic()
    failed: dict[tuple[str, str], list[tuple[_Work, str]]] = {}
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


def _told(cause: tuple[str, str], failed: Sequence[tuple[_Work, str]]) -> str:
    what, remedy = cause
    logs = ", ".join(str(work.log) for work, _ in failed)
    return explain(
        f"environment {', '.join(sorted(work.one.name for work, _ in failed))}",
        f"{what}\n    {failed[0][1]}",
        f"all of its lock; uv's words: {logs}",
        f"{remedy}, then the same command again (finished environments are kept)",
    )


def _fill(work: _Work, uv: Uv) -> tuple[str, str, str] | None:
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
            _leave_out(one, f"the system lacks {library[1]}", library[1])
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


def _compile(work: _Work, uv: Uv, new: Path) -> str:
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


def _install(work: _Work, uv: Uv, new: Path, *options: str) -> str:
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


def main(arguments: Sequence[str] | None = None) -> int:
    """Run as `python -m bookkit.kernels.installing`; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bookkit.kernels.installing")
    parser.add_argument("--root", type=Path, default=Path("."), help="the book")
    parser.add_argument("--tabs", default="", help="only these, e.g. pytorch,mxnet")
    parser.add_argument("--python", default="", help="a Python or a version, e.g. 3.12")
    parser.add_argument("--gpu", default="auto", choices=["auto", "yes", "no"])
    parser.add_argument("--again", action="store_true", help="make these anew, or all")
    asked = parser.parse_args(arguments)
    # make sends SIGTERM to its children when it is interrupted
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        gpu = bool(devices.gpu_names()) if asked.gpu == "auto" else asked.gpu == "yes"
        version = re.findall(r"3\.\d+$", asked.python)
        tabs = asked.tabs.replace(",", " ").split()
        config = load(asked.root, tabs)
        again = (tabs or [BUILD, *config.tab_names]) if asked.again else []
        ensure(config, Wish("".join(version), gpu, again))
    except (BookkitError, OSError) as error:
        told = blame_machine(error) or str(error)
        print(f"error: {told}", file=sys.stderr)
        return BookkitError.exit_code
    except KeyboardInterrupt:
        print("interrupted; `make` continues where this stopped", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
