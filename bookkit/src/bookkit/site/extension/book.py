"""What the pages need to know about the book: tabs, their titles, our own words."""

from __future__ import annotations

import configparser
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config

_WORDS = {
    "en": {
        "choose": "Choose a framework",
        "output": "Output",
        "absent": "There is no {title} version of this.",
        "search_label": "Words or code",
        "search_everywhere": "Search the whole book",
        "search_example": "e.g. parameters, try_gpu",
        "search_noscript": "The search needs JavaScript.",
        "search_contents": "Table of contents",
        "search_has_one": "1 page has “{question}”.",
        "search_has_many": "{count} pages have “{question}”.",
        "search_begun_one": "1 page has a longer word that begins with “{question}”.",
        "search_begun_many": "{count} pages have longer words that begin with "
        "“{question}”.",
        "search_none": "No page has “{question}”.",
        "search_begins": "Pages with longer words that begin like this",
        "search_near": "Pages that have part of it",
        "search_similar": "Did you mean:",
        "search_hint": "Words found together need not stand next to each other. "
        "Try fewer or shorter words, or part of a name in code.",
        "search_empty": "Type words of the text, names in code, or both. Capital "
        "letters make no difference, and parts of a name are found too: “gpu” "
        "finds “try_gpu”.",
        "search_damaged": "The index did not load. Load this page again.",
        "search_beginning": "At the beginning",
        "search_more": "{count} more places on this page",
        "search_rest": "Show {count} more pages",
        "search_also": "Also in:",
    },
    "zh": {
        "choose": "选择框架",
        "output": "输出",
        "absent": "这里没有{title}版本。",
        "search_label": "词语或代码",
        "search_everywhere": "搜索全书",
        "search_example": "例如：参数、try_gpu",
        "search_noscript": "搜索需要JavaScript。",
        "search_contents": "目录",
        "search_has_one": "有1页包含“{question}”。",
        "search_has_many": "有{count}页包含“{question}”。",
        "search_begun_one": "有1页含有以“{question}”开头的更长的词。",
        "search_begun_many": "有{count}页含有以“{question}”开头的更长的词。",
        "search_none": "没有哪一页包含“{question}”。",
        "search_begins": "含有以此开头的更长的词的页面",
        "search_near": "只包含其中一部分的页面",
        "search_similar": "您要找的是不是：",
        "search_hint": "几个词不必连在一起。可以少写几个词，把词写短一些，"
        "或者只写代码里名字的一部分。",
        "search_empty": "输入正文里的词、代码里的名字，或者两样一起。不分大小写；"
        "名字的一部分也能找到：“gpu”能找到“try_gpu”。",
        "search_damaged": "索引没有载入。请重新载入本页。",
        "search_beginning": "本页开头",
        "search_more": "本页另外{count}处",
        "search_rest": "再显示{count}页",
        "search_also": "也见：",
    },
}


def setup(app: Sphinx) -> None:
    app.add_config_value("bookkit_tabs", [], "env", types=(list, tuple))
    app.add_config_value("bookkit_titles", {}, "env", types=dict)
    app.add_config_value("bookkit_words", {}, "env", types=dict)
    app.connect("config-inited", _complete_config, priority=100)


def title_of(config: Config, tab: str) -> str:
    """Return the name readers know a tab by, e.g. `PyTorch` for `pytorch`."""
    return str(config.bookkit_titles.get(tab, tab))


def word(config: Config, key: str) -> str:
    """Return one of our own words in the book's language."""
    return str(config.bookkit_words[key])


def words_of(config: Config, prefix: str) -> dict[str, str]:
    """Return those of our words whose keys begin so, by the rest of the key."""
    return {
        key.removeprefix(prefix): str(text)
        for key, text in config.bookkit_words.items()
        if key.startswith(prefix)
    }


def _complete_config(app: Sphinx, config: Config) -> None:
    ini = _find_config(Path(app.confdir))
    # An empty list means: not given by conf.py, nor on the command line.
    if not config.bookkit_tabs:
        listed = ini.get("build", "tabs", fallback="")
        config.bookkit_tabs = [tab.strip() for tab in listed.split(",") if tab.strip()]
    titles = {
        tab: ini.get(f"bookkit-{tab}", "title", fallback=tab)
        for tab in config.bookkit_tabs
    }
    config.bookkit_titles = {**titles, **config.bookkit_titles}
    language = (config.language or "en").replace("-", "_").partition("_")[0]
    words = {**_WORDS["en"], **_WORDS.get(language, {})}
    config.bookkit_words = {**words, **config.bookkit_words}


def _find_config(start: Path) -> configparser.ConfigParser:
    """Read the book's configuration; d2lbook's conf.py lies somewhere below it."""
    ini = configparser.ConfigParser(interpolation=None)
    for folder in (start, *start.parents):
        if (folder / "config.ini").is_file():
            ini.read(folder / "config.ini", encoding="utf-8")
            break
    return ini
