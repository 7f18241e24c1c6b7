"""Page, notebook and check take numbers, links, notes and pictures from one reading."""

import re
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import nbformat
import pytest
from site_books import CONFIG, page_of
from small_books import code
from whole_books import build_whole

from bookkit.book.config import load
from bookkit.check import check_book

BOX = "<svg xmlns='http://www.w3.org/2000/svg' width='4' height='3'/>"
#: What is numbered, each with its label; each page refers to all of them.
NAMED = {
    "sec_deep": "1.1.1", "sub_deep": "1.1.1.1", "sub_chapter": "1.2", "sec_丙": "2",
    "fig_first": "1.1", "fig_inside": "1.1.2", "fig_solved": "1.1.3",
    "fig_second": "1.1.5", "fig_丙": "2.1", "tab_deep": "1.1.2", "tab_next": "1.1.3",
    "Eq:loss": "1.1.1", "eq:next": "1.1.2", "eq_丙": "2.1",
}  # fmt: skip
SEES = "\n".join(
    f":{'eqref' if name[:2].lower() == 'eq' else 'numref'}:`{name}`；" for name in NAMED
)
DEEP = f"""<!-- # 不是标题 :numref:`gone` -->

深的 `节`
=====
:label:`sec_deep`

见 :numref:`fig_inside`，**注意：**正文，H :numref:`fig_inside`是，[^note]也是，
`:numref:`gone``。

![没有标签](img/a.svg)

## 小节 一
:label:`sub_deep`

![里面的](img/a.svg)
:width:`30px`
:label:`fig_inside`

:没有标签的表

| 甲 | 乙 |
|---|---|
| :numref:`fig_inside` | [丙](../三/丙.md#丙-节) |

:表的说明

| 甲 | 乙 |
|---|---|
| 1 | `a\\|b` |
:label:`tab_deep`

$$a$$

$$b$$
:eqlabel:`Eq:loss`

[丁](next.md)、[参考][ref]、[本节](#小节-一)、[文件](../d/t.csv)、![点][pic]。

{code("all", "1")}

<img src="img/a%20b.svg" alt="丙">

![丁](<img/a b.svg> "题") ![戊](img/a(1).svg) ![己](img/a.svg?raw=true)

## 练习

1. **写 ★☆☆**：一。

[^note]: 说明 :numref:`fig_inside`。

[ref]: next.md

[pic]: img/a.svg
"""
FILES: dict[str, str | bytes] = {
    "config.ini": CONFIG.replace(
        "    language", "    math_eqref_format = '（{number}）'\n    language"
    )
    .replace("    language", "    math_number_all = False\n    language")
    .replace("'section'", "'table': '表%%s', 'section'")
    + "[bookkit]\nsolutions = answers\n",
    "index.md": "# 书\n\n```toc\n:numbered:\n\none/index\n三/丙\n```\n\n"
    "```toc\nfree\n```\n",
    "one/index.md": "# 章\n\n![第一](../two/img/a.svg)\n:label:`fig_first`\n\n"
    "```toc\nfirst\n```\n\n"
    "## 概述\n:label:`sub_chapter`\n\n文。\n",
    "one/first.md": "# 部\n\n```toc\n../two/deep\n../two/next\n```\n\n" + SEES + "\n",
    "two/deep.md": DEEP,
    "two/next.md": "# 下一节\n\n![第二](img/a.svg)\n\n"
    "![第二](img/a.svg)\n:label:`fig_second`\n\n: 表\n\n| a |\n|---|\n| b |\n"
    ":label:`tab_next`\n\n$$c$$\n:eqlabel:`eq:next`\n",
    "三/丙.md": "# 丙 节\n:label:`sec_丙`\n\n![丙](../two/img/a.svg)\n"
    ":label:`fig_丙`\n\n$$d$$\n:eqlabel:`eq_丙`\n",
    "free.md": f"# 没有编号\n\n{SEES}\n\n![自由](two/img/a.svg)\n",
    "answers/two/deep.md": "# 答\n\n## 1\n\n![答案](img/a.svg)\n:label:`fig_solved`\n",
    "two/img/a.svg": BOX,
    "two/img/a b.svg": BOX,
    "two/img/a(1).svg": BOX,
    "d/t.csv": "1\n",
}


