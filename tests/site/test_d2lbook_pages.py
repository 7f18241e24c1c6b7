"""Plain d2lbook builds our whole tree, with nothing of ours but configuration."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from bookkit.book import config as configuration
from bookkit.book.source import notebook_of, read_book

ROOT = Path(__file__).resolve().parents[2]
MADE = ROOT / "_build" / "d2lbook"


def d2lbook(*words: str) -> str:
    """Run `bookkit d2lbook`; return what it and d2lbook said."""
    done = subprocess.run(
        [sys.executable, "-m", "bookkit", "--tabs", os.environ.get("TABS", "")]
        + ["d2lbook", *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    return done.stdout


@pytest.fixture(scope="module")
def tabs() -> list[str]:
    names = os.environ.get("TABS", "").replace(",", " ").split()
    return names or list(configuration.load(ROOT).tab_names)


@pytest.fixture(scope="module")
def said() -> str:
    return d2lbook()


@pytest.fixture(scope="module")
def articles(said: str) -> dict[str, BeautifulSoup]:
    html = MADE / "_build" / "html"
    names = [str(one.path) for one in read_book(configuration.load(ROOT))]
    pages = {name: html / name.replace(".md", ".html") for name in names}
    return {
        name: BeautifulSoup(page.read_text("utf-8"), "html.parser").find("article")
        for name, page in pages.items()
    }


def test_it_runs_no_notebook_and_has_no_warning(said):
    told = [row for row in said.splitlines() if "WARNING" in row or "ERROR" in row]
    assert told == []
    assert "Running Sphinx" in said and "build succeeded" in said, said[-3000:]
    assert set(re.findall(r"(\d+) notebooks are outdated", said)) == {"0"}


def test_nothing_of_ours_is_in_its_sphinx(said):
    conf = (MADE / "_build" / "rst_all" / "conf.py").read_text("utf-8")
    assert "'bookkit' in tags" in conf  # what config.ini asks of Sphinx
    assert not re.search(r"bookkit[._]\w", conf)
    page = (MADE / "_build" / "html" / "index.html").read_text("utf-8")
    assert not re.search(r'class="bk-|bookkit\.(js|css)', page)


def test_each_section_has_its_text_and_no_error(articles):
    for section in read_book(configuration.load(ROOT)):
        article = articles[str(section.path)]
        assert article.h1.get_text().rstrip("¶").endswith(section.title)
        assert not article.select(".system-message, .problematic")
        shown = "".join(article.get_text().split())
        prose = [c.source for c in section.cells if c.kind == "markdown" and not c.tabs]
        plain = re.findall(r"^[\u4e00-\u9fff，。、：]{12,}$", "\n".join(prose), re.M)
        assert all(line in shown for line in plain)


def test_each_cell_of_each_tab_is_in_a_panel_of_its_tab(articles, tabs):
    if len(tabs) == 1:
        pytest.skip("d2lbook makes no tab bars of one tab")
    config = configuration.load(ROOT)
    for section in read_book(config):
        panels = articles[str(section.path)].select(".mdl-tabs__panel")
        for tab in tabs:
            shown = "".join(
                one.get_text() for one in panels if one["id"].startswith(f"{tab}-")
            )
            notebook = notebook_of(section, tab, config)
            own = {cell.index for cell in section.code if cell.tabs == (tab,)}
            for cell in notebook.cells if notebook else ():
                if cell.metadata["origin_pos"] in own:
                    assert cell.source.strip() in shown


def test_formulas_are_for_mathjax_and_outputs_as_they_were_printed(articles, tabs):
    whole = "".join(str(article) for article in articles.values())
    assert len(re.findall(r'class="math notranslate', whole)) > 20
    page = MADE / "_build/html/chapter_computation/parameters.html"
    assert "mathjax" in page.read_text("utf-8")
    if "mxnet" in tabs:
        printed = articles["chapter_computation/parameters.md"].get_text()
        assert "net_ (\n" in printed and "Parameter net_dense0_weight" in printed


def test_what_only_our_pages_have_is_said_in_words(articles):
    assert articles["index.md"].select('.bookkit-start a[href$="index.html"]')
    assert "没有列出它们" in articles["chapter_references/d2l.md"].get_text()
    assert ".whl" not in str(articles["chapter_references/d2l.md"])
    assert "没有这张表" in articles["chapter_references/status.md"].get_text()


def test_when_a_tab_is_chosen_then_all_groups_show_it(articles, tabs, reader):
    if len(tabs) == 1:
        pytest.skip("d2lbook makes no tab bars of one tab")
    address = MADE / "_build/html/chapter_computation/parameters.html"
    page = reader().new_page()
    page.goto(address.as_uri())
    ids = "all => all.map(one => one.id)"
    panels = page.locator(".mdl-tabs__panel").evaluate_all(ids)
    for tab in (tabs[0], tabs[-1], tabs[0]):
        page.locator(".mdl-tabs__tab", has_text=tab).first.click()
        shown = page.locator(".mdl-tabs__panel:visible").evaluate_all(ids)
        assert shown == [one for one in panels if one.startswith(f"{tab}-")]


def test_its_other_commands_find_our_outputs_too(tabs):
    last = tabs[-1]
    words = ("lib", "ipynb", "colab", "sagemaker", "tabcheck", "outputcheck", "rst")
    said = d2lbook("build", *words, "--tab", last)  # in a copy that is new
    assert set(re.findall(r"(\d+) notebooks are outdated", said)) == {"0"}
    made = "_build/ipynb" if last == tabs[0] else f"_build/ipynb_{last}"
    notebook = MADE / made / "chapter_computation" / "parameters.ipynb"
    assert '"output_type"' in notebook.read_text("utf-8")
