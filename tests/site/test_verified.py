"""Signs of life: pages tell with what their code was run, and when."""

import json
import re

import pytest
from site_books import CONFIG, TABS, notebooks_of, page_of, words_of, write_files

from bookkit.site.build import build_site

INDEX = """# 书

```toc
one
only
prose
status
```
"""
CODE = """# 节{name}

```{{.python .input}}
#@tab {tab}
code()
```
"""
STATUS = """# 记录

```eval_rst
.. container:: bookkit-verified-runs

   没有表。
```
"""


def facts(date="2026-11-21", **changed):
    """Return what two runs of different frameworks leave."""
    common = {"device": "cpu", "date": date, "seconds": 1.26, **changed}
    versions = {"alpha": {"alphalib": "2.1.0+cpu"}, "beta": {"betalib": "0.9"}}
    return {
        tab: {"tab": tab, "versions": {**versions[tab], "python": "3.11.7"}, **common}
        for tab in TABS
    }


@pytest.fixture
def book(tmp_path):
    files = {
        "config.ini": f"{CONFIG}[bookkit-beta]\nfrozen = true\n",
        "index.md": INDEX,
        "one.md": CODE.format(name="一", tab="alpha, beta"),
        "only.md": CODE.format(name="二", tab="alpha"),
        "prose.md": "# 只有文字\n\n没有代码。\n",
        "status.md": STATUS,
    }
    return write_files(tmp_path, files)


def lines_of(html):
    block = html.partition('<p class="bk-verified">')[2].partition("</p>")[0]
    found = re.findall(r'data-tab="(\w+)">(.*?)</span>(?:\n|$)', block, re.DOTALL)
    return {tab: re.sub(r"<[^>]+>", "", text) for tab, text in found}


def rows_of(html):
    """Return the cells of the table, row by row, lines parted by a bar."""
    table = html.partition("<table")[2].partition("</table>")[0]
    rows = re.findall(r"<tr.*?</tr>", table, re.DOTALL)
    cells = [re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL) for row in rows]
    return [
        [
            "|".join(re.sub(r"<[^>]+>", "\n", cell).split("\n")).strip("|")
            for cell in row
        ]
        for row in cells
    ]


def test_when_built_then_each_page_tells_of_its_runs(book):
    build_site(book, TABS, notebooks_of(book, facts=facts()))
    assert lines_of(page_of(book, "one.html")) == {
        "alpha": "已用alphalib 2.1.0运行验证：CPU，2026-11-21",
        "beta": "已用betalib 0.9运行验证：CPU，2026-11-21beta已停止开发",
    }
    assert list(lines_of(page_of(book, "only.html"))) == ["alpha"]
    assert 'href="status.html">记录</a>' in page_of(book, "one.html")
    for page in ("prose.html", "index.html", "status.html"):
        assert "bk-verified" not in page_of(book, page)


def test_when_built_then_the_table_has_every_section_with_code(book):
    build_site(book, TABS, notebooks_of(book, facts=facts(device="NVIDIA A100")))
    rows = [
        [re.sub(r"\|+", "|", cell) for cell in row]
        for row in rows_of(page_of(book, "status.html"))
    ]
    ran = "1.3秒|NVIDIA A100|2026-11-21"
    assert rows == [
        [
            "节",
            "Alpha|alphalib 2.1.0|Python 3.11.7",
            "beta|已停止开发|betalib 0.9|Python 3.11.7",
        ],
        ["节一", ran, ran],
        ["节二", ran, "没有这个版本"],
    ]


def test_when_code_ran_again_then_the_pages_tell_the_new_day(book):
    build_site(book, TABS, notebooks_of(book, facts=facts()))
    result = build_site(book, TABS, notebooks_of(book, facts=facts("2026-12-01")))
    assert set(result.changed) == {"one.md", "only.md"}
    for page in ("one.html", "status.html"):
        assert "2026-12-01" in page_of(book, page)
        assert "2026-11-21" not in page_of(book, page)
    again = build_site(book, TABS, notebooks_of(book, facts=facts("2026-12-01")))
    assert again.changed == ()


def test_when_another_machine_ran_the_code_then_page_and_table_say_so(book):
    build_site(book, TABS, notebooks_of(book, facts=facts()))
    told = facts()
    told["beta"]["committed"] = True
    result = build_site(book, TABS, notebooks_of(book, facts=told))
    assert set(result.changed) == {"one.md"}
    assert lines_of(page_of(book, "one.html")) == {
        "alpha": "已用alphalib 2.1.0运行验证：CPU，2026-11-21",
        "beta": "已在另一台机器上用betalib 0.9运行验证"
        "（制作本页的机器没有运行）：CPU，2026-11-21"
        "beta已停止开发",
    }
    alpha, beta = rows_of(page_of(book, "status.html"))[1][1:]
    assert "在别处运行" not in alpha
    assert re.sub(r"\|+", "|", beta) == "1.3秒|CPU|2026-11-21|在别处运行"


def test_when_nobody_tells_of_runs_then_pages_say_nothing_about_them(book):
    build_site(book, TABS, notebooks_of(book))
    assert "bk-verified" not in page_of(book, "one.html")
    assert "还没有运行记录。" in words_of(page_of(book, "status.html"))


def test_when_the_book_is_built_then_its_pages_agree_with_the_last_run(site_dir):
    report = json.loads((site_dir.parent / "report.json").read_text(encoding="utf-8"))
    assert report
    for run in report:
        page = site_dir / run["section"].replace(".md", ".html")
        line = lines_of(page.read_text(encoding="utf-8"))[run["tab"]]
        version = next(iter(run["versions"].values())).partition("+")[0]
        assert version in line
        assert run["date"] in line
