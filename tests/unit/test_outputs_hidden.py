"""Comments of d2lbook's that keep code or outputs off the page."""

import pytest

from bookkit.book.hiding import without_hidden


def shown(*sources, tab="alpha"):
    code = [{tab: {"source": one, "outputs": ["o"], "tags": []}} for one in sources]
    return [
        (bool(one[tab]["source"]), bool(one[tab]["outputs"]))
        for one in without_hidden(code)
    ]


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("x", (True, True)),
        ("#@hide\nx", (False, False)),
        ("x  #@hide", (False, False)),
        ("x  # @hide", (True, True)),
        ("#@hide_code\nx", (False, True)),
        ("#@Hide_Code\nx", (False, True)),
        ("#@hide_output\nx", (True, False)),
        ("x\n# hide code", (False, True)),
        ("x\n# hide outputs", (True, False)),
        ("# hide nothing\n#@hidden", (True, True)),
    ],
)
def test_when_a_comment_hides_then_as_d2lbook_does(source, wanted):
    assert shown("a", source, "b") == [(True, True), wanted, (True, True)]


def test_when_all_is_hidden_then_from_there_to_the_end_and_in_that_tab_alone():
    assert shown("a", "#@hide_all\nx", "b") == [(True, True), *[(False, False)] * 2]
    two = [
        {tab: {"source": s, "outputs": [], "tags": []} for tab, s in pair.items()}
        for pair in ({"alpha": "#@hide_all", "beta": "x"}, {"alpha": "y", "beta": "y"})
    ]
    found = [
        {tab: one["source"] for tab, one in each.items()}
        for each in without_hidden(two)
    ]
    assert found == [{"alpha": "", "beta": "x"}, {"alpha": "", "beta": "y"}]
