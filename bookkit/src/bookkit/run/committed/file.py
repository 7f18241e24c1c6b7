"""The file of one committed result: what the text decides, and what came of it."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bookkit.run.cache import Entry, Parts, hash_text
from bookkit.run.cache.judge import judge
from bookkit.run.cache.sealed import seal, unseal
from bookkit.run.results import CellResult, Result, Status

#: Counts changes of the file around the result.
FORMAT = 1
#: Digits of each hash, which are many in few lines.
_DIGITS = 16
NAME = re.compile(rf"[0-9a-f]{{{_DIGITS}}}\.json")
#: What the text decides of a result's parts; a change here renames every file.
_DECIDED = ("tab", "cells", "saved", "data", "variables", "settings", "files", "format")


def parts_of_text(parts: Parts) -> Parts:
    """Return the parts that the text decides, with short hashes."""
    return dataclasses.replace(
        parts,
        cells=tuple(one[:_DIGITS] for one in parts.cells),
        saved={name: one[:_DIGITS] for name, one in parts.saved.items()},
        data={name: one[:_DIGITS] for name, one in parts.data.items()},
        files={name: one[:_DIGITS] for name, one in parts.files.items()},
        packages={},
        python="",
        device="",
    )


def file_name(parts: Parts) -> str:
    """Return the name of the file that a result of this text has."""
    text = json.dumps(_decided(parts), separators=(",", ":"))
    return f"{hash_text(text)[:_DIGITS]}.json"


def _decided(parts: Parts) -> dict[str, Any]:
    content = parts_of_text(parts).given()
    return {name: content[name] for name in _DECIDED if name in content}


def to_text(parts: Parts, result: Result) -> str:
    """Word a result that passed: what its outputs are, and where they come from."""
    content = {
        "section": result.section,
        "parts": _decided(parts),
        "date": result.date,
        "versions": dict(result.versions),
        "device": result.device,
        "seconds": round(result.seconds, 1),
        "cells": [_short(cell) for cell in result.cells],
    }
    return json.dumps(seal(content, FORMAT), ensure_ascii=False, indent=1) + "\n"


def read(path: Path) -> Entry:
    """Read what `to_text` wrote.

    Raises:
        FileNotFoundError: it is not there.
        OSError, ValueError: it cannot be read, is damaged, altered or of other text.
    """
    entry = unseal(path.read_bytes(), FORMAT, _read)
    if file_name(entry.parts) != path.name:
        raise ValueError("it belongs to other code than its name says")
    return entry


def _read(content: dict[str, Any]) -> Entry:
    decided_elsewhere = {"packages": {}, "python": "", "device": ""}
    parts = Parts.from_json({**content["parts"], **decided_elsewhere})
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
    judge(result, len(parts.cells))
    return Entry(parts, result)


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


def readable(folder: Path) -> Iterator[Entry]:
    """Yield what can be read; what cannot tells nothing about what changed."""
    for path in sorted(folder.glob("*.json")):
        try:
            yield read(path)
        except (OSError, ValueError):
            continue
