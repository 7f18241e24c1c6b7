"""What is taken out of pages and style sheets, and what must stay."""

import re

import pytest
from docutils.utils.math.latex2mathml import tex2mathml
from pygments.formatters import HtmlFormatter
from pygments.styles import get_style_by_name

from bookkit.site.extension.cells.code_colours import colours_of_styles
from bookkit.site.extension.cells.highlight import with_few_marks
from bookkit.site.extension.furo.policy import without_styles
from bookkit.site.extension.furo.slim import without_unused_marks
from bookkit.site.extension.furo.spacing import without_gaps
from bookkit.site.extension.text.mathml import as_latex_has_it

ONE = re.compile(r"^\.highlight \.(\w+) \{ (.*?) \}", re.MULTILINE)
MANY = re.compile(r"^(.*):is\((.*?)\) \{ (.*?) \}$", re.MULTILINE)
TEXT = re.compile(r"^(.*)\.highlight \{ (.*?) \}$", re.MULTILINE)
STYLES = [get_style_by_name(name) for name in ("a11y-light", "github-dark")]
DARK = ['body[data-theme="dark"] ', 'body:not([data-theme="light"]) ']
# Said by the text alone, as the module tells.
LEFT = {"n", "o", "p", "w"}


def looks_of_pygments(style):
    """Return how each kind of mark looks in one of Pygments' styles."""
    formatter = HtmlFormatter(style=style)
    return dict(ONE.findall("\n".join(formatter.get_token_style_defs(".highlight"))))


def looks_of_ours(sheet, where):
    """Return how each of our elements looks, and the text around them."""
    found = {}
    for place, names, look in MANY.findall(sheet):
        if place == where:
            found |= dict.fromkeys(names.split(","), look)
    (found[""],) = (look for place, look in TEXT.findall(sheet) if place == where)
    return found


def test_when_marks_are_merged_then_each_looks_as_before():
    colours = colours_of_styles(*STYLES)
    for style, places in zip(STYLES, ([""], DARK), strict=True):
        before = looks_of_pygments(style)
        for place in places:
            now = looks_of_ours(colours.sheet, place)
            for kind, look in before.items():
                element = colours.elements.get(kind)
                if element is not None and kind not in LEFT:
                    assert now.get(element) == look, (place, kind)
    assert len(set(colours.elements.values())) < len(colours.elements) / 2
    # What is not copied must be known.
    assert not {"gp", "go"} & set(colours.elements)


@pytest.mark.parametrize(
    ("code", "wanted"),
    [
        ('<span class="k">a</span> <span class="n">b</span>', "<c-k>a</c-k> b"),
        ('<span class="s1">a</span><span class="s2">b</span>', "<c-s>ab</c-s>"),
        ('<span class="mi">1</span> <span class="mf">2</span>', "<c-l>1 2</c-l>"),
        ('<span class="gd">a</span> <span class="gd">b</span>', None),
        (
            '<span class="nf"><a href="#x">f</a></span>',
            '<c-nf><a href="#x">f</a></c-nf>',
        ),
        ('<span class="gp">$ </span>', '<span class="gp">$ </span>'),
        ('<span class="linenos">1</span>', '<span class="linenos">1</span>'),
    ],
)
def test_when_code_is_marked_then_few_marks_are_left(code, wanted):
    html = with_few_marks(f"<pre>{code}\n</pre>{code}", colours_of_styles(*STYLES))
    inside, end, outside = html.partition("\n</pre>")
    assert outside == code
    if wanted is None:  # the ground between two of them has no colour of theirs
        assert inside == "<pre><c-gd>a</c-gd> <c-gd>b</c-gd>"
    else:
        assert inside == f"<pre>{wanted}"


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("<div>\n  <p>a</p>\n\n  <p>b\n</p></div>", "<div><p>a</p><p>b</p></div>"),
        ("<p>\n  <a>a</a>\n  <a>b</a>\n</p>", "<p><a>a</a>\n<a>b</a></p>"),
        ("<p>a\n  b <b>c</b>\nd</p>", "<p>a\nb <b>c</b>\nd</p>"),
        ("<div>\n<pre>\n  a\n\n</pre>\n</div>", "<div><pre>\n  a\n\n</pre></div>"),
        ("<p>a <b>b</b></p> <p>c</p>", "<p>a <b>b</b></p> <p>c</p>"),
        ("<script>\n  a\n</script>\n", "<script>\n  a\n</script>\n"),
    ],
)
def test_when_a_page_is_indented_then_only_what_shows_stays(written, wanted):
    assert without_gaps(written) == wanted


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ('<col style="width: 33.0%" />', '<col width="33.0%" />'),
        ('<img style="width: 400px;" alt="">', '<img width="400" alt="">'),
        ('<pre style="color: red" class="a">', '<pre class="a">'),
        ("<style scoped>td { color: red }</style><td>", "<td>"),
        (
            "<pre>&lt;p style=&quot;width: 3px&quot;&gt;</pre>",
            "<pre>&lt;p style=&quot;width: 3px&quot;&gt;</pre>",
        ),
        ("<p>a &lt; b</p>", "<p>a &lt; b</p>"),
    ],
)
def test_when_html_has_styles_then_none_stays_in_it(written, wanted):
    assert without_styles(written) == wanted


def test_when_marks_are_of_no_use_then_the_text_stays():
    code = '<code class="docutils literal notranslate"><span class="pre">a</span>'
    body = f'{code} <span class="pre">b</span></code><pre><span></span>c</pre>'
    wanted = '<code translate="no">a b</code><pre>c</pre>'
    assert without_unused_marks(body) == wanted
    role = '<code class="xref py docutils literal notranslate">'
    assert without_unused_marks(role) == '<code class="xref py" translate="no">'
    assert without_unused_marks('<code class="own">') == '<code class="own">'


@pytest.mark.parametrize(
    ("formula", "wanted"),
    [
        (r"y\lfloor x \rfloor", '<mo stretchy="false">⌊</mo>'),
        (r"\left\lfloor x \right\rfloor", "<mo>⌊</mo>"),
        (r"\underbrace{a+b}_{n}", "</munder><mi>n</mi></munder>"),
        (r"\underbrace{a+b}", "<mo>⏟</mo></munder></math>"),
        (r"x_1^2", "<msubsup><mi>x</mi><mn>1</mn><mn>2</mn></msubsup></math>"),
    ],
)
def test_when_a_formula_is_converted_then_it_is_as_latex_has_it(formula, wanted):
    mathml = as_latex_has_it(tex2mathml(formula, as_block=True))
    assert wanted in re.sub(r"\s*\n\s*", "", mathml)
    assert 'xmlns="http://www.w3.org/1998/Math/MathML"' in mathml
