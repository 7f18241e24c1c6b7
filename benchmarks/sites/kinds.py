"""Where the sites of each tool keep what is measured: text, tabs, results."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """One tool's pages, as selectors for a browser."""

    article: str
    """The text of a page."""
    tabs: str
    """What is clicked to choose a framework; it says the framework's name."""
    asked: str
    """The address of a search; `{}` stands for the question, quoted."""
    results: str
    """The links of the answer."""
    answered: str
    """JavaScript that is true when the answer stands there, whole."""
    added: str
    """What the tool adds to the text: labels of tabs, buttons, marks at headings."""
    scrolled: str = ""
    """What has to be scrolled for more results."""


_SPHINX_ANSWERED = """() => {
  const said = document.querySelector("#search-results > p")?.textContent ?? "";
  const [count] = said.match(/\\d+/) ?? [/ one /.test(said) ? 1 : 0];
  const shown = document.querySelectorAll("#search-results ul.search li").length;
  return count ? shown >= count : /没有|not match/.test(said);
}"""

KINDS = {
    "bookkit": Kind(
        "article",
        ".bk-tablist [role=tab]",
        "search.html?q={}",
        "#search-results li a[href]",
        "() => document.querySelector('#search-results')?.textContent.trim()",
        ".headerlink, .bk-tablist, .bk-panel-label, .bk-absent, .bk-verified, "
        ".bk-launch, .bk-bar, .bk-start, .bk-offers, .bk-lack, .bk-fold > summary",
    ),
    "furo": Kind(
        "article",
        ".sd-tab-label",
        "search.html?q={}",
        "#search-results ul.search li > a",
        _SPHINX_ANSWERED,
        ".headerlink, .sd-tab-label, .tab-label, .copybtn",
    ),
    "d2l": Kind(
        ".document",
        ".mdl-tabs__tab",
        "search.html?q={}",
        "#search-results ul.search li > a",
        _SPHINX_ANSWERED,
        ".headerlink, .mdl-tabs__tab-bar",
    ),
    "material": Kind(
        "article",
        ".tabbed-labels label",
        "index.html?q={}",
        ".md-search-result__link",
        "() => /\\d|没有/.test("
        "document.querySelector('.md-search-result__meta')?.textContent ?? '')",
        ".headerlink, .tabbed-labels, .md-content__button, .md-source-file",
        ".md-search__scrollwrap",
    ),
}
