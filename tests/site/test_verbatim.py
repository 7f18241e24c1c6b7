"""Whatever code, outputs and prose hold: the page shows it, and nothing leaves its box.

Each property makes real pages of generated text in one Sphinx, and reads them as
browsers do.
"""

import os
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from one_page import NAME, display, printed, ran, stream, text_of

from bookkit.site.shown.terminal import as_shown, visible

# Sphinx 11 is to have other names for what transforms and styles know of the book.
pytestmark = pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")

CELL = "```{.python .input}\nx\n```\n"
TEXT = f"# 页\n\n前。\n\n{CELL}\n后。\n"
# More of them, others each time: BOOKKIT_EXAMPLES=2000
EXAMPLES = int(os.environ.get("BOOKKIT_EXAMPLES", "50"))
TALLY = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="BOOKKIT_EXAMPLES" not in os.environ,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)

SNIPPETS = [
    *("\n", "\n\n", "  ", "\t", "\r", "\r\n", "\b", "\f", "\x00", "\x1b[31m", "\x1b[K"),
    *("\x1b]8;;http://a\x1b\\b\x1b]8;;\x1b\\", "\x1b[2A", "\u2028", "\x85", "\x1c"),
    *("\ufeff", "\ud800", "\u3000", "字", "é", "𝕏", "🚀", "*", "_", "`", "|", "\\"),
    *(".. raw:: html\n\n   <hr>\n", ".. include:: /etc/passwd\n", ":alt: x\n", "::\n"),
    *(":ref:`a`", "|bar|", "name_", "`tick", ":label:`a`\n", ":begin_tab:`alpha`\n"),
    *(":end_tab:\n", ":numref:`a`", "{ref}`a`", "{{x}}", "$x$", "$$", "```", "````"),
    *("~~~\n", "```{note}\n", "```toc\nx\n```\n", "#", "# 标题\n", "===\n", "[a](b)"),
    *("</div>", "</pre>", "<h1>h</h1>", "<script>", "</script>", "<!--", "-->", "&lt;"),
    *(
        "<plaintext>",
        "<textarea>",
        "<svg><title>",
        "<table><td>",
        "<style>",
        "</style>",
    ),
    *('<p title="', "<b>", "<form>", "<select>", "<noscript>", "<template>", "<li>"),
    *(
        "<math><mi>",
        "<annotation-xml encoding='text/html'>",
        "</section>",
        "</article>",
    ),
    *("<body>", "<frameset>", "<base href='http://a'>", "<a href='b'>", "<![CDATA["),
    *(
        '<div class="bk-tabs">',
        '<div id="bk-compare">',
        '<p style="width: 3px">',
        "a=1",
    ),
    *(
        "#@tab alpha\n",
        "import x\n",
        "def f(self):\n",
        '"""',
        "'''",
        "%magic\n",
        "!ls\n",
    ),
]
ANYTHING = st.lists(
    st.sampled_from(SNIPPETS)
    | st.text(st.characters(exclude_categories=()), max_size=6),
    max_size=12,
).map("".join)


def outline(page):
    """Return what stands in a page's section, and what of it no output may change."""
    (section,) = page.article.findall("section")
    parts = [(part.tag, part.get("class", "")) for part in section]
    return [part for part in parts if "bk-rich" not in part[1].split()]


@TALLY
@given(source=ANYTHING)
@example(source="\n\nx = 1\n\n")
@example(source="x = '¿\n$ ?\n")
def test_whatever_a_cell_holds_then_its_box_has_it(one, source):
    page = one.made(TEXT, [ran(source)])
    assert page.warnings == ""
    boxes = page.boxes("highlight")
    if not visible(source).strip():
        assert boxes == []
        return
    (box,) = boxes
    assert printed(box) == visible(source)
    assert [text_of(p) for p in page.article.iter("p")][-2:] == ["前。", "后。"]


@TALLY
@given(text=ANYTHING, name=st.sampled_from(["stdout", "stderr"]))
@example(text="\n\na\n\n", name="stdout")
@example(text="\n" * 40 + "a\n", name="stdout")
@example(text="a\n" * 16 + "\n" * 20 + "b", name="stdout")
@example(text=" \n ", name="stderr")
def test_whatever_a_cell_prints_then_its_box_has_what_a_terminal_shows(one, text, name):
    page = one.made(TEXT, [ran("x", stream(text, name))])
    assert page.warnings == ""
    boxes = page.boxes("output")
    wanted = as_shown(text).removesuffix("\n")
    if not wanted.strip():
        assert boxes == []
        return
    (box,) = boxes
    assert printed(box) == wanted
    assert [text_of(p) for p in page.article.iter("p")][-2:] == ["前。", "后。"]


BREAKING = [
    "</div></div></div></section></article>",
    "# 标题\n\n## 小标题",
    "<h1>h</h1>",
    "<plaintext>",
    "<script><!--<script>",
    "<textarea><div>",
    "<svg><foreignObject><div></svg>",
    "<svg><style><!--</style></svg><p title='--><h1>'>",
    "<noscript><p title='</noscript><h1>'>",
    "<p title='<style>'>",
    "<style>",
    "<table><tr><td></div><td><h1>",
    "<li><dd></ul>",
    "<form></form><form><select><option>",
    "a</details></summary>b",
    '<div class="bk-tabs"><div class="bk-panel" data-tab="alpha">x</div></div>',
    '<p id="bk-compare" style="width: 3px" width="5">',
]


