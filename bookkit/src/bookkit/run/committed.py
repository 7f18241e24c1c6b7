"""Results that are committed with the book, for machines that cannot run a tab.

A tab's `kept` in `config.ini` names a folder with a file for each of its notebooks,
named by what the text decides: code, saved code it reaches, data, variables. It holds
for any Python, packages and device, which it names. A build renews the folder where
the tab runs; where it cannot, results come from there and from nowhere else.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from bookkit.book.config import Config, Tab
from bookkit.book.findings import Finding
from bookkit.files import write_whole
from bookkit.kernels.environments import environment_of
from bookkit.run.cache import Parts, hash_json
from bookkit.run.changes import changes_of_text, first_changed_line
from bookkit.run.plan import Job
from bookkit.run.results import CellResult, Result, Status, version_of

CODE = "BK601"
#: Counts changes of the file around the result.
FORMAT = 1
#: Digits of each hash, which are many in few lines.
_DIGITS = 16
_NAME = re.compile(rf"[0-9a-f]{{{_DIGITS}}}\.json")
#: What the text decides of a result's parts; a change here renames every file.
_DECIDED = ("tab", "cells", "saved", "data", "variables", "format")


@dataclass(frozen=True)
class Committed:
    """A result, and what the text was made of that it belongs to."""

    parts: Parts
    result: Result


def parts_of_text(parts: Parts) -> Parts:
    """Return the parts that the text decides, with short hashes."""
    return dataclasses.replace(
        parts,
        cells=tuple(one[:_DIGITS] for one in parts.cells),
        saved={name: one[:_DIGITS] for name, one in parts.saved.items()},
        data={name: one[:_DIGITS] for name, one in parts.data.items()},
        packages={},
        python="",
        device="",
    )


def file_name(parts: Parts) -> str:
    """Return the name of the file that a result of this text has."""
    text = json.dumps(_decided(parts), separators=(",", ":"))
    return f"{hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]}.json"


def _decided(parts: Parts) -> dict[str, Any]:
    content = parts_of_text(parts).to_json()
    return {name: content[name] for name in _DECIDED}


def take(config: Config, job: Job) -> Result | Finding:
    """Return a notebook's committed result, or why there is none."""
    tab = job.tab
    if tab.kept is None:
        found = f"this machine cannot run it ({job.unavailable})"
        expected = (
            f"results of it in a folder that `kept` in [bookkit-{tab.name}] names"
        )
        return _finding(config, job, found, expected)
    path = tab.kept / file_name(job.parts)
    try:
        result = read(path).result
    except FileNotFoundError:
        return _absent(config, job, tab.kept)
    except (OSError, ValueError) as error:
        found = f"the committed result of {job.section.path} cannot be used: {error}"
        place = PurePosixPath(path.relative_to(config.root))
        undo = f"git restore {place}"
        finding = _finding(
            config, job, found, "a file as `bookkit build` wrote it", undo
        )
        return dataclasses.replace(finding, path=place, line=1)
    section, name = job.name
    return dataclasses.replace(result, section=section, tab=name)


def _absent(config: Config, job: Job, folder: Path) -> Finding:
    old = max(
        (one for one in _readable(folder) if one.result.section == job.name[0]),
        key=lambda one: one.result.date,
        default=None,
    )
    expected = (
        f"a result of this code in {folder.relative_to(config.root)}: "
        f"this machine cannot run it ({job.unavailable})"
    )
    if old is None:
        return _finding(config, job, "no result of it is committed", expected)
    # Without what the machine decides, only changes of the text are left.
    changed = list(changes_of_text(job, old.parts, parts_of_text(job.parts)))
    found = f"changed since the committed result of {_origin(job.tab, [old.result])}: "
    ran_with = old.result.versions.get("python", "")
    finding = _finding(
        config, job, found + "; ".join(changed), expected, python=ran_with
    )
    line = first_changed_line(job, old.parts.cells, parts_of_text(job.parts).cells)
    return dataclasses.replace(finding, line=line)


