"""Sphinx's configuration of a book, made of `config.ini`; no line of it needs copying.

`[build] sphinx_configs` is Python of the author that runs after it, as in d2lbook, and
may change every value.
"""

from __future__ import annotations

from html import escape
from pathlib import Path
from pprint import pformat
from typing import Any

from bookkit.book.config import Config
from bookkit.book.config.sphinx import NUMBERED, language_of
from bookkit.book.inputs import section_files

#: The file that tracebacks name for lines of `sphinx_configs`.
AUTHORS = "<sphinx_configs>"
#: Sphinx's name of a language where it has another one.
_LANGUAGES = {"zh": "zh_CN", "pt": "pt_BR"}


def settings(config: Config) -> dict[str, Any]:
    """Return Sphinx's settings, by name; all of them are plain data.

    Numbers of sections, formulas and citations are those of d2lbook.
    """
    pages, root = config.pages, config.root
    # d2lbook loads autodoc for every book; few use it, and its import takes a while
    autodoc = ["sphinx.ext.autodoc"] if _documents_code(config) else []
    extensions = ["sphinxcontrib.bibtex", *autodoc, *pages.extensions]
    sheets, scripts = _files(root, pages.sheets), _files(root, pages.scripts)
    # Messengers want whole addresses
    shared = [root / pages.share] if config.site and pages.share else []
    language = config.language.replace("-", "_")
    return {
        "project": config.title,
        "author": pages.author,
        "copyright": pages.copyright,
        "release": pages.release,
        "language": _LANGUAGES.get(language, language),
        "extensions": list(dict.fromkeys([*extensions, "bookkit.site.extension"])),
        "master_doc": config.index,
        # d2lbook's books skip levels of headings, and strike text through
        # and may list works twice on a page: the second has other addresses
        "suppress_warnings": [
            "bibtex.duplicate_id",
            "misc.highlighting_failure",
            "myst.header",
            "myst.strikethrough",
        ],
        "bibtex_bibfiles": [str(root / config.bibfile)] if config.bibfile else [],
        "bibtex_reference_style": "author_year_round",
        "bibtex_cite_id": "cite-{key}",
        "bibtex_bibliography_id": "works-{bibliography_count}",
        "numfig": True,
        "numfig_secnum_depth": 2,
        "math_numfig": True,
        "math_number_all": True,
        "html_theme": "furo",
        "html_theme_options": {},
        "html_title": escape(config.title, quote=False),  # Sphinx takes HTML
        "html_favicon": str(root / pages.favicon) if pages.favicon else None,
        "html_logo": str(root / pages.logo) if pages.logo else None,
        "html_static_path": [str(path) for path in (*sheets, *scripts, *shared)],
        # After ours, or they could not change anything
        "html_css_files": [(path.name, {"priority": 950}) for path in sheets],
        "html_js_files": [path.name for path in scripts],
        "html_context": {
            "bookkit_links": list(pages.links),
            "bookkit_site": config.site,
            "bookkit_share": [f"{config.site}/_static/{one.name}" for one in shared],
        },
        "html_secnumber_suffix": " ",
        "html_copy_source": False,
        "html_show_sourcelink": False,
        "html_math_renderer": "bookkit",
        **NUMBERED.get(language_of(language), {}),
    }


def conf_text(config: Config) -> str:
    """Return a `conf.py`: the settings, then what the author says."""
    values = pformat(settings(config), sort_dicts=False, width=88)
    where = f"import sys\nsys.path.insert(0, {str(config.root)!r})"
    own = f"exec(compile({config.pages.configs!r}, {AUTHORS!r}, 'exec'))"
    return f"{where}\nglobals().update({values})\n{own}\n"


def rst_files(config: Config) -> list[Path]:
    """Return the pages that are reStructuredText already."""
    return _files(config.root, config.pages.rsts)


def _documents_code(config: Config) -> bool:
    sources = [config.root / path for path in section_files(config)]
    sources += rst_files(config)
    return any(b".. auto" in path.read_bytes() for path in sources)


def _files(root: Path, patterns: tuple[str, ...]) -> list[Path]:
    return [path for pattern in patterns for path in sorted(root.glob(pattern))]
