"""Formulas: what MathJax shows becomes MathML, all else an error that says why."""

import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bookkit.book.formula_line import line_of
from bookkit.book.formulas import (
    MOST_MARKS,
    FormulaError,
    formulas_in,
    mathml,
)


def shape(formula: str) -> str:
    """Return the elements and their texts, without spaces around operators."""
    made = mathml(formula, block=True).replace("\u00a0", " ")
    return re.sub(r" [lr]space=\"[^\"]*\"| stretchy=\"false\"", "", made)


@pytest.mark.parametrize(
    ("formula", "wanted"),
    [
        (r"\left(\frac{1}{2}\right)", "<mo>(</mo><mfrac><mn>1</mn><mn>2</mn></mfrac>"),
        (r"\underbrace{a+b}_{n}", "<mo>⏟</mo></munder><mi>n</mi></munder>"),
        (r"\overbrace{a}^{n}", "<mo>⏞</mo></mover><mi>n</mi></mover>"),
        (r"x_1^2", "<msubsup><mi>x</mi><mn>1</mn><mn>2</mn></msubsup>"),
        (r"{n \choose k}", '<mfrac linethickness="0"><mi>n</mi><mi>k</mi></mfrac>'),
        (r"a\stackrel{d}{=}b", "<mover><mo>=</mo><mi>d</mi></mover>"),
        (r"\big(x", '<mo minsize="1.2em" maxsize="1.2em">(</mo>'),
        (r"\textbf{a}", "<mtext><b>a</b></mtext>"),
        (r"\textit{a}", "<mtext><i>a</i></mtext>"),
        (r"\texttt{a}", "<mtext><code>a</code></mtext>"),
        (r"\textrm{a b}", "<mtext>a b</mtext>"),
        (r"\text{中文}", "<mtext>中文</mtext>"),
        (r"\mbox{a}", "<mtext>a</mtext>"),
        (r"\text{a_b}", "<mtext>a_b</mtext>"),
        (r"\text{若 $x$ 则}", "<mtext>若 </mtext><mi>x</mi><mtext> 则</mtext>"),
        (r"\color{red}{a}b", '<mrow mathcolor="#FF0000"><mi>a</mi></mrow><mi>b</mi>'),
        (r"a\iff b", "<mo>⟺</mo>"),
        (r"x_1,\dots,x_n", "<mi>…</mi>"),
        (r"a\setminus b", "<mo>∖</mo>"),
        ("a × b − c", "<mo>×</mo>"),
        ("x，y！", "<mi>，</mi><mi>y</mi><mi>！</mi>"),
        ("x′", "<msup><mi>x</mi><mo>′</mo></msup>"),
        ("∅", "<mi>∅</mi>"),
        ("^*", "<msup><mrow></mrow><mo>∗</mo></msup>"),
        (r"^\circ", "<mo>∘</mo>"),
        (r"\mathop{\mathrm{argmax}}_x", "<munder><mrow><mspace/><mi>argmax</mi>"),
        (r"\mathop{\arg\max}\limits_x", "<munder><mrow><mspace/><mi>arg\u2009max</mi>"),
        (r"\operatorname*{argmin}_x", "<munder><mrow><mspace/><mi>argmin</mi>"),
        (r"\sum_{\substack{i\\j}}", "<mtr>"),
        (r"\left<a\right>", "<mo>⟨</mo><mi>a</mi><mo>⟩</mo>"),
        ("a\\\nb", "<mtext> </mtext>"),
        (r"\Large x", '<mstyle mathsize="144%"><mi>x</mi></mstyle></math>'),
        (r"\label{eq}x", "<mi>x</mi>"),
        (r"a \! b", '<mspace class="bk-back-3"/>'),
        (r"\boxed{a}", '<menclose notation="box"><mi>a</mi></menclose>'),
        (r"a < b", "<mo>&lt;</mo>"),
    ],
)
def test_when_mathjax_shows_a_formula_then_it_is_mathml(formula, wanted):
    assert wanted in shape(formula)


