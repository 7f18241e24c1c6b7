"""kill -9 of each process of a run, at moments of chance that a seed fixes.

`BOOKKIT_FAULT_ROUNDS` asks for more rounds per victim than a few; `pytest -rP` shows a
line for each round.
"""

import concurrent.futures
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from fault_rounds import (
    ROUNDS,
    are_gone,
    cached,
    children,
    entries,
    half_written,
    outputs,
    rows,
    told,
)
from faulty_books import SITE_CONFIG, Book

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="looks at processes in /proc"
)

#: A run mostly waits; more at once than cores would make it wait for itself.
AT_ONCE = 3
CELLS = {
    f"s{number}": "\n---\n".join(
        [
            "import time",
            f"n = {number}\nprint('line ' * 40, n)",
            f"time.sleep(0.{number})\nn",
            "open('f', 'w').write('x' * 1000)\nlen(open('f').read()) * n",
        ]
    )
    for number in range(1, 4)
}
#: Seconds after the victim appears within which it is killed.
WITHIN_S = {"builder": 2.1, "server": 1.8, "keeper": 1.4, "kernel": 1.4}


def victims(name: str, builder: int) -> list[int]:
    """List the processes of one kind: builder, server, keeper, kernel are a line."""
    found = [builder]
    for _ in range(list(WITHIN_S).index(name)):
        found = [child for pid in found for child in children(pid)]
    return found


def kill_one(name: str, process: subprocess.Popen[str], number: int) -> str:
    """Kill a process of a kind; say when, or that none was.

    The moment is of chance, but of three rounds one is early, one late.
    """
    began = time.monotonic()
    chance = random.Random(f"{name} {number}")
    # A builder has little to lose before it has a kernel.
    awaited = "kernel" if name == "builder" and number % 3 else name
    while process.poll() is None and not victims(awaited, process.pid):
        time.sleep(0.01)
    time.sleep((number % 3 + chance.random()) / 3 * WITHIN_S[name])
    alive = victims(name, process.pid)
    while not alive and process.poll() is None:
        time.sleep(0.01)  # the next one will do
        alive = victims(name, process.pid)
    if not alive or process.poll() is not None:
        return "too late"
    try:
        os.kill(chance.choice(alive), signal.SIGKILL)
    except ProcessLookupError:
        return "too late"
    return f"at {time.monotonic() - began:.2f} s"


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    book = Book(tmp_path_factory.mktemp("undisturbed"), CELLS)
    book.passes("notebooks")
    return outputs(book)


def one_round(
    victim: str, number: int, folder: Path, expected: dict[str, Any]
) -> tuple[str, list[str]]:
    """Kill, look, build again; return a line of the table and what is wrong."""
    wrong = []
    book = Book(folder, CELLS)
    process = book.start("run", "-j", "2")
    when = kill_one(victim, process, number)
    said, _ = process.communicate(timeout=120)
    if not are_gone(folder):
        wrong.append("processes stay")
    finished = told(said)
    failed = set(CELLS) - finished
    if victim == "builder":
        if process.returncode not in (-signal.SIGKILL, 0):
            wrong.append(f"exit code {process.returncode}: {said}")
    elif process.returncode != (1 if failed else 0):
        wrong.append(f"exit code {process.returncode}: {said}")
    elif failed != told(said, "kernel died") | told(said, "not started"):
        wrong.append(f"a failure that is not told: {said}")
    halves = half_written(folder / "_build" / "cache")
    if [path for path in halves if path.suffix != ".part"]:
        wrong.append(f"half-written: {halves}")
    status, said = book.bookkit("notebooks")
    if status != 0:
        wrong.append(f"the next build: {said}")
    kept = {name for name, flag in cached(book).items() if flag}
    lost = finished - kept
    if lost:
        wrong.append(f"lost: {sorted(lost)}")
    if kept & failed and victim != "builder":
        wrong.append(f"a failure was kept: {sorted(kept & failed)}")
    if {row["status"] for row in rows(book).values()} != {"passed"}:
        wrong.append("the next build has failures")
    if outputs(book) != expected:
        wrong.append("other outputs than undisturbed")
    line = (
        f"{victim} | {number} | {when} | exit {process.returncode} | "
        f"{len(finished)} finished, {len(kept)} kept, {len(lost)} lost | "
        f"{'; '.join(wrong) or 'right'}"
    )
    return line, wrong


