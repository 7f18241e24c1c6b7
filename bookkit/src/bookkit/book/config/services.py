"""Where readers can open a page's notebook and run it, as `config.ini` says it.

`services` of a tab are words, for services that fetch a notebook from the tab's
repository on GitHub, and lines `NAME ADDRESS` for any other. Standard library only.
"""

from __future__ import annotations

import re
import string
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

from bookkit.book.config.colab import ColabSettings
from bookkit.book.config.ini import Ini
from bookkit.errors import or_nearest

_FIELDS = ("repository", "branch", "path")
_FILE = "https://github.com/{repository}/blob/{branch}/{path}"


@dataclass(frozen=True)
class Service:
    """Something that opens a notebook: `address` has fields for what is opened.

    One that opens it `alone` has none of the files beside it; `has` are packages that
    are installed there.
    """

    name: str
    title: str
    address: str
    alone: bool = False
    has: Collection[str] = ()

    @property
    def needs_repository(self) -> bool:
        """Tell whether it opens what was published on GitHub."""
        return "{repository}" in self.address


#: What Colab has (github.com/googlecolab/backend-info, 2026-08-19), and Kaggle.
_USUAL = frozenset("torch tensorflow numpy matplotlib setuptools jax keras".split())
_COLAB = "https://colab.research.google.com/github/{repository}/blob/{branch}/{path}"
_BINDER = "https://mybinder.org/v2/gh/{repository}/{branch}?labpath={path}"
KNOWN = {
    one.name: one
    for one in (
        Service("colab", "Colab", _COLAB, True, _USUAL),
        Service(
            "kaggle",
            "Kaggle",
            f"https://kaggle.com/kernels/welcome?src={_FILE}",
            True,
            _USUAL,
        ),
        Service("dsw", "PAI-DSW", f"https://gallery.pai-ml.com/#/import/{_FILE}", True),
        Service("binder", "Binder", _BINDER),
    )
}


def read_services(ini: Ini, tab: str) -> tuple[Service, ...]:
    """Read the services of a tab; where nothing is said, d2lbook's own: Colab.

    Raises:
        ConfigError: one is not known, or its address leads to no notebook.
    """
    section = f"bookkit-{tab}"
    if not ini.says(section, "services"):
        return (KNOWN["colab"],)
    return tuple(
        service
        for row in ini.get(section, "services").splitlines()
        for service in _of_row(ini, section, row.strip())
    )


def _of_row(ini: Ini, section: str, row: str) -> Iterator[Service]:
    if "://" in row:
        title, _, address = row.rpartition(" ")
        _check(ini, section, title, address)
        yield Service("", title.strip(" :："), address)
        return
    for word in filter(None, re.split(r"[\s,]+", row)):
        if word not in KNOWN:
            known = f"{', '.join(KNOWN)}, or a line `NAME https://…/{{path}}`"
            expected = or_nearest(known, word, KNOWN)
            raise ini.wrong(section, "services", expected, f"`{word}`")
        yield KNOWN[word]


def _check(ini: Ini, section: str, title: str, address: str) -> None:
    """Refuse an address that leads to no notebook, or asks for what is not known."""
    try:
        fields = {name for _, name, _, _ in string.Formatter().parse(address) if name}
    except ValueError:
        fields = set()
    for name in sorted(fields.difference(_FIELDS)):
        expected = or_nearest(f"one of {', '.join(_FIELDS)}", name, _FIELDS)
        raise ini.wrong(section, "services", expected, f"`{{{name}}}` in {address}")
    if not (title and re.match(r"https?://[^\s/]", address) and "path" in fields):
        expected = "a line `NAME https://…/{path}`"
        raise ini.wrong(section, "services", expected, f"`{title} {address}`")


def links(
    services: Iterable[Service],
    colab: ColabSettings,
    tab: str,
    page: str,
    with_files: bool = False,
) -> Iterator[tuple[str, str]]:
    """Yield name and address of each service that opens a page, e.g. `chapter/gpu`.

    One that opens a notebook alone is of no use to one that comes `with_files`.
    """
    repository = colab.repositories.get(tab, "")
    path = quote(str(colab.place(tab, page)))
    known = {"repository": repository, "branch": colab.branch, "path": path}
    for one in services:
        lacks = not repository and one.needs_repository
        is_out = one.name == "colab" and colab.excludes(page)
        if not (lacks or is_out or (with_files and one.alone)):
            yield one.title, one.address.format(**known)
