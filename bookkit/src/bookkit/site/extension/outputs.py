"""Outputs of cells.

nbconvert writes them as `parsed-literal`, whose text is markup: `*args` or `name_`
in an output would be read as emphasis or a broken link. An output is plain text.
"""

from __future__ import annotations

from docutils import nodes
from docutils.parsers.rst import directives
from docutils.parsers.rst.directives.body import ParsedLiteral
from docutils.parsers.rst.roles import set_classes
from sphinx.application import Sphinx

_MARK = "output"


class OutputOrParsedLiteral(ParsedLiteral):  # type: ignore[misc]
    """`parsed-literal` that takes d2lbook's outputs literally."""

    def run(self) -> list[nodes.Node]:
        if _MARK not in self.options.get("class", []):
            return list(super().run())
        self.assert_has_content()
        set_classes(self.options)
        text = "\n".join(self.content)
        block = nodes.literal_block(text, text, language="none", **self.options)
        block.source, block.line = self.state_machine.get_source_and_line(self.lineno)
        return [block]


def setup(app: Sphinx) -> None:
    # Replaces docutils' own directive, which app.add_directive would only do
    # for directives that Sphinx registered.
    directives.register_directive("parsed-literal", OutputOrParsedLiteral)
