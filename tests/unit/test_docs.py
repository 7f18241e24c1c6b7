"""What the documents say is what the repository does."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from bookkit.book.config import load
from bookkit.book.findings import CODES, STYLE_CODES
from bookkit.check import coverage
from bookkit.cli import GROUPS, cli

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "bookkit" / "src" / "bookkit"
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
DOCUMENTS = [path for path in DOCUMENTS if path.name != "index.md"]
WRITING, TOOL = (
    (ROOT / "docs" / name).read_text(encoding="utf-8")
    for name in ("writing.md", "tool.md")
)
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
ROOMS = TOOL[TOOL.index("## Rooms") : TOOL.index("## Targets")]
#: A name that its reader chooses, a file that `make` writes, or what a cell finds.
OPEN = re.compile(r"TAB|NAME|^(_build|\.envs)/|^\.\./(data|img)\b")


def test_when_make_help_runs_then_the_document_shows_the_same() -> None:
    shown = subprocess.run(
        ["make", "-s", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert f"```\n{shown.stdout}```" in TOOL


def test_when_a_target_exists_then_help_lists_it():
    targets = set(re.findall(r"^([a-z0-9-]+):", MAKEFILE, re.M))
    shown = TOOL[TOOL.index("## Targets") : TOOL.index("## The way of a page")]
    assert targets == set(re.findall(r"^  make ([a-z0-9-]+) ", shown, re.M))


def test_when_a_command_exists_then_help_says_all_of_it_in_a_group():
    assert set(cli.commands) == set(" ".join(GROUPS.values()).split())
    shown = CliRunner().invoke(cli, ["--help"], terminal_width=80).output
    said = " ".join(shown.split())
    for name, command in cli.commands.items():
        assert f"{name} {command.get_short_help_str(999)}" in said
    assert "..." not in said.partition("Read:")[2]


def test_when_a_code_exists_then_the_document_explains_it() -> None:
    rows = re.findall(r"^\| (BK\d+) \| (\w+) \| (.+) \|$", WRITING, re.M)
    assert {code: meaning for code, _, meaning in rows} == dict(CODES)
    assert {code for code, level, _ in rows if level == "style"} == STYLE_CODES


def test_when_sections_have_cells_then_the_document_counts_them() -> None:
    """`make coverage` renews the table."""
    book = load(ROOT)
    assert coverage.renewed(WRITING, book, coverage.count(book)) == WRITING


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_when_a_document_names_a_file_or_target_then_it_exists(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?:)([^)#]*)(?:#([\w-]+))?\)", text)
    for file, heading in links:
        linked = path.parent / file if file else path
        assert linked.exists(), file
        assert not heading or heading in headings(linked), heading
    code = re.findall(r"`(([\w.-]+)/[\w./-]*)`", text)
    named = [one for one, top in code if is_there(top) and not OPEN.search(one)]
    assert [one for one in named if not is_there(one)] == []
    targets = set(re.findall(r"^([a-z0-9-]+):", MAKEFILE, re.M))
    assert set(re.findall(r"`make ([a-z][a-z0-9-]*)", text)) <= targets


def headings(document: Path) -> set[str]:
    """Return what a document's headings are linked by."""
    titles = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w -]", "", one).lower().replace(" ", "-") for one in titles}


def is_there(name: str) -> bool:
    """Tell whether a file, a folder or, without its suffix, a module exists."""
    places = [top / name for top in (ROOT, SOURCE)]
    return any(
        one.exists() or one.with_name(f"{one.name}.py").exists() for one in places
    )


def test_when_a_room_exists_then_the_document_has_a_line_for_it() -> None:
    rows = "".join(re.findall(r"^\| (.+?) \|", ROOMS, re.M))
    named = set(re.findall(r"`([\w/]+)`", rows))
    rooms = {f"{path.parent.name}/" for path in SOURCE.glob("*/__init__.py")}
    rooms |= {path.stem for path in SOURCE.glob("[!_]*.py")}
    assert {name for name in named if name.count("/") < 2} == rooms
    assert [name for name in named if not is_there(name)] == []


def test_when_rooms_lie_in_layers_then_the_document_shows_the_same() -> None:
    """`make lint` holds the layers."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (layers,) = (
        contract["layers"]
        for contract in settings["tool"]["importlinter"]["contracts"]
        if contract["type"] == "layers"
    )
    shown = " → ".join(layer.replace(" | ", ", ") for layer in layers)
    assert f"```\n{shown}\n```" in ROOMS


def test_when_a_lock_is_read_then_every_version_is_exact_and_has_hashes():
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


def test_when_a_package_is_asked_for_then_its_lock_has_it():
    for wish in (ROOT / "envs").glob("*.in"):
        locked = wish.with_suffix(".txt").read_text(encoding="utf-8").lower()
        names = re.findall(r"^([\w-]+)", wish.read_text(encoding="utf-8"), re.M)
        have = {
            re.sub(r"[_.]", "-", n) for n in re.findall(r"^([\w.-]+)==", locked, re.M)
        }
        assert {name.lower().replace("_", "-") for name in names} - have == set()


def test_when_pip_has_built_here_then_git_does_not_see_it():
    made = ["build/lib/a", "bookkit/build/lib/a", "a.egg-info/a", "dist/a.whl"]
    told = subprocess.run(
        ["git", "check-ignore", *made], cwd=ROOT, capture_output=True, text=True
    )
    assert told.stdout.split() == made
