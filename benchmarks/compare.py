"""Scenario by scenario, the sides in turn, so that load hits them alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.books import SCENARIOS, copy_book
from benchmarks.sides import D2lbook, Nbclient, Ours


def measure(scratch: Path, rounds: int) -> dict[str, Any]:
    """Return every turn of every side: scenario -> side -> list of turns."""
    kinds: Sequence[Any] = (D2lbook, Nbclient, Ours)
    sides = [kind(copy_book(scratch / kind.name), scratch) for kind in kinds]
    book = sides[0].book
    found: dict[str, dict[str, list[Any]]] = {one.name: {} for one in SCENARIOS}
    number = 0
    for turn in range(1, rounds + 1):
        for scenario in SCENARIOS:
            number += 1
            shown = [scenario.edit(side.book, number) for side in sides][0]
            words = []
            for side in sides:
                did = side.build(scenario, shown)
                if did is not None:
                    turns = found[scenario.name].setdefault(side.name, [])
                    turns.append(asdict(did))
                    words.append(f"{side.name} {did.seconds:.1f} s")
            place = f"round {turn} of {rounds}, {scenario.name}"
            print(f"{place}: {', '.join(words)}", flush=True)
    return {
        "rounds": rounds,
        "sections": book.sections,
        "left_out": book.left_out,
        "tabs": list(book.config.tab_names),
        "scenarios": found,
    }
