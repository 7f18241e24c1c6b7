"""Every finding, word for word: a book with one thing wrong, and what is said."""

import pytest
from small_books import CONFIG, code, write_book

from bookkit.book.findings import CODES, OF_A_RUN
from bookkit.check import check_book

HEAD = "# One\n:label:`sec_one`\n\n"
IMPORTS = code("all", "import math")
BOTH = code("alpha", "1") + code("beta", "2")
SAVED = "def area(r):  #@save\n    return math.pi * r"

# code, files of the book, the whole message
CASES: dict[str, tuple[dict[str, str | bytes], str]] = {
    "BK101": (
        {"one.md": HEAD + BOTH + "~~~{.python .input}\n#@tab all\n1\n~~~\n"},
        "one.md:14: BK101 d2lbook takes an example for a cell\n"
        "  expected: fences and tab blocks at the left margin, each of them closed",
    ),
    "BK102": (
        {"one.md": HEAD.encode() + b"ok\n\xff\xfe\n"},
        "one.md:5: BK102 byte 0xff is not UTF-8\n  expected: a file saved as UTF-8",
    ),
    "BK103": (
        {"one.md": b"\xef\xbb\xbf:begin_tab:`beta`\nx\n:end_tab:\n"},
        "one.md:1: BK103 a byte order mark\n  expected: UTF-8 without BOM",
    ),
    "BK104": (
        {"one.md": HEAD + "one\r\ntwo\r\n"},
        "one.md:4: BK104 2 carriage returns, the first one here\n"
        "  expected: lines that end with LF alone",
    ),
    "BK105": (
        {"one.md": HEAD + BOTH + '```{.json .output n=1}\n[{"a": 1}]\n```\n'},
        "one.md:14: BK105 a stored output\n"
        "  expected: code only: the build makes the outputs",
    ),
    "BK106": (
        {"one.md": HEAD + "```{.python .input}\n#@tab all\n1\n"},
        "one.md:4: BK106 a fence ```{.python .input} that is never closed\n"
        "  expected: a line ``` of its own, and a line end after it",
    ),
    "BK106 before the next": (
        {"one.md": HEAD + "```bash\nls\n\ntext\n\n" + BOTH},
        "one.md:4: BK106 a fence ```bash that is not closed before line 9\n"
        "  expected: a line ``` of its own, above that line",
    ),
    "BK106 of a cell": (
        {"one.md": HEAD + "```{.python .input}\n#@tab all\n1\n\n" + BOTH},
        "one.md:4: BK106 a fence ```{.python .input} that is not closed before line 8\n"
        "  expected: a line ``` of its own, above that line",
    ),
    "BK106 of a toc, in a file never read": (
        {"one.md": HEAD + "```toc\ntwo\n\n" + BOTH},
        "one.md:4: BK106 a fence ```toc that is not closed before line 7\n"
        "  expected: a line ``` of its own, above that line",
    ),
    "BK106 in a tab block": (
        {"one.md": HEAD + ":begin_tab:`beta`\n```bash\nls\n:end_tab:\n\n" + BOTH},
        "one.md:5: BK106 a fence ```bash that is not closed before line 9\n"
        "  expected: a line ``` of its own, above that line",
    ),
    "BK107": (
        {"index.md": "# Small\n\n```toc\none\nindex\n```\n", "one.md": HEAD},
        "index.md:5: BK107 the toc leads back to index.md\n"
        "  expected: a first page, and a tree of pages below it",
    ),
    "BK108": (
        {
            "index.md": "# Small\n\n```toc\none\n_images/two\n```\n",
            "one.md": HEAD,
            "_images/two.md": "# Two\n",
        },
        "_images/two.md:1: BK108 the site has something of its own under the name "
        "`_images/two.html`\n"
        "  expected: another name of the file or its folder",
    ),
    "BK111": (
        {"one.md": HEAD + code("alpha", "1") + code("betta", "2")},
        "one.md:10 [betta]: BK111 unknown tab `betta`\n"
        "  expected: perhaps `beta`; one of alpha, beta, all\n"
        "  next: correct it here, or add the tab to `tabs` in config.ini",
    ),
    "BK111 in a block": (
        {"one.md": HEAD + ":begin_tab:`alpha, gone`\nx\n:end_tab:\n"},
        "one.md:4 [gone]: BK111 unknown tab `gone`\n"
        "  expected: one of alpha, beta, all\n"
        "  next: correct it here, or add the tab to `tabs` in config.ini",
    ),
    "BK112": (
        {"one.md": HEAD + "```{.python .input}\n1\n```\n\n" + code("beta", "1")},
        "one.md:5: BK112 the cell has no tab, so it counts as alpha\n"
        "  expected: `#@tab alpha` or `#@tab all` as first line",
    ),
    "BK113": (
        {"one.md": HEAD + "```{.python .input}\n1\n#@tab alpha, beta\n```\n"},
        "one.md:6: BK113 `#@tab alpha, beta`\n"
        "  expected: one tag, alone, in the first line of the cell",
    ),
    "BK113 with all": (
        {"one.md": HEAD + code("alpha, beta, all", "1")},
        "one.md:5: BK113 `all` next to other tabs: alpha, beta, all\n"
        "  expected: `all` alone",
    ),
    "BK114": (
        {"one.md": HEAD + ":begin_tab:`beta`\nonly beta\n"},
        "one.md:4: BK114 `:begin_tab:`beta`` is never closed\n"
        "  expected: `:end_tab:` on a line of its own",
    ),
    "BK115": (
        {"one.md": HEAD + ":begin_tab:`beta`\n:begin_tab:`alpha`\nx\n:end_tab:\n"},
        "one.md:5: BK115 `:begin_tab:` inside the one of line 4\n"
        "  expected: `:end_tab:` before it",
    ),
    "BK116": (
        {"one.md": HEAD + "text\n:end_tab:\n"},
        "one.md:5: BK116 `:end_tab:`, but no block is open\n"
        "  expected: a `:begin_tab:` before it",
    ),
    "BK117": (
        {"one.md": HEAD + ":begin_tab:beta\nx\n:end_tab:\n"},
        "one.md:4: BK117 `:begin_tab:beta`\n"
        "  expected: `:begin_tab:`alpha`` at the left margin",
    ),
    "BK118": (
        {"one.md": HEAD + ":begin_tab:`beta`\n" + code("all", "1") + ":end_tab:\n"},
        "one.md:5: BK118 a code cell inside the `:begin_tab:` of line 4\n"
        "  expected: `:end_tab:` before the cell",
    ),
    "BK121": (
        {"one.md": HEAD + "<!-- #@allow BK302: later -->\nText.\n\n" + BOTH},
        "one.md:4: BK121 `#@allow BK302`, but nothing of it is found here\n"
        "  expected: a finding BK302 in lines 4 to 5\n"
        "  next: delete the line, or put it where the finding is",
    ),
    "BK122": (
        {"one.md": HEAD + code("alpha", "#@allow BK403", "1") + code("beta", "2")},
        "one.md:6: BK122 `#@allow BK403` without a reason\n"
        "  expected: `#@allow BK403: reason`",
    ),
    "BK122 of no rule": (
        {"one.md": HEAD + "<!-- #@allow BK430: so -->\n" + BOTH},
        "one.md:4: BK122 `#@allow BK430`: no such rule\n"
        "  expected: perhaps `BK405`; `#@allow BK403: reason`: a code of "
        "`bookkit check`",
    ),
    "BK122 behind code": (
        {"one.md": HEAD + code("alpha", "1  #@allow BK403: so") + code("beta", "2")},
        "one.md:6: BK122 `#@allow BK403` behind code\n"
        "  expected: a line `#@allow BK403: reason` of its own",
    ),
    "BK122 of what nobody may do without": (
        {"one.md": HEAD + "<!-- #@allow BK102: so -->\n" + BOTH},
        "one.md:4: BK122 BK102 cannot be allowed in a place\n"
        "  expected: a place that is mended",
    ),
    "BK122 of a warning in the text": (
        {"one.md": HEAD + "<!-- #@allow FutureWarning: so -->\n" + BOTH},
        "one.md:4: BK122 `#@allow FutureWarning` in the text\n"
        "  expected: a line of the cell that is warned",
    ),
    "BK201": (
        {"one.md": HEAD + BOTH + "next\n\n" + code("alpha", "3")},
        "one.md:17 [beta]: BK201 cell 2 (alpha) has no counterpart in beta\n"
        "  expected: a `#@tab beta` cell next to it, or a `:begin_tab:`beta`` note\n"
        "  next: add one or the other",
    ),
    "BK202": (
        {"one.md": HEAD + code("alpha", "1")},
        "one.md:1 [beta]: BK202 the section has no cell for beta\n"
        "  expected: its cells, or a `:begin_tab:`beta`` that says why not",
    ),
    "BK202 with all": (
        {"one.md": HEAD + code("all", "1")},
        "one.md:1 [beta]: BK202 the section has no cell for beta, only `#@tab all`: "
        "d2lbook leaves it out\n"
        "  expected: `#@tab alpha, beta` in place of one `all`",
    ),
    "BK203": (
        {"one.md": HEAD + IMPORTS + code("alpha", SAVED) + code("beta", "1")},
        "one.md:11 [beta]: BK203 `area` is saved in other tabs, but not in beta\n"
        "  expected: `#@save` in beta as well, or a note of that tab beside",
    ),
    "BK301": (
        {"one.md": HEAD + "## Two\n:label:`sec_one`\n"},
        "one.md:5: BK301 the label `sec_one` exists already, at one.md:2\n"
        "  expected: a label of its own",
    ),
    "BK301 in another case": (
        {"one.md": HEAD + "## Two\n:label:`Sec_one`\n"},
        "one.md:5: BK301 the label `Sec_one` exists already, at one.md:2, as "
        "`sec_one`: plain Sphinx does not tell them apart\n"
        "  expected: a label of its own",
    ),
    "BK302": (
        {"one.md": HEAD + "See :numref:`sec_onee`.\n"},
        "one.md:4: BK302 `:numref:` to `sec_onee`, which no label of the book is\n"
        "  expected: perhaps `sec_one`",
    ),
    "BK302 without any": (
        {"one.md": "# One\n\nSee :numref:`sec_two`.\n"},
        "one.md:3: BK302 `:numref:` to `sec_two`, which no label of the book is\n"
        "  expected: a label of the book: (there is none)",
    ),
    "BK302 of many": (
        {
            "one.md": "# One\n\n"
            + "".join(f"## {at}\n:label:`part{at:02}`\n\n" for at in range(20))
            + "See :numref:`gone`.\n"
        },
        "one.md:63: BK302 `:numref:` to `gone`, which no label of the book is\n"
        "  expected: a label of the book: "
        + ", ".join(f"part{at:02}" for at in range(12))
        + " … (20 in all)",
    ),
    "BK302 of an equation": (
        {"one.md": HEAD + "$$x$$\n:eqlabel:`eq_x`\n\nSee :numref:`eq_x`.\n"},
        "one.md:7: BK302 `:numref:` to `eq_x`, which is an equation\n"
        "  expected: `:eqref:`",
    ),
    "BK302 of a section": (
        {"one.md": HEAD + "See\n[two](onee.md) or [one](one.md#one).\n"},
        "one.md:5: BK302 the link `onee.md` leads to nothing\n"
        "  expected: perhaps `one.md`; a file onee.md",
    ),
    "BK302 of a heading": (
        {"one.md": HEAD + "See [two](one.md#onee) or [one](#sec_one).\n"},
        "one.md:4: BK302 the link `one.md#onee` leads to nothing\n"
        "  expected: perhaps `one`",
    ),
    "BK303": (
        {"one.md": HEAD + "As :cite:`Key.1979,Kay.1979` says.\n"},
        "one.md:4: BK303 `Kay.1979` is not in the bibliography\n"
        "  expected: perhaps `Key.1979`; an entry in small.bib",
    ),
    "BK304": (
        {"one.md": HEAD + "![A box](img/box.svg)\n"},
        "one.md:4: BK304 the figure `img/box.svg` does not exist\n"
        "  expected: a file img/box.svg",
    ),
    "BK304 near": (
        {"one.md": HEAD + "![A box](img/bxo.svg)\n", "img/box.svg": "<svg/>"},
        "one.md:4: BK304 the figure `img/bxo.svg` does not exist\n"
        "  expected: perhaps `img/box.svg`; a file img/bxo.svg",
    ),
    "BK304 outside": (
        {"one.md": HEAD + "![A box](../small.svg)\n", "../small.svg": "<svg/>"},
        "one.md:4: BK304 the figure `../small.svg` lies outside the book, or links "
        "lead there\n  expected: a file of the book: what it shows is published",
    ),
    "BK302 outside": (
        {"one.md": HEAD + "[A list](../small.txt)\n", "../small.txt": "1"},
        "one.md:4: BK302 the link `../small.txt` leads out of the book\n"
        "  expected: a file of the book: it is published",
    ),
    "BK305": (
        {"one.md": HEAD + "![](box.svg)\n", "box.svg": "<svg/>"},
        "one.md:4: BK305 the figure `box.svg` has no alternative text\n"
        "  expected: `![what the figure shows](box.svg)`",
    ),
    "BK306": (
        {
            "index.md": "# Small\n\n```toc\n:maxdepth: 1\n\none\ntwo\n```\n",
            "one.md": HEAD,
        },
        "index.md:7: BK306 the toc names `two`\n  expected: a file two.md",
    ),
    "BK306 near": (
        {"index.md": "# Small\n\n```toc\none\nOne\n```\n", "one.md": HEAD},
        "index.md:5: BK306 the toc names `One`\n"
        "  expected: perhaps `one.md`; a file One.md",
    ),
    "BK307": (
        {"one.md": HEAD, "part/two.md": "# Two\n"},
        "part/two.md:1: BK307 no toc leads to this section\n"
        "  expected: `part/two` in a toc, or in `exclusions`",
    ),
    "BK308": (
        {"one.md": HEAD + "As :cite:`Key.1979` says.\n", "small.bib": "@book{Key"},
        "small.bib:1: BK308 syntax error in line 1: premature end of file\n"
        "  expected: a BibTeX file, as `bibfile` in config.ini says",
    ),
    "BK308 nameless": (
        {
            "one.md": HEAD + "As :cite:`Key.1979` says.\n",
            "small.bib": "\n@misc{Key.1979, year = 1979}\n@misc{other, year = 1980}\n",
        },
        "small.bib:2: BK308 `Key.1979` is cited and has no author, editor or title\n"
        "  expected: one of them",
    ),
    "BK309": (
        {"one.md": HEAD + "See :nunref:`sec_one`.\n"},
        "one.md:4: BK309 unknown directive `:nunref:`\n  expected: perhaps `numref`",
    ),
    "BK310": (
        {"one.md": HEAD + code("all", "#@data table.csv", "1") + BOTH},
        "one.md:6: BK310 no data file `table.csv`\n"
        "  expected: a file table.csv in the book",
    ),
    "BK310 near": (
        {"one.md": HEAD + code("all", "#@data smal.bib", "1") + BOTH},
        "one.md:6: BK310 no data file `smal.bib`\n"
        "  expected: perhaps `small.bib`; a file smal.bib in the book",
    ),
    "BK310 outside": (
        {"one.md": HEAD + code("all", "#@data ../small.bib", "1") + BOTH},
        "one.md:6: BK310 `#@data ../small.bib`\n"
        "  expected: a path from the book's folder to a file in it",
    ),
    "BK311": (
        {
            "config.ini": CONFIG + "[bookkit]\nsolutions = answers\n",
            "one.md": HEAD + "## Exercises\n\n1. Add.\n2. Subtract.\n",
            "answers/one.md": "# Answers\n\n## 1\n\nYes.\n\n## 3\n\nNo.\n",
        },
        "answers/one.md:7: BK311 `## 3`, but one.md has no such exercise\n"
        "  expected: one of its exercises: 1, 2",
    ),
    "BK312": (
        {
            "one.md": HEAD
            + ":begin_tab:`alpha`\n| I want to… | code |\n|---|:--|\n"
            + "| count | `(1 + 2)` |\n| sum | `1 +  1` |\n:end_tab:\n\n"
            + code("alpha", "(1 +", " 2)")
            + code("beta", "1 + 1")
        },
        "one.md:8 [alpha]: BK312 `1 +  1` is in no cell\n"
        "  expected: code of a cell that alpha has, word for word",
    ),
    "BK312 without code": (
        {"one.md": HEAD + "| I want to… | code |\n|---|---|\n| x | y |\n\n" + BOTH},
        "one.md:6 [beta]: BK312 a row without code\n"
        "  expected: code of a cell that beta has, word for word",
    ),
    "BK313": (
        {"one.md": HEAD + "$a$ 和 `$\\b$`\n$$\na \\\\\n\\foo{b}\n$$\n" + BOTH},
        'one.md:7: BK313 `a \\\\ \\foo{b}`: unknown command "\\foo"\n'
        "  expected: LaTeX that MathJax shows, without definitions of commands",
    ),
    "BK313 unbalanced": (
        {"one.md": HEAD + "字 $\\frac{1}{2$ 字\n\n" + BOTH},
        'one.md:4: BK313 `\\frac{1}{2`: expected closing token "}", '
        "but reached end of input\n"
        "  expected: LaTeX that MathJax shows, without definitions of commands",
    ),
    "BK401": (
        {"one.md": HEAD + code("alpha", "x = 1", "y = = 2") + code("beta", "1")},
        "one.md:7 [alpha]: BK401 not Python: invalid syntax\n"
        "  expected: code that Python can parse",
    ),
    "BK402": (
        {"one.md": HEAD + code("alpha", "if 1:", "\tx = 2") + code("beta", "1")},
        "one.md:7 [alpha]: BK402 a tab character\n  expected: spaces",
    ),
    "BK403": (
        {"one.md": HEAD + code("alpha, beta", "# " + "宽" * 39)},
        "one.md:6: BK403 the line is 80 columns wide\n"
        "  expected: at most 79 (a Chinese character takes two)",
    ),
    "BK404": (
        {"one.md": HEAD + code("alpha, beta", *["x = 1"] * 26)},
        "one.md:5: BK404 the cell has 26 lines\n"
        "  expected: at most 25: split it where prose wants to speak",
    ),
    "BK405": (
        {"one.md": HEAD + code("alpha, beta", "import sys", "import math")},
        "one.md:6: BK405 d2lbook would rewrite the imports from `import sys` on\n"
        "  expected: `import math` here: imports sorted, in a cell of their own",
    ),
    "BK501": (
        {"one.md": HEAD + code("alpha, beta", "def f():  #@save", "    return 1")},
        "one.md:6: BK501 `#@save` in the first code cell\n"
        "  expected: the first cell to hold imports only",
    ),
    "BK502": (
        {
            "config.ini": CONFIG + "lib_name = math\nsimple_alias = area, log -> ln\n",
            "one.md": HEAD + IMPORTS + code("alpha, beta", SAVED),
        },
        "one.md:11 [beta]: BK502 `area` is saved here, and is the alias "
        "`area = math.area` of [library-beta] at config.ini:11\n"
        "  expected: one meaning of a name: another one for this or for the alias",
    ),
    "BK502 in a text": (
        {
            "config.ini": CONFIG + "lib_name = math\nreverse_alias = d2l.ar -> nn.Ar\n",
            "one.md": HEAD + IMPORTS + code("alpha, beta", SAVED),
        },
        "one.md:11 [beta]: BK502 `d2l.area`, which is saved here, would become "
        "`nn.Area`, by `reverse_alias` of [library-beta] at config.ini:11\n"
        "  expected: a saved name that no alias rewrites",
    ),
    "BK503": (
        {"one.md": HEAD + IMPORTS + code("alpha, beta", "print(1)  #@save")},
        "one.md:11 [alpha]: BK503 `#@save` on `print(1)  #@save`\n"
        "  expected: the line of a top-level def, class, import or assignment",
    ),
    "BK504": (
        {
            "one.md": HEAD
            + IMPORTS
            + code("alpha, beta", "def f():  #@save", "    return g")
        },
        "one.md:11 [alpha]: BK504 saved code uses `g`, which nothing saved or "
        "imported defines\n"
        "  expected: `#@save` on `g` too, or an import of it in the section",
    ),
    "BK504 near": (
        {
            "one.md": HEAD
            + IMPORTS
            + code("alpha, beta", SAVED)
            + code("alpha, beta", "def f():  #@save", "    return aera(1)")
        },
        "one.md:17 [alpha]: BK504 saved code uses `aera`, which nothing saved or "
        "imported defines\n"
        "  expected: perhaps `area`; `#@save` on `aera` too, or an import of it in the "
        "section",
    ),
    "BK505": (
        {"one.md": HEAD + IMPORTS + code("alpha, beta", SAVED, "", SAVED)},
        "one.md:14 [alpha]: BK505 `area` is saved at one.md:11 too\n"
        "  expected: one definition of each saved name",
    ),
    "BK506": (
        {
            "index.md": "# Small\n\n```toc\none\ntwo\n```\n",
            "one.md": HEAD + IMPORTS + code("alpha, beta", SAVED),
            "two.md": "# Two\n\n"
            + code("all", "import cmath as math")
            + code("alpha, beta", "def root(x):  #@save", "    return math.sqrt(x)"),
        },
        "two.md:10 [alpha]: BK506 `import cmath as math`, but `import math` defines "
        "`math` as well\n"
        "  expected: one meaning of a name in all saved code of a tab",
    ),
    "BK507": (
        {"one.md": HEAD + IMPORTS + code("alpha, beta", "A = 1  #@save", "B = 2")},
        "one.md:11 [alpha]: BK507 plain `d2lbook build lib` differs on `B`\n"
        "  expected: an empty line after the saved code, the mark on its first line, "
        "a one-line docstring, a signature without `->`, and a cell that names the tab",
    ),
    "BK508": (
        {
            "index.md": "# Small\n\n```toc\none\ntwo\n```\n",
            "one.md": HEAD + IMPORTS + code("alpha, beta", SAVED),
            "two.md": "# Two\n\n"
            + code("alpha", "from small import alpha as small")
            + code("beta", "from small import beta as small")
            + code("all", "math = small.area(1)"),
        },
        "two.md:15 [alpha]: BK508 `math` is not what `area` of `small.alpha` means\n"
        "  expected: another name: a reader's notebook has that code inside",
    ),
    "BK508 inside other code": (
        {
            "one.md": HEAD
            + IMPORTS
            + code("alpha, beta", SAVED)
            + code("alpha", "def f():", "    import small.alpha")
            + code("beta", "1")
        },
        "one.md:18 [alpha]: BK508 `small.alpha` is imported inside other code\n"
        "  expected: an import at the left margin, which a notebook replaces",
    ),
    "BK509": (
        {
            "one.md": HEAD + IMPORTS + code("alpha, beta", SAVED),
            "small/beta.py": "X = 1\n",
        },
        "small/beta.py:1 [beta]: BK509 written by hand; `bookkit lib` would replace "
        "it\n  expected: a line `#################   WARNING   ################` below "
        "what is to stay: the rest is generated",
    ),
    "BK601": (
        {"one.md": HEAD + BOTH, ".envs/alpha.unavailable": "needs Python 3.11\n"},
        "one.md:5 [alpha]: BK601 this machine cannot run it (needs Python 3.11)\n"
        "  expected: results of it in a folder that `kept` in [bookkit-alpha] names\n"
        "  next: `bookkit build` on a machine that has alpha, and commit what it "
        "writes; or here, leave the tab out: bookkit --tabs beta build",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_when_one_thing_is_wrong_then_it_is_said_word_for_word(tmp_path, case):
    files, expected = CASES[case]
    findings = check_book(write_book(tmp_path, files))
    assert expected in [str(finding) for finding in findings]
    # nothing else is blamed, but the same thing in the other tab
    assert {finding.code for finding in findings} == {case.split()[0]}


def test_every_code_has_a_case():
    assert {case.split()[0] for case in CASES} == set(CODES) - OF_A_RUN


def test_when_nothing_is_wrong_then_nothing_is_found(tmp_path):
    text = (
        HEAD
        + "See :numref:`sec_one`, :eqref:`eq_x` and :cite:`Key.1979`; ``:ref:`no` ``.\n"
        + "\n$$x$$\n:eqlabel:`eq_x`\n\n![A box](box.svg)\n\n"
        + IMPORTS
        + BOTH
        + code("alpha, beta", SAVED)
        + ":begin_tab:`beta`\nbeta has none.\n:end_tab:\n\n"
        + code("alpha", "%timeit 1", "!ls", "x = 2")
    )
    config = write_book(tmp_path, {"one.md": text, "box.svg": "<svg/>"})
    assert [str(finding) for finding in check_book(config)] == []


EXAMPLE = code("betta", "1 +")
INDENTED = "".join(f"    {row}\n" for row in EXAMPLE.split("\n"))


@pytest.mark.parametrize(
    "text",
    [
        f"````\n{EXAMPLE}````\n",
        f"~~~\n{EXAMPLE}~~~\n",
        f"Text:\n\n{INDENTED}\nEnd.\n",
        f"- item\n\n{INDENTED}\n",
        "> " + EXAMPLE.replace("\n", "\n> ") + "\n",
        "<!-- :numref:`gone` ![](no.svg) [x](no.md) -->\n",
        "`` :numref:`gone` `` and `![](no.svg)` and $`:nunref:`$\n",
        "    :begin_tab:`gone`\n",
        "````\n```toc\ngone\n```\n````\n",
        "![A](<a b.svg>) ![B](a%20b.svg) ![C](a(1).svg) ![D](a%20b.svg?raw=true)\n",
        '![E][e] ![F](a(1).svg "title")\n\n[e]: <a b.svg>\n',
        "[site](https://example.org/no.md) <https://example.org> [file](small.bib)\n",
    ],
)
def test_when_something_is_an_example_or_legal_then_nothing_is_found(tmp_path, text):
    files = {"a b.svg": "<svg/>", "a(1).svg": "<svg/>"}
    text = HEAD + BOTH + text + "\nEnd.\n"
    config = write_book(tmp_path, {"one.md": text, **files})
    assert [str(finding) for finding in check_book(config)] == []


@pytest.mark.parametrize(
    "text, line",
    [
        ("| a | b |\n|---|---|\n| c | :numref:`gone` |\n", 6),
        ("text\n**bold :numref:`gone`**\n", 5),
        ("> quoted\n> [link :numref:`gone`](one.md)\n", 5),
        ("1. a\n\n   b :numref:`gone`\n", 6),
        ("![a :numref:`gone`](small.svg)\n", 4),
        (": caption :numref:`gone`\n\n| a |\n|---|\n| b |\n", 4),
        ("a[^1]\n\n[^1]: b\n    :numref:`gone`\n", 7),
    ],
)
def test_when_a_reference_stands_anywhere_then_its_line_is_exact(tmp_path, text, line):
    files: dict[str, str | bytes] = {"one.md": HEAD + text, "small.svg": "<svg/>"}
    (finding,) = check_book(write_book(tmp_path, files))
    assert (finding.code, finding.line) == ("BK302", line)


def test_when_a_file_is_broken_then_the_others_are_still_checked(tmp_path):
    files: dict[str, str | bytes] = {
        "index.md": "# Small\n\n```toc\none\ntwo\nthree\n```\n",
        "one.md": b"# One\n:label:`sec_one`\n\xff\n",
        "two.md": "# Two\n\n```{.python .input}\n#@tab all\n",
        "three.md": "# Three\n\nSee :numref:`sec_one` and :numref:`sec_two`.\n",
    }
    findings = check_book(write_book(tmp_path, files))
    assert [(str(one.path), one.line, one.code) for one in findings] == [
        ("one.md", 3, "BK102"),
        ("three.md", 3, "BK302"),
        ("two.md", 3, "BK106"),
    ]


def test_when_the_first_page_is_missing_then_the_sections_are_still_checked(tmp_path):
    config = write_book(tmp_path, {"one.md": HEAD + "![A](no.svg)\n"})
    (tmp_path / "index.md").unlink()
    assert [finding.code for finding in check_book(config)] == ["BK107", "BK304"]


def test_when_the_book_has_one_tab_then_cells_need_no_tag(tmp_path):
    config = CONFIG.replace("tabs = alpha, beta", "tabs = alpha").split("[library-b")[0]
    text = HEAD + "```{.python .input}\n1\n```\n"
    assert check_book(write_book(tmp_path, {"one.md": text}, config)) == []


def test_when_a_tab_says_why_it_saves_nothing_then_nothing_is_found(tmp_path):
    text = HEAD + IMPORTS + code("alpha", SAVED)
    text += ":begin_tab:`beta`\nNot here.\n:end_tab:\n"
    assert check_book(write_book(tmp_path, {"one.md": text})) == []
