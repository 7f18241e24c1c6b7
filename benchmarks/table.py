"""The figures as Markdown: bench.md, the terminal, and the README's table."""

from __future__ import annotations

from statistics import median
from typing import Any

MARKS = ("<!-- bench -->", "<!-- end of bench -->")


def _seconds(turns: list[dict[str, Any]]) -> str:
    """Return the median, and the range where there is one."""
    times = [turn["seconds"] for turn in turns]
    spread = f" ({min(times):.1f}–{max(times):.1f})" if len(times) > 1 else ""
    return f"{median(times):.1f} s{spread}"


def _median(turns: list[dict[str, Any]]) -> float:
    return float(median(turn["seconds"] for turn in turns))


def _scenarios(compare: dict[str, Any]) -> list[str]:
    rows = [
        "| | d2lbook | nbclient | bookkit | d2lbook / bookkit "
        "| notebooks run (d2lbook, bookkit) | pages changed |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    for name, sides in compare["scenarios"].items():
        theirs, ours = sides["d2lbook"], sides["bookkit"]
        plain = sides.get("nbclient")
        late = len(theirs[-1]["stale"])
        stale = f", {late} of d2lbook's pages out of date" if late else ""
        rows.append(
            f"| {name} | {_seconds(theirs)} | {_seconds(plain) if plain else '–'} "
            f"| **{_seconds(ours)}** | {_median(theirs) / _median(ours):.1f} "
            f"| {theirs[-1]['notebooks']}, {ours[-1]['notebooks']} "
            f"| {ours[-1]['pages']}{stale} |"
        )
    return rows


def _notes(compare: dict[str, Any]) -> list[str]:
    count = len(compare["sections"]) * len(compare["tabs"])
    gone = ", ".join(f"`{name}`" for name in compare["left_out"])
    rows = [
        f"{count} notebooks, medians of {compare['rounds']} "
        f"{'round' if compare['rounds'] == 1 else 'rounds'} (least–most), the sides "
        "in turn on the same sources. nbclient executes only: it writes no page and "
        "keeps nothing, so every other row costs it the first one again."
    ]
    if gone:
        rows.append(
            f"Left out on every side: {gone}. d2lbook refuses pages whose code asks "
            "for more GPUs than the machine has; bookkit builds them."
        )
    return rows


def _floor(floor: dict[str, Any]) -> list[str]:
    once = ", ".join(
        f"{tab} {median(times):.1f} s" for tab, times in floor["imports"].items()
    )
    return [
        f"Execution alone (`bookkit run`, nothing kept): {median(floor['run']):.1f} s, "
        f"{floor['ratio']:.1f} times the floor of {floor['floor']:.1f} s: each "
        f"framework imported once ({once}) and the cells' own "
        f"{median(floor['cells']):.1f} s, spread over the cores."
    ]


def _growth(growth: dict[str, Any]) -> list[str]:
    rows = [
        "| sections × 4 tabs | from nothing | a notebook | nothing changed "
        "| builder's peak | largest process below it |",
        "|--:|--:|--:|--:|--:|--:|",
    ]
    for one in growth["sizes"]:
        rows.append(
            f"| {one['sections']} | {one['seconds']:.0f} s "
            f"| {one['per_notebook']:.2f} s | {one['again_seconds']:.1f} s "
            f"| {one['peak_mb']:.0f} MB | {one['largest_child_mb']:.0f} MB |"
        )
    first, last = growth["sizes"][0], growth["sizes"][-1]
    if first is not last:
        change = last["per_notebook"] / first["per_notebook"] - 1
        rows += [
            "",
            f"From {first['sections']} to {last['sections']} sections the time of a "
            f"notebook changes by {change:+.0%}.",
        ]
    return rows


def readme(content: dict[str, Any]) -> str:
    """Return the README's part: scenarios, the floor, and growth in sentences."""
    rows: list[str] = []
    if "compare" in content:
        notes = "\n\n".join(_notes(content["compare"]))
        rows += [*_scenarios(content["compare"]), "", notes]
    if "floor" in content:
        rows += ["", *_floor(content["floor"])]
    if "growth" in content:
        last = content["growth"]["sizes"][-1]
        rows += [
            "",
            f"A generated book of {last['sections']} sections "
            f"({last['notebooks']} notebooks) takes {last['seconds']:.0f} s from "
            f"nothing, {last['per_notebook']:.2f} s a notebook, and "
            f"{last['again_seconds']:.1f} s when nothing changed; the builder's peak "
            f"is {last['peak_mb']:.0f} MB.",
        ]
    machine = content["machine"]
    rows += [
        "",
        f"{machine['cores']} cores, {machine['memory_gib']} GiB, {machine['system']}, "
        f"no GPU used, {content['date']}. All figures: "
        "[benchmarks/results/bench.md](benchmarks/results/bench.md).",
    ]
    return "\n".join(rows).strip() + "\n"


def report(content: dict[str, Any]) -> str:
    """Return everything, as bench.md and the terminal show it."""
    machine = content["machine"]
    versions = ", ".join(f"{name} {v}" for name, v in machine["versions"].items())
    rows = [
        "# Measurements",
        "",
        f"{machine['cores']} cores, {machine['memory_gib']} GiB, {machine['system']}; "
        f"{versions}; {content['date']}. Renewed by `make bench`.",
    ]
    if "compare" in content:
        notes = "\n\n".join(_notes(content["compare"]))
        rows += ["", "## Scenarios", "", *_scenarios(content["compare"]), "", notes]
    if "floor" in content:
        rows += ["", "## Floor", "", *_floor(content["floor"])]
    if "growth" in content:
        rows += ["", "## Growth", "", *_growth(content["growth"])]
    return "\n".join(rows) + "\n"


def with_table(text: str, content: dict[str, Any]) -> str | None:
    """Put the README's part between its marks; None if they are missing."""
    start, end = MARKS
    head, found, rest = text.partition(f"{start}\n")
    _, closed, tail = rest.partition(f"{end}\n")
    if not (found and closed):
        return None
    return f"{head}{found}{readme(content)}{closed}{tail}"
