"""Small books and what runs of them would hand over, to build sites from."""

import re
import subprocess
import sys
from pathlib import Path

import nbformat
from d2lbook import notebook as d2l_notebook

TABS = ("alpha", "beta")
CONFIG = """[project]
name = small
title = 小书
lang = zh
[build]
notebooks = *.md */*.md
tabs = alpha, beta
warning_is_error = True
sphinx_configs =
    extensions = [n for n in extensions if n not in ('recommonmark',
        'sphinxcontrib.rsvgconverter', 'sphinxcontrib.bibtex')]
    language = 'zh_CN'
    html_theme = 'furo'
    html_theme_options = {}
    numfig_format = {'figure': '图%%s', 'section': '%%s节'}
    bookkit_chapter_format = '第%%s章'
[bookkit-alpha]
title = Alpha
"""
# For Sphinx alone, of pages that are reStructuredText already
CONF = """
project = "Small"
language = "zh_CN"
extensions = ["bookkit.site.extension"]
html_theme = "furo"
html_math_renderer = "bookkit"
numfig = True
numfig_format = {"section": "%s节"}
bookkit_tabs = ["alpha", "beta"]
"""
OUTPUT = "*not emphasis* name_ |bar| `tick"


def write_files(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def run_sphinx(book: Path, *options: str) -> Path:
    """Build as the command line does; return the folder of the pages."""
    words = ["-q", "-b", "html", "-j", "2", *options, str(book), str(book / "_html")]
    ended = subprocess.run(
        [sys.executable, "-m", "sphinx", *words], capture_output=True, text=True
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    return book / "_html"


def notebooks_of(book: Path, outputs=None, tabs=TABS, facts=None):
    """Return what a run of the book would hand over; `facts` by tab tell of the run."""
    result = {tab: {} for tab in tabs}
    for tab in tabs:
        for path in book.rglob("*.md"):
            source = d2l_notebook.read_markdown(path.read_text(encoding="utf-8"))
            source = d2l_notebook.split_markdown_cell(source)
            notebook = d2l_notebook.get_tab_notebook(source, tab, TABS[0])
            for cell in notebook.cells if notebook else []:
                if cell.cell_type == "code":
                    text = (outputs or {}).get(tab, OUTPUT)
                    cell.outputs = [
                        nbformat.v4.new_output("stream", name="stdout", text=text)
                    ]
            if notebook and facts:
                notebook.metadata["bookkit"] = facts[tab]
            result[tab][path.relative_to(book).as_posix()] = notebook
    return result


def page_of(book, name="one/first.html"):
    return (book / "_build" / "html" / name).read_text(encoding="utf-8")


def words_of(html):
    article = html.partition("<article")[2].partition("</article>")[0]
    return re.sub(r"<[^>]+>", "", article)
