"""One Sphinx in this process: it makes the page of a section in milliseconds."""

import io
import json
from dataclasses import dataclass
from pathlib import Path

import html5lib
from site_books import CONF, CONFIG, TABS, write_files
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

NAME = "one/page"
INDEX = "# 书\n\n```toc\none/page\n```\n"


@dataclass
class Shown:
    """A page as a browser reads it, and what Sphinx said of it."""

    html: str
    article: object
    warnings: str

    def boxes(self, kind):
        """Return the elements with a class, in their order."""
        return [
            one for one in self.article.iter() if kind in one.get("class", "").split()
        ]


def text_of(element):
    return "".join(element.itertext())


def printed(box):
    """Return the text of a box of text, folded or not, without its last line's end."""
    return "".join(map(text_of, box.iter("pre"))).removesuffix("\n")


class OnePage:
    """A book whose one section is another each time; see `made`."""

    def __init__(self, root: Path, **settings) -> None:
        self._warnings = io.StringIO()
        self.root = write_files(
            root,
            {
                "config.ini": CONFIG,
                "conf.py": CONF,
                "index.md": INDEX,
                f"{NAME}.md": "# 页\n",
            },
        )
        self.pages = root / "_build" / "pages"
        (self.pages / "one").mkdir(parents=True)
        self._namespace = docutils_namespace()
        self._namespace.__enter__()
        self._app = Sphinx(
            *(root, root, root / "_html", root / "_doctrees", "html"),
            confoverrides={"bookkit_pages": str(self.pages), **settings},
            status=None,
            warning=self._warnings,
        )
        self._app.build()

    def close(self) -> None:
        self._namespace.__exit__(None, None, None)

    def made(self, text, code=(), tabs=TABS, solution=("", ())) -> Shown:
        """Make the page of a text; `code` has what ran of each cell, by tab.

        `solution` are the text and the cells of its solutions.
        """
        content = {
            "text": text,
            "code": list(code),
            "tabs": list(tabs),
            "solution": solution[0],
            "solution_path": "",
            "solution_code": list(solution[1]),
        }
        path = self.pages / f"{NAME}.json"
        path.write_text(json.dumps(content), encoding="utf-8")
        self._warnings.seek(0)
        self._warnings.truncate()
        env, builder = self._app.env, self._app.builder
        self._app.events.emit("env-purge-doc", env, NAME)
        env.clear_doc(NAME)
        builder.read_doc(NAME)
        doctree = env.get_and_resolve_doctree(NAME, builder)
        builder.prepare_writing({NAME})
        builder.write_doc_serialized(NAME, doctree)
        builder.write_doc(NAME, doctree)
        html = (self.root / "_html" / f"{NAME}.html").read_text(encoding="utf-8")
        page = html5lib.parse(html, namespaceHTMLElements=False)
        (article,) = page.iter("article")
        return Shown(html, article, self._warnings.getvalue())


def ran(source, *outputs, tabs=TABS, tags=()):
    """Return what ran of one cell: the same in each tab."""
    one = {"source": source, "outputs": list(outputs), "tags": list(tags)}
    return dict.fromkeys(tabs, one)


def stream(text, name="stdout"):
    return {"output_type": "stream", "name": name, "text": text}


def display(metadata=None, **data):
    """Return an output; `text_html` stands for `text/html`."""
    named = {key.replace("_", "/", 1): value for key, value in data.items()}
    return {"output_type": "display_data", "data": named, "metadata": metadata or {}}
