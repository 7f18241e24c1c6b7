"""Sphinx's parser for sections: Markdown of d2lbook's format, read once."""

from __future__ import annotations

import codecs
import os
from pathlib import Path

from docutils import nodes
from myst_parser.config.main import MdParserConfig
from myst_parser.mdit_to_docutils.transforms import (
    AddSlugIds,
    CollectFootnotes,
    ResolveAnchorIds,
    SortFootnotes,
)
from myst_parser.sphinx_ext.myst_refs import MystReferenceResolver
from sphinx.application import Sphinx
from sphinx.parsers import Parser
from sphinx.util import logging

from bookkit.book.markdown import make_parser
from bookkit.book.weaving import with_code, woven
from bookkit.site.extension.base.book import word
from bookkit.site.extension.sections.outputs import Outputs
from bookkit.site.extension.sections.page_input import PageInput, read_page_input
from bookkit.site.extension.sections.renderer import SectionRenderer

_logger = logging.getLogger(__name__)
_TRANSFORMS = [SortFootnotes, CollectFootnotes, AddSlugIds, ResolveAnchorIds]
_CONFIG = MdParserConfig(
    enable_extensions={"html_image"},
    heading_anchors=6,
    heading_anchors_html_ids=True,
    footnote_transition=False,
)


#: UTF-8 in which a wrong byte is a sign: the builder has told of it already, and the
#: page is made of another text, the last that could be read.
LENIENT = "bookkit-utf-8"
_UTF8 = codecs.lookup("utf-8-sig")


class _Decoder(_UTF8.incrementaldecoder):  # type: ignore[name-defined,misc]
    def __init__(self, errors: str = "strict") -> None:
        super().__init__("replace")


def _lenient(name: str) -> codecs.CodecInfo | None:
    if name != LENIENT.replace("-", "_"):
        return None
    return codecs.CodecInfo(
        _UTF8.encode,
        lambda data, errors="strict": _UTF8.decode(data, "replace"),
        incrementaldecoder=_Decoder,
        name=LENIENT,
    )


def setup(app: Sphinx) -> None:
    codecs.register(_lenient)
    app.connect("builder-inited", _read_leniently)
    # A folder that our builder fills, with a file for each section.
    app.add_config_value("bookkit_pages", "", "", types=frozenset({str}))
    app.add_source_suffix(".md", "d2lbook")
    app.add_source_parser(SectionParser)
    app.add_config_value("myst_ref_domains", ["std"], "env")
    app.add_post_transform(MystReferenceResolver)


def _read_leniently(app: Sphinx) -> None:
    app.env.settings["input_encoding"] = LENIENT


class SectionParser(Parser):
    """Makes a page of a section, of what its cells gave, and of its solutions."""

    supported = ("d2lbook",)

    def get_transforms(self) -> list[type]:
        return [*super().get_transforms(), *_TRANSFORMS]

    def parse(self, inputstring: str, document: nodes.document) -> None:
        """Fill a document; what cannot be read is told of with its place.

        The other sections are read all the same: every problem is told at once.
        """
        self.setup_parse(inputstring, document)
        # MyST's transforms ask for these; its renderer sets them at its end
        document.settings.myst_footnote_sort = _CONFIG.footnote_sort
        document.settings.myst_footnote_transition = _CONFIG.footnote_transition
        document.settings.myst_heading_anchors_html_ids = True
        try:
            self._parse(inputstring, document)
        except Exception as error:
            line = document.current_line
            said = f"{type(error).__name__}: {error}"
            _logger.error(
                "cannot be made a page of (%s)",
                said,
                location=(self._env.docname, line),
            )

    def _parse(self, inputstring: str, document: nodes.document) -> None:
        page = read_page_input(
            self._config.bookkit_pages, self._env.docname, inputstring
        )
        parser = make_parser(SectionRenderer)
        parser.options.update(myst_config=_CONFIG, document=document)
        env: dict[str, object] = {}
        tokens = woven(
            with_code(parser.parse(page.text, env), page.code),
            with_code(parser.parse(page.solution, {}), page.solution_code),
            page.tabs,
            list(self._config.bookkit_tabs),
        )
        renderer = parser.renderer
        assert isinstance(renderer, SectionRenderer)
        self._prepare(renderer, page)
        renderer.render(tokens, parser.options, env)

    def _prepare(self, renderer: SectionRenderer, page: PageInput) -> None:
        """Tell the renderer where solutions are, and how outputs become nodes."""
        root = Path(self._env.srcdir)
        pages = Path(self._config.bookkit_pages or self._env.doctreedir)
        renderer.solution_path = str(root / page.solution_path)
        renderer.outputs = Outputs(
            folder=pages.parent / "pictures",
            prefix=self._env.docname.rpartition("/")[2],
            picture_alt=word(self._config, "output_image"),
            address=lambda path: "/" + os.path.relpath(path, root),
        )