def _finding(
    config: Config,
    job: Job,
    found: str,
    expected: str,
    undo: str = "",
    python: str = "",
) -> Finding:
    others = ",".join(tab.name for tab in config.tabs if not _reason(tab))
    minor = ".".join(python.split(".")[:2])
    elsewhere = f"`make` on a machine that has {job.tab.title}"
    elsewhere += f" (the last result: Python {minor})" if minor else ""
    steps = [undo, f"{elsewhere}, and commit what it writes"]
    steps += [f"here, leave the tab out: make TABS={others}"] if others else []
    return Finding(
        CODE,
        job.section.path,
        first_changed_line(job, (), parts_of_text(job.parts).cells),
        job.tab.name,
        found,
        expected,
        "; or ".join(filter(None, steps)),
    )


def _reason(tab: Tab) -> str:
    return environment_of(tab).unavailable()


def told(config: Config, results: Sequence[Result]) -> list[str]:
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
    deletes what no notebook has any more. Returns a line for each folder that changed.
    """
    lines = []
    for tab in config.tabs:
        if tab.kept is None or _reason(tab):
            continue
        ran: dict[str, list[tuple[Job, Result]]] = {}
        for job, result in zip(jobs, results, strict=True):
            if job.tab.name == tab.name:
                ran.setdefault(file_name(job.parts), []).append((job, result))
        written = [name for name in ran if _renew_one(tab.kept / name, ran[name])]
        gone = [
            path
            for path in tab.kept.glob("*.json")
            if _NAME.fullmatch(path.name) and path.name not in ran
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
    job, result = ran[0]
    try:
        there = read(path).result
        same = version_of(there.versions) == version_of(result.versions)
        if same and there.section in {job.name[0] for job, _ in ran}:
            return False
    except (OSError, ValueError):
        pass
    write_whole(path, to_text(job.parts, result))
    return True


def to_text(parts: Parts, result: Result) -> str:
    """Word a result that passed: what its outputs are, and where they come from."""
    content = {
        "format": FORMAT,
        "section": result.section,
        "parts": _decided(parts),
        "date": result.date,
        "versions": dict(result.versions),
        "device": result.device,
        "seconds": round(result.seconds, 1),
        "cells": [_short(cell) for cell in result.cells],
    }
    whole = {**content, "sha256": hash_json(content)}
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def read(path: Path) -> Committed:
    """Read what `to_text` wrote.

    Raises:
        FileNotFoundError: it is not there.
        OSError, ValueError: it cannot be read, is damaged, altered or of other text.
    """
    try:
        return _read(json.loads(path.read_bytes()), path.name)
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"{type(error).__name__}: {error}") from None


def _read(content: Any, name: str) -> Committed:
    if not isinstance(content, dict):
        raise ValueError("it is no result")
    if content.get("format") != FORMAT:
        raise ValueError(f"its format is {content.get('format')}, not {FORMAT}")
    parts = Parts.from_json(
        {**content["parts"], "packages": {}, "python": "", "device": ""}
    )
    if file_name(parts) != name:
        raise ValueError("it belongs to other code than its name says")
    if content.pop("sha256") != hash_json(content):
        raise ValueError("it was altered since it was written")
    result = Result(
        section=content["section"],
        tab=parts.tab,
        status=Status.PASSED,
        cells=list(_cells(content["cells"])),
        seconds=content["seconds"],
        versions=content["versions"],
        device=content["device"],
        date=content["date"],
        cached=True,
        committed=True,
    )
    return Committed(parts, result)


def _short(cell: CellResult) -> list[dict[str, Any]] | None:
    """Leave out the numbers of cells, or a new cell would change all that follow.

    None is a cell that was not run: it is empty.
    """
    if cell.execution_count is None:
        return None
    return [
        {
            key: value
            for key, value in output.items()
            if key != "execution_count" and (key, value) != ("metadata", {})
        }
        for output in cell.outputs
    ]


def _cells(rows: Sequence[list[dict[str, Any]] | None]) -> Iterator[CellResult]:
    """Undo `_short`."""
    number = 0
    for row in rows:
        if row is None:
            yield CellResult(None, [], 0.0)
            continue
        number += 1
        added: dict[str, dict[str, Any]] = {
            "execute_result": {"metadata": {}, "execution_count": number},
            "display_data": {"metadata": {}},
        }
        outputs = [{**added.get(one["output_type"], {}), **one} for one in row]
        yield CellResult(number, outputs, 0.0)


def _readable(folder: Path) -> Iterator[Committed]:
    """Yield what can be read; what cannot tells nothing about what changed."""
    for path in sorted(folder.glob("*.json")):
        try:
            yield read(path)
        except (OSError, ValueError):
            continue
