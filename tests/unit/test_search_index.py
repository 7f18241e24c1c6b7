"""The parts of the search's index: blocks of a page, the script, what is kept."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from docutils import nodes

from bookkit.book.words import read_words
from bookkit.site.extension.cells.tabs import tab_group, tab_panel
from bookkit.site.extension.search import page
from bookkit.site.extension.search.blocks import CODE, OUTPUT, TEXT, Place, places_of
from bookkit.site.extension.search.index import script_of
from bookkit.site.extension.search.kept import KeptPlaces


def page_of_tabs() -> nodes.document:
    section = nodes.section(ids=["top"])
    section += nodes.title("", "页")
    section += nodes.paragraph(
        "", "", nodes.Text("先看ＧＰＵ，"), nodes.strong("", "这里")
    )
    group = tab_group(kind="code", number=0)
    for tab, code in {"a": "x = 1", "b": "x = 1", "c": "y = 2"}.items():
        panel = tab_panel(tab=tab, title=tab.upper(), number=0)
        panel += nodes.literal_block("", f"{code}\n")
        group += panel
    section += group
    section += nodes.literal_block("", "1", classes=["output"])
    section += nodes.comment("", "unseen")
    inner = nodes.section(ids=["in"])
    inner += nodes.title("", "节")
    inner += nodes.bullet_list("", nodes.list_item("", nodes.paragraph("", "项")))
    section += inner
    document = nodes.document(None, None)
    document += section
    return document


def test_when_a_page_has_tabs_then_each_text_is_there_once_with_its_tabs() -> None:
    places = places_of(page_of_tabs(), {"top": "1 ", "in": "1.1 "}.__getitem__)
    assert places == [
        (
            "",
            "1 页",
            [
                ((), TEXT, "先看GPU，这里"),
                (("a", "b"), CODE, "x = 1"),
                (("c",), CODE, "y = 2"),
                ((), OUTPUT, "1"),
            ],
        ),
        ("in", "1.1 节", [((), TEXT, "项")]),
    ]


def test_when_the_index_is_written_then_every_text_is_in_it_once() -> None:
    quoted = 'it\'s \\ "so"\n词'
    places: list[Place] = [
        ("", "甲", [((), TEXT, quoted), (("b",), CODE, "def nn.go_2():")]),
        ("z", "乙", [((), TEXT, "甲乙go和1.5")]),
    ]
    script = script_of([("p.html", places)], {"a": "A", "b": "B"})
    literal = re.fullmatch(r"bookkitSearch\.load\('(.*)'\);\n", script, re.DOTALL)
    assert literal is not None
    content = json.loads(re.sub(r"\\(.)", r"\1", literal[1], flags=re.DOTALL))
    assert content["tabs"] == [["a", "A"], ["b", "B"]]
    first = ["", [TEXT, CODE | 2 << 2], f"甲\u2029{quoted}\u2029def nn.go_2():"]
    assert content["pages"] == [["p.html", first, ["z", [TEXT], "乙\u2029甲乙go和1.5"]]]
    assert content["names"] == "def go it nn.go_2 s so"


@pytest.mark.parametrize(
    "damage",
    ["", "[]", '{"format": 0, "pages": {"p": []}}', '{"format": 1, "pages": 3}'],
)
def test_when_what_was_kept_is_damaged_then_it_is_as_if_new(
    tmp_path: Path, damage: str
) -> None:
    kept = KeptPlaces(tmp_path)
    kept["p"] = [("", "甲", [(("a",), CODE, "x")])]
    kept["gone"] = []
    kept.save({"p"})
    again = KeptPlaces(tmp_path)
    assert again["p"] == kept["p"] and "gone" not in again
    next(tmp_path.iterdir()).write_text(damage, encoding="utf-8")
    assert "p" not in KeptPlaces(tmp_path)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_when_the_page_says_something_then_it_has_words_for_it(language: str) -> None:
    folder = Path(page.__file__).parent
    templates = "".join(path.read_text("utf-8") for path in folder.rglob("*.html"))
    named = set(re.findall(r"bookkit_search\.(\w+)", templates))
    named |= set(re.findall(r"searchWords\.(\w+)", page.script({})))
    chosen = {"none", "begins", "near"}
    chosen |= {f"{kind}_{n}" for kind in ("has", "begun") for n in ("one", "many")}
    words = read_words("bookkit.site.extension.base", language)
    known = {key for key in words if key.startswith("search_")}
    assert known == {f"search_{name}" for name in named | chosen}
