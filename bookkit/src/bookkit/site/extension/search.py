"""Search in Chinese: the same words when the index is built and when one asks.

Sphinx's own Chinese search names a stemmer that its pages do not load, and finds
nothing. Han text is indexed by its single characters and pairs, and asked for by
pairs, so a word is found wherever it stands in a sentence.
"""

from __future__ import annotations

import re

from sphinx.application import Sphinx
from sphinx.search import SearchLanguage

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_RUN = re.compile(rf"[{_HAN}]+|[^\W{_HAN}]+")
_IS_HAN = re.compile(f"[{_HAN}]")


class HanPairs(SearchLanguage):
    lang = "zh"
    language_name = "Chinese"
    js_splitter_code = rf"""
var splitQuery = (query) =>
  (query.match(/[{_HAN}]+|(?:(?![{_HAN}])[\p{{L}}\p{{N}}_])+/gu) || []).flatMap((run) =>
    /[{_HAN}]/.test(run) && run.length > 1
      ? Array.from({{ length: run.length - 1 }}, (_, i) => run.slice(i, i + 2))
      : [run],
  );
"""

    def split(self, input: str) -> list[str]:
        words: list[str] = []
        for run in _RUN.findall(input):
            if _IS_HAN.match(run):
                words += run
                words += (run[i : i + 2] for i in range(len(run) - 1))
            else:
                words.append(run)
                words += (part for part in run.split("_") if part and part != run)
        return words

    def stem(self, word: str) -> str:
        return word.lower()

    js_stemmer_code = """
var Stemmer = function () {
  this.stemWord = (word) => word.toLowerCase();
};
"""


def setup(app: Sphinx) -> None:
    app.add_search_language(HanPairs)
