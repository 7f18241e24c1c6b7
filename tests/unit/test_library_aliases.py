"""Aliases of config.ini: cells with the framework's names, a module that has them."""

import ast
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
from d2lbook import library as theirs
from small_books import CONFIG, code, write_book

from bookkit.book.aliases import without_aliases
from bookkit.book.config import Config
from bookkit.book.source import notebook_of, read_book, written_notebook_of
from bookkit.errors import ConfigError

#: As d2lbook's own tests have them.
KEYS = {
    "lib_name": "torch",
    "simple_alias": "ones, arange, exp(, log, rand(, concat -> cat, stack, abs,\n"
    "    eye, float32, normal -> random.normal",
    "fluent_alias": "numpy -> detach().numpy, reshape, size -> numel, to,\n"
    "    reduce_sum -> sum, astype -> type, transpose -> t,",
    "args_alias": "randn(size, device=None) -> np.random.randn(size=size, ctx=device)\n"
    "    at(a_x, a_y, out=None) -> np.put(a_y, a_x, out=out)",
    "alias": "\n    nn_Module = nn.Module\n    count = lambda a: a.size",
    "reverse_alias": "\n    d2l.nn_Module -> nn.Module",
}


def book_of(root: Path, keys: dict[str, str], *cells: str) -> Config:
    rows = [f"{key} = {value}".replace("\n", "\n  ") for key, value in keys.items()]
    config = CONFIG.replace("small/alpha.py", "d2l/alpha.py\n" + "\n".join(rows))
    text = "# One\n\n" + "".join(code("alpha, beta", cell) for cell in cells)
    return write_book(root, {"one.md": text}, config)


def cells_of(book: Config, tab: str = "alpha") -> list[str]:
    (section,) = [one for one in read_book(book) if one.path.stem == "one"]
    return [
        one.source for one in notebook_of(section, tab, book).cells[1:] if one.source
    ]


def as_d2lbook(source: str, keys: dict[str, str]) -> str:
    cell = nbformat.v4.new_code_cell(source)
    made: Any = theirs.replace_alias(SimpleNamespace(cells=[cell]), keys)
    return str(made.cells[0].source)


SAME = [
    "X = d2l.reshape(d2l.arange(10,20),(2,3))",
    "d2l.numpy(a)",
    "d2l.transpose(a)",
    "metric.add(l * d2l.size(y), d2l.size(y))",
    "float(d2l.reduce_sum(cmp.astype(y.dtype)))",
    "d2l.numpy(nn.LeakyReLU(alpha)(x))",
    "d2l.reshape(X_tile(1 - d2l.eye(n)).astype('bool'), (1,2))",
    "float(d2l.reduce_sum(d2l.astype(cmp, y.dtype)))",
    "w = d2l.reshape(\n    d2l.concat(net.weights, 0),\n    (num_layers, -1))\nw = 2",
    "float(d2l.reduce_sum(d2l.abs(Y1 - Y2))) < 1e-6",
    "d2l.plt.scatter(d2l.numpy(f[:, a + b]), d2l.numpy(labels), 1);",
    "d2l.reshape(steps[i - tau: i], (1, -1))",
    "X = d2l.reshape(d2l.arange(16, dtype=d2l.float32), (1, 1, 4, 4))",
    "# d2l.ones\nX = d2l.reshape(a)  # d2l.exp(1)",
    "Y[i, j] = d2l.reduce_sum((X[i: i + h, j: j + w] * K))",
    "d2l.randn(size=(1,2)) * 0.01",
    "d2l.randn(size=(1,2), device=d2l.try_gpu()) * 0.01",
    "d2l.at(1, f(2))",
    "d2l.at(d2l.exp(1), d2l.numpy(2), out=d2l.ones(3))",
    "class A(d2l.nn_Module): pass",
    "d2l.reshape(-x, shape=(2,))",
    "d2l.to(x if y else z, *args, **kwargs)",
    "d2l.reshape(x,)",
    "d2l.size('号')",
    "d2l.expand(x), d2l.count(x), d2l.Timer(), x.d2l.ones(1)",
    "%matplotlib inline\nd2l.numpy(a)",
]


