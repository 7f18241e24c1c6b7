"""What a notebook tells its reader around the text, from what config.ini says."""

import re
import tomllib
from pathlib import Path

import nbformat
import pytest
from packaging.requirements import Requirement
from small_books import CONFIG, code, unexecuted, write_book

from bookkit.book.commands import pip_line
from bookkit.book.config import Config, load
from bookkit.book.source import read_book
from bookkit.publish import notebooks as publish

ROOT = Path(__file__).resolve().parents[2]
FILES: dict[str, str | bytes] = {
    "index.md": "# Small\n\n```toc\n:numbered:\n\nc/index\n```\n",
    "c/index.md": "# Part\n\n```toc\none\nwords\ntwo\n```\n",
    "c/one.md": "# One\n:label:`sec_one`\n\nText.\n\n" + code("all", "1"),
    "c/words.md": "# Words\n",
    "c/two.md": "# Two\n\n" + code("alpha", "2") + "Last.\n",
}


def published(
    root: Path,
    config: str,
    versions: dict[str, str] | None = None,
    kernels: bool = False,
) -> dict[str, nbformat.NotebookNode]:
    book = write_book(root, FILES, config)
    sections = read_book(book)
    executed = unexecuted(book, sections)
    for notebook in executed["alpha"].values():
        if notebook and versions:
            notebook.metadata["bookkit"] = {"versions": versions}
    publish.write_notebooks(book, sections, executed, root / "made", kernels)
    folder = root / "made" / "alpha"
    return {
        path.relative_to(folder).as_posix(): nbformat.read(path, as_version=4)
        for path in folder.rglob("*.ipynb")
    }


def test_when_the_tab_says_nothing_then_the_notebook_says_what_it_is_of(tmp_path):
    one = published(tmp_path, CONFIG)["c/one.ipynb"]
    first, last = one.cells[0].source, one.cells[-1].source
    assert first == "# One\n\n> A notebook of *A Small Book* for alpha.\n\nText."
    assert last == "Next: [1.3 Two](two.ipynb) · Chapter: [1 Part](index.ipynb)"
    assert "version" not in one.metadata.language_info


def test_when_all_is_configured_then_the_notebook_says_it(tmp_path):
    config = (
        CONFIG.replace("title = A", "lang = zh\ntitle = A")
        + "[bookkit]\nsite = https://example.org/book/\n"
        + "[bookkit-alpha]\ntitle = Alpha\npreload = al, more\npythons = 3.11\n"
        + "platforms = linux-x86_64\ninstall = al==1 numpy<2,>=1.2\n    plot\n"
    )
    versions = {"more": "9", "al": "1.0+cpu", "python": "3.11.7"}
    notebooks = published(tmp_path, config, versions)
    assert notebooks["c/one.ipynb"].cells[0].source == (
        "# One\n\n"
        "> 这是《A Small Book》Alpha版的笔记本，用Alpha 1.0和Python 3.11.7运行过。"
        "在自己的机器上运行以前，先安装它用到的包："
        '`pip install al==1 "numpy<2,>=1.2" plot`。'
        "Python最高到3.11。它在Linux上运行，Windows上请用WSL。"
        "网页版在<https://example.org/book/c/one.html?tab=alpha>。\n\n"
        "Text."
    )
    two = notebooks["c/two.ipynb"].cells
    assert two[-1].source == "本章目录：[1 Part](index.ipynb)"
    assert [cell.source for cell in notebooks["c/words.ipynb"].cells] == ["# Words"]
    language = notebooks["c/one.ipynb"].metadata.language_info
    assert (language.version, language.file_extension) == ("3.11.7", ".py")


def test_when_a_system_has_no_packages_then_the_notebook_says_it(tmp_path):
    config = (
        CONFIG
        + "[bookkit-alpha]\ninstall = al\nplatforms = linux-x86_64, macos-arm64\n"
    )
    said = published(tmp_path, config)["c/one.ipynb"].cells[0].source
    assert "Linux on ARM has no packages of it." in said and "WSL" not in said


def test_when_a_kernel_has_it_all_then_nothing_is_to_be_installed(tmp_path):
    config = CONFIG + "[bookkit-alpha]\ninstall = al\n"
    said = published(tmp_path, config, kernels=True)["c/one.ipynb"].cells[0].source
    assert said == "# One\n\n> A notebook of *A Small Book* for alpha.\n\nText."


def test_when_there_are_solutions_then_the_notebook_leads_to_them(tmp_path):
    (tmp_path / "answers" / "c").mkdir(parents=True)
    answers = "# One: answers\n\n## 1\n\n" + code("all", "3")
    (tmp_path / "answers" / "c" / "one.md").write_text(answers)
    notebooks = published(tmp_path, CONFIG + "[bookkit]\nsolutions = answers\n")
    on = "Next: [1.3 Two](two.ipynb) · Chapter: [1 Part](index.ipynb)"
    last = notebooks["c/one.ipynb"].cells[-1].source
    assert last == f"[Solutions](one-solutions.ipynb) · {on}"
    assert notebooks["c/one-solutions.ipynb"].cells[-1].source == on


def test_when_versions_and_words_change_then_no_cell_has_another_id(tmp_path):
    before = published(tmp_path, CONFIG, {"alpha": "1"})["c/one.ipynb"]
    config = CONFIG + "[bookkit-alpha]\npreload = alpha\ninstall = alpha\n"
    after = published(tmp_path, config, {"alpha": "2"})["c/one.ipynb"]
    assert before.cells[0].source != after.cells[0].source
    assert [cell.id for cell in before.cells] == [cell.id for cell in after.cells]


@pytest.fixture(scope="module")
def book() -> Config:
    return load(ROOT)


def test_when_readers_install_then_it_is_what_the_package_asks_for(book):
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    for tab in book.tabs:
        asked = [*map(Requirement, extras["optional-dependencies"][tab.name])]
        told = [*map(Requirement, tab.install)]
        assert [one.name for one in told] == [one.name for one in asked]
        pairs = zip(told, asked, strict=True)
        differ = [one.name for one, a in pairs if one.specifier != a.specifier]
        # Its notebooks need more than the functions of d2l do.
        assert differ == ["paddlepaddle"] * (tab.name == "paddle")


def test_when_readers_install_then_the_versions_of_the_locks_fit(book):
    for tab in book.tabs:
        lock = tab.lock.read_text(encoding="utf-8")
        pinned = dict(re.findall(r"^([\w-]+)==([\w.]+)", lock, re.M))
        for one in map(Requirement, tab.install):
            assert one.specifier.contains(pinned[one.name]), one


@pytest.mark.parametrize(
    ("requirements", "line"),
    [
        (("torch", "numpy==1.2"), "pip install torch numpy==1.2"),
        (("a>=1", "b[c]", "d~=2"), 'pip install "a>=1" "b[c]" "d~=2"'),
    ],
)
def test_when_a_shell_would_read_it_otherwise_then_it_is_quoted(requirements, line):
    assert pip_line(requirements) == line
