"""What is taken out of pages and style sheets, and what must stay."""

import re

import pytest
from docutils.utils.math.latex2mathml import tex2mathml
from pygments.formatters import HtmlFormatter
from pygments.styles import get_style_by_name

from bookkit.site.extension.code_colours import merged
from bookkit.site.extension.mathml import as_latex_has_it
from bookkit.site.extension.policy import without_styles
from bookkit.site.extension.slim import without_unused_marks

ONE = re.compile(r"^(.*\.highlight) \.([\w-]+) \{ (.*?) \}", re.MULTILINE)
MANY = re.compile(r"^(.*\.highlight) :is\((.*?)\) \{ (.*?) \}", re.MULTILINE)


def sheet_of(*schemes):
    """Return a sheet as Furo writes it: one scheme after the other."""
    lines = []
    for style, prefix in schemes:
        formatter = HtmlFormatter(style=get_style_by_name(style))
        lines += formatter.get_token_style_defs(f"{prefix}.highlight")
        lines.append("@media not print {")
    return "\n".join(lines)


def looks(sheet):
    """Return how each kind of mark looks at each place."""
    found = {(where, kind): look for where, kind, look in ONE.findall(sheet)}
    for where, kinds, look in MANY.findall(sheet):
        for kind in kinds.split(","):
            found[where, kind.removeprefix(".")] = look
    return found


def test_when_rules_are_merged_then_every_mark_looks_as_before():
    sheet = sheet_of(("a11y-light", ""), ("github-dark", "body.dark "))
    small = merged(sheet)
    assert looks(small) == looks(sheet)
    assert len(looks(sheet)) > 100
    assert len(small) < len(sheet) / 2
    assert small.count("@media not print {") == 2


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
    wanted = '<code class="literal notranslate">a b</code><pre>c</pre>'
    assert without_unused_marks(body) == wanted


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
