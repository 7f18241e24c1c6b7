"""Questions in other words than the book's: the search finds what they mean."""

import re
from html import unescape

import pytest
from choosing import choose

from bookkit.book.config import load
from bookkit.site.extension.search.blocks import CODE, TEXT
from bookkit.site.extension.search.index import script_of

CHAPTER = "chapter_computation/"
FIRST = """questions => questions.map((question) => {
  const { exact, alike, longer, near } = bookkitSearch.find(question);
  const found = [alike, exact, longer, near].find((list) => list.length) || [];
  return found.map((result) => result.page.address);
})"""
PASTE = """text => {
  const field = document.getElementById("search-question");
  const clipboardData = new DataTransfer();
  clipboardData.setData("text", text);
  const event = new ClipboardEvent("paste", { clipboardData, cancelable: true });
  if (field.dispatchEvent(event)) field.value = text.replaceAll("\\n", " ");
}"""
#: What readers typed, and the page that they wanted.
WANTED = {
    "多卡": "use-gpu",
    "爆显存": "use-gpu",
    "CUDA Out of  Memory": "use-gpu",
    "参数共享": "parameters",
    "weight sharing": "parameters",
    "存储模型": "read-write",
    "断点": "read-write",
    "批归一化 训练": "read-write",
    "\u53c3\u6578\u7d81\u5b9a": "parameters",  # 参数绑定, traditional
    "\u53c3\u6578\u5171\u4eab": "parameters",  # 参数共享, traditional, and a synonym
    "\u5ef6\u5f8c\u521d\u59cb\u5316": "deferred-init",
}
#: What went wrong, as a framework says it, with other numbers than the book's.
ERRORS = {
    "RuntimeError: mat1 and mat2 shapes cannot be multiplied (2x3 and 4x5)": (
        "deferred-init"
    ),
    "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 20.00 MiB": (
        "use-gpu"
    ),
    "RuntimeError: Error(s) in loading state_dict for Net: Missing key(s)": (
        "read-write"
    ),
    "AttributeError: 'Sequential' object has no attribute 'weight'": "parameters",
    "MXNetError: Shape inconsistent, Provided = [7,16], inferred shape=(7,32)": (
        "deferred-init"
    ),
}


@pytest.fixture
def search(read):
    page = read("search.html")
    page.wait_for_function("() => globalThis.bookkitSearch")
    return page


def asked(page, questions):
    answers = page.evaluate(FIRST, list(questions))
    return dict(zip(questions, answers, strict=True))


def test_when_asked_in_other_words_then_the_page_that_is_meant_comes_first(search):
    first = {
        question: found[:1]
        for question, found in asked(search, {**WANTED, **ERRORS}).items()
    }
    assert first == {
        question: [f"{CHAPTER}{page}.html"]
        for question, page in {**WANTED, **ERRORS}.items()
    }


def test_when_synonyms_helped_then_the_answer_says_so(read):
    page = read("search.html?q=参数共享")
    page.wait_for_selector(".bk-search-place")
    assert "“参数绑定”" in page.locator("#search-status").inner_text()
    assert page.locator("mark").first.inner_text() == "参数绑定"


def test_when_the_author_has_synonyms_then_the_book_has_their_words(search, site_dir):
    root = next(one for one in site_dir.parents if (one / "config.ini").is_file())
    synonyms = load(root).synonyms
    words = sorted({word for _, words in synonyms for word in words})
    assert [word for word, found in asked(search, words).items() if not found] == []


def test_when_signs_are_asked_then_pages_have_them(search, site_dir):
    signs = ["@", "*", "==", "__call__", "**kwargs", "%", "->", "#"]
    for sign, found in asked(search, signs).items():
        texts = [(site_dir / page).read_text(encoding="utf-8") for page in found]
        bare = [unescape(re.sub("<[^>]*>", "", text)) for text in texts]
        assert bare and all(sign in text for text in bare), sign
    # A sign that no page has before a name is none of the question.
    signed, bare = asked(search, ["!pip", "pip"]).values()
    assert signed == bare != []


def test_when_a_traceback_is_pasted_then_its_last_line_is_asked(search):
    error = next(iter(ERRORS))
    search.locator("#search-question").focus()
    search.evaluate(PASTE, f"Traceback (most recent call last):\n  File x\n{error}\n\n")
    search.wait_for_selector(".bk-search-place")
    assert search.locator("#search-question").input_value() == error
    search.locator("#search-question").fill("")
    search.evaluate(PASTE, "参数")
    assert search.locator("#search-question").input_value() == "参数"


def page_of(name, *blocks):
    return (f"{name}.html", [("", name, list(blocks))])


def test_when_pages_differ_in_framework_then_the_readers_own_comes_first(search):
    pages = [
        page_of("目录", ((), TEXT, "词 词 x 词")),
        page_of("它的", (("beta",), CODE, "def 词():"), ((), TEXT, "别的")),
        page_of("我的", (("alpha",), CODE, "词"), (("beta",), CODE, "names")),
        page_of("大家的", ((), TEXT, "词")),
    ]
    tabs = {"alpha": "Alpha", "beta": "Beta"}
    index = script_of(pages, tabs, last=["目录.html"])
    search.evaluate("script => eval(script)", index)

    def order(tab):
        search.evaluate("tab => { document.documentElement.dataset.tab = tab; }", tab)
        return [page.removesuffix(".html") for page in asked(search, ["词"])["词"]]

    assert order("alpha")[2:] == ["它的", "目录"]
    assert order("beta")[2:] == ["我的", "目录"]
    # A page that is called so is what was asked for.
    assert asked(search, ["目录"])["目录"] == ["目录.html"]


def test_when_a_reader_has_a_framework_then_suggestions_are_of_it(read):
    page = read()
    choose(page, "paddle")
    for question in ("Parameter", "initialize", "Dense", "gluon", "collect_parms"):
        page.locator(".sidebar-search").fill(question)
        page.locator(".bk-search-said", has_text=f"“{question}”").wait_for()
        options = page.locator("[role=listbox] [role=option]")
        badges = set(
            page.locator(".bk-search-popup .bk-search-badge").all_inner_texts()
        )
        if "PaddlePaddle" in badges or not badges:
            assert badges <= {"PaddlePaddle"}, question
        meant = options.locator(".bk-search-meant").all_inner_texts()
        assert "collect_params" not in meant
