"""What a teacher hands out, and marks by: notebooks with points, and a rubric.

Exercises show by stars how hard they are, which decides their points. Solutions stay
out; what they say about marks goes into the rubric.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from bookkit.book.config import Config
from bookkit.book.solutions import exercises_of, reader_notebook_of, solutions_of
from bookkit.book.source import Section
from bookkit.book.words import read_words
from bookkit.files import write_whole
from bookkit.publish.notebooks import write_notebooks

RUBRIC_NAME = "rubric.md"
#: Points of an exercise, by its stars.
POINTS = {1: 5, 2: 10, 3: 20}
_HEAD = re.compile(r"^(\d+)\. \*\*(.+?) ((★+)☆*)\*\*", re.M)
_SENTENCE = re.compile(
    r"^\d+\. \*\*.*?\*\*[：:]\s*(.*?[。！？.!?](?=\s|$|[^\d]))", re.S
)


def write_course(
    config: Config,
    sections: Sequence[Section],
    executed: Mapping[str, Mapping[str, Any | None]],
    folder: Path,
) -> list[Path]:
    """Write notebooks without solutions, and the rubric; return what is new."""
    words = read_words(__package__, config.language)
    by_path = {str(section.path): section for section in sections}
    handed_out = {
        tab: {
            path: ran and _with_points(reader_notebook_of(by_path[path], ran), words)
            for path, ran in found.items()
        }
        for tab, found in executed.items()
    }
    unsolved = [replace(section, solution=None) for section in sections]
    written = write_notebooks(config, unsolved, handed_out, folder)
    rubric = folder / RUBRIC_NAME
    text = "\n".join(_rubric(sections, words)).rstrip("\n") + "\n"
    if not rubric.is_file() or rubric.read_text(encoding="utf-8") != text:
        write_whole(rubric, text)
        written.append(rubric)
    return written


def _points(head: re.Match[str]) -> int:
    return POINTS.get(len(head[4]), max(POINTS.values()))


def _with_points(notebook: Any, words: Mapping[str, str]) -> Any:
    def add(head: re.Match[str]) -> str:
        points = words["course_points"].format(points=_points(head))
        return f"{head[1]}. **{head[2]} {head[3]}{points}**"

    handed_out = copy.deepcopy(notebook)
    for cell in handed_out.cells:
        if cell.cell_type == "markdown":
            cell.source = _HEAD.sub(add, cell.source)
    return handed_out


def _rubric(sections: Sequence[Section], words: Mapping[str, str]) -> Iterator[str]:
    yield f"# {words['course_rubric']}"
    yield ""
    total = 0
    for section in sections:
        found = exercises_of(section.text)
        heads = [(number, _HEAD.match(text)) for number, text in found.items()]
        marked = [(number, head) for number, head in heads if head]
        if not marked:
            continue
        solutions = solutions_of(section.solution.text) if section.solution else {}
        own = sum(_points(head) for _, head in marked)
        total += own
        yield f"## {section.title}{words['course_points'].format(points=own)}"
        yield ""
        for number, head in marked:
            task = _SENTENCE.match(found[number])
            said = " ".join(task[1].split()) if task else ""
            points = words["course_points"].format(points=_points(head))
            yield f"{number}. **{head[2]} {head[3]}{points}** {said}"
            marks = _marks(solutions.get(number, ""), words["course_marks"])
            yield f"   {marks or words['course_checked']}"
        yield ""
    yield words["course_total"].format(points=total)


def _marks(solution: str, head: str) -> str:
    """Return the paragraph of a solution that says how it is marked."""
    for paragraph in solution.split("\n\n"):
        if paragraph.startswith(head):
            return " ".join(paragraph.removeprefix(head).split())
    return ""
