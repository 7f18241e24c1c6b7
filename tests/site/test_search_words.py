"""The search finds what the pages say, all of it and nothing else.

The truth is read from the built pages, without the tool: text, letter by letter.
"""

import random
import re
from html.parser import HTMLParser

import pytest

from bookkit.site.extension.search.blocks import CODE
from bookkit.site.extension.search.index import script_of

HAN = "\u4e00-\u9fff"
INLINE = {"a", "abbr", "cite", "code", "em", "i", "span", "strong", "sub", "sup"}
MATH = {"math", "mi", "mn", "mo", "mrow", "mtext", "msub", "msup", "mstyle", "mtd"}
VOID = {"br", "col", "hr", "img", "input", "wbr"}
# What the theme, the tabs and the numbering add to the text.
ADDED = re.compile(
    r"headerlink|bk-panel-label|bk-absent|toctree-wrapper|bk-about"
    r"|bk-bar|bk-start|bk-offers|bk-lack|bk-paper"
)
SEED = 11


class Blocks(HTMLParser):
    def __init__(self):
        super().__init__()
        self.blocks, self._open, self._text = [], [], ""

    def handle_starttag(self, tag, attributes):
        if tag in VOID:
            return
        if tag not in INLINE | MATH:
            self._end()
        self._open.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        if tag not in INLINE | MATH:
            self._end()
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, text):
        classes = " ".join(its.get("class") or "" for _, its in self._open)
        if not ADDED.search(classes):
            self._text += text

    def _end(self):
        if self._text.strip():
            self.blocks.append((list(self._open), self._text))
        self._text = ""


def blocks_of(html):
    parser = Blocks()
    parser.feed(re.search(r"<article[^>]*>(.*?)</article>", html, re.DOTALL)[1])
    return parser.blocks


@pytest.fixture(scope="module")
def book(site_dir, pages):
    """For each page its blocks: the names of the tags around, and the text."""
    found = {}
    for page in pages:
        blocks = blocks_of((site_dir / page).read_text(encoding="utf-8"))
        found[page] = [
            ([tag for tag, _ in around], tidy(text, around)) for around, text in blocks
        ]
    return found


def tidy(text, around):
    is_code = any(tag == "pre" for tag, _ in around)
    return text if is_code else " ".join(text.split())


@pytest.fixture(scope="module")
def search(browser, site_url):
    page = browser.new_page()
    page.goto(f"{site_url}/search.html")
    yield page
    page.close()


def whole_texts(book):
    return {page: "\n".join(text for _, text in book[page]) for page in book}


def pages_with(texts, word):
    """Return the pages whose text has a word; of a name, parts may have it too."""
    inner = r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])"
    pattern = re.compile(
        rf"(?:(?<![A-Za-z0-9])|{inner})(?i:{re.escape(word)})"
        rf"(?:(?![A-Za-z0-9])|{inner})"
    )
    is_han = re.match(f"[{HAN}]", word)
    return {
        page
        for page, text in texts.items()
        if (word in text if is_han else pattern.search(text))
    }


def ask_all(search, words):
    asked = "words => words.map(one => bookkitSearch.find(one).exact.map(r => "
    answers = search.evaluate(f"{asked}r.page.address))", words)
    return dict(zip(words, answers, strict=True))