def test_when_signs_are_not_after_left_and_right_then_they_keep_their_height():
    assert '<mo stretchy="false">⌊</mo>' in mathml(r"y\lfloor x \rfloor", block=True)
    assert "<mo>⌊</mo>" in mathml(r"\left\lfloor x \right\rfloor", block=True)


@pytest.mark.parametrize(
    ("formula", "rows", "cells"),
    [
        (r"a = 1, \\ b = 2", 2, 2),
        (r"a &= 1 \\ b &= 2", 2, 4),
        (r"\begin{aligned}[t]a&=1\\[2pt]b&=2\end{aligned}", 2, 4),
        (r"\begin{split}a&=1\\b&=2\end{split}", 2, 4),
        (r"\begin{align}a&=1\\b&=2\end{align}", 2, 4),
        (r"\begin{alignat}{2}a&=1\\b&=2\end{alignat}", 2, 4),
        (r"\begin{eqnarray}a&=&1\\b&=&2\end{eqnarray}", 2, 6),
        (r"\begin{gather}a\\b\end{gather}", 2, 2),
        (r"\begin{cases}a&b\\c&d\end{cases}", 2, 4),
        (r"x = \begin{cases}a&b\\c&d\end{cases}", 2, 4),
        (r"\begin{array}{@{}l|c@{}}a&b\\\hline c&d\end{array}", 2, 4),
        (r"\begin{smallmatrix}a&b\\c&d\end{smallmatrix}", 2, 4),
        (r"\begin{equation}\begin{split}a&=1\end{split}\end{equation}", 1, 2),
    ],
)
def test_when_a_formula_has_rows_then_they_are_a_table(formula, rows, cells):
    made = mathml(formula, block=True)
    assert (made.count("<mtr>"), made.count("<mtd")) == (rows, cells)
    assert made.count("<mtable") == 1


def test_when_columns_have_sides_and_lines_then_classes_say_so():
    made = mathml(r"\begin{array}{l|r}a&b\\\hline c&d\end{array}", block=True)
    assert '<mtd class="bk-to-start bk-line-right"><mi>a</mi>' in made
    assert '<mtd class="bk-line-top bk-to-end"><mi>d</mi>' in made


@pytest.mark.parametrize(
    "formula",
    [
        r"a=b\tag{1}",
        r"a&=b\tag{1}\\c&=d\tag{2}",
        r"\begin{equation}a\tag{1}\end{equation}",
        r"\begin{align}a&=b\tag{1}\end{align}",
    ],
)
def test_when_a_formula_has_a_tag_then_it_stands_at_the_end_of_the_line(formula):
    made = mathml(formula, block=True)
    assert re.search(r'<mtd class="bk-beside bk-to-end"><mtext>\(1\)</mtext>', made)
    assert "(1)" in mathml(r"a\tag{1}", block=False)


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        (r"\frac{1}{2", 'expected closing token "}", but reached end of input'),
        (r"a \foo b", 'unknown command "\\foo"'),
        (r"\begin{foo}a\end{foo}", 'unknown environment "foo"'),
        (r"\left(a", 'expected closing token "\\right", but reached end of input'),
        (
            r"\begin{aligned}a\end{matrix}",
            'expected "\\end{aligned}", but found "\\end{matrix}"',
        ),
        ("a}", 'unmatched closing token: "}"'),
        ("a_b_c", "duplicate subscript or superscript"),
        ("a & b", 'found "&", which may only appear in a table-like environment'),
        (r"\def\x{\x\x}\x", '"\\def" defines a command'),
        (r"\\\newcommand{\x}{y}", '"\\newcommand" defines a command'),
        (r"a\hspace{-1em}b", "a space of -1em: the only negative one is `\\!`"),
        ("a\x00b", "the character U+0000"),
        ("a\ud800b", "the character U+D800"),
        ("{" * 10**6, f"more than {MOST_MARKS} commands and groups"),
    ],
)
def test_when_a_formula_cannot_be_shown_then_the_error_says_why(formula, message):
    with pytest.raises(FormulaError) as caught:
        mathml(formula, block=True)
    assert str(caught.value) == message


