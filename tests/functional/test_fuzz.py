"""Whatever a book says, a build of it succeeds or tells of file and line.

By default few inputs, the same each time; more, and others: EXAMPLES=2000.
"""

import itertools
import json
import os
import random
import re
from pathlib import Path

import pytest
from fuzzed import Book
from mutated import assembled, blocks_of, mutated

from bookkit.run.cache.entries import read_entry
from bookkit.run.cache.parts import Parts
from bookkit.run.cache.sealed import seal
from bookkit.run.outputs import tidy
from bookkit.run.results import CellResult, Result, Status

DATA = Path(__file__).parent / "data" / "fuzz"
#: How many inputs of each kind; sections are built many at a time.
EXAMPLES = int(os.environ.get("EXAMPLES", "20"))
FIRST = random.SystemRandom().randrange(10**9) if "EXAMPLES" in os.environ else 0
MANY = 20
LONG = "a" * 300
#: What once ended in a bug.
FOUND = [
    "[a](%00)",
    "![b](%00.png)",
    "<img src='a%00b' alt='b'>",
    "[a](http://[::1)",
    "[a](//[)",
    "![b](http://[x)",
    "<img src='//[' alt='b'>",
    "```eval_rst\n.. image:: http://[x\n\n`a <http://[>`_\n```",
    f"[a]({LONG})",
    f"[a]({LONG}.md)",
    f"![b]({LONG}.png)",
    f"<img src='{LONG}.png' alt='b'>",
    f"```toc\n{LONG}\n```",
    f"```eval_rst\n.. image:: {LONG}\n\n:doc:`{LONG}`\n```",
    f"```{{.python .input}}\n#@tab all\n#@data {LONG}\nx = 1\n```",
    "```{.python .input}\n#@tab all\n#@data data/gone.txt\nx = 1\n```",
    "```{.python .input}\n#@tab all\n#@data ../outside.txt\nx = 1\n```",
    ":cite:`Key\n字。`",
    ":cite:`Key.1979,`",
]


def read(name: str) -> str:
    return (DATA / name).read_text(encoding="utf-8")


FILES = {
    **{name: read(name) for name in "small.bib words.txt check-baseline.txt".split()},
    "config.ini": read("config.ini"),
    "index.md": "# 书\n\n```toc\none\ntwo\n```\n",
    "two.md": read("two.md"),
    "one.md": "# 一\n:label:`sec_one`\n",
    "img/box.svg": "<svg xmlns='http://www.w3.org/2000/svg' width='4' height='3'/>",
    "data/names.txt": "a\n",
}
BLOCKS = blocks_of(read("section.md")) + blocks_of(read("index.md"))


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    one = Book(tmp_path_factory.mktemp("fuzz").resolve() / "book", FILES)
    yield one
    one.close()


def luck_of(kind: str, number: int) -> random.Random:
    return random.Random(f"{kind} {FIRST + number}")


def test_when_a_section_once_ended_in_a_bug_then_it_does_not(book):
    book.build({f"s{at}.md": f"# 题\n\n{text}\n" for at, text in enumerate(FOUND)})


def test_when_a_book_has_every_construct_then_it_is_built(book):
    said = book.build({"one.md": read("section.md")})
    assert "BK" not in said, said
    assert (book.root / "_build" / "html" / "one.html").is_file()


def test_whatever_sections_say_then_it_is_built_or_told(book):
    for begin in range(0, EXAMPLES, MANY):
        lucks = [luck_of("section", begin + at) for at in range(MANY)]
        texts = [assembled(BLOCKS, luck) for luck in lucks]
        book.build({f"s{at}.md": text for at, text in enumerate(texts)})


