"""Texts that are nearly right: parts of good ones, put together anew and damaged."""

import random
import re
from collections.abc import Sequence

#: What means something to one of the readers of a text.
SNIPPETS = [
    *(
        "\n",
        "\n\n",
        " ",
        "    ",
        "\t",
        "\r",
        "\r\n",
        "\x00",
        "\x0b",
        "\x0c",
        "\x1b[31m",
    ),
    *(
        "\x85",
        "\u2028",
        "\ufeff",
        "\u3000",
        "字",
        "é",
        "e\u0301",
        "🚀",
        "\u200b",
        "\u202e",
    ),
    *(
        "*",
        "_",
        "`",
        "``",
        "```",
        "````",
        "~~~",
        "|",
        "\\",
        "$",
        "$$",
        "#",
        "##",
        ">",
        "- ",
    ),
    *(
        "[",
        "]",
        "(",
        ")",
        "![",
        "](",
        "[^",
        "]:",
        "<",
        ">",
        "&",
        "&#0;",
        "&lt;",
        "%",
        "%%",
    ),
    *("{", "}", "{.python .input}", "{.python .input  n=1}", "```{.python .input}\n"),
    *(
        "```toc\n",
        "```eval_rst\n",
        "```{note}\n",
        "=",
        "===",
        "---",
        "1. ",
        "0. ",
        "9" * 12,
    ),
    *(
        ":label:`",
        ":label:`a b`",
        ":label:``",
        ":numref:`",
        ":numref:`x`",
        ":eqref:`",
        ":ref:`a`",
    ),
    *(
        ":cite:`",
        ":cite:`Key.1979,Other`",
        ":cite:``",
        ":width:`",
        ":width:`1e9px`",
        ":height:`x`",
    ),
    *(
        ":begin_tab:`",
        ":begin_tab:`alpha`\n",
        ":begin_tab:toc\n",
        ":end_tab:\n",
        ":caption ",
    ),
    *(
        ":bibliography:`small.bib`\n",
        ":bibliography:`gone`\n",
        ":doc:`",
        ":eqlabel:`eq_x`\n",
    ),
    *(
        "#@tab ",
        "#@tab all\n",
        "#@save\n",
        "  #@save",
        "#@hide\n",
        "#@hide_all\n",
        "#@folded\n",
    ),
    *(
        "#@no-run\n",
        "#@raises-exception\n",
        "#@nondeterministic\n",
        "#@data ",
        "#@data ../x\n",
    ),
    *(
        "#@data /etc/passwd\n",
        "#@allow ",
        "#@allow BK403",
        "#@allow BK403: x\n",
        "<!-- ",
    ),
    *(
        "<!-- #@allow BK305: x -->",
        "-->",
        "<!--->",
        "<![CDATA[",
        "<?php",
        "<script>",
        "</script>",
    ),
    *(
        "<details><summary>",
        "</summary>",
        "</details>\n",
        "<img src=x>",
        "<img src='../../x'>",
    ),
    *(
        "<div>",
        "</div>",
        "<table>",
        "<style>",
        "<plaintext>",
        "javascript:alert(1)",
        "file:///etc",
    ),
    *(
        "![](../../etc/passwd)",
        "![](/etc/passwd)",
        "![a](img/box.svg)",
        "![](http://[x)",
        "//[",
    ),
    *(
        "a" * 300,
        f"![]({'a' * 300}.png)",
        f"[a]({'a' * 300}.md)",
        f"#@data {'a' * 300}\n",
    ),
    *(
        "[a](http://[::1)",
        "[a](two.md#)",
        "[a](#)",
        "[a](..)",
        "[a](%00)",
        "[a](two.md#%ff)",
    ),
    *(
        "\\frac{",
        "\\newcommand",
        "\\begin{cases}",
        "\\\\",
        "^",
        "_{",
        "\\left(",
        "\\color{red}",
    ),
    *(
        "def f(:\n",
        "def f(): ...  #@save\n",
        "class A:  #@save\n",
        "import os.path as p  #@save\n",
    ),
    *(
        "from . import x  #@save\n",
        "from x import *  #@save\n",
        "x = 1  #@save\n",
        "x: int  #@save",
    ),
    *(
        "a, b = 1, 2  #@save\n",
        "async def f(): pass  #@save\n",
        "try:  #@save\n",
        "if x:  #@save\n",
    ),
    *(
        "@d2l.add_to_class(",
        "@d2l.add_to_class()  #@save\n",
        "lambda: (yield)",
        "'''",
        '"""',
        "\\\n",
    ),
    *(
        "%",
        "%%bash\n",
        "!",
        "x = !",
        "??",
        ">>> ",
        "... ",
        "print(",
        "d2l.",
        "d2l.concat(",
        "f'{",
    ),
    *(
        "if tab.selected('alpha'):\n",
        "tab.selected(",
        "%load_ext d2lbook.tab\n",
        "tab.interact_select(",
    ),
    *(
        "d2l.size()",
        ".size(",
        "d2l.randn(",
        "# 练习\n",
        "## 小结\n",
        "## 选读\n",
        "1. **编写 ★★★★**：",
    ),
    *(
        "**评分**：",
        "5 分",
        "我想…",
        ".. container:: bookkit-start\n",
        ".. container:: bookkit-verified-runs\n",
    ),
    *(
        ".. include:: /etc/passwd\n",
        ".. raw:: html\n",
        ".. figure:: x\n",
        ".. toctree::\n",
        "   :doc:`x`\n",
    ),
    *(
        ".. only:: bookkit\n",
        ".. container:: bookkit-saved-functions\n",
        "|x|",
        "x_",
        "::\n",
    ),
    *(
        "[build]\n",
        "[bookkit]\n",
        "[DEFAULT]\n",
        "tabs = ",
        "=",
        ":",
        "-1",
        "0",
        "nan",
        "inf",
        "true",
    ),
    *(
        "..",
        "../..",
        "/",
        "~",
        "$HOME",
        "*",
        "**",
        "**/*",
        "[!",
        "?",
        ",",
        ", ,",
        "->",
        "%(",
        "%(title)s",
    ),
    *(
        "@book{",
        "@article{k,",
        "@string{",
        "@comment{",
        "@preamble{",
        "year = ",
        "author = {",
        "and ",
    ),
    *(
        "{\\",
        "\\'",
        "crossref = {Key.1979}",
        "{{",
        "}}",
        '"',
        "'",
        ";",
        "BK101",
        "BK999 1 one.md: x\n",
    ),
]