def test_when_a_command_is_unknown_then_its_line_is_told():
    with pytest.raises(FormulaError) as caught:
        mathml("a \\\\\nb \\\\\n\\foo", block=True)
    assert caught.value.line == 2


WORDS = r"""
\frac \text{ \mathop{ \left \right \begin{aligned} \end{aligned} \begin{array}{l|c}
\end{array} \begin{equation} \end{equation} \tag{1} \color{red} \hspace{-1em} \cases
\substack \sqrt[ \Large \label{a} \operatorname{ \underbrace \not \big \limits \hline
\\ \\[2pt] \! \ \ { } [ ] ^ _ & % # ~ $ ' < > | a 1 中 ， ∅ = + .
""".split()


@settings(deadline=None, max_examples=1000)
@given(
    st.one_of(
        st.text(max_size=60),
        st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join),
        st.lists(st.sampled_from(WORDS), max_size=30).map("".join),
    ),
    st.booleans(),
)
@example("\\left(" * 490, True)
@example("\\text{" * 400, True)
@example("\\hat" * 499, False)
def test_whatever_a_formula_is_then_it_is_mathml_or_a_formula_error(formula, block):
    try:
        made = mathml(formula, block=block)
    except FormulaError:
        assert line_of(formula) is not None
        return
    root = ET.fromstring(made)
    assert root.tag == "math" and (root.get("display") == "block") == block
    assert not any("style" in part.attrib for part in root.iter())


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("字 $a$ 和 $b$。", [(1, "a", False), (1, "b", False)]),
        ("H$_2$O 25$^\\circ$C", [(1, "_2", False), (1, "^\\circ", False)]),
        ("$$\na\n$$\n字 $b$", [(1, "\na\n", True), (4, "b", False)]),
        ("字\n\n$$a$$", [(3, "a", True)]),
        ("$5 和 $6", []),
        ("$5 和 6$", [(1, "5 和 6", False)]),
        ("$ a$ $a $", []),
        ("\\$a$", []),
        ("$a\\$b$", [(1, "a\\$b", False)]),
        ("`$a$` ``$b` $c$``", []),
        ("```\n$a$\n```\n$b$", [(4, "b", False)]),
        ("~~~\n$a$\n", []),
        ("<!-- $a$ -->", []),
        ("$a\nb$", [(1, "a\nb", False)]),
        ("$a\n\nb$", []),
        ("$\\text{a $x$ b}$", [(1, "\\text{a $x$ b}", False)]),
        ("$a`b$`", [(1, "a`b", False)]),
    ],
)
def test_when_a_text_has_formulas_then_they_are_those_of_pandoc(text, wanted):
    assert list(formulas_in(text)) == wanted


@settings(deadline=None)
@given(st.text(alphabet="$`~\\\n ab1{}<!->"))
def test_whatever_a_text_is_then_lines_of_its_formulas_are_right(text):
    for line, source, _ in formulas_in(text):
        assert source in text.split("\n", line - 1)[-1]


@pytest.mark.parametrize(
    ("formula", "wanted"),
    [
        (r"\mathbf{x} \in \mathbb{R}^{n}, \log x < 1", "x ∈ R^n, log x < 1"),
        (r"\boldsymbol{\beta} \left. \frac{1}{4} \right|", "β1/4|"),
        (r"\begin{cases}a & 1 \\ b & \text{若 $c$}\end{cases}", "{a 1; b 若 c"),
        (r"\frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}}", "(x−μ)/√(σ^2+ε)"),
        (r"\sum_{j=0}^{d-1} x_j^2", "∑_(j = 0)^(d−1)x_j^2"),
        (r"10^{-8} \mathbf{W}^\top w_{11}", "10^(−8)W^⊤w_11"),
        (r"\sqrt{2/n_\mathrm{in}} \sqrt[3]{x}", "√(2/n_in)3√x"),
        (r"\hat{y} f'(x) \binom{n}{k}", "yˆ f′(x)(n k)"),
        ("_2", "2"),
        (r"^\circ", "°"),
        (r"\foo", r"\foo"),
    ],
)
def test_when_a_formula_is_searched_then_it_is_a_line_of_plain_letters(formula, wanted):
    assert line_of(formula) == wanted