def built(root: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(str(content), encoding="utf-8")
    build_whole(root)
    return root


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    return built(tmp_path_factory.mktemp("reading"), FILES)


def notebook(book: Path, name: str) -> str:
    path = book / "_build" / "notebooks" / "alpha" / f"{name}.ipynb"
    cells = nbformat.read(path, as_version=4).cells
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def numbers(text: str) -> list[str]:
    return re.findall(r"\d+(?:\.\d+)*", text)


def shown(book: Path, page: str) -> list[str]:
    words = re.sub(r"<[^>]+>", "", page_of(book, f"{page}.html"))
    return [numbers(line)[-1] for line in words.split("；")[: len(NAMED)]]


def said(book: Path, page: str) -> list[str]:
    lines = notebook(book, page).split("；")[: len(NAMED)]
    return [numbers(re.sub(r"\]\(.*", "]", line))[0] for line in lines]


@pytest.mark.parametrize("page", ["one/first", "free"])
def test_when_something_is_named_then_page_and_notebook_say_its_number(book, page):
    assert shown(book, page) == said(book, page) == list(NAMED.values())


def test_when_every_formula_is_numbered_then_page_and_notebook_agree(tmp_path):
    config = str(FILES["config.ini"]).replace("    math_number_all = False\n", "")
    book = built(tmp_path, {**FILES, "config.ini": config})
    numbers = {**NAMED, "Eq:loss": "1.1.2", "eq:next": "1.1.3"}
    assert shown(book, "free") == said(book, "free") == list(numbers.values())


def test_when_checked_then_nothing_is_found_but_tabs(book):
    found = [
        one for one in check_book(load(book)) if one.code not in ("BK112", "BK202")
    ]
    assert [str(one) for one in found] == []


def test_when_jupyter_renders_each_cell_alone_then_it_shows_what_the_page_shows(book):
    text = notebook(book, "two/deep")
    assert "见图1.1.2，<strong>注意：</strong>正文，H 图1.1.2是" in text
    assert "`:numref:`gone``" in text and "<!-- # 不是标题 :numref:`gone` -->" in text
    assert "<sup>[1]</sup>也是" in text and "<sup>[1]</sup> 说明图1.1.2。" in text
    assert (
        "| 图1.1.2 | [丙](../%E4%B8%89/%E4%B8%99.ipynb#%E4%B8%99-%E8%8A%82) |" in text
    )
    assert "表1.1.1 没有标签的表" in text and "表1.1.2 表的说明" in text
    assert "[丁](next.ipynb)、[参考](next.ipynb)、[本节](#小节-一)" in text
    assert '<img src="img/a.svg" alt="里面的" width="30">' in text
    assert ":label:" not in text and "[ref]:" not in text
    for name in ("a.svg", "a b.svg", "a(1).svg"):
        assert (book / "_build/notebooks/alpha/two/img" / name).is_file()


def test_when_a_section_links_to_another_then_the_page_does_too(book):
    page = page_of(book, "two/deep.html")
    links = {unescape(unquote(one)) for one in re.findall(r'href="([^"]*)"', page)}
    assert {"next.html", "../三/丙.html#sec_丙", "#sub-deep"} <= links
    assert "深的" in page.partition("<title>")[2].partition("</title>")[0]


def test_when_taken_along_then_every_picture_is_inside(book):
    path = book / "_build" / "html" / "_notebooks" / "alpha" / "two" / "deep.ipynb"
    text = path.read_text(encoding="utf-8")
    assert "img/a" not in text and text.count("data:image/svg") == 7