def pieces_of(texts, drawn, count):
    """Draw pieces of two to four Han characters from all of some texts."""
    runs = [run for text in texts for run in re.findall(f"[{HAN}]{{2,}}", text)]
    found = set()
    for run in drawn.choices(runs, weights=[len(run) for run in runs], k=8 * count):
        length = min(len(run), drawn.choice((2, 3, 4)))
        start = drawn.randrange(len(run) - length + 1)
        found.add(run[start : start + length])
    return sorted(found)[:: max(1, len(found) // count)]


def words_of(book):
    """Draw words from headings, from sentences and names from code."""
    drawn = random.Random(SEED)
    blocks = [block for blocks in book.values() for block in blocks]
    headings = [text for tags, text in blocks if re.match(r"h\d", tags[-1])]
    prose = [text for tags, text in blocks if "pre" not in tags]
    code = [text for tags, text in blocks if "pre" in tags]
    name = r"(?a:[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)"
    names = set(re.findall(name, "\n".join(code)))
    # One letter alone may be a sign in a formula, which has no spaces in the page; what
    # ends with an underscore is the beginning of names, as which the search takes it.
    names = sorted(name for name in names if re.search("[A-Za-z]{2}.*(?<!_)$", name))
    return [
        *pieces_of(headings, drawn, 60),
        *pieces_of(prose, drawn, 160),
        *drawn.sample(names, min(160, len(names))),
    ]


def test_when_a_word_is_asked_then_exactly_its_pages_are_found(book, search):
    words = sorted(set(words_of(book)))
    assert len(words) >= 200
    found = ask_all(search, words)
    texts = whole_texts(book)
    truth = {word: pages_with(texts, word) for word in words}
    assert all(truth.values()), "a word was drawn from nowhere"
    wrong = {
        word: (sorted(truth[word]), sorted(found[word]))
        for word in words
        if set(found[word]) != truth[word]
    }
    assert wrong == {}
    # It would prove little if most words were everywhere.
    assert sum(len(pages) < len(book) / 2 for pages in truth.values()) > 100


def test_when_only_the_pairs_of_a_word_occur_then_nothing_is_found(book, search):
    text = "\n".join(text for blocks in book.values() for _, text in blocks)
    drawn = random.Random(SEED)
    pairs = sorted(set(re.findall(f"(?=([{HAN}]{{2}}))", text)))
    following = {}
    for first, second in pairs:
        following.setdefault(first, []).append(second)
    chosen = drawn.choices([pair for pair in pairs if pair[1] in following], k=100)
    made = {pair + drawn.choice(following[pair[1]]) for pair in chosen}
    strangers = sorted(word for word in made if word not in text)
    assert len(strangers) > 30
    assert {w: p for w, p in ask_all(search, strangers).items() if p} == {}


def test_when_a_title_has_the_word_then_its_page_comes_first(book, search):
    titles = {
        page: next((t for tags, t in blocks if tags[-1] == "h1"), "")
        for page, blocks in book.items()
    }
    asked = 0
    words = [w for t in titles.values() for w in re.findall(f"(?=([{HAN}]{{2}}))", t)]
    for word, found in ask_all(search, sorted({*words, "GPU"})).items():
        having = {page for page, title in titles.items() if word in title}
        assert set(found[: len(having)]) == having, (word, found)
        asked += 1
    assert asked > 10


def test_when_words_and_code_are_mixed_then_pages_have_both(book, search):
    questions = ["try_gpu 函数", "try_gpu函数", "函数，try_gpu"]
    texts = whole_texts(book)
    truth = pages_with(texts, "try_gpu") & pages_with(texts, "函数")
    assert truth
    for question, found in ask_all(search, questions).items():
        assert set(found) == truth, question
    wide, usual = ask_all(search, ["ＲｅＬＵ", "relu"]).values()
    assert set(wide) == set(usual) == pages_with(texts, "relu")


def test_when_a_figures_number_is_asked_then_its_page_is_found(book, search, site_dir):
    numbers = {
        number: page
        for page in book
        for number in re.findall(
            r'class="caption-number">([^<]+?) *<',
            (site_dir / page).read_text(encoding="utf-8"),
        )
    }
    assert numbers
    for number, found in ask_all(search, sorted(numbers)).items():
        assert numbers[number] in found, number


#: A text; the words that find it; words that do not, though their letters are in it.
EDGES = {
    "层try_all_gpus": (
        "层 try all gpus try_all ALL_GPUS ｔｒｙ＿ａｌｌ",
        "gpu ry ll_g",
    ),
    "nn.MyReLU": ("nn my relu ReLU myrelu nn.MyReLU MyRe", "yre rel n.my"),
    "HTTPServer2D": ("http server2d", "httpS erver server HTTPServer 2d"),
    "3.14 layer1.0 x=.5 7.": ("3.14 layer1 layer1.0 0 5 7", "3 14 4 1.0 layer"),
    "ñandú ΣΑΣ straße": ("ÑANDÚ ñandu\u0301 σασ straße", "nandú andú stra"),
    "aB" * 5000: ("a", "ab5"),
}


def test_when_part_of_a_name_is_asked_then_only_whole_parts_are_found(
    browser, site_url
):
    page = browser.new_page()
    page.goto(f"{site_url}/search.html")
    for text, (inside, outside) in EDGES.items():
        index = script_of([("x.html", [("", "页", [((), CODE, text)])])], {})
        page.evaluate("script => eval(script)", index)
        found = ask_all(page, [*inside.split(), *outside.split()])
        assert [word for word, pages in found.items() if pages] == inside.split()
    page.close()