@pytest.mark.parametrize("source", SAME)
def test_a_cell_means_what_d2lbook_makes_of_it(tmp_path, source):
    book = book_of(tmp_path, KEYS, source)
    (mine,) = cells_of(book)
    lines = [mine, as_d2lbook(source, KEYS)]
    plain = [re.sub(r"(?m)^%.*|^# .*|  # .*", "", one) for one in lines]
    if "x.d2l" not in source:
        assert ast.dump(ast.parse(plain[0])) == ast.dump(ast.parse(plain[1]))
    assert cells_of(book, "beta") == [source]  # which has no aliases
    (section,) = [one for one in read_book(book) if one.path.stem == "one"]
    written = written_notebook_of(section, "alpha", book).cells[-1].source
    assert written == source


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        # a whole name is an alias, and not the beginning of another
        ("d2l.log_times(d2l.log(x))", "d2l.log_times(torch.log(x))"),
        # magics and shell lines anywhere; d2lbook stops
        ("x = 1\n!ls\nd2l.numpy(x)", "x = 1\n!ls\nx.detach().numpy()"),
        # the author's text stays around what is replaced
        ('f("a",  d2l.size( x ) )', 'f("a",  x.numel() )'),
        ("d2l.reshape(x,  # wide\n (2, 1))", "x.reshape((2, 1))"),
        ("d2l.reduce_sum((a) , 0)", "a.sum(0)"),
        ("d2l.reduce_sum(a +\n    b, 0)", "(a +\n    b).sum(0)"),
        # calls that no alias fits stay; d2lbook stops at some
        ("d2l.reshape()", "d2l.reshape()"),
        ("d2l.reshape(*args)", "d2l.reshape(*args)"),
        ("d2l.randn(2)", "np.random.randn(size=2)"),
        ("d2l.randn(2, size=1)", "d2l.randn(2, size=1)"),
        ("d2l.at(1)", "d2l.at(1)"),
        ("d2l.at(1, 2, deep=3)", "d2l.at(1, 2, deep=3)"),
        ("f = d2l.reshape", "f = d2l.reshape"),
        ("d2l.numpy(", "d2l.numpy("),
    ],
)
def test_where_d2lbook_breaks_cells_mean_what_their_author_meant(
    tmp_path, source, expected
):
    book = book_of(tmp_path, KEYS, source)
    assert cells_of(book) == [expected]


def test_a_pattern_is_replaced_as_one(tmp_path):
    keys = {"reverse_alias": r"d2l.size\(([\w\_\d]+)\) -> \1.size"}
    book = book_of(tmp_path, keys, "d2l.size(x) + d2l.size(f(x))")
    assert cells_of(book) == ["x.size + d2l.size(f(x))"]


def test_an_alias_that_leads_back_to_itself_ends(tmp_path):
    keys = {"lib_name": "d2l", "args_alias": "f(a_x) -> d2l.f(a_x)"}
    book = book_of(tmp_path, keys)
    assert without_aliases("d2l.f(1)", book.tab("alpha").aliases) == "d2l.f(1)"


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"reverse_alias": r"d2l.size\(( -> x"}, r"`d2l.size\((`: missing )"),
        ({"lib_name": "np", "args_alias": "f(*a) -> g"}, "`f(*a)`"),
        ({"alias": "x = = 1"}, "`x = = 1`"),
        ({"lib_name": "np", "args_alias": "f(1) -> g"}, "`def f(1):`"),
    ],
)
def test_when_an_alias_cannot_be_read_then_its_line_is_named(tmp_path, keys, said):
    with pytest.raises(ConfigError) as caught:
        book_of(tmp_path, keys)
    assert "config.ini:" in str(caught.value) and said in str(caught.value)
