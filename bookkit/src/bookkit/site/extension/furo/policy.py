"""Pages without inline styles, which a strict Content-Security-Policy forbids.

Under such a policy a browser ignores every inline style. So widths become attributes,
and all other styles, which come from outputs of cells, are left out: the pages look the
same with and without such a policy.
"""

from __future__ import annotations

import re

from sphinx.application import Sphinx

from bookkit.site.extension.base.page_context import rewrite_each_body

_LINK = re.compile(r"<a\b[^<>]*>", re.I)
_TAG = re.compile(r'<[a-zA-Z][^<>]* style="[^<>]*>')
_WIDTH = re.compile(r' style="width: ?([\d.]+)(%|px)?;?"')
_STYLE = re.compile(r' style="[^"]*"')
#: Of a link to code, as our builder writes it; the policy forbids to follow it.
_CODE = re.compile(r' href="\s*(?:javascript|vbscript):[^"]*"', re.I)
_SHEET = re.compile(r"<style\b.*?</style>", re.DOTALL)


def setup(app: Sphinx) -> None:
    # After everything else that writes into the text of a page.
    rewrite_each_body(app, without_styles, priority=940)


def without_styles(body: str) -> str:
    """Return HTML without styles and links to code; what code shows stays."""
    without = _LINK.sub(lambda tag: _CODE.sub("", tag[0]), _SHEET.sub("", body))
    return _TAG.sub(_clean_tag, without)


def _clean_tag(tag: re.Match[str]) -> str:
    with_width = _WIDTH.sub(
        lambda width: f' width="{width[1]}{(width[2] or "").replace("px", "")}"', tag[0]
    )
    return _STYLE.sub("", with_width)
