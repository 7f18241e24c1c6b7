"""The figures of the sites as one Markdown table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Site = dict[str, Any]
MARKS = ("<!-- sites -->", "<!-- end of sites -->")
#: What readers of the table call the sites.
TITLES = {
    "bookkit": "this site",
    "furo": "Furo",
    "furo:own": "Furo's own documentation",
    "d2l": "d2lbook with mxtheme",
    "material": "Material for MkDocs",
    "material:offline": "the same, offline",
}


def _kb(figure: float) -> str:
    return f"{figure / 1000:,.0f} kB"


def _share(figure: float) -> str:
    """Return per cent, and 100 only where nothing is missing."""
    return "100 %" if figure == 1 else f"{min(99, round(100 * figure))} %"


def _axe(scheme: str) -> Callable[[Site], str]:
    def told(site: Site) -> str:
        rules: dict[str, int] = {}
        for page in site["axe"].values():
            for rule, count in page[scheme].items():
                rules[rule] = rules.get(rule, 0) + count
        return ", ".join(f"{n} {rule}" for rule, n in sorted(rules.items())) or "none"

    return told


def _asked(words: str) -> Callable[[Site], str]:
    def told(site: Site) -> str:
        if words not in site["search"]:
            return "–"
        one = site["search"][words]
        return f"{_share(one['recall'])}, {_share(one['precision'])}"

    return told


def _choice(key: str, unit: str = "") -> Callable[[Site], str]:
    def told(site: Site) -> str:
        if "choice" not in site:
            return "–"
        value = site["choice"][key]
        return _yes(value) if isinstance(value, bool) else f"{value}{unit}"

    return told


def _opened(site: Site) -> str:
    return "{seen} of {asked}".format(**site["opened"]) if "opened" in site else "–"


def _yes(value: bool) -> str:
    return "yes" if value else "no"


ROWS: dict[str, Callable[[Site], str]] = {
    "HTML of a page (median; most)": lambda s: (
        f"{_kb(s['html'])}; {_kb(s['most html'])}"
    ),
    "a page without cache (median; most)": lambda s: (
        f"{_kb(s['bytes'])}; {_kb(s['most bytes'])}"
    ),
    "the same with gzip": lambda s: f"{_kb(s['gzip'])}; {_kb(s['most gzip'])}",
    "requests": lambda s: f"{s['most requests']}",
    "other hosts asked": lambda s: ", ".join(s["hosts"]) or "none",
    "scripts that block the first paint": lambda s: f"{s['most blocking']}",
    "breaches of the policy in hosting.md": lambda s: f"{s['policy']}",
    "text and code seen without scripts": lambda s: _share(s["without scripts"]),
    "a click on a tab moves it by": _choice("moved", " px"),
    "the page's other groups follow": _choice("page follows"),
    "other pages follow": _choice("other page follows"),
    "axe, light (places, all pages)": _axe("light"),
    "axe, dark": _axe("dark"),
    "search, Chinese words: found, right": _asked("words"),
    "search, pieces of sentences: found, right": _asked("pieces"),
    "search, names in code: found, right": _asked("names"),
    "search, parts of names: found, right": _asked("parts"),
    "an answer opens where the word is seen": _opened,
    "search answers from disk": lambda s: _yes(s["search"]["from disk"]),
    "search index, and with gzip": lambda s: (
        f"{_kb(s['search']['index'])}, {_kb(s['search']['index gzip'])}"
    ),
    "the whole site on disk": lambda s: f"{s['disk'] / 1e6:,.1f} MB",
}


def table(content: dict[str, Any]) -> str:
    """Return the table: a column for each site, a row for each figure."""
    sites: dict[str, Site] = content["sites"]
    titles = [TITLES.get(name, name) for name in sites]
    lines = [f"| | {' | '.join(titles)} |", f"|---|{'---|' * len(sites)}"]
    for name, told in ROWS.items():
        lines.append(f"| {name} | {' | '.join(map(told, sites.values()))} |")
    where = f"Chromium {content['chromium']}, {content['date']}."
    return "\n".join((*lines, "", where, ""))
