"""Kill every process of a command, each in its phase: `make kills ROUNDS=120 SEED=1`.

A round starts a command on a copy of a small book that is built already and was edited
since, waits for a process of one kind, kills it at a moment of chance, and looks: does
the command end, do processes or temporary files stay, is the next build right.
"""

import argparse
import collections
import concurrent.futures
import dataclasses
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parent)]

from fault_rounds import GONE_WITHIN_S, cached, children, told  # noqa: E402
from faulty_books import SITE_CONFIG, Book, processes_with, wait_until  # noqa: E402

#: What is killed, in which command, and the seconds of its phase.
KINDS = {
    "builder": ("build", 3.0),
    "builder of kernels": ("build", 0.6),
    "builder of pages": ("build", 0.6),
    "server": ("build", 1.0),
    "keeper": ("build", 0.6),
    "kernel": ("build", 0.6),
    "sphinx": ("build", 1.5),
    "sphinx's keeper": ("build", 1.5),
    "sphinx's child": ("build", 0.3),
    "installing": ("environments", 2.0),
    "uv": ("environments", 0.3),
    "uv's keeper": ("environments", 0.3),
    "serving": ("serve", 2.0),
    "serve's builder": ("serve", 2.0),
    "serve's keeper": ("serve", 2.0),
    "serve's sphinx": ("serve", 0.5),
    "reading": ("read", 0.5),
    "spawning builder": ("run --again --spawn s0.md", 0.5),
    "spawned kernel": ("run --again --spawn s0.md", 0.5),
    "spawned kernel's keeper": ("run --again --spawn s0.md", 0.5),
}
#: The kind that has to be there before a builder is killed.
AWAITED = {
    "builder of kernels": "kernel",
    "builder of pages": "sphinx's child",
    "installing": "uv",
    "spawning builder": "spawned kernel",
}
ENDS_BY = (signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
#: These go on when a process of theirs was killed, until they are told to end.
LASTING = ("serve", "read")
PAGES, RUN_AGAIN = 8, 3
CELL = (
    "import os, subprocess, time\nsubprocess.Popen(['sleep', '60'])\ntime.sleep(0.4)\n"
)
LINES = "".join(f"\nWords {n} of `code` and $x_{n}$.\n" for n in range(60))
LONGEST_S = 90


@dataclasses.dataclass
class Round:
    """One round, and what was wrong in it."""

    kind: str
    number: int
    when: str = ""
    lost: str = ""
    hung: str = ""
    processes: str = ""
    files: str = ""
    wrong: str = ""

    @property
    def is_right(self) -> bool:
        """Tell whether nothing was wrong."""
        return not any((self.lost, self.hung, self.processes, self.files, self.wrong))


def command_of(pid: int) -> str:
    try:
        return (
            Path(f"/proc/{pid}/cmdline").read_text(errors="replace").replace("\0", " ")
        )
    except OSError:
        return ""


def below(pid: int) -> list[int]:
    found = [pid]
    for one in found:
        found += children(one)
    return found


def members(kind: str, root: int) -> Iterator[int]:
    """Yield the processes of a kind among those that a command has started."""
    for pid in below(root):
        words = command_of(pid)
        above = command_of(parent_of(pid))
        is_keeper = "programs/keeper.py" in words
        is_sphinx = "bookkit.site.sphinx_process" in words and not is_keeper
        of_server = "prefork/server" in above
        match kind:
            case "installing" | "serving" | "reading":
                found = pid == root
            case _ if kind.startswith(("builder", "spawning")):
                found = pid == root
            case "server":
                found = "prefork/server" in words and not of_server
            case "keeper":
                found = "prefork/server" in words and of_server
                found = found and "prefork/server" not in above_that(pid)
            case "kernel":
                found = "prefork/server" in words and "prefork/server" in above_that(
                    pid
                )
            case "sphinx" | "serve's sphinx":
                found = is_sphinx and "keeper.py" in above
            case "sphinx's keeper":
                found = is_keeper and "sphinx_process" in words
            case "sphinx's child":
                found = is_sphinx and "keeper.py" not in above
            case "uv":
                found = "keeper.py" in above and "/uv " in words
            case "uv's keeper":
                found = is_keeper and "/uv " in words
            case "serve's builder":
                found = "bookkit.serve.worker" in words and not is_keeper
            case "serve's keeper":
                found = "bookkit.serve.worker" in words and is_keeper
            case "spawned kernel":
                found = "ipykernel_launcher" in words and "keeper.py" in above
            case "spawned kernel's keeper":
                found = is_keeper and "ipykernel_launcher" in words
        if found:
            yield pid


def parent_of(pid: int) -> int:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(errors="replace")
        return int(stat.rpartition(")")[2].split()[1])
    except (OSError, IndexError):
        return 0


def above_that(pid: int) -> str:
    return command_of(parent_of(parent_of(pid)))


def make_template(folder: Path) -> Path:
    """Build the book that every round gets a copy of."""
    cells = {f"s{n}": f"{CELL}{n}" for n in range(PAGES)}
    book = Book(folder, cells, SITE_CONFIG)
    for name in cells:
        path = folder / f"{name}.md"
        path.write_text(path.read_text() + LINES)
    book.passes("build")
    return folder


def copied(template: Path, folder: Path, kind: str) -> Book:
    """Copy the book, edited so that there is work for the process of a kind."""
    shutil.copytree(template, folder, symlinks=True)
    book = Book.__new__(Book)
    book.root, book.tag = folder, "alpha"
    for number in range(PAGES):
        path = folder / f"s{number}.md"
        text = path.read_text().replace("Words 1 ", "Other words ")
        if number < RUN_AGAIN:
            text = text.replace(f"(0.4)\n{number}", f"(0.5)\n{number}")
        path.write_text(text)
    if KINDS[kind][0] == "environments":
        (folder / ".envs" / "alpha").unlink()
        (folder / "envs" / "alpha.txt").write_text("six==1.17.0\n")
    return book


def one_round(template: Path, folder: Path, kind: str, number: int, seed: int) -> Round:
    """Kill one process, look, and build again."""
    chance, done = random.Random(f"{seed} {kind} {number}"), Round(kind, number)
    command, within_s = KINDS[kind]
    book = copied(template, folder / "book", kind)
    own = folder / "t"
    own.mkdir()
    words = command.split() + (["--port", "0"] if command in LASTING else [])
    process = book.start(*words, TMPDIR=str(own), PYTHONUNBUFFERED="1")
    output = _follow(process)
    awaited, deadline = AWAITED.get(kind, kind), time.monotonic() + LONGEST_S
    while not (found := list(members(awaited, process.pid))):
        if process.poll() is not None or time.monotonic() > deadline:
            break
        time.sleep(0.005)
    time.sleep(chance.uniform(0, within_s))
    found = list(members(kind, process.pid)) or found
    is_command = found == [process.pid] and kind not in ("server", "keeper")
    number_sent = chance.choice(ENDS_BY) if is_command else signal.SIGKILL
    began = time.monotonic()
    if not found or process.poll() is not None:
        done.when = "too late"
    else:
        try:
            os.kill(chance.choice(found), number_sent)
            done.when = signal.Signals(number_sent).name
        except ProcessLookupError:
            done.when = "too late"
    if command in LASTING and not is_command and process.poll() is None:
        time.sleep(0.5)
        process.terminate()
        began = time.monotonic()
    try:
        process.wait(limit_s() if is_command else LONGEST_S)
    except subprocess.TimeoutExpired:
        done.hung = f"{time.monotonic() - began:.1f} s"
        process.kill()
    if not wait_until(lambda: not processes_with(str(folder)), limit_s()):
        left = processes_with(str(folder))
        done.processes = "; ".join(command_of(pid)[:90] for pid in left)
        for pid in left:
            os.kill(pid, signal.SIGKILL)
    process.wait()
    said = output.result(10)
    assert process.stdout is not None
    process.stdout.close()
    next_command = "environments" if command == "environments" else "build"
    status, again = book.bookkit(next_command, TMPDIR=str(own))
    if next_command == "build":
        if status:
            done.wrong = again[-600:]
        kept = {name for name, is_kept in cached(book).items() if is_kept}
        done.lost = " ".join(sorted(told(said) - kept))
    parts = (folder / "book").rglob(".*.part")
    stay = [*own.iterdir(), *parts, *(folder / "book" / ".envs").glob(".new-*")]
    done.files = " ".join(path.name for path in stay)
    shutil.rmtree(folder, ignore_errors=True)
    return done


def limit_s() -> float:
    """Return the seconds for an end, more of them where processes wait for cores."""
    return GONE_WITHIN_S * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def _follow(process: subprocess.Popen[str]) -> concurrent.futures.Future[str]:
    """Read what a process says, so that it never waits for us."""
    thread = concurrent.futures.ThreadPoolExecutor(1)
    assert process.stdout is not None
    reading = thread.submit(process.stdout.read)
    thread.shutdown(wait=False)
    return reading


def rounds(kinds: list[str], number: int, seed: int, at_once: int) -> Iterator[Round]:
    """Yield so many rounds, the kinds in turn."""
    with tempfile.TemporaryDirectory(prefix="kills-") as folder:
        template = make_template(Path(folder, "template"))
        with concurrent.futures.ThreadPoolExecutor(at_once) as threads:
            jobs = [
                threads.submit(
                    one_round,
                    template,
                    Path(folder, f"r{one}-"),
                    kinds[one % len(kinds)],
                    one // len(kinds),
                    seed,
                )
                for one in range(number)
            ]
            for job in concurrent.futures.as_completed(jobs):
                yield job.result()


def main() -> int:
    """Print each round that is wrong, and the sums."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=120)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--at-once", type=int, default=2)
    parser.add_argument("--kinds", default=", ".join(KINDS))
    asked = parser.parse_args()
    kinds = [one.strip() for one in asked.kinds.split(",")]
    sums: collections.Counter[str] = collections.Counter()
    for one in rounds(kinds, asked.rounds, asked.seed, asked.at_once):
        sums["rounds"] += 1
        sums["too late"] += one.when == "too late"
        for name in ("lost", "hung", "processes", "files", "wrong"):
            sums[name] += bool(getattr(one, name))
        state = "right" if one.is_right else f"WRONG {one}"
        print(f"{one.kind} | {one.number} | {one.when} | {state}", flush=True)
    names = ("rounds", "too late", "lost", "hung", "processes", "files", "wrong")
    print(", ".join(f"{name}: {sums[name]}" for name in names))
    return int(any(sums[name] for name in names[2:]))


if __name__ == "__main__":
    sys.exit(main())
