"""Sections as pages: every construct of the format, read once."""

import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from site_books import CONFIG, TABS, notebooks_of, write_files

from bookkit.errors import SiteError
from bookkit.site.build import build_site

FIRST = r"""<!-- # 假标题 :numref:`gone` -->
真标题
===
:label:`sec:intro`

见 :numref:`Sec_B`，a:numref:`sec_b`，**粗:numref:`fig:x`体**，``:numref:`不是` ``。

~~删~~，**注意：**正文。脚注[^1]，[引用][那里]。

[丁](b.md)，[丁节](b.md#丁节)，[小节](#小节)，<img src="../img/x.svg" width="20">。

| 甲 | 见 |
|:-|-:|
| :numref:`fig:x` | 乙 |

字。
## 小节

![图$x[i]$说](../img/x.svg "题")
:width:`120px`
:label:`fig:x`

```{.python .input}
#@tab alpha
# 说明
a()
```

[^1]: 脚注的话。

[那里]: https://example.org

:表的说明

| 甲 | 乙 |
|---|---|
| 1 | 2 |
:label:`tab:x`

见:numref:`tab:x`，公式
$$a=b$$
:eqlabel:`eq:loss`
即:eqref:`eq:loss`，25$C^{x}$C，$5与$6。
"""
FILES = {
    "config.ini": CONFIG,
    "index.md": """# 书

```toc
:numbered:

one/a
one/b
one/c d
one/e#f
one/[g]
```

```{toc }
one/h
```
""",
    "one/a.md": FIRST,
    "one/b.md": """# 乙
:label:`sec_b`

## 丁节
:label:`Sec_B`

![无标签](../img/x.svg)

![有](../img/x.svg)
:label:`fig_b`

:numref:`fig_b`
""",
    "one/h.md": "# 无号\n\n:ref:`sec_b`，:numref:`SEC_B`\n",
    "img/x.svg": (
        '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30">'
        '<rect width="40" height="30"/></svg>'
    ),
    "img/图 一.svg": '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="3"/>',
}
ODD = ("c d", "e#f", "[g]")
for name in ODD:
    text = "![甲](<../img/图 一.svg>)\n\n![乙](../img/x.svg?raw=true)\n"
    FILES[f"one/{name}.md"] = f"# {name}\n\n{text}"


@pytest.fixture(scope="module")
def book(tmp_path_factory) -> Path:
    root = write_files(tmp_path_factory.mktemp("sections"), FILES)
    build_site(root, TABS, notebooks_of(root))
    return root


def article(book: Path, name: str) -> str:
    html = (book / "_build" / "html" / name).read_text(encoding="utf-8")
    return html.partition("<article")[2].partition("</article>")[0]


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html))


def test_when_a_comment_has_a_heading_then_it_is_none(book):
    html = article(book, "one/a.html")
    assert "真标题" in html.partition("<h1>")[2].partition("</h1>")[0]
    assert html.count("<h1>") == 1
    assert "假标题" not in html and "gone" not in html


def test_when_words_stand_anywhere_then_they_are_references(book):
    said = words(article(book, "one/a.html"))
    assert "见2.1节，a第2章，粗图1.1.1体，:numref:`不是` 。" in said
    assert "见表 1.1.1，公式" in said and "即（1.1.1），25" in said
    assert "$5与$6" in said


def test_when_labels_differ_in_case_then_they_are_two(book):
    html = article(book, "one/b.html")
    assert 'id="sec-b"' in html and 'id="Sec_B"' in html
    assert 'href="b.html#Sec_B"' in article(book, "one/a.html")
    assert "乙，第2章" in words(article(book, "one/h.html"))


def test_when_a_definition_stands_behind_a_cell_then_it_is_found(book):
    html = article(book, "one/a.html")
    assert 'href="https://example.org"' in html
    assert "脚注的话" in html and "[^1]" not in html


def test_when_sections_link_to_each_other_then_the_pages_do(book):
    html = article(book, "one/a.html")
    for address in ("b.html", "b.html#Sec_B", "#小节"):
        assert f'href="{address}"' in html, address
    assert ".md" not in html.replace(".md.txt", "")


def test_when_emphasis_ends_with_wide_punctuation_then_it_is_emphasis(book):
    html = article(book, "one/a.html")
    assert "<strong>注意：</strong>正文" in html
    assert "<s>删</s>" in html


