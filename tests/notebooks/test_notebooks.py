"""What every notebook of every tab must be before a learner or nbval sees it."""

import posixpath
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import nbformat
import pytest

from bookkit.book.config import Config
from bookkit.book.inputs import section_files, solution_file
from bookkit.book.solutions import solutions_path
from bookkit.book.source import FOLDED_TAG, NBVAL_IGNORE_TAG

Notebooks = Mapping[str, Mapping[PurePosixPath, Any]]

#: How many cells of a notebook nbval does not compare, in every tab: they measure
#: times, or show rounding, which processors do differently. A new one is a hole in the
#: proof: count it here only if nothing can make its output the same on every run.
NOT_COMPARED = {
    "custom-layer": 1,
    "custom-layer-solutions": 1,
    "model-construction": 1,
    "model-construction-solutions": 2,
    "use-gpu": 3,
    "use-gpu-solutions": 6,
}

FENCE = re.compile(r"^```\{\.python \.input\}\n(?:#@tab ([^\n]*)\n)?", re.M)
#: `:numref:`, `:begin_tab:`, a toc, slide marks: d2lbook's, nobody else's.
DIRECTIVE = re.compile(r":[a-z_]+:(?:`|$)|```(?:toc|eval_rst)|\[\*\*|\*\*\]|~~\)", re.M)
CELL_MARK = re.compile(
    r"^(?:\s*#@(?:tab|nondeterministic|folded)\b|%%tab\b)|NBVAL_", re.M
)
LINK = re.compile(r"(!?)\[[^\]]*\]\(([^)\s]+)\)")


def cells(notebooks: Notebooks, tab: str, kind: str) -> Iterator[tuple[str, int, Any]]:
    for path, notebook in notebooks[tab].items():
        chosen = [cell for cell in notebook.cells if cell.cell_type == kind]
        yield from ((str(path), i, cell) for i, cell in enumerate(chosen))


def sections_with_code(book: Config, tab: str) -> set[PurePosixPath]:
    """Read from the sources' own fences which sections a tab has code in."""
    found = set()
    for path in section_files(book):
        text = (book.root / path).read_text(encoding="utf-8")
        for fence in FENCE.finditer(text):
            names = (fence[1] or book.default_tab.name).replace(",", " ").split()
            if tab in names or "all" in names:
                found.add(path)
    return notebooks_of(book, found)


def notebooks_of(book: Config, paths: Iterable[PurePosixPath]) -> set[PurePosixPath]:
    """Return the notebooks of sections: the reader's, and that with the solutions."""
    solved = [solutions_path(path) for path in paths if solution_file(book, path)]
    return {path.with_suffix(".ipynb") for path in (*paths, *solved)}


def test_when_built_then_each_section_with_code_has_a_notebook(tab, notebooks, book):
    with_code = {PurePosixPath(path) for path, _, _ in cells(notebooks, tab, "code")}
    assert with_code == sections_with_code(book, tab)
    assert len(with_code) >= 2


def test_when_built_then_each_page_has_a_notebook_with_text(tab, notebooks, book):
    assert set(notebooks[tab]) == notebooks_of(book, section_files(book))
    for path, notebook in notebooks[tab].items():
        nbformat.validate(notebook)
        assert notebook.cells, path
        assert all(cell.source.strip() for cell in notebook.cells), path


def test_when_a_notebook_was_run_then_its_cells_are_counted_from_one(tab, notebooks):
    """nbval runs a cell without a count but does not compare it."""
    for path, notebook in notebooks[tab].items():
        counts = [c.execution_count for c in notebook.cells if c.cell_type == "code"]
        assert counts == list(range(1, len(counts) + 1)), path


def test_when_a_notebook_was_run_then_it_shows_no_error_and_no_warning(tab, notebooks):
    found = [
        f"{path}: cell {number}: {output}"
        for path, number, cell in cells(notebooks, tab, "code")
        for output in cell.outputs
        if output.output_type == "error" or output.get("name") == "stderr"
    ]
    assert found == []


def test_when_a_learner_reads_prose_then_it_holds_no_directive(tab, notebooks):
    found = [
        f"{path}: {match[0]!r} in {cell.source[:80]!r}"
        for path, _, cell in cells(notebooks, tab, "markdown")
        for match in DIRECTIVE.finditer(cell.source)
    ]
    assert found == []


