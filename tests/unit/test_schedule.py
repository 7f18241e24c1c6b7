"""What runs when: longest first, imports first, and never more than there is."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from bookkit.run import schedule
from bookkit.run.history import History
from bookkit.run.schedule import Resources, history_name


@dataclass(frozen=True)
class Notebook:
    section: str
    tab: str = "alpha"
    gpus: int = 0

    @property
    def name(self) -> tuple[str, str]:
        return self.section, self.tab


def history_of(folder: Path, **rows: tuple[float, float]) -> History:
    history = History(folder / "history.json")
    for section, (seconds, peak_mb) in rows.items():
        history.note(f"alpha:{section}", seconds, peak_mb)
    return history


def run(tasks: list[Notebook], have: Resources, history: History) -> list[str]:
    """Run tasks that take no time; return what happened, in order."""
    seen: list[str] = []

    async def warm(tab: str) -> None:
        seen.append(f"import {tab}")
        await asyncio.sleep(0)

    async def one(task: Notebook, gpus: list[int]) -> None:
        assert have.cores >= 0 and have.memory_mb >= 0
        seen.append(f"{task.section}{gpus or ''}")
        await asyncio.sleep(0.01)

    asyncio.run(schedule.run_all(tasks, have, history, warm, one))
    return seen


def test_when_durations_are_known_then_the_longest_goes_first(tmp_path):
    history = history_of(tmp_path, a=(1, 100), b=(3, 100), c=(2, 100))
    tasks = [Notebook(name) for name in ("a", "b", "c", "never")]
    seen = run(tasks, Resources(1, [], 10_000), history)
    assert seen == ["import alpha", "never", "b", "c", "a"]


def test_when_there_are_more_tabs_than_cores_then_imports_take_turns(tmp_path):
    tasks = [Notebook("a", tab) for tab in ("alpha", "beta", "gamma")]
    seen = run(tasks, Resources(2, [], 10_000), history_of(tmp_path))
    assert seen[:2] == ["import alpha", "import beta"]
    assert seen.index("import gamma") < seen.index("a")


def test_when_memory_is_short_then_notebooks_wait_for_it(tmp_path):
    history = history_of(tmp_path, big=(3, 800), other=(2, 800), small=(1, 100))
    running, most = set[str](), list[set[str]]()

    async def one(task: Notebook, gpus: list[int]) -> None:
        running.add(task.section)
        most.append(set(running))
        await asyncio.sleep(0.02)
        running.discard(task.section)

    tasks = [Notebook(name) for name in ("big", "other", "small")]
    have = Resources(3, [], 1000)
    asyncio.run(schedule.run_all(tasks, have, history, None, one))
    assert {"big", "small"} in most
    assert not any({"big", "other"} <= together for together in most)
    assert have.memory_mb == 1000 and have.cores == 3


def test_when_one_needs_more_memory_than_there_is_then_it_runs_alone(tmp_path):
    history = history_of(tmp_path, huge=(9, 99_999), small=(1, 100))
    seen = run([Notebook("huge"), Notebook("small")], Resources(2, [], 1000), history)
    assert sorted(seen) == ["huge", "import alpha", "small"]


def test_when_gpus_are_wanted_then_each_gets_its_own(tmp_path):
    tasks = [Notebook("a", gpus=1), Notebook("b", gpus=1), Notebook("c", gpus=2)]
    seen = run(tasks, Resources(4, [0, 1], 10_000), history_of(tmp_path))
    assert sorted(seen) == ["a[0]", "b[1]", "c[0, 1]", "import alpha"] or sorted(
        seen
    ) == ["a[0]", "b[1]", "c[1, 0]", "import alpha"]


def test_when_little_is_known_then_no_time_is_promised(tmp_path):
    history = history_of(tmp_path, a=(4, 100), b=(2, 100))
    known = [Notebook("a"), Notebook("b")]
    assert schedule.expected_s(known, history, 1) == 6
    assert schedule.expected_s(known, history, 2) == 4  # the longest alone
    assert schedule.expected_s([*known, Notebook("c")], history, 1) == 9
    strangers = [Notebook(name) for name in "cdefg"]
    assert schedule.expected_s([*known, *strangers], history, 1) is None


def test_when_the_history_is_damaged_then_nothing_is_known(tmp_path):
    path = tmp_path / "history.json"
    for damage in ("", "[]", '{"alpha:a": 3}', '{"alpha:a": {"seconds": "x"}}', "\0"):
        path.write_text(damage)
        assert History(path).seconds(history_name(Notebook("a"))) is None
    history_of(tmp_path, a=(4, 100)).save()
    assert History(path).seconds("alpha:a") == 4
