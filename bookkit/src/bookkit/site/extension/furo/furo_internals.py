"""What we use of Furo beyond its documented options and blocks: its HTML and its files.

Each entry says why it is needed, which upstream issue it waits for, and when it may go.
What Furo writes into its pages is looked for on every page; `theme` warns of what is
not found any more. In `templates` lie our versions of three of its templates; no issue
was found for any of them:

- `partials/_head_css_variables`: an inline style sheet breaks a strict policy. To ask
  for, and may go with it: these variables in a file.
- `partials/icons`: see `ICON_STYLES`.
- `sidebar/navigation`: the tree of pages as a landmark with a name. To ask for, and may
  go with it: a `<nav>` with a label.
"""

from __future__ import annotations

import re
from importlib.resources import files

# Its style sheet, which is a file of its own.
# Why: one style sheet less holds up the first paint.
# Upstream: nothing to ask for.
# May go: when a second blocking style sheet is acceptable.
FURO_SHEET = files("furo") / "theme" / "furo" / "static" / "styles" / "furo.css"
SOURCE_MAP = re.compile(r"/\*# sourceMappingURL.*?\*/")
# In it: the window below which the list of the page is a drawer.
# Why: 1280 pixels, the width of many screens, have room for three columns.
# Upstream: nothing to ask for.
# May go: when Furo's own widths fit.
NARROWER = re.compile(r"(?<=@media\(max-width:)82em(?=\))")
ROOM = "79.99em"

# Files below `_static`: the sheet above, styles for other extensions, maps for authors.
# Why: no page of ours needs them.
# Upstream: no issue found; would be: an option not to load `furo-extensions.css`.
# May go: with that option, but for the sheet above.
LOADED_FILES = ("styles/furo.css", "styles/furo-extensions.css")
OTHER_FILES = (
    "debug.css",
    "skeleton.css",
    "scripts/furo-extensions.js",
    "scripts/furo.js.map",
    "styles/furo-extensions.css.map",
    "styles/furo.css.map",
)

# The classes of its boxes around tables and formulas.
# Why: it copies all attributes to them, and an address would be in the page twice.
# Upstream: no issue found; would be: boxes without ids.
# May go: with that.
WRAPPERS = {"table-wrapper", "math-wrapper"}

# Messages of its templates, by language.
# Why: Furo ships no translations.
# Upstream: https://github.com/pradyunsg/furo/issues/434 (open)
# May go: when Furo has these languages.
TRANSLATIONS = {
    "zh": {
        "Next": "下一页",
        "Previous": "上一页",
        "Home": "首页",
        "On this page": "本页内容",
        "Back to top": "回到顶部",
        "Skip to content": "跳到正文",
        "Copyright &#169; %(copyright)s": "版权所有 &#169; %(copyright)s",
    },
}

# Names of its buttons and columns: what of the page is replaced by what; `{name}` is a
# word for readers.
# Why: names are in English whatever the language, and columns have none.
# Upstream: https://github.com/pradyunsg/furo/pull/660 (open: drawers by keyboard, with
#   names), https://github.com/pradyunsg/furo/issues/434 (open: translations)
# May go: entry by entry, when Furo names them in the book's language.
REPLACED = {
    'aria-label="Toggle site navigation sidebar"': 'aria-label="{drawer_book}"',
    'aria-label="Toggle table of contents sidebar"': 'aria-label="{drawer_page}"',
    'aria-label="Toggle Light / Dark / Auto color theme"': 'aria-label="{theme}"',
    '<aside class="sidebar-drawer': '<aside aria-label="{book}" class="sidebar-drawer',
    '<aside class="toc-drawer': '<aside aria-label="{page}" class="toc-drawer',
    '<div class="toc-tree"': (
        '<div role="navigation" aria-label="{page}" class="toc-tree"'
    ),
    '<div class="related-pages"': (
        '<div role="navigation" aria-label="{near}" class="related-pages"'
    ),
    '<a class="current reference internal" href="#"': (
        '<a aria-current="page" class="current reference internal" href="#"'
    ),
}
# Pages without headings have no tree of them, and some are not in the book's tree.
NOT_ON_EVERY_PAGE = (
    '<div class="toc-tree"',
    '<a class="current reference internal" href="#"',
)
EXPANDER = re.compile(r'aria-label="Toggle navigation of ([^"]*)"')

# The link that skips to the text.
# Why: it comes after the boxes that open the drawers, and is meant for the keyboard.
# Upstream: https://github.com/pradyunsg/furo/issues/440 (closed: the link is there)
# May go: when it comes first.
SKIP_LINK = re.compile(r'<a class="skip-to-content.*?</a>', re.DOTALL)
SCRIPT_END = "</script>"

# The script that sets the colour scheme.
# Why: where storage is blocked, asking for it throws, and no scheme is set at all.
# Upstream: no issue found; would be: `try` around `localStorage`.
# May go: with that.
SCHEME = re.compile(
    r"<script>\s*"
    r'document\.body\.dataset\.theme = (localStorage\.getItem\("theme"\)) \|\| "auto";'
    r"\s*</script>"
)
SAFE_SCHEME = (
    '<script>{let kept="";try{kept=\\1}catch{}'
    'document.body.dataset.theme=kept||"auto"}</script>'
)

# Inline styles and titles of its icons.
# Why: a strict policy forbids the styles; titles are read out as part of links.
# Upstream: no issue found; would be: attributes and classes instead of styles.
# May go: with that.
ICON_STYLES = {
    'style="display: none;"': 'class="bk-icons" aria-hidden="true"',
    'style="opacity: 50%"': 'opacity="0.5"',
}
ICON_TITLE = re.compile(r"\s*<title>.*?</title>")
