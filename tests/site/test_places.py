"""Addresses within a page: of cells, headings and whatever else is pointed at."""

import re

import pytest
from one_page import ran, stream

pytestmark = pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
CELL = "```{.python .input}\nx\n```\n"
EXERCISE = f"""# 页

{CELL}
## 练习

1. **编写**：一题。

{CELL}
2. **编写**：又一题。
"""


def addresses(page, kind):
    """Return the outermost elements that a page has of a kind of address."""
    found = [one for one in page.article.iter() if one.get("id", "").startswith(kind)]
    return {one.get("id"): one.get("class") for one in found}


def test_when_a_page_has_cells_then_each_group_has_the_next_number(one):
    shown, apart = ran("x"), ran("x", stream("1"))
    text = f"# 页\n\n{CELL}\n一\n\n{CELL}\n二\n\n{CELL}{CELL}"
    code = [shown, apart, ran("a", tabs=["alpha"]), ran("b", tabs=["beta"])]
    assert addresses(one.made(text, code), "cell-") == {
        "cell-1": "bk-cell",
        "cell-2": "bk-cell",
        "cell-3": "bk-tabs bk-tabs-code",
    }


def test_when_only_one_framework_has_a_cell_then_all_count_it(one):
    text = f"# 页\n\n{CELL}\n一\n\n{CELL}"
    code = [ran("x", tabs=["beta"]), ran("x")]
    assert list(addresses(one.made(text, code), "cell-")) == ["cell-1", "cell-2"]


def test_when_nothing_of_a_cell_is_shown_then_no_number_is_given(one):
    text = f"# 页\n\n{CELL}\n一\n\n{CELL}"
    page = one.made(text, [ran("#@hide"), ran("x")])
    assert list(addresses(page, "cell-")) == ["cell-1"]


def test_when_a_solution_has_cells_then_those_of_the_section_keep_their_numbers(one):
    solution = (f"# 解答\n\n## 1\n\n{CELL}", [ran("y", stream("2"))])
    page = one.made(EXERCISE, [ran("x"), ran("x")], solution=solution)
    assert list(addresses(page, "cell-")) == ["cell-1", "cell-2", "cell-s1"]


def test_when_an_author_has_such_a_label_then_it_stays_the_only_one(one):
    page = one.made(f"# 页\n:label:`cell-1`\n\n{CELL}", [ran("x")])
    assert page.warnings == ""
    assert page.html.count('id="cell-1"') == 1


def test_when_a_cell_has_a_number_then_it_leads_to_itself(one):
    (link,) = one.made(f"# 页\n\n{CELL}", [ran("x")]).boxes("bk-cell-number")
    assert (link.get("href"), link.get("title")) == ("#cell-1", "第1段代码")


def test_when_a_row_says_which_code_then_it_leads_to_the_cell_by_number(one):
    table = "|我想…|代码|\n|:--|:--|\n|看|`look()`|\n"
    text = f"# 页\n\n{table}\n{CELL}\n一\n\n{CELL}"
    page = one.made(text, [ran("x"), ran("look()", stream("1"))])
    assert '<a class="reference internal" href="#cell-2">看</a>' in page.html


SECTIONS = """# 页

一句[^a]，又一句[^说明]。

## 例子

## 参数绑定

### 例子

### 例子

## ？！

## Xavier与`He_kaiming`

![图注](img/box.svg)

|a|b|
|:--|:--|
|1|2|

:一张表

|a|b|
|:--|:--|
|1|2|
:label:`tab_one`

$$x = y$$
:eqlabel:`eq_one`

```eval_rst
.. figure:: ../img/box.svg

   又一幅

标题
----

一句 [#]_ 。

.. [#] 注
```

[^a]: 注一
[^说明]: 注二
"""


def test_when_nothing_is_labelled_then_addresses_are_words_and_none_is_counted(one):
    (one.root / "one" / "img").mkdir(exist_ok=True)
    (one.root / "img").mkdir(exist_ok=True)
    for folder in (one.root, one.root / "one"):
        (folder / "img" / "box.svg").write_text("<svg/>", encoding="utf-8")
    page = one.made(SECTIONS)
    ids = [found.get("id") for found in page.article.iter() if found.get("id")]
    assert [found for found in ids if re.fullmatch(r"id\d+", found)] == []
    assert sorted(set(ids)) == sorted(ids)
    assert {
        *("例子", "参数绑定", "参数绑定-例子", "参数绑定-例子-2", "页-section"),
        *("xavier与he_kaiming", "box", "box-2", "一张表", "标题"),
        *("tab-one", "tab_one", "equation-eq-one", "note-a-from", "note-说明-from"),
    } <= {*ids}
    for link in page.article.iter("a"):
        if link.get("href", "").startswith("#"):
            assert link.get("href")[1:] in ids


def test_when_a_heading_is_renamed_then_a_label_keeps_its_old_address(one):
    text = "# 页\n\n## 新名字\n:label:`旧名字`\n:label:`Old_Name`\n"
    page = one.made(text)
    assert page.warnings == ""
    for address in ("旧名字", "新名字", "Old_Name", "old-name"):
        assert page.html.count(f'id="{address}"') == 1


def test_when_there_are_exercises_then_each_has_its_number(one):
    solution = (f"# 解答\n\n## 1\n\n{CELL}", [ran("y")])
    page = one.made(EXERCISE, [ran("x"), ran("x")], solution=solution)
    assert list(addresses(page, "exercise-")) == ["exercise-1", "exercise-2"]
