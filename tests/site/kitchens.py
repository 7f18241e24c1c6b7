"""The book of `tests/site/kitchen`, and what a run of its cells would hand over."""

import contextlib
import shutil
from pathlib import Path

import nbformat

from bookkit.book.config import load
from bookkit.book.source import notebook_of, read_book
from bookkit.files import locked
from bookkit.site.build import build_site

KITCHEN = Path(__file__).parent / "kitchen"
PICTURES = KITCHEN / "pictures"
TABS = ("alpha", "beta")

FRAME = """<div>
<style scoped>.dataframe tbody tr th { vertical-align: top; }</style>
<table border="1" class="dataframe"><thead><tr><th></th><th>形状</th><th>个数</th></tr>
</thead><tbody><tr><th>0</th><td>(8, 4)</td><td>32</td></tr>
<tr><th>1</th><td>(8,)</td><td>8</td></tr></tbody></table>
</div>"""
COLOURED = '<p style="color: #7a0000; background: #ffeedd">自带颜色的输出</p>'
TRACEBACK = """Traceback (most recent call last):
  File "one.py", line 3, in <module>
    net(X)
ValueError: 形状对不上"""
WARNING = "one.py:3: UserWarning: 这样写以后会出错\n  net(X)"
CAPTION = "各层输出的均方根随深度的变化：Xavier初始化的网络里，它几乎不变。"
PLOT = {
    "image/svg+xml": (KITCHEN / "img" / "plot.svg").read_text(encoding="utf-8"),
    "image/png": "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAA"
    "ggCBd81ytgAAAABJRU5ErkJggg==",
    "text/plain": CAPTION,
}
TREE = {
    "text/plain": "MLP(\n  (hidden): Linear(20, 256)\n  (act): ReLU()\n)",
    "application/vnd.bookkit.tree+json": {
        "name": "net",
        "kind": "MLP",
        "parameters": [],
        "children": [
            {
                "name": "hidden",
                "kind": "Linear<20>&'",
                "parameters": [
                    {"path": "hidden.weight", "shape": [256, 20]},
                    {"path": "hidden.bias", "shape": [256]},
                ],
                "children": [],
            },
            {"name": "act", "kind": "ReLU", "parameters": [], "children": []},
            {
                "name": "out",
                "kind": "Linear",
                "parameters": [{"path": "out.weight", "shape": [10, 0]}],
                "children": [],
            },
            {
                "name": "again",
                "kind": "Linear",
                "parameters": [{"path": "hidden.bias", "shape": [256]}],
                "children": [],
            },
        ],
    },
}
LIVE_CAPTION = "选一种初始化和一个激活函数。"
DEPTHS = list(range(1, 21))
RATES = {("Xavier", "tanh"): 0.97, ("He", "tanh"): 1.0, ("N(0, 0.01)", "tanh"): 0.2}
RATES |= {("Xavier", "ReLU"): 0.7, ("He", "ReLU"): 1.0, ("N(0, 0.01)", "ReLU"): 0.0}
SIGNAL = PLOT | {
    "application/vnd.bookkit.signal+json": {
        "caption": LIVE_CAPTION,
        "depths": DEPTHS,
        "curves": [
            {
                "init": init,
                "activation": activation,
                "forward": [rate**depth for depth in DEPTHS],
                "backward": [rate ** (21 - depth) for depth in DEPTHS],
            }
            for (init, activation), rate in RATES.items()
        ],
    }
}
DRAWING = (KITCHEN / "img" / "plain.svg").read_text(encoding="utf-8")


def stream(text, name="stdout"):
    return nbformat.v4.new_output("stream", name=name, text=text)


def shown(kind, value):
    return bundle({kind: value})


def bundle(data):
    return nbformat.v4.new_output("display_data", data=data)


# By how the cell's last line begins.
OUTPUTS = {
    "short": [stream("tensor([1., 2.])")],
    "long": [stream("\n".join(f"第{line}行" for line in range(40)))],
    "wide": [stream(" ".join(str(number) for number in range(90)))],
    "warned": [stream(WARNING)],
    "stderr": [stream("printed\n"), stream("downloading 100%\n", "stderr")],
    "failed()": [stream(TRACEBACK)],
    "failed_deep": [
        nbformat.v4.new_output(
            "error",
            ename="ValueError",
            evalue="太深",
            traceback=[
                "\x1b[31mValueError\x1b[0m   Traceback (most recent call last)",
                *(f"Cell In[{depth}], line {depth}" for depth in range(40)),
                "ValueError: 太深",
            ],
        )
    ],
    "frame": [shown("text/html", FRAME)],
    "coloured": [shown("text/html", COLOURED)],
    "tree": [bundle(TREE)],
    "signal": [bundle(SIGNAL)],
    "plot": [bundle(PLOT)],
    "picture": [shown("image/svg+xml", DRAWING)],
    "answer": [stream("'还没有写'")],
}


def outputs_of(cell):
    last = cell.source.splitlines()[-1]
    found = (outputs for name, outputs in OUTPUTS.items() if last.startswith(name))
    return next(found, [])


@contextlib.contextmanager
def own_kitchen(book):
    """Build a copy of the book; other test runs in this tree wait for its end."""
    with locked(book.with_suffix(".lock"), "Another run tests this book; waiting"):
        copy_kitchen(book)
        yield build_kitchen(book).html_dir


def copy_kitchen(book):
    """Put a copy of the book into a folder of its own."""
    shutil.rmtree(book, ignore_errors=True)
    shutil.copytree(KITCHEN, book, ignore=shutil.ignore_patterns(PICTURES.name))


def build_kitchen(book):
    config = load(book)
    notebooks = {tab: {} for tab in TABS}
    for section in read_book(config):
        for tab in TABS:
            notebook = notebook_of(section, tab, config)
            for cell in notebook.cells if notebook else []:
                if cell.cell_type == "code":
                    cell.outputs = outputs_of(cell)
            notebooks[tab][str(section.path)] = notebook
    return build_site(book, TABS, notebooks)
