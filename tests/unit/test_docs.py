"""What the documents say is what the repository does."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from bookkit.book.config import load
from bookkit.book.findings import CODES
from bookkit.check import coverage

ROOT = Path(__file__).resolve().parents[2]
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def test_when_make_help_runs_then_contributing_shows_the_same() -> None:
    shown = subprocess.run(
        ["make", "-s", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert f"```\n{shown.stdout}```" in CONTRIBUTING


def test_when_a_target_exists_then_help_lists_it() -> None:
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.M))
    helped = set(re.findall(r"^([a-z-]+):.*## ", MAKEFILE, re.M))
    assert targets == helped


def test_when_a_code_exists_then_contributing_explains_it() -> None:
    table = dict(re.findall(r"^\| (BK\d+) \| (.+) \|$", CONTRIBUTING, re.M))
    assert table == dict(CODES)


def test_when_sections_have_cells_then_contributing_counts_them() -> None:
    """`make coverage` renews the table."""
    book = load(ROOT)
    assert coverage.renewed(CONTRIBUTING, book, coverage.count(book)) == CONTRIBUTING


@pytest.mark.parametrize("name", ["README.md", "README.zh.md", "CONTRIBUTING.md"])
def test_when_a_document_names_a_file_or_target_then_it_exists(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", text)
    assert [link for link in links if not (ROOT / link).exists()] == []
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.M))
    named = set(re.findall(r"`make ([a-z][a-z-]*)", text))
    assert named <= targets


def test_when_a_lock_is_read_then_every_version_is_exact_and_has_hashes() -> None:
    for lock in (ROOT / "envs").glob("*.txt"):
        text = lock.read_text(encoding="utf-8").replace(" \\\n", "")
        pins = [row for row in text.splitlines() if not row.startswith("#")]
        assert pins
        for pin in pins:
            name, *hashes = re.split(r"\s+--hash=", pin)
            assert re.fullmatch(r"[\w.-]+==[\w.]+( ; .+)?", name), pin
            assert hashes or name.startswith("torch=="), pin
            # Nothing that a machine without a GPU would have to download
            assert not re.match(r"nvidia|cuda|triton", name), pin


def test_when_a_package_is_asked_for_then_its_lock_has_it() -> None:
    for wish in (ROOT / "envs").glob("*.in"):
        locked = wish.with_suffix(".txt").read_text(encoding="utf-8").lower()
        names = re.findall(r"^([\w-]+)", wish.read_text(encoding="utf-8"), re.M)
        have = {
            re.sub(r"[_.]", "-", n) for n in re.findall(r"^([\w.-]+)==", locked, re.M)
        }
        assert {name.lower().replace("_", "-") for name in names} - have == set()