def blocks_of(text: str) -> list[str]:
    """Cut a text into the parts that empty lines part, fences whole."""
    found = re.split(
        r"\n{2,}(?=(?:(?!^```).*\n|^```(?:.*\n)*?^```$\n?)*\Z)", text, flags=re.M
    )
    return [one for one in found if one.strip()]


def mutated(text: str, luck: random.Random, most: int = 4) -> str:
    """Return a text in which a few places were damaged."""
    for _ in range(luck.randint(0, most)):
        at = luck.randint(0, len(text))
        size = luck.choice([0, 0, 1, 1, 2, 5, 20, 100])
        kind = luck.randrange(5)
        if kind == 0:  # something goes
            text = text[:at] + text[at + max(size, 1) :]
        elif kind in (1, 2):  # something comes
            text = text[:at] + luck.choice(SNIPPETS) + text[at:]
        elif kind == 3:  # something is another
            text = text[:at] + luck.choice(SNIPPETS) + text[at + size :]
        else:  # lines twice, or elsewhere
            rows = text.split("\n")
            row = luck.randrange(len(rows))
            taken = rows[row : row + luck.randint(1, 4)]
            if luck.random() < 0.5:
                del rows[row : row + len(taken)]
            place = luck.randint(0, len(rows))
            text = "\n".join([*rows[:place], *taken, *rows[place:]])
    return text


def assembled(blocks: Sequence[str], luck: random.Random, most: int = 6) -> str:
    """Put a few parts together, and damage what comes of it."""
    parts = [luck.choice(blocks) for _ in range(luck.randint(1, most))]
    if luck.random() < 0.3:
        parts.insert(luck.randint(0, len(parts)), luck.choice(SNIPPETS))
    if luck.random() < 0.8:
        parts.insert(0, "# 题")
    return mutated(luck.choice(["\n\n", "\n\n", "\n\n", "\n"]).join(parts) + "\n", luck)
