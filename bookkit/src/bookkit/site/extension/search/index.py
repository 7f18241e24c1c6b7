"""The index, one script: every text once.

A script, because a page that was opened as a file may not fetch. What is in it:

- `tabs`: names and titles;
- `pages`: for each its address, then its places. A place is its anchor, a number for
  each of its blocks (its kind, and a bit for each tab), and its heading and the texts
  of its blocks, separated; the first heading is the page's title;
- `names`: what a question that finds nothing may have meant;
- `last`: the numbers of pages that lead to others or keep records;
- `synonyms`: phrases of readers, each with the book's words for it;
- `variants`: pairs of characters, what may be typed and what the book has.
"""

from __future__ import annotations

import json
import re
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any

from bookkit.book.config.synonyms import Synonyms
from bookkit.site.extension.search.blocks import Place
from bookkit.site.extension.search.variants import variants_of

#: A page's address and places.
Page = tuple[str, Sequence[Place]]

# No text has a paragraph's end inside it, and for scripts a line begins after it.
_SEPARATOR = "\u2029"
_KIND_BITS = 2
# Of letters of scripts with spaces between words.
_LETTER = r"[^\W\u3005-\u30ff\u3400-\u9fff\uf900-\ufaff]"
_NAME = re.compile(rf"(?!\d){_LETTER}+(?:\.{_LETTER}+)*")


def script_of(
    pages: Iterable[Page],
    tabs: Mapping[str, str],
    *,
    last: Container[str] = (),
    synonyms: Synonyms = (),
) -> str:
    """Return the index of `pages` as a script; `tabs` are the titles by name.

    `last` are addresses of pages that come after all others.
    """
    bits = {tab: 1 << at + _KIND_BITS for at, tab in enumerate(tabs)}
    listed = [
        [address, *(_packed(place, bits) for place in places)]
        for address, places in pages
    ]
    texts = [text for _, *places in listed for *_, text in places]
    names = {name for text in texts for name in _NAME.findall(text)}
    content = {
        "tabs": list(tabs.items()),
        "pages": listed,
        "names": " ".join(sorted(names)),
        "last": [at for at, (address, *_) in enumerate(listed) if address in last],
        "synonyms": synonyms,
        "variants": variants_of(texts),
    }
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    # As a string, which browsers read faster than the same as a program.
    return f"bookkitSearch.load({_literal(text)});\n"


def _packed(place: Place, bits: Mapping[str, int]) -> list[Any]:
    anchor, heading, blocks = place
    flags = [kind | sum(bits.get(tab, 0) for tab in tabs) for tabs, kind, _ in blocks]
    return [anchor, flags, _SEPARATOR.join([heading, *(text for *_, text in blocks)])]


def _literal(text: str) -> str:
    quoted = text.replace("\\", "\\\\").replace("'", "\\'")
    # Lone surrogates have no UTF-8; JSON's own escapes for them do.
    whole = quoted.encode("utf-8", "replace").decode("utf-8")
    return f"'{whole}'"
