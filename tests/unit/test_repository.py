"""Notebooks are published into a clean working copy of the right repository."""

import subprocess
from pathlib import Path

import nbformat
import pytest
from small_books import CONFIG, code, unexecuted, write_book

from bookkit.book.config import load
from bookkit.book.source import read_book
from bookkit.errors import UsageError
from bookkit.publish.notebooks import write_notebooks
from bookkit.publish.repository import Published, WorkingCopy

FILES: dict[str, str | bytes] = {
    "index.md": "# Small\n\n```toc\n:numbered:\n\nc/index\n```\n",
    "c/index.md": "# Part\n\n```toc\none\ntwo\n```\n",
    "c/one.md": "# One\n\nText.\n\n" + code("alpha", "1") + code("beta", "2"),
    "c/two.md": "# Two\n\n" + code("alpha", "#@data names.txt", "open('names.txt')"),
    "names.txt": "a\n",
}
ALPHA, BETA = "some-one/book-alpha", "some-one/Book.beta"
APART = f"[colab]\ngithub_repo = alpha, {ALPHA}\n    beta, {BETA}\n"
TOGETHER = f"[colab]\ngithub_repo = alpha, {ALPHA}\n    beta, {ALPHA}\n"
INSTALL = "[bookkit-alpha]\ninstall = al>=2 plot\n"


def git(folder: Path, *words: str) -> str:
    own = ["-c", "user.name=Author", "-c", "user.email=a@example.org"]
    command = ["git", "-C", str(folder), *own, *words]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def clone(folder: Path, repository: str = ALPHA) -> Path:
    """Make what a clone of an empty repository is."""
    folder.mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main")
    git(folder, "config", "user.name", "Author")
    git(folder, "config", "user.email", "a@example.org")
    git(folder, "remote", "add", "origin", f"https://github.com/{repository}.git")
    return folder


def publish(root: Path, folder: Path, config: str, **files: str) -> Published:
    book = write_book(root, {**FILES, **files}, CONFIG + config)
    sections = read_book(book)
    copy = WorkingCopy(book, folder)
    taken = Published(book, sections, copy)
    executed = unexecuted(book, sections)
    names = [tab.name for tab in copy.tabs]
    some = load(root, names)
    write_notebooks(some, sections, executed, root / "made", taker=taken)
    return taken


def names(folder: Path) -> list[str]:
    files = (one.relative_to(folder) for one in folder.rglob("*") if one.is_file())
    return sorted(str(one) for one in files if one.parts[0] != ".git")


