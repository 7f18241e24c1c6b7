"""Furo's style sheet in two: nothing is lost, and no page lacks what it needs."""

import re

import pytest

from bookkit.site.extension.cells.code_boxes import with_one_box
from bookkit.site.extension.furo import assets, furo_sheet
from bookkit.site.extension.furo.furo_sheet import halves_of_furo, needs_rare
from bookkit.site.extension.furo.sheets import Rule, rules_of, split

USUAL, RARE = halves_of_furo()
DEFINED = re.compile(r"(?<=[{;])(--[\w-]+):")
ASKED = re.compile(r"var\(\s*(--[\w-]+)")
SEARCH = assets._EXTENSION / "search" / "static" / "search.css"


def declarations(sheet, around=""):
    """Return all that a sheet says: where, of what, and what."""
    found = []
    for rule in rules_of(sheet):
        if rule.is_group:
            found += declarations(rule.body, f"{around}{rule.head} ")
        else:
            parts = split(rule.body, ";")
            found += [f"{around}{rule.head}{{{part}}}" for part in parts]
    return found


def test_when_a_sheet_is_taken_apart_then_it_is_the_same_again():
    sheet = furo_sheet._read()
    assert "".join(map(str, rules_of(sheet))) == sheet.strip()
    odd = "a{b:url('data:x;y,{z}');c:d(e,f;g)}@media (x){h,i:is(j,k)>l{m:n}}"
    first, second = rules_of(odd)
    assert split(first.body, ";") == ["b:url('data:x;y,{z}')", "c:d(e,f;g)"]
    assert second.is_group
    assert next(rules_of(second.body)).selectors == ["h", "i:is(j,k)>l"]
    assert Rule("a:not(b:not(.c)).d", "").selectors == ["a.d"]


def test_when_halved_then_every_declaration_is_in_one_half():
    whole = [
        one
        for one in declarations(furo_sheet._read())
        if not furo_sheet._NEVER.search(one)
    ]
    usual, rare = declarations(USUAL), declarations(RARE)
    assert sorted([*usual, *rare]) == sorted(whole)
    # In the order of the cascade.
    assert usual == [one for one in whole if one in set(usual)]
    assert rare == [one for one in whole if one in set(rare)]
    assert len(USUAL) < 0.6 * len(USUAL + RARE)


def test_when_a_page_has_the_usual_half_alone_then_it_has_all_variables():
    ours = [assets._read(f"{name}.css") for name in assets._STYLES]
    asked = set(ASKED.findall("".join([USUAL, *ours, SEARCH.read_text("utf-8")])))
    furos = set(DEFINED.findall(USUAL + RARE))
    assert asked & furos <= set(DEFINED.findall(USUAL))


@pytest.mark.parametrize("name", furo_sheet._RARE_CLASSES)
def test_when_a_page_has_a_rare_class_then_it_needs_the_rules(name):
    assert f".{name}" in RARE
    assert needs_rare(f'<div class="a {name} b">')
    assert needs_rare(f'<div id="x" class="{name}">')
    assert not needs_rare(f'<div class="{name}-more" id="{name}">{name}</div>')


def test_when_a_page_has_a_rare_element_then_it_needs_the_rules():
    assert needs_rare("<dl><dt>a</dt></dl>") and needs_rare('<kbd class="a">x</kbd>')
    assert not needs_rare('<div class="highlight bk-dl"><pre>&lt;kbd&gt;</pre></div>')


def test_when_code_has_two_boxes_then_one_says_it_all():
    inner = '<div class="highlight"><pre><span></span>a\n</pre></div>\n</div>\n'
    for before, after in [
        ('class="highlight-python notranslate"', 'class="highlight notranslate"'),
        (
            'class="output bk-warning highlight-none notranslate" id="x"',
            'class="output bk-warning highlight notranslate" id="x"',
        ),
    ]:
        found = with_one_box(f"<div {before}>{inner}")
        assert found == f"<div {after}><pre>a\n</pre></div>\n"
