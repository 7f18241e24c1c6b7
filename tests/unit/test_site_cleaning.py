"""What is taken out of pages and style sheets, and what must stay."""

import pytest

from bookkit.site.extension.cells.highlight import without_word_marks
from bookkit.site.extension.cells.outputs import with_one_box
from bookkit.site.extension.furo.policy import without_styles


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


def test_when_code_has_two_boxes_then_one_says_it_all():
    inner = '<div class="highlight"><pre><span></span>a\n</pre></div>\n</div>\n'
    for before, after in [
        ('class="highlight-python notranslate"', 'class="highlight notranslate"'),
        (
            'class="output bk-warning highlight-none notranslate" id="x"',
            'class="output bk-warning highlight notranslate" id="x"',
        ),
    ]:
        found = with_one_box(f"<div {before}>{inner}")
        assert found == f"<div {after}><pre>a\n</pre></div>\n"


def test_when_code_stands_in_a_sentence_then_its_words_have_no_marks():
    code = '<code class="docutils literal notranslate">'
    written = f'{code}<span class="pre">a</span> <span class="pre">b</span></code>'
    shown = '<code class="literal notranslate">a b</code>'
    assert without_word_marks(written) == shown
