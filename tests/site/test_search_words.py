"""The search finds what the pages say, all of it and nothing else.

The truth is read from the built pages, without the tool: text, letter by letter.
"""

import random
import re
from html.parser import HTMLParser

import pytest

from bookkit.site.extension.search.tokens import tokens

HAN = "\u4e00-\u9fff"
INLINE = {"a", "abbr", "cite", "code", "em", "i", "span", "strong", "sub", "sup"}
MATH = {"math", "mi", "mn", "mo", "mrow", "mtext", "msub", "msup", "mstyle", "mtd"}
VOID = {"br", "col", "hr", "img", "input", "wbr"}
# What the theme, the tabs and the numbering add to the text.
ADDED = re.compile(
    r"headerlink|bk-tablist|bk-panel-label|bk-absent|toctree-wrapper|bk-verified|bk-launch"
    r"|bk-bar|bk-start|bk-offers|bk-lack"
)
SEED = 11


class Blocks(HTMLParser):
    """The blocks of text of an article, each with the tags it stands in."""

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
    """The page of the search, for questions that its script is asked."""
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
    """Return the pages that the search finds for each word, in its order."""
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
    names = sorted(name for name in names if re.search("[A-Za-z]", name))
    return [
        *pieces_of(headings, drawn, 60),
        *pieces_of(prose, drawn, 160),
        *drawn.sample(names, min(160, len(names))),
    ]


def test_when_a_word_of_the_text_is_asked_then_exactly_its_pages_are_found(
    book, search
):
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


def test_when_the_number_of_a_figure_is_asked_then_its_page_is_found(
    book, search, site_dir
):
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


HOSTILE = """
<script>alert(1)</script>|__init__|_|.|...|a.b.c|nn.Module|MyReLU|HTTPServer2Go|GPUs
Conv2DTranspose|try_all_gpus|x_1.y_2|1.1|0.5.|.5|layer1.0.weight|net.0.weight|1..2
3.14abc|ＧＰＵ１２３|全角ＡＢＣ混排|ｔｒｙ＿ｇｐｕ．ｘ|层和块|层|々〆〇|カタカナ・ひらがな
한국어 문장|ñandú ÑANDÚ|İstanbul ı|ΣΑΣ σας|straße STRASSE|ﬁne|Ǆ ǅ ǆ|𠀀𠀁𪛖字
𝐱𝑦 math|😀表情😀|a\u0301e\u0301|x\u200by|soft\u00adhyphen|\u202eright|\ufeffbom
日本語とEnglish混在|ABCDEFGHIJKLMNOPQRSTUVWX
AaBbCcDdEeFfGgHhIiJjKkLlMmNnOo|ⅷⅧ|①②|½|ª º|Ω Ω|Å|\\u0041|%E5%B1%82|'"`${x}|&lt;层&gt;
""".replace("\n", "|")


def hostile_texts():
    drawn = random.Random(SEED)
    ranges = [(0x20, 0x7F), (0xA0, 0x600), (0x1E00, 0x2200), (0x2E80, 0x3200)]
    ranges += [(0x4E00, 0x4E40), (0xA000, 0xA500), (0xF900, 0xFFFE), (0x1F300, 0x1F640)]
    ranges += [(0x1CE00, 0x1E010), (0x2FFE0, 0x30020), (0x41, 0x5B), (0x5F, 0x7B)]
    texts = [text for text in HOSTILE.split("|") if text]
    for _ in range(400):
        some = drawn.choices(ranges, k=3)
        texts.append(
            "".join(chr(drawn.randrange(*drawn.choice(some))) for _ in "x" * 24)
        )
    return texts


def test_when_a_text_is_taken_apart_then_builder_and_browser_agree(book, search):
    texts = [text for blocks in book.values() for _, text in blocks]
    texts = sorted({*texts, *hostile_texts(), *words_of(book)})
    assert len(texts) > 1000
    found = search.evaluate("texts => texts.map(bookkitSearch.tokens)", texts)
    different = [
        (text, here, there)
        for text, here, there in zip(texts, map(tokens, texts), found, strict=True)
        if here != there
    ]
    assert different == []
