"""How long a page takes, and how many cells it has, for a reader of one framework."""

from docutils import nodes
from docutils.utils import new_document

from bookkit.site.extension.cells.tabs import tab_group, tab_panel
from bookkit.site.extension.page.durations import (
    HAN_PER_MINUTE,
    LINES_PER_MINUTE,
    WORDS_PER_MINUTE,
    Duration,
    measured,
)

TABS = ["alpha", "beta"]


def measure(*parts):
    document = new_document("page")
    document += list(parts)
    return measured(document, TABS)


def prose(text):
    return nodes.paragraph(text, text)


def cell(lines, **options):
    code = "\n".join(["run()"] * lines)
    return nodes.literal_block(code, code, language="ipython3", **options)


def group(**panels):
    found = tab_group(kind="code", number=0)
    for tab, content in panels.items():
        panel = tab_panel(tab=tab, title=tab, number=0)
        panel += content
        found += panel
    return found


def test_when_text_and_code_are_read_then_each_takes_its_time():
    han = prose("\u8bfb" * 3 * HAN_PER_MINUTE)
    latin = prose("word " * 2 * WORDS_PER_MINUTE)
    assert measure(han, latin, cell(LINES_PER_MINUTE)) == Duration(6, 1)


def test_when_frameworks_differ_then_the_one_with_most_to_read_counts():
    code = group(alpha=cell(2 * LINES_PER_MINUTE), beta=cell(7 * LINES_PER_MINUTE))
    assert measure(code) == Duration(7, 1)


def test_when_it_takes_long_then_it_is_rounded_to_five_minutes():
    assert measure(prose("\u8bfb" * 23 * HAN_PER_MINUTE), cell(1)) == Duration(25, 1)


def test_when_nothing_is_a_cell_then_nothing_is_said():
    output = nodes.literal_block("1", "1", language="none", classes=["output"])
    shell = nodes.literal_block("make", "make", language="bash")
    assert measure(prose("\u8bfb" * 1000), output, shell) is None
    assert measure(cell(1), output, shell).cells == 1