def test_when_a_figure_has_no_label_then_it_is_counted(book):
    html = words(article(book, "one/b.html"))
    assert "图2.1.1 无标签" in html and "图2.1.2 有" in html


def test_when_a_table_has_a_caption_then_it_is_numbered(book):
    html = article(book, "one/a.html")
    assert "表 1.1.1 表的说明" in words(html.partition("<caption>")[2])


@pytest.mark.parametrize("name", ODD)
def test_when_names_have_signs_of_addresses_then_pictures_are_found(book, name):
    html = article(book, f"one/{name}.html")
    images = re.findall(r'<img[^>]* src="([^"]*)"', html)
    assert len(images) == 2
    for address in images:
        assert (book / "_build" / "html" / "one" / unquote(address)).is_file()


BROKEN = {
    "config.ini": CONFIG,
    "index.md": "# 书\n\n```toc\na\nb\n```\n",
    "a.md": "# 甲\n\n字。\n\n:begin_tab:`beta`\n\n:numref:`none`\n\n:end_tab:\n",
    "b.md": """# 乙

```eval_rst
.. nothing::
```

[去](c.md)

:begin_tab:`alpha`
## 里面
:end_tab:

:begin_tab:`beta`
外面
:end_tab:
""",
}


def test_when_pages_have_problems_then_all_are_told_with_line_and_tab(tmp_path):
    root = write_files(tmp_path, BROKEN)
    with pytest.raises(SiteError) as caught:
        build_site(root, TABS, notebooks_of(root))
    told = str(caught.value)
    assert "a.md:7 [beta]: undefined label: 'none'" in told
    assert re.search(r'b\.md:4: Unknown directive type "nothing"', told)
    assert re.search(r"b\.md:7: .*c\.md", told)
    assert re.search(r"b\.md:10 \[alpha\]: a heading inside a tab block", told)
    assert "_build" not in told


RAISES = """from docutils import nodes
from docutils.parsers.rst import Directive


class broken(nodes.General, nodes.Element):
    pass


class Breaks(Directive):
    has_content = True

    def run(self):
        if self.content:
            raise IndexError("read")
        return [broken()]


def visit(translator, node):
    raise IndexError("written")


def setup(app):
    app.add_node(broken, html=(visit, None))
    app.add_directive("breaks", Breaks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
"""


def test_when_a_part_of_a_page_raises_then_the_page_is_named(tmp_path, monkeypatch):
    config = CONFIG.replace("[build]", "[build]\nsphinx_extensions = raising")
    names = [f"p{number}" for number in range(12)]
    files = {f"{name}.md": f"# {name}\n\n字。\n" for name in names}
    files["p3.md"] += "\n```eval_rst\n.. breaks::\n```\n"
    files["p8.md"] += "\n```eval_rst\n.. breaks::\n   x\n```\n"
    files["index.md"] = "# 书\n\n```toc\n" + "\n".join(names) + "\n```\n"
    write_files(tmp_path, {"config.ini": config, "raising.py": RAISES, **files})
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(SiteError) as caught:
        build_site(tmp_path, TABS, notebooks_of(tmp_path))
    told = str(caught.value)
    assert re.search(
        r"p3\.md: cannot be written as a page \(IndexError: written\)", told
    )
    assert re.search(
        r"p8\.md(:\d+)?: cannot be made a page of \(IndexError: read\)", told
    )


def test_when_a_folder_or_a_section_comes_then_no_other_page_is_read(tmp_path):
    files = {"config.ini": CONFIG, "a.md": "# 甲\n\n字。\n", "b.md": "# 乙\n\n字。\n"}
    files["index.md"] = "# 书\n\n```toc\na\nb\n```\n"
    root = write_files(tmp_path, files)
    build_site(root, TABS, notebooks_of(root))

    def read():
        found = (root / "_build" / "doctrees").glob("*.doctree")
        return {one.stem: one.stat().st_mtime_ns for one in found}

    before = read()
    write_files(root, {"beside/c.md": "# 丙\n\n字。\n", "notes/x.txt": "x"})
    index = files["index.md"].replace("b\n", "b\nbeside/c\n")
    write_files(root, {"index.md": index})
    build_site(root, TABS, notebooks_of(root))
    after = read()
    assert {name for name in before if before[name] != after[name]} == {"index"}
    assert "丙" in words(article(root, "beside/c.html"))