def test_when_a_learner_reads_code_then_it_holds_no_mark_of_the_builder(tab, notebooks):
    found = [
        f"{path}: cell {number}: {match[0]!r}"
        for path, number, cell in cells(notebooks, tab, "code")
        for match in CELL_MARK.finditer(cell.source)
    ]
    assert found == []


def test_when_prose_names_a_file_then_it_is_beside_it(tab, notebooks, book):
    folder, images, missing = book.output / "notebooks" / tab, 0, []
    for path, _, cell in cells(notebooks, tab, "markdown"):
        for bang, target in LINK.findall(cell.source):
            if re.match(r"[a-z]+:|#", target):
                continue
            images += bool(bang)
            place = posixpath.join(posixpath.dirname(path), target.partition("#")[0])
            if not (folder / place).is_file():
                missing.append(f"{path}: {target}")
    assert missing == []
    assert images


def test_when_a_notebook_travels_then_any_jupyter_can_open_it(tab, notebooks):
    for path, notebook in notebooks[tab].items():
        assert notebook.metadata.kernelspec == {
            "display_name": "Python 3",
            "language": "python",
            "name": "python3",
        }, path


def test_when_a_notebook_travels_then_the_books_functions_are_in_it(
    tab, notebooks, book
):
    """nbval and `make elsewhere` run the same, so what it lacks is missed there."""
    library = book.tab(tab).library
    package, statement = library.parent.name, f"from {library.parent.name} import "
    importing = [
        path
        for path in section_files(book)
        if f"\n{statement}{library.stem} as" in (book.root / path).read_text("utf-8")
    ]
    wanted = set(map(str, notebooks_of(book, importing)))
    imports = re.compile(rf"^\s*(?:from|import)\s+{package}\b", re.M)
    carrying, left = set(), []
    for path, number, cell in cells(notebooks, tab, "code"):
        if f"{package} = types.SimpleNamespace(" in cell.source:
            carrying.add(path)
        left += [f"{path}: cell {number}"] * bool(imports.search(cell.source))
    assert left == []
    assert carrying == wanted


def test_when_a_notebook_travels_then_it_names_no_place_here(tab, notebooks, book):
    here = {f"{book.root}", f"{sys.prefix}", f"{Path.home()}/", "site-packages"} - {
        "//"
    }
    found = [
        f"{path}: {place}"
        for path, notebook in notebooks[tab].items()
        for place in sorted(here)
        if place in nbformat.writes(notebook)
    ]
    assert found == []


def test_when_nbval_is_told_to_look_away_then_the_cell_is_listed_here(tab, notebooks):
    found = Counter(
        PurePosixPath(path).stem
        for path, _, cell in cells(notebooks, tab, "code")
        if NBVAL_IGNORE_TAG in cell.metadata.get("tags", [])
    )
    assert found == NOT_COMPARED


def test_when_a_cell_has_tags_then_they_are_known_ones(tab, notebooks):
    tags = {
        tag
        for _, _, cell in cells(notebooks, tab, "code")
        for tag in cell.metadata.get("tags", [])
    }
    assert tags <= {NBVAL_IGNORE_TAG, FOLDED_TAG}


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (DIRECTIVE, "as :numref:`fig_blocks` shows"),
        (DIRECTIVE, ":label:`sec_x`"),
        (DIRECTIVE, ":begin_tab:`mxnet`\nprose"),
        (DIRECTIVE, "prose\n:end_tab:"),
        (DIRECTIVE, "```toc\nindex\n```"),
        (DIRECTIVE, "[**on a slide**]"),
        (CELL_MARK, "#@tab mxnet\nx = 1"),
        (CELL_MARK, "x = 1\n    #@nondeterministic"),
        (CELL_MARK, "#@folded\nx = 1"),
        (CELL_MARK, "# NBVAL_IGNORE_OUTPUT\nx"),
    ],
)
def test_when_a_mark_is_left_over_then_the_patterns_find_it(pattern, text):
    assert pattern.search(text)
    assert not pattern.search("`x[1:2]`：**粗体** `a: b`，`#@save`，~~删去~~")
