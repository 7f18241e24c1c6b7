"""What can be done with a section: its notebook, services, its source."""

import base64
import re
import shutil
import subprocess
import sys
import zipfile
from html import unescape
from pathlib import Path

import nbformat
from site_books import page_of
from whole_books import BOX, FILES, build_whole

from bookkit.book.config import load

ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r'<a href="([^"]*)"( download)?(?: rel="noopener")?>([^<]*)</a>')
GROUP = re.compile(r'<p class="bk-for" data-tab="(\w+)">(.*?)</p>', re.DOTALL)


def launches(html):
    line = html.partition('<div class="bk-launch">')[2].partition("</div>")[0]
    return {
        tab: [(unescape(address), text) for address, _, text in LINK.findall(links)]
        for tab, links in GROUP.findall(line)
    }


def test_when_a_tab_has_a_section_then_its_notebook_can_be_taken_along(whole_book):
    found = launches(page_of(whole_book, "one/defines.html"))
    assert list(found) == ["alpha", "beta"]
    for tab, ((address, text), *_) in found.items():
        assert text == "下载本节笔记本"
        assert address == f"../_notebooks/{tab}/one/defines.ipynb"
        path = whole_book / "_build" / "html" / "one" / address
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
        figure = base64.b64encode(BOX.encode()).decode()
        assert f"![一个盒子](data:image/svg+xml;base64,{figure})" in str(notebook)


def test_when_services_are_configured_then_they_open_the_section(whole_book):
    found = {
        tab: links[1:]
        for tab, links in launches(page_of(whole_book, "one/defines.html")).items()
    }
    site = "https://colab.research.google.com/github/some-one"
    file = "https://github.com/some-one/book-beta/blob/main/one/defines.ipynb"
    kaggle = (f"https://kaggle.com/kernels/welcome?src={file}", "在Kaggle中打开")
    assert found == {
        tab: [(f"{site}/book-{tab}/blob/main/one/defines.ipynb", "在Colab中打开")]
        + [kaggle] * (tab == "beta")
        for tab in ("alpha", "beta")
    }
    html = page_of(whole_book, "one/defines.html")
    # Below the title, and at the run buttons
    assert len(re.findall(r'<a href="https://colab[^"]*" rel="noopener">', html)) == 4


def test_when_a_notebook_is_taken_along_then_it_runs_somewhere_else(
    whole_book, tmp_path
):
    """It imports the book's functions; a declared file comes in an archive with it."""
    alpha, beta = launches(page_of(whole_book, "one/uses.html")).values()
    assert [text for _, text in alpha] == ["下载本节笔记本", "在Colab中打开"]
    assert [text for _, text in beta] == ["下载本节笔记本和所需文件（zip）"]
    taken = {"alpha": alpha[0][0], "beta": beta[0][0]}
    for tab, address in taken.items():
        folder, path = tmp_path / tab, whole_book / "_build/html/one" / address
        folder.mkdir()
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                assert archive.namelist() == ["data/names.txt", "uses.ipynb"]
                archive.extractall(folder)
        else:
            shutil.copy(path, folder)
        notebook = nbformat.read(folder / "uses.ipynb", as_version=4)
        cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
        run = [sys.executable, "-I", "-c", "\n".join(cells)]
        subprocess.run(run, cwd=folder, check=True, capture_output=True)


def test_when_a_page_has_no_code_then_it_offers_its_source_only(whole_book):
    html = page_of(whole_book, "one/reference.html")
    assert launches(html) == {}
    assert 'href="../_sources/one/reference.md.txt">查看源文件</a>' in html
    assert launches(page_of(whole_book, "index.html")) == {
        "alpha": [("_notebooks/small-alpha.zip", "下载全部Alpha笔记本（zip）")],
        "beta": [("_notebooks/small-beta.zip", "下载全部Beta笔记本（zip）")],
    }


def test_when_no_repository_is_configured_then_no_page_of_ours_leads_to_colab(texts):
    assert not load(ROOT).colab.repositories
    assert [page for page in texts if "colab.research" in texts[page]] == []


def test_when_a_framework_is_chosen_then_its_notebook_is_saved(
    reader, sections, site_url
):
    page = reader().new_page()
    page.goto(f"{site_url}/{sections[0]}?tab=paddle")
    page.locator(".bk-about > summary").click()
    link = page.locator('.bk-launch [data-tab="paddle"] a[download]')
    with page.expect_download() as download:
        link.click()
    name = sections[0].rpartition("/")[2].replace(".html", ".ipynb")
    assert download.value.suggested_filename == name
    notebook = nbformat.read(download.value.path(), as_version=4)
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    assert any("import paddle" in cell for cell in code)


def test_when_a_source_is_viewed_then_it_reads_as_written(reader, site_dir, site_url):
    text = (ROOT / "index.md").read_text(encoding="utf-8")
    page = reader().new_page()
    # The server says nothing of an encoding, and a file has none to say.
    for site in (site_url, site_dir.resolve().as_uri()):
        page.goto(f"{site}/index.html")
        page.locator(".bk-about > summary").click()
        page.locator(".bk-launch").get_by_text("查看源文件").click()
        page.wait_for_url("**/index.md.txt")
        shown = page.evaluate("document.body.textContent")
        assert shown.rstrip("\n") == text.rstrip("\n")


def test_when_built_again_then_only_what_changed_is_written(whole_book, tmp_path):
    book = tmp_path / "book"
    shutil.copytree(whole_book, book)
    site = book / "_build" / "html"

    def times():
        files = (path for path in site.rglob("*") if path.is_file())
        return {str(one.relative_to(site)): one.stat().st_mtime_ns for one in files}

    before = times()
    build_whole(book)
    assert times() == before
    # What goes: a declared file, and the section that defines all functions.
    uses = FILES["one/uses.md"].replace("#@data data/names.txt\n", "")
    uses = uses.replace("from small import beta as small", "import beta as small")
    (book / "one" / "uses.md").write_text(uses, encoding="utf-8")
    (book / "one" / "defines.md").unlink()
    index = FILES["index.md"].replace("one/defines\n", "")
    (book / "index.md").write_text(index, encoding="utf-8")
    build_whole(book)
    after = times()
    assert set(before) - set(after) == {
        "_notebooks/alpha/one/defines.ipynb",
        "_notebooks/beta/one/defines.ipynb",
        "_previews/one/defines.js",
        "_notebooks/beta/one/uses.zip",
        "_sources/one/defines.md.txt",
        "one/defines.html",
    }
    (address, _), *_ = launches(page_of(book, "one/uses.html"))["beta"]
    assert address.endswith("uses.ipynb") and (site / "one" / address).is_file()
    name = "_sources/one/reference.md.txt"
    assert before[name] == after[name]
    assert "还没有收录任何函数。" in page_of(book, "one/reference.html")
    assert 'class="bk-saved' not in page_of(book, "one/uses.html")
