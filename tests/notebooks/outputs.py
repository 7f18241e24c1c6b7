"""What the cells of a notebook show, as text that another machine can compare.

A number may differ a little: processors round differently. A picture is told by its
words, and by how many points its curves and marks have and where their middle is.
"""

from __future__ import annotations

import difflib
import platform
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bookkit.book.source import NBVAL_IGNORE_TAG
from bookkit.run.results import Result, version_of

#: A file for each tab: what its cells show, and with what that was made.
APPROVED = Path(__file__).parent / "approved"
NEXT = (
    "If that is right now: BOOKKIT_ACCEPT=1 .envs/build/bin/python -m pytest "
    "tests/notebooks/test_outputs.py, and commit tests/notebooks/approved"
)

#: How far apart two numbers may be: the share of the larger, and for those near zero.
RELATIVE, ABSOLUTE = 0.02, 0.002
#: The same for places in a picture, in points of 1/72 inch.
PICTURE_ABSOLUTE = 2.0

_NUMBER = re.compile(r"(?<![\w.])-?\d+\.?\d*(?:e[+-]?\d+)?", re.A)
_PATH = re.compile(r'<path [^>]*?\bd="([^"]*)"')
_MARK = re.compile(r'<use [^>]*?\bx="([^"]*)" y="([^"]*)"')
_WORDS = re.compile(r"<text [^>]*>([^<]*)<")
#: Axes and frames have fewer points.
_CURVE_POINTS = 10

#: What differs between processors that libraries tell apart.
_VENDORS = frozenset(["GenuineIntel", "AuthenticAMD"])
_INSTRUCTIONS = frozenset(
    "avx avx2 fma avx512f avx512_vnni avx512_bf16 avx512_fp16 amx_tile".split()
)

Shown = list[list[str]]


def made_with(results: Sequence[Result]) -> dict[str, Any]:
    """Say what outputs depend on besides the text."""
    return {
        "framework": sorted({version_of(one.versions) for one in results}),
        "matplotlib": sorted({one.versions["matplotlib"] for one in results}),
        "processor": _processor(),
        "device": sorted({one.device for one in results}),
    }


def _processor() -> list[str]:
    """Return what libraries choose their kernels by: after some steps of training,
    other instructions give another second digit.
    """
    kind = [platform.machine()]
    try:
        about = Path("/proc/cpuinfo").read_text().partition("\n\n")[0]
    except OSError:
        return kind
    wanted = {"vendor_id": _VENDORS, "flags": _INSTRUCTIONS}
    for line in about.splitlines():
        name, _, value = line.partition(":")
        kind += sorted(wanted.get(name.strip(), set()).intersection(value.split()))
    return kind


def shown(cells: Sequence[Any]) -> Shown:
    """Return what each code cell shows, a text for each output that does not change."""
    return [
        [] if NBVAL_IGNORE_TAG in cell.metadata.get("tags", []) else list(_texts(cell))
        for cell in cells
        if cell.cell_type == "code"
    ]


def _texts(cell: Any) -> Iterator[str]:
    for output in cell.outputs:
        data = output.get("data", {})
        if output.output_type == "stream":
            yield output.text
        elif output.output_type == "error":
            yield f"{output.ename}: {output.evalue}"
        elif "image/svg+xml" in data:
            caption, svg = data.get("text/plain", ""), data["image/svg+xml"]
            yield f"picture: {caption}\n{picture(svg)}"
        else:
            yield data.get("text/plain", "")


def picture(svg: str) -> str:
    """Return what can be compared of a drawing by matplotlib."""
    lines = [" ".join(one.strip() for one in _WORDS.findall(svg))]
    groups = [re.findall(r"(-?[\d.]+) (-?[\d.]+)", path) for path in _PATH.findall(svg)]
    groups = [one for one in groups if len(one) > _CURVE_POINTS]
    groups += [marks] if (marks := _MARK.findall(svg)) else []
    for points in groups:
        x, y = (
            sum(map(float, axis)) / len(points) for axis in zip(*points, strict=True)
        )
        lines.append(f"{len(points)} points around {x:.0f}.0, {y:.0f}.0")
    return "\n".join(lines)


def same(one: str, other: str) -> bool:
    """Tell whether two texts are the same but for rounding."""
    if one == other:
        return True
    if _NUMBER.sub("#", one) != _NUMBER.sub("#", other):
        return False
    near = PICTURE_ABSOLUTE if one.startswith("picture:") else ABSOLUTE
    numbers = zip(_NUMBER.findall(one), _NUMBER.findall(other), strict=True)
    return all(_near(a, b, near) for a, b in numbers)


def _near(one: str, other: str, near: float) -> bool:
    if one == other:
        return True
    if not set(".e") & set(one) or not set(".e") & set(other):
        return False  # a count, a size, a position
    a, b = float(one), float(other)
    return abs(a - b) <= max(near, RELATIVE * max(abs(a), abs(b)))


def differences(wanted: Shown, found: Shown) -> Iterator[tuple[int, str]]:
    """Yield the number of each cell that shows something else, and what differs."""
    for number, (old, new) in enumerate(zip(wanted, found, strict=True)):
        if len(old) != len(new) or not all(map(same, old, new)):
            lines = ["\n".join(one).splitlines() for one in (old, new)]
            text = difflib.unified_diff(
                *lines, "approved", "shown now", lineterm="", n=1
            )
            yield number, "\n".join(text)
