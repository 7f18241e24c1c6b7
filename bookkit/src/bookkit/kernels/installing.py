"""Make the environments that are not fresh, each whole or not at all.

Standard library only: `python -m bookkit.kernels.installing` runs before
anything exists.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from bookkit import ends, temporary
from bookkit.book.config import Config, load
from bookkit.errors import BookkitError, EnvironmentFailure, blame_machine, explain
from bookkit.files import locked, write_whole
from bookkit.kernels import devices, kernelspecs
from bookkit.kernels.choosing import Wish, python_for
from bookkit.kernels.environments import (
    BUILD,
    Environment,
    build_environment,
    environment_of,
)
from bookkit.kernels.filling import Work, fill_all
from bookkit.kernels.packages import installed
from bookkit.kernels.uv import Uv


def ensure(config: Config, wish: Wish) -> None:
    """Make what is not as wished, several at a time.

    A book without a lock for it is built with the Python that runs this.

    Raises:
        EnvironmentFailure: some cannot be made; the others are finished first.
    """
    waiting = "Another build makes environments; waiting"
    build = build_environment(config)
    wanted = [
        *([build] if build.lock.exists() else []),
        *(environment_of(tab) for tab in config.tabs if config.runs_in(tab)),
    ]
    with locked(config.environments / ".lock", waiting):
        # As virtual environments do: none of it is of the book
        ignored = config.environments / ".gitignore"
        if not ignored.exists():  # an author's own stays
            write_whole(ignored, "*\n")
        todo = [one for one in wanted if not wish.met_by(one)]
        if todo:
            _make(todo, wish, Uv(config.environments.absolute() / ".uv"))
    kernelspecs.write_all(config)


def _make(todo: Sequence[Environment], wish: Wish, uv: Uv) -> None:
    for one in todo:
        _look_before(one)
    pythons = [(one, python_for(one, wish, uv)) for one in todo]
    made = [Work(one, python, wish) for one, python in pythons if python]
    words = ", ".join(f"{work.one.name} ({work.one.described()})" for work in made)
    print(f"Environments to make: {words}", flush=True)
    fill_all(made, uv)


def _look_before(one: Environment) -> None:
    """Refuse to delete what is no environment; name what was installed by hand.

    Raises:
        EnvironmentFailure: it is none, or there is no lock to make it from.
    """
    one.lock_hash()
    if one.path.exists() and not _is_ours(one):
        found = "this is not an environment of ours, and is not deleted"
        remedy = "move it, or change `environments` in config.ini"
        raise EnvironmentFailure(explain(str(one.path), found, "", remedy))
    now = installed(one.path)
    before = (one.record() or {}).get("packages") or now
    by_hand = [f"{name} {now[name]}" for name in now if before.get(name) != now[name]]
    if by_hand:
        print(f"{one.name}: what was installed by hand goes: {', '.join(by_hand)}")


def _is_ours(one: Environment) -> bool:
    """Tell whether we, or uv for us, have made an environment."""
    try:
        settings = (one.path / "pyvenv.cfg").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False
    return (
        one.has_record()
        or re.search(r"^relocatable *= *true", settings, re.M) is not None
    )


def wished(python: str, gpu: str, again: Sequence[str]) -> Wish:
    """Return what options ask for; `gpu` is auto, yes or no."""
    with_gpu = bool(devices.gpu_names()) if gpu == "auto" else gpu == "yes"
    version = "".join(re.findall(r"3\.\d+$", python))
    return Wish(version, with_gpu, again)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run as `python -m bookkit.kernels.installing`; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bookkit.kernels.installing")
    parser.add_argument("--root", type=Path, default=Path("."), help="the book")
    parser.add_argument("--tabs", default="", help="only these, e.g. pytorch,mxnet")
    parser.add_argument("--python", default="", help="a Python or a version, e.g. 3.12")
    parser.add_argument("--gpu", default="auto", choices=["auto", "yes", "no"])
    parser.add_argument("--again", action="store_true", help="make these anew, or all")
    asked = parser.parse_args(arguments)
    ends.as_interrupted()
    ends.with_make()
    temporary.use()
    try:
        tabs = asked.tabs.replace(",", " ").split()
        config = load(asked.root, tabs)
        again = (tabs or [BUILD, *config.tab_names]) if asked.again else []
        ensure(config, wished(asked.python, asked.gpu, again))
    except (BookkitError, OSError) as error:
        print(f"error: {blame_machine(error) or error}", file=sys.stderr)
        return BookkitError.exit_code
    except KeyboardInterrupt:
        said = "interrupted; the same command continues where this stopped"
        print(said, file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