def test_when_a_tab_has_a_repository_then_its_notebooks_lie_at_their_paths(tmp_path):
    folder = clone(tmp_path / "copy")
    publish(tmp_path / "book", folder, APART + INSTALL)
    assert names(folder) == [
        ".bookkit-notebooks",
        "README.md",
        "c/index.ipynb",
        "c/names.txt",
        "c/one.ipynb",
        "c/two.ipynb",
        "index.ipynb",
    ]
    assert (folder / "README.md").read_text() == (
        "# A Small Book\n\n"
        "Notebooks of *A Small Book*, made from its sources: what is changed here is "
        "replaced when they are made again.\n\n"
        "## 1 Part\n\n- [1.1 One](c/one.ipynb)\n- [1.2 Two](c/two.ipynb)\n"
    )
    assert git(folder, "log", "--all") == ""  # nobody asked for a commit
    for path in folder.rglob("*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
        assert notebook.metadata.kernelspec.name == "python3"
        assert notebook.metadata.language_info.file_extension == ".py"


def test_when_tabs_share_a_repository_then_each_has_a_folder(tmp_path):
    folder = clone(tmp_path / "copy")
    publish(tmp_path / "book", folder, TOGETHER)
    assert {one for one in names(folder) if "one" in one} == {
        "alpha/c/one.ipynb",
        "beta/c/one.ipynb",
    }
    text = (folder / "README.md").read_text()
    links = "[alpha](alpha/c/one.ipynb) · [beta](beta/c/one.ipynb)"
    assert f"- 1.1 One<br>{links}\n" in text


def test_when_a_service_lacks_a_package_then_a_cell_installs_it(tmp_path):
    folder = clone(tmp_path / "copy")
    publish(tmp_path / "book", folder, APART + INSTALL)
    one = nbformat.read(folder / "c" / "one.ipynb", as_version=4)
    first, second = (cell for cell in one.cells if cell.cell_type == "code")
    assert first.source == '# Install what is not here\n%pip install -q "al>=2" plot'
    assert first.metadata.tags == ["nbval-skip"] and first.execution_count is None
    assert second.source == "1" and first.id != second.id
    made = nbformat.read(tmp_path / "book/made/alpha/c/one.ipynb", as_version=4)
    assert "%pip" not in str(made)  # a reader's own copy has no such cell


@pytest.mark.parametrize(
    ("install", "services", "expected"),
    [
        ("torch>=2.6 numpy", "colab, kaggle", False),
        ("torch>=2.6 numpy", "dsw", True),
        ("torch>=2.6 rare", "colab", True),
        ("rare", "binder", False),
        ("rare", "binder\n    Hub https://a.org/{path}", True),
        ("rare", "", False),
        ("", "dsw", False),
    ],
)
def test_when_the_services_have_it_all_then_nothing_is_installed(
    tmp_path, install, services, expected
):
    folder = clone(tmp_path / "copy")
    own = f"[bookkit-alpha]\ninstall = {install}\nservices = {services}\n"
    publish(tmp_path / "book", folder, APART + own)
    assert ("%pip" in (folder / "c" / "one.ipynb").read_text()) == expected


def test_when_code_asks_for_a_gpu_then_so_does_the_notebook(tmp_path):
    folder = clone(tmp_path / "copy")
    text = "# One\n\n" + code("alpha", "try_gpu = 1")
    publish(tmp_path / "book", folder, APART, **{"c/one.md": text})
    wish = {
        path.name: nbformat.read(path, as_version=4).metadata.get("accelerator")
        for path in folder.rglob("*.ipynb")
    }
    assert wish.pop("one.ipynb") == "GPU" and set(wish.values()) == {None}


def test_when_binder_opens_it_then_it_is_told_what_to_install(tmp_path):
    folder = clone(tmp_path / "copy")
    own = INSTALL + "services = binder\npythons = 3.11, 3.12\n"
    publish(tmp_path / "book", folder, APART + own)
    assert (folder / "requirements.txt").read_text() == "al>=2\nplot\n"
    assert (folder / "runtime.txt").read_text() == "python-3.12\n"
    with pytest.raises(UsageError) as caught:
        publish(tmp_path / "book", clone(tmp_path / "other"), TOGETHER + own)
    assert "services has binder, and one repository has alpha, beta" in str(
        caught.value
    )


def test_when_published_again_then_only_what_changed_changes(tmp_path):
    folder, book = clone(tmp_path / "copy"), tmp_path / "book"
    publish(book, folder, APART)
    (folder / "LICENSE").write_text("mine\n")
    (folder / "mine.ipynb").write_text("{}\n")
    copy = WorkingCopy.__new__(WorkingCopy)
    copy.folder = folder
    assert copy.commit("first") and not copy.commit("again")
    again = publish(book, folder, APART)
    assert (again.written, again.deleted) == (0, 0)
    (book / "c" / "two.md").unlink()
    index = "# Part\n\n```toc\none\n```\n"
    del_two = {name: text for name, text in FILES.items() if name != "c/two.md"}
    book_now = write_book(book, {**del_two, "c/index.md": index}, CONFIG + APART)
    sections = read_book(book_now)
    taken = Published(book_now, sections, WorkingCopy(book_now, folder))
    executed = unexecuted(book_now, sections)
    some = load(book, ["alpha"])
    write_notebooks(some, sections, executed, book / "made", taker=taken)
    gone = ["c/names.txt", "c/two.ipynb"]
    assert git(folder, "ls-files", "--deleted").splitlines() == gone
    assert taken.deleted == 2
    assert {"LICENSE", "mine.ipynb"} <= set(names(folder))


def refused(book_root: Path, folder: Path, config: str = APART) -> str:
    book = write_book(book_root, FILES, CONFIG + config)
    before = names(folder) if folder.is_dir() else []
    with pytest.raises(UsageError) as caught:
        WorkingCopy(book, folder)
    assert (names(folder) if folder.is_dir() else []) == before
    return str(caught.value).replace(str(folder), "COPY")


def test_when_the_working_copy_is_not_the_right_one_then_it_is_refused(tmp_path):
    root, expected = tmp_path / "book", f"  expected: a clone of {ALPHA}, {BETA}\n"
    clone_it = f"  next: git clone https://github.com/{ALPHA} COPY"
    none = f"COPY: no working copy of git\n{expected}{clone_it}"
    assert refused(root, tmp_path / "nowhere") == none
    (tmp_path / "plain").mkdir()
    assert refused(root, tmp_path / "plain") == none
    inner = clone(tmp_path / "outer") / "inner"
    inner.mkdir()
    assert refused(root, inner) == none
    other = clone(tmp_path / "other", "some-one/elsewhere")
    said = f"COPY: a working copy of some-one/elsewhere\n{expected}{clone_it}"
    assert refused(root, other) == said
    assert refused(root, clone(tmp_path / "ours"), "") == (
        "config.ini: no repositories are named\n"
        "  next: name them: [colab] github_repo in config.ini"
    )


def test_when_the_working_copy_is_not_as_it_should_be_then_it_is_refused(tmp_path):
    root, folder = tmp_path / "book", clone(tmp_path / "copy", BETA.lower())
    (folder / "note.txt").write_text("mine\n")
    assert refused(root, folder) == (
        "COPY: 1 changes that are not committed, e.g. note.txt\n"
        "  expected: a clean working copy\n"
        "  next: git -C COPY status, then commit or remove them"
    )
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "note")
    git(folder, "switch", "-qc", "other")
    assert refused(root, folder) == (
        "COPY: on branch other\n"
        "  expected: main, which is `colab_branch` in config.ini\n"
        "  next: git -C COPY switch main"
    )


def test_when_a_link_leads_out_of_the_working_copy_then_nothing_is_written_there(
    tmp_path,
):
    folder, outside = clone(tmp_path / "copy"), tmp_path / "outside"
    outside.mkdir()
    (folder / "c").symlink_to(outside)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "link")
    with pytest.raises(UsageError, match="leads out of the working copy"):
        publish(tmp_path / "book", folder, APART)
    assert list(outside.iterdir()) == []
