"""`bookkit publish-notebooks` as people call it, with real kernels and git."""

import json
import subprocess
from pathlib import Path

import pytest
from faulty_books import CONFIG, Book

REPOSITORY = "https://github.com/some-one/book.git"
PUBLISHED = f"{CONFIG}[colab]\ngithub_repo = alpha, some-one/book\n"


def git(folder: Path, *words: str) -> str:
    command = ["git", "-C", str(folder), *words]
    return subprocess.run(
        command, check=True, capture_output=True, text=True
    ).stdout.strip()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    folder = tmp_path / "copy"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    git(folder, "remote", "add", "origin", REPOSITORY)
    git(folder, "config", "user.name", "Author")
    git(folder, "config", "user.email", "a@example.org")
    return folder


def test_when_asked_to_commit_then_what_changed_is_committed(tmp_path, copy):
    book = Book(tmp_path / "book", {"one": "6 * 7"}, PUBLISHED)
    said = book.passes("publish-notebooks", str(copy))
    assert f"Published: {copy}, 3 written, 0 deleted" in said
    assert f"next: git -C {copy} add -A, commit, push; or COMMIT=1" in said
    again, said = book.bookkit("publish-notebooks", str(copy), "--commit")
    assert again == 2 and "changes that are not committed, e.g. " in said
    git(copy, "add", "-A")
    git(copy, "commit", "-qm", "by hand")
    said = book.passes("publish-notebooks", str(copy), "--commit")
    assert "0 written, 0 deleted\nNothing to commit" in said
    book.write("one", "6 * 8")
    said = book.passes("publish-notebooks", str(copy), "--commit")
    assert "1 written, 0 deleted\nCommitted" in said
    assert git(copy, "log", "-1", "--format=%an %s") == "Author Faulty 0.0.1"
    assert git(copy, "status", "--porcelain") == ""
    notebook = json.loads((copy / "one.ipynb").read_text())
    (code,) = (one for one in notebook["cells"] if one["cell_type"] == "code")
    assert code["outputs"][0]["data"]["text/plain"] == ["48"]


def test_when_a_notebook_fails_then_nothing_is_published(tmp_path, copy):
    book = Book(tmp_path / "book", {"one": "6 * 7", "bad": "1 / 0"}, PUBLISHED)
    status, said = book.bookkit("publish-notebooks", str(copy), "--commit")
    assert status == 1 and "nothing is published" in said
    assert [one.name for one in copy.iterdir()] == [".git"]


def test_when_git_calls_from_a_hook_then_the_working_copy_is_still_meant(
    tmp_path, copy
):
    book = Book(tmp_path / "book", {"one": "6 * 7"}, PUBLISHED)
    git(book.root, "init", "-q")
    hook = {"GIT_DIR": str(book.root / ".git"), "GIT_INDEX_FILE": "index"}
    book.passes("publish-notebooks", str(copy), "--commit", **hook)
    assert git(copy, "log", "--format=%s") == "Faulty 0.0.1"


def test_when_the_folder_is_missing_then_the_command_says_so(tmp_path):
    book = Book(tmp_path / "book", {"one": "6 * 7"}, PUBLISHED)
    status, said = book.bookkit("publish-notebooks")
    assert status == 2 and "Missing argument 'FOLDER'" in said