@TALLY
@given(
    text=ANYTHING | st.sampled_from(BREAKING),
    kind=st.sampled_from(["html", "markdown"]),
)
def test_whatever_rich_outputs_hold_then_they_stay_in_their_boxes(one, text, kind):
    alone = one.made(TEXT, [ran("x")])
    output = display(**{f"text_{kind}": text})
    after = stream("</style> after")
    page = one.made(TEXT, [ran("x", output, after)])
    assert page.warnings == ""
    assert outline_without(page) == outline(alone)
    assert len(list(page.article.iter("h1"))) == 1
    assert printed(page.boxes("output")[-1]) == "</style> after"


def outline_without(page):
    return [part for part in outline(page) if "output" not in part[1].split()]


@pytest.mark.parametrize("text", BREAKING)
@pytest.mark.parametrize("kind", ["html", "markdown"])
def test_when_an_output_tries_to_get_out_then_the_other_tab_keeps_its_panel(
    one, text, kind
):
    output = display(**{f"text_{kind}": text})
    code = {**ran("x", output, tabs=["alpha"]), **ran("y", stream("b"), tabs=["beta"])}
    page = one.made(TEXT, [code])
    (group,) = page.boxes("bk-tabs")
    panels = page.boxes("bk-panel")
    assert [panel.get("data-tab") for panel in panels] == ["alpha", "beta"]
    assert [child for child in group if child in panels] == panels
    assert [
        printed(box)
        for box in panels[1].iter("div")
        if "output" in box.get("class", "")
    ] == ["b"]
    assert len(list(page.article.iter("h1"))) == 1
    assert not re.search(r"<(style|base|plaintext)\b", page.html)


# An author's own HTML may end in another block than it begins.
PROSE = [one for one in SNIPPETS if not re.search(r"</|[$:^\x00-\x08]|toc|\{", one)]
LETTERS = re.compile(r"[^\W_]")


@TALLY
@given(
    text=st.lists(
        st.sampled_from(PROSE)
        | st.text(
            st.characters(exclude_categories=(), exclude_characters="$:^{<"), max_size=6
        ),
        max_size=12,
    ).map("".join)
)
def test_whatever_prose_holds_then_all_letters_of_it_are_there(one, text):
    page = one.made(f"# 页\n\n{text}")
    assert list(wanted_letters(text)) == within(page, text)


def wanted_letters(text):
    for block in MarkdownIt("commonmark").parse(visible(text)):
        for token in [block, *(block.children or [])]:
            if token.type in ("text", "code_inline", "fence", "code_block"):
                yield from LETTERS.findall(token.content)


def within(page, text):
    """Return those of the wanted letters that the page has, in their order."""
    shown = iter("".join(page.article.itertext()))
    return [letter for letter in wanted_letters(text) if letter in shown]


def test_when_markdown_outputs_have_directives_and_roles_then_they_are_text(one):
    secret = Path("/etc/passwd").read_text(encoding="utf-8").splitlines()[0]
    fences = [
        "```eval_rst\n.. include:: /etc/passwd\n```",
        "```eval_rst\n.. literalinclude:: /etc/passwd\n```",
        "```eval_rst\n.. raw:: html\n   :file: /etc/passwd\n```",
        "```{include} /etc/passwd\n```",
        "```toc\none/page\n```",
        ":numref:`页` :label:`x` {ref}`a` ![](/etc/passwd)",
    ]
    for text in fences:
        page = one.made(TEXT, [ran("x", display(text_markdown=text))])
        assert page.warnings == ""
        assert secret not in page.html
        (box,) = page.boxes("bk-rich")
        written = re.sub(r"[`]|!\[\].*", "", text).split()
        assert set(written) <= set(text_of(box).split()) | {
            "eval_rst",
            "{include}",
            "/etc/passwd",
            "toc",
        }
        assert not box.findall(".//a")


def test_when_half_a_character_is_printed_then_the_page_is_made(one):
    page = one.made(
        "# 页\n\n\ud800字。\n\n" + CELL, [ran("'\udc00'", stream("\udfff"))]
    )
    assert [printed(box) for box in page.boxes("highlight")] == ["'\ufffd'", "\ufffd"]
    assert "\ufffd字。" in text_of(page.article)


def test_when_chromium_reads_what_tries_to_get_out_then_it_finds_the_same(one, reader):
    browser = reader().new_page()
    for text in BREAKING:
        for kind in ("text_html", "text_markdown"):
            mine = ran("x", display(**{kind: text}), tabs=["alpha"])
            one.made(TEXT, [{**mine, **ran("y", stream("b"), tabs=["beta"])}])
            browser.goto((one.root / "_html" / f"{NAME}.html").as_uri())
            assert browser.locator("h1").count() == 1, text
            assert browser.locator("section > .bk-tabs > .bk-panel").count() == 2, text
            assert browser.locator("section > p:text-is('后。')").count() == 1, text
            assert browser.locator(".bk-panel[data-tab=beta] > .output").count() == 1