def few(kind: str):
    """Yield a source of luck for each of fewer inputs: each of these is a build."""
    return [luck_of(kind, at) for at in range(max(EXAMPLES // 10, 1))]


@pytest.mark.parametrize("name", ["config.ini", "small.bib", "words.txt"])
def test_whatever_a_file_of_the_book_says_then_it_is_built_or_told(book, name):
    cites = "# 一\n\n:cite:`Key.1979`\n\n:bibliography:`small.bib`\n"
    for luck in few(name):
        book.build({name: mutated(read(name), luck), "one.md": cites})


def test_when_a_work_lacks_what_its_kind_has_then_the_works_are_listed(book):
    kinds = ("article", "misc", "online", "Weird")
    has = {"author": "A. Bee", "title": "Cee", "year": "2001"}
    works = {
        f"{kind}.{'.'.join(lost)}": (kind, {n: has[n] for n in has if n not in lost})
        for kind in kinds
        for count in range(len(has) + 1)
        for lost in itertools.combinations(has, count)
    }
    bib = "".join(
        f"@{kind}{{{key}{''.join(f', {n} = {{{v}}}' for n, v in given.items())}}}\n"
        for key, (kind, given) in works.items()
    )
    cites = "".join(f":cite:`{key}`，:citet:`{key}`。\n" for key in works)
    book.build(
        {"small.bib": bib, "one.md": f"# 一\n\n{cites}\n:bibliography:`small.bib`\n"}
    )
    listed = (book.root / "_build" / "html" / "one.html").read_text(encoding="utf-8")
    assert listed.count('id="cite-') == len(works)


def test_whatever_the_toc_and_the_baseline_say_then_it_is_built_or_told(book):
    for luck in few("toc"):
        known = mutated(read("check-baseline.txt"), luck)
        index = mutated(read("index.md"), luck)
        book.build({"index.md": index, "check-baseline.txt": known})


def test_whatever_solutions_say_then_it_is_built_or_told(book):
    asked = "# 一\n\n## 练习\n\n1. **编写 ★★☆**：写。\n2. **想**：为什么？\n"
    for luck in few("solution"):
        solution = mutated(read("solution.md"), luck)
        book.build({"one.md": asked, "solutions/one.md": solution})
    (book.root / "solutions" / "one.md").unlink()


NAMES = [
    *("text/plain", "text/html", "text/markdown", "text/latex", "image/png", "video/x"),
    *("image/svg+xml", "image/jpeg", "application/json", "application/javascript", ""),
    "application/vnd.bookkit.tree+json",
    "application/vnd.bookkit.signal+json",
    "application/vnd.jupyter.widget-view+json",
]


def any_value(luck: random.Random, depth: int = 0):
    """Return some JSON, or a text that is nearly good."""
    kind = luck.randrange(9 if depth < 3 else 6)
    if kind < 4:
        return mutated(luck.choice(BLOCKS), luck)
    if kind < 6:
        return luck.choice([None, True, 0, -1, 10**30, 1.5, "", "\ud800", "iVBORw0K"])
    inner = [any_value(luck, depth + 1) for _ in range(luck.randint(0, 3))]
    words = (
        "name kind children parameters path shape depths curves init caption".split()
    )
    return inner if kind == 6 else {luck.choice(words): one for one in inner}


def any_output(luck: random.Random):
    """Return what a kernel could send."""
    kind = luck.choice("stream error display_data execute_result".split())
    data = {luck.choice(NAMES): any_value(luck) for _ in range(luck.randint(0, 3))}
    about = {luck.choice(NAMES): {"width": any_value(luck)}, "width": any_value(luck)}
    said = {one: any_value(luck) for one in "text name ename evalue traceback".split()}
    return {"output_type": kind, "data": data, "metadata": about, **said}


def test_whatever_cells_give_then_it_is_built_or_told(book):
    text = "# 一\n\n```{.python .input}\n#@tab all\nx\n```\n"
    for luck in few("outputs"):
        kept = [tidy(any_output(luck)) for _ in range(10)]
        book.build({"one.md": text}, [one for one in kept if one])


def test_whatever_a_store_holds_then_it_is_a_result_or_ignored():
    parts = Parts("alpha", ("1",), {}, {"lib": "1"}, "3.11.7")
    output = {"output_type": "stream", "name": "stdout", "text": "x"}
    cells = [CellResult(1, [output], 0.5)]
    sound = Result("s.md", "alpha", Status.PASSED, cells, date="2026-01-31").to_json()
    fields = {"parts": vars(parts), "result": sound, "limits": {}, "made": ""}
    for at in range(EXAMPLES * 10):
        luck = luck_of("store", at)
        text = json.dumps({**fields, "origin": ""})
        for _ in range(luck.randint(0, 3)):
            old = luck.choice(
                ['"s.md"', "1", "[", "{}", "null", '"x"', "0.5", '"passed"']
            )
            text = text.replace(old, json.dumps(any_value(luck)), 1)
        try:
            content = json.loads(mutated(text, luck, 1))
            sealed = json.dumps(seal(content, 4))
        except (ValueError, TypeError, RecursionError):
            continue
        try:
            read_entry(sealed, parts.key)
        except ValueError as error:
            assert str(error)


def test_when_a_title_or_a_link_is_code_then_no_page_runs_it(tmp_path):
    config = FILES["config.ini"].replace("小书", "<script>x()</script> & 书")
    links = "<a href=' java\tscript:x()'>a</a><a href='VBScript:y()'>b</a>"
    shown = {"text/html": f"{links}<p title='javascript:'>p"}
    output = {"output_type": "display_data", "data": shown, "metadata": {}}
    text = "# 一\n\n```eval_rst\n`b <javascript:x()>`_\n```\n\n"
    text += "```{.python .input}\n#@tab all\nx\n```\n"
    one = Book(tmp_path.resolve() / "book", {**FILES, "config.ini": config})
    one.build({"one.md": text}, [output])
    one.close()
    html = (one.root / "_build" / "html" / "one.html").read_text("utf-8")
    assert "&lt;script&gt;x()&lt;/script&gt; &amp; 书" in html
    assert "<script>x()" not in html
    assert not re.search(r'href="\s*(java|vb)\s*script:', html, re.I)
    assert 'title="javascript:"' in html


def test_when_the_output_is_a_link_or_outside_then_pages_are_made(tmp_path):
    elsewhere = tmp_path.resolve() / "elsewhere"
    elsewhere.mkdir()
    root = tmp_path.resolve() / "book"
    root.mkdir()
    (root / "_build").symlink_to(elsewhere)
    one = Book(root, FILES)
    with pytest.raises(AssertionError, match="outside of the book"):
        one.build({})  # as its author asks
    one.close()
    assert (elsewhere / "html" / "one.html").is_file()
