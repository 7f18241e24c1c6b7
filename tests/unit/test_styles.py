"""Colours and spaces of the pages have a name: a change is made in one place."""

import re
from importlib.resources import files
from pathlib import Path

import pytest

from bookkit.site.extension.furo.assets import _SCRIPTS

_FOLDER = Path(str(files("bookkit.site.extension")))
# The search has a sheet of its own, which is not held to this.
SHEETS = sorted(
    path.relative_to(_FOLDER).as_posix()
    for path in _FOLDER.rglob("*.css")
    if "search" not in path.parts
)
VARIABLES = "furo/variables.css"
COLOUR = re.compile(r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|oklch)a?\(", re.IGNORECASE)
SPACE = re.compile(r"\b(?:margin|padding|gap)[a-z-]*:([^;}]*)")
# One or two pixels make up for a border; more is a space, and has a name.
LENGTH = re.compile(r"(?<![\w.-])(?!-?[12]px\b)-?\d*\.?\d+(?:px|r?em)\b")


def rules_of(name):
    sheet = (_FOLDER / name).read_text(encoding="utf-8")
    return re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL)


def unnamed(rules):
    spaces = (part for value in SPACE.findall(rules) for part in LENGTH.findall(value))
    return [*COLOUR.findall(rules), *spaces]


@pytest.mark.parametrize("name", [name for name in SHEETS if name != VARIABLES])
def test_when_a_sheet_is_read_then_its_colours_and_spaces_are_variables(name):
    assert unnamed(rules_of(name)) == []


def test_when_a_colour_or_a_space_has_no_name_then_it_is_found():
    rules = "a { color: #12f; margin: 0 1px 0.3em; } b { gap: var(--x); top: 3px }"
    assert unnamed(rules) == ["#12f", "0.3em"]


def test_when_dark_is_chosen_or_left_to_the_system_then_the_colours_are_the_same():
    rules = rules_of(VARIABLES).partition("@media not print")[2]
    blocks = re.findall(r"body[^{]*\{([^}]*)\}", rules)
    chosen, system = (re.findall(r"--[\w-]+: [^;]*", block) for block in blocks)
    assert chosen == system
    assert len(chosen) > 10


def test_when_scripts_share_a_scope_then_no_function_takes_the_name_of_another():
    sources = [(_FOLDER / f"{name}.js").read_text("utf-8") for name in _SCRIPTS]
    names = re.findall(r"^(?:async )?function (\w+)", "\n".join(sources), re.MULTILINE)
    assert len(names) > 50
    assert sorted(names) == sorted(set(names))
