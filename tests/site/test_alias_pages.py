"""A page shows the code that aliases stand for in each framework, like notebooks."""

import os
import re
from html import unescape

import nbformat
import pytest
from d2lbook.build import Builder
from d2lbook.config import Config as TheirConfig
from small_books import code, unexecuted, write_book

from bookkit.book.source import read_book
from bookkit.site.build import build_site

CONFIG = """\
[project]
name = small
title = A Small Book
[build]
tabs = alpha, beta
notebooks = *.md */*.md
eval_notebook = False
[library-alpha]
lib_file = d2l/alpha.py
lib_name = torch
simple_alias = zeros, concat -> cat
fluent_alias = numpy -> detach().numpy, size -> numel
[library-beta]
lib_file = d2l/beta.py
lib_name = np
simple_alias = zeros, concat -> concatenate
alias = size = lambda x: x.size
"""
CELLS = [
    "x = d2l.zeros((2, 3))",
    "d2l.size(d2l.concat([x, x]))",
    "d2l.numpy(x)",
    "y = 1",
]
SHOWN = {
    "alpha": ["x = torch.zeros((2, 3))", "torch.cat([x, x]).numel()"],
    "beta": ["x = np.zeros((2, 3))", "d2l.size(np.concatenate([x, x]))"],
}


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    root = tmp_path_factory.mktemp("aliases")
    text = "# One\n\nText.\n\n"
    text += code("alpha", "import torch", "from d2l import alpha as d2l")
    text += code("beta", "import numpy as np", "from d2l import beta as d2l")
    text += "".join(f"Then.\n\n{code('alpha, beta', one)}" for one in CELLS)
    return write_book(root, {"one.md": text}, CONFIG)


def test_then_the_page_shows_each_framework_its_own(book):
    built = build_site(book.root, book.tab_names, unexecuted(book, read_book(book)))
    page = (built.html_dir / "one.html").read_text("utf-8")
    shown = unescape(re.sub("<[^>]+>", "", page))
    for lines in SHOWN.values():
        assert all(line in shown for line in lines)
    assert "x.detach().numpy()" in shown and "d2l.numpy(x)" in shown
    assert "d2l.zeros" not in shown
    assert shown.count("y = 1") == 1  # what is the same in both is shown once


def test_then_notebooks_have_the_code_that_d2lbooks_have(book):
    before = os.getcwd()
    os.chdir(book.root)
    try:
        builder = Builder(TheirConfig(tab="all"))
        builder.config.iter_tab(builder.ipynb)
    finally:
        os.chdir(before)
    mine = unexecuted(book, read_book(book))
    for tab, folder in (("alpha", "ipynb"), ("beta", "ipynb_beta")):
        theirs = nbformat.read(book.root / "_build" / folder / "one.ipynb", 4)
        assert [one.source for one in mine[tab]["one.md"].cells] == [
            one.source for one in theirs.cells
        ]
