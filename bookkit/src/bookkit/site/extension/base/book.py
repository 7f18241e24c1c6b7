"""What the pages need to know about the book: tabs, their titles, our own words."""

from __future__ import annotations

from sphinx.application import Sphinx
from sphinx.config import Config

from bookkit.book.config import sphinx
from bookkit.book.words import read_words
from bookkit.site.extension.base.settings import book_of

#: The room that has our words, in its folder `words`.
WORDS = __package__


def setup(app: Sphinx) -> None:
    app.add_config_value("bookkit_tabs", [], "env", types=(list, tuple))
    app.add_config_value("bookkit_titles", {}, "env", types=dict)
    app.add_config_value("bookkit_words", {}, "env", types=dict)
    app.add_config_value("bookkit_frozen", [], "env", types=(list, tuple))
    app.connect("config-inited", _complete_config, priority=100)


def language_of(config: Config) -> str:
    """Return the book's language without its country, e.g. `zh`."""
    return sphinx.language_of(config.language or "en")


def title_of(config: Config, tab: str) -> str:
    """Return the name readers know a tab by, e.g. `PyTorch` for `pytorch`."""
    return str(config.bookkit_titles.get(tab, tab))


def is_frozen(config: Config, tab: str) -> bool:
    """Tell whether a tab's framework is no longer developed."""
    return tab in config.bookkit_frozen


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
    book = book_of(app)
    # An empty list means: not given by conf.py, nor on the command line.
    config.bookkit_tabs = config.bookkit_tabs or list(book.tab_names)
    titles = {tab.name: tab.title for tab in book.all_tabs}
    config.bookkit_titles = {**titles, **config.bookkit_titles}
    config.bookkit_frozen = config.bookkit_frozen or [
        tab.name for tab in book.all_tabs if tab.frozen
    ]
    words = read_words(WORDS, language_of(config))
    config.bookkit_words = {**words, **config.bookkit_words}
