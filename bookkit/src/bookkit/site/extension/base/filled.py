"""Containers of a page that we fill, in the place of what an author wrote there.

    .. container:: bookkit-start

       :doc:`chapter_one/index`

A builder without this extension, plain d2lbook, shows what the author wrote.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms import SphinxTransform
from sphinx.util import logging

_logger = logging.getLogger(__name__)
_PREFIX = "bookkit-"
#: Makes what is shown in the place of a container.
Fill = Callable[[BuildEnvironment, nodes.container], Sequence[nodes.Node]]
_FILLS: dict[str, Fill] = {}


def add_filled(name: str, fill: Fill) -> None:
    """Have `fill` make the content of the containers of a name."""
    _FILLS[f"{_PREFIX}{name}"] = fill


def setup(app: Sphinx) -> None:
    app.add_transform(_Fill)


class _Fill(SphinxTransform):
    """Fills containers, before anything asks which sections a page has."""

    default_priority = 200

    def apply(self, **kwargs: object) -> None:
        for container in list(self.document.findall(nodes.container)):
            for name in container["classes"]:
                if name in _FILLS:
                    assert container.parent is not None
                    made = _FILLS[name](self.env, container)
                    container.parent.replace(container, list(made))
                elif name.startswith(_PREFIX):
                    known = ", ".join(sorted(_FILLS))
                    text = "no container is named %s; there are %s"
                    _logger.warning(text, name, known, location=container)
