"""Results that are committed with the book, for machines that cannot run a tab.

A tab's `kept` in `config.ini` names a folder with a file for each of its notebooks,
named by what the text decides: code, saved code it reaches, data, variables. It holds
for any Python, packages and device, which it names. A build renews the folder where
the tab runs; where it cannot, results come from there and from nowhere else.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from bookkit.book.commands import to_run
from bookkit.book.config import Config, Tab
from bookkit.book.findings import Finding
from bookkit.files import write_whole
from bookkit.kernels.environments import environment_of
from bookkit.run.cache import hash_files
from bookkit.run.changes import changes_of_text, first_changed_place
from bookkit.run.committed.file import (
    NAME,
    file_name,
    parts_of_text,
    read,
    readable,
    to_text,
)
from bookkit.run.plan import Job
from bookkit.run.results import Result, version_of

CODE = "BK601"


def take(config: Config, job: Job) -> Result | Finding:
    """Return a notebook's committed result, or why there is none."""
    tab = job.tab
    if tab.kept is None:
        return _finding(
            config,
            job,
            f"this machine cannot run it ({job.unavailable})",
            f"results of it in a folder that `kept` in [bookkit-{tab.name}] names",
        )
    path = tab.kept / _name(config, job, tab.kept)
    try:
        result = read(path).result
    except FileNotFoundError:
        return _absent(config, job, tab.kept)
    except (OSError, ValueError) as error:
        place = PurePosixPath(path.relative_to(config.root))
        found = f"the committed result of {job.section.path} cannot be used: {error}"
        expected, undo = "a file as `bookkit build` wrote it", f"git restore {place}"
        finding = _finding(config, job, found, expected, undo=undo)
        return dataclasses.replace(finding, path=place, line=1)
    section, name = job.name
    return dataclasses.replace(result, section=section, tab=name)


def _name(config: Config, job: Job, folder: Path) -> str:
    """Return the file's name; which files were read is known from the result itself."""
    name = file_name(job.parts)
    if not (folder / name).is_file():
        for one in readable(folder):
            if one.parts.files and one.result.section == job.name[0]:
                files = hash_files(config.root, one.parts.files)
                found = file_name(dataclasses.replace(job.parts, files=files))
                if (folder / found).is_file():
                    return found
    return name


def _absent(config: Config, job: Job, folder: Path) -> Finding:
    """Say what has changed since the last committed result of the same section."""
    expected = (
        f"a result of this code in {folder.relative_to(config.root)}: "
        f"this machine cannot run it ({job.unavailable})"
    )
    own = [one for one in readable(folder) if one.result.section == job.name[0]]
    if not own:
        return _finding(config, job, "no result of it is committed", expected)
    old = max(own, key=lambda one: one.result.date)
    # Without what the machine decides, only changes of the text are left.
    changed = list(changes_of_text(job, old.parts, parts_of_text(job.parts)))
    found = f"changed since the committed result of {_origin(job.tab, [old.result])}: "
    found += "; ".join(changed)
    python = old.result.versions.get("python", "")
    return _finding(config, job, found, expected, old.parts.cells, python=python)


def _finding(
    config: Config,
    job: Job,
    found: str,
    expected: str,
    old_cells: Sequence[str] = (),
    undo: str = "",
    python: str = "",
) -> Finding:
    others = ",".join(tab.name for tab in config.tabs if not _reason(tab))
    build = to_run(config.output, "build")
    elsewhere = f"`{build}` on a machine that has {job.tab.title}"
    if python:
        minor = ".".join(python.split(".")[:2])
        elsewhere += f" (the last result: Python {minor})"
    steps = [undo, f"{elsewhere}, and commit what it writes"]
    without = to_run(config.output, "build", others)
    steps += [f"here, leave the tab out: {without}"] if others else []
    return Finding(
        CODE,
        *first_changed_place(job, old_cells, parts_of_text(job.parts).cells),
        job.tab.name,
        found,
        expected,
        "; or ".join(filter(None, steps)),
    )


def _reason(tab: Tab) -> str:
    return environment_of(tab).unavailable()


def describe(config: Config, results: Sequence[Result]) -> list[str]:
    """Word once for each tab what was not run on this machine."""
    lines = []
    for tab in config.tabs:
        own = [one for one in results if one.tab == tab.name and one.committed]
        if own and tab.kept:
            noun = "result" if len(own) == 1 else "results"
            lines.append(
                f"{tab.name}: not run on this machine: {_reason(tab)}. "
                f"{len(own)} {noun} of {_origin(tab, own)} "
                f"taken from {tab.kept.relative_to(config.root)}"
            )
    return lines


def _origin(tab: Tab, results: Sequence[Result]) -> str:
    """Word when and with what results were made, e.g. `2026-11-29 (MXNet 1.9.1)`."""
    dates = sorted({result.date for result in results})
    span = dates[0] if len(dates) == 1 else f"{dates[0]} to {dates[-1]}"
    versions = sorted({version_of(result.versions) for result in results})
    return f"{span} ({' '.join([tab.title, ', '.join(versions)]).strip()})"


def renew(config: Config, jobs: Sequence[Job], results: Sequence[Result]) -> list[str]:
    """Bring the folders of all tabs that ran here in line with results that passed.

    Writes what is missing, damaged or of another version of the framework, and
    deletes what no notebook has any more; what did not pass has what it had. Returns
    a line for each folder that changed.
    """
    lines = []
    for tab in config.tabs:
        if tab.kept is None or not config.runs_in(tab) or _reason(tab):
            continue
        ran: dict[str, list[tuple[Job, Result]]] = {}
        for job, result in zip(jobs, results, strict=True):
            if job.tab.name == tab.name:
                ran.setdefault(file_name(job.parts), []).append((job, result))
        written = [name for name in ran if _renew_one(tab.kept / name, ran[name])]
        gone = [
            path
            for path in tab.kept.glob("*.json")
            if NAME.fullmatch(path.name) and path.name not in ran
        ]
        for path in gone:
            path.unlink()
        if written or gone:
            folder = tab.kept.relative_to(config.root)
            lines.append(
                f"Results to commit: {folder}, "
                f"{len(written)} written, {len(gone)} deleted"
            )
    return lines


def _renew_one(path: Path, ran: Sequence[tuple[Job, Result]]) -> bool:
    """Write a file unless it is as good; notebooks of the same code share one."""
    passed = [(job, result) for job, result in ran if result.passed]
    if not passed:
        return False
    job, result = passed[0]
    try:
        there = read(path).result
        same = version_of(there.versions) == version_of(result.versions)
        if same and there.section in {job.name[0] for job, _ in ran}:
            return False
    except (OSError, ValueError):
        pass
    write_whole(path, to_text(job.parts, result))
    return True