@pytest.mark.parametrize("victim", WITHIN_S)
def test_when_a_process_is_killed_then_nothing_is_lost_and_the_next_build_is_right(
    victim, undisturbed, tmp_path
):
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as threads:
        ended = list(
            threads.map(
                lambda number: one_round(
                    victim, number, tmp_path / f"r{number}-", undisturbed
                ),
                range(ROUNDS),
            )
        )
    for line, _ in ended:
        print(line)
    assert [line for line, wrong in ended if wrong] == []
    assert any("too late" not in line for line, _ in ended)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Book, str, float]:
    """Return a book with a site, a page of it, and the seconds that a page takes."""
    book = Book(tmp_path_factory.mktemp("built"), {"s3": "6 * 7"}, SITE_CONFIG)
    page = book.root / "_build" / "html" / "s3.html"
    book.passes("build")
    before = page.read_text()
    section = book.root / "s3.md"
    words = section.read_text()
    section.write_text(words.replace("Words.", "Others."))
    began = time.monotonic()
    status, said = book.bookkit("build")
    seconds = time.monotonic() - began
    assert status == 0, said
    assert page.read_text() != before
    section.write_text(words)
    return book, before, seconds


@pytest.mark.parametrize("number", range(max(2, ROUNDS // 3)))
def test_when_the_builder_is_killed_amid_pages_then_the_next_build_is_right(
    number, built
):
    book, page, seconds = built
    html = book.root / "_build" / "html"
    section = book.root / "s3.md"
    before = section.read_text()
    section.write_text(before.replace("Words.", f"Round {number}."))
    process = book.start("build")
    time.sleep(random.Random(f"site {number}").uniform(0.2, 0.7) * seconds)
    process.kill()
    process.communicate()
    assert are_gone(book.root)
    section.write_text(before)
    book.passes("build")
    assert all(cached(book).values())
    assert (html / "s3.html").read_text() == page
    print(f"builder, pages | {number} | exit {process.returncode} | right")


def test_when_a_kernel_died_then_that_is_told_and_not_kept_as_a_truth(tmp_path):
    # The marker lies outside of what a key depends on, as memory that ran out does.
    marker = tmp_path / "marker"
    cell = f"import os\nos.path.exists({str(marker)!r}) or os.kill(os.getpid(), 9)"
    book = Book(tmp_path / "book", {"dies": cell, "good": "6 * 7"})
    for _ in range(2):
        status, said = book.bookkit("run")
        assert status == 1
        assert told(said, "kernel died") == {"dies"}
        assert "dies.md:7 [alpha]: the kernel died: killed by SIGKILL" in said
        assert "kept from the last run" not in said
    assert cached(book) == {"dies": False, "good": True}
    marker.touch()
    book.passes("run")
    assert len(entries(book.root / "_build" / "cache")) == 2


@pytest.mark.parametrize(
    ("cell", "limit", "higher", "word"),
    [
        (
            "import time\ntime.sleep(1.5)",
            "cell_timeout_s = 30",
            "cell_timeout_s = 1",
            "timed out",
        ),
        (
            "print('x' * 9_000)",
            "cell_output_limit_kb = 64",
            "cell_output_limit_kb = 2",
            "printed too much",
        ),
    ],
    ids=["time", "output"],
)
def test_when_a_limit_ended_a_run_and_is_raised_then_the_notebook_runs_again(
    tmp_path, cell, limit, higher, word
):
    config = SITE_CONFIG.replace(limit, higher)
    assert config != SITE_CONFIG
    book = Book(tmp_path, {"one": cell}, config)
    status, said = book.bookkit("run")
    assert (status, told(said, word)) == (1, {"one"})
    status, said = book.bookkit("run")
    assert (status, "kept from the last run" in said) == (1, True)
    (tmp_path / "config.ini").write_text(SITE_CONFIG)
    book.passes("run")
