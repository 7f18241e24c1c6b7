"""What comments in cells tell of shapes and types, compared with what is there.

Runs in the kernels of the tabs: `watch` notes, wherever a line ends in such a comment,
what its expressions evaluate to; `report` tells which comments held in no run of their
line (an exercise's cases also run with wrong answers), and which never ran.

    Y = net(X)  # (2, 20) -> (2, 10)
    return relu(X @ W)  # -> (n, units)
    pieces = list(block)  # 1000个(4, 4)
    y = zeros(4)  # float32

A word stands for a size: for the one of a variable or attribute of that name, or else
for any, which is the same throughout the comment.
"""

from __future__ import annotations

import ast
import importlib.util
import io
import itertools
import re
import sys
import tokenize

_ONE = r"\([^()]+\)"
_SHAPES = re.compile(rf"(?:(\d+)个)?(?:-> ?)?({_ONE}(?: ?-> ?{_ONE})*)")
_TYPE = re.compile(r"(?:u?int|float)\d+|bool")
_SIZE = re.compile(r"\d+|\w+(?: \w+)*")
#: Words of the text for what the code calls otherwise.
_NAMES = {"输入": "num_inputs", "输出": "num_outputs"}

_watched: dict[int, _Line] = {}


def _compiling():
    """Tell whether PyTorch's compiler reads along, which must meet nothing of ours."""
    return False


class _Line:
    """One comment, and what was seen where it stands."""

    def __init__(self, code, comment):
        self.code, self.comment = code.strip(), comment
        self.values, self.found, self.held = [], [], False

    def judge(self, names):
        """Compare the values of one run of the line; names are sizes in its scope."""
        values, self.values = self.values, []
        told = self.comment
        if _TYPE.fullmatch(told):
            found = str(getattr(values[-1], "dtype", "")).rpartition(".")[2]
            self.held |= re.search(rf"\b{told}\b", found) is not None
            self.found.append(found or "no type")
            return
        count, text = _SHAPES.fullmatch(told).groups()
        if count:
            values = list(values[-1])
        seen = [shape for value in values if (shape := _shape_of(value)) is not None]
        shapes = [_sizes(one) for one in re.findall(_ONE, text)]
        counted = not count or len(values) == int(count)
        self.held |= counted and bool(seen) and _fits(shapes, seen, values, names)
        number = f"{len(values)} of " if count else ""
        self.found.append(number + " and ".join(map(str, dict.fromkeys(seen[-9:]))))


def _sizes(text):
    return tuple(one.strip() for one in text.strip("()").split(",") if one.strip())


def told_in(comment):
    """Return what a comment tells of shapes or of a type; None: nothing."""
    text = comment.lstrip("# ").strip()
    found = _SHAPES.fullmatch(text)
    if found:
        sizes = [size for one in re.findall(_ONE, text) for size in _sizes(one)]
        return text if all(map(_SIZE.fullmatch, sizes)) else None
    return text if _TYPE.fullmatch(text) else None


def _shape_of(value):
    """Return a shape as whole numbers, -1 for an open one; None: it has none."""
    shape = value if isinstance(value, tuple) else getattr(value, "shape", None)
    try:
        sizes = tuple(-1 if one is None else one for one in shape)
    except (TypeError, ValueError):
        return None
    return sizes if sizes and all(type(one) is int for one in sizes) else None


def _fits(shapes, seen, values, names):
    """Tell whether the last shape is the result's, and those before were on the way."""
    bound = _bind(shapes[-1], seen[-1], dict(names))
    if bound is None:
        return False
    before = shapes[:-1]
    for chosen in itertools.product(seen, repeat=len(before)):
        if _bind_all(before, chosen, bound):
            return True
    # What lies between two layers of a network is told by the sizes of its weights
    begins = [one for one in seen if _bind(shapes[0], one, bound) is not None]
    if len(shapes) < 3 or not begins:
        return False
    weights = {frozenset(one) for value in values for one in _weights_of(value)}
    ends = [one[-1] for one in shapes]
    pairs = itertools.pairwise(int(one) if one.isdecimal() else one for one in ends)
    rows = len({one[:-1] for one in shapes}) == 1
    return rows and all(frozenset(pair) in weights for pair in pairs)


def _bind_all(shapes, seen, bound):
    for shape, found in zip(shapes, seen, strict=True):
        bound = _bind(shape, found, bound)
        if bound is None:
            return False
    return True


def _bind(shape, found, bound):
    """Return what words stand for if a shape is the one found; None: it is not."""
    if len(shape) != len(found):
        return None
    bound = dict(bound)
    for word, size in zip(shape, found, strict=True):
        wanted = int(word) if word.isdecimal() else bound.setdefault(word, size)
        if wanted != size:
            return None
    return bound


def _weights_of(value):
    for name in ("collect_params", "parameters", "weights"):
        found = getattr(value, name, None)
        if found is not None and not isinstance(value, type):
            found = found() if callable(found) else found
            found = found.values() if hasattr(found, "values") else found
            return [shape for one in found if (shape := _shape_of(one))]
    return []


def _see(key, value, last):
    """Note a value of a watched line, and return it."""
    if _compiling():
        return value
    line = _watched[key]
    line.values.append(value)
    if last:
        scope = sys._getframe(1).f_locals
        names = (
            {**vars(scope.get("self", object())), **scope} if "self" in scope else scope
        )
        words = re.findall(r"\w+", line.comment)
        sizes = {word: names.get(_NAMES.get(word, word)) for word in words}
        line.judge({word: size for word, size in sizes.items() if type(size) is int})
    return value


_WATCHED = (
    *(ast.Call, ast.BinOp, ast.Compare, ast.Subscript, ast.Attribute, ast.Name),
    *(ast.ListComp, ast.List, ast.Tuple),
)


class _Watch(ast.NodeTransformer):
    """Wraps the expressions that end where a comment tells a shape."""

    def __init__(self, told):
        self._told, self._inside = told, None  # line -> key

    def visit(self, node):
        ends = self._told.get(getattr(node, "end_lineno", None))
        loads = isinstance(
            node, (ast.Call, ast.BinOp, ast.Subscript, ast.Attribute, ast.Name)
        )
        if (
            ends is None
            or not loads
            or not isinstance(getattr(node, "ctx", ast.Load()), ast.Load)
        ):
            return self.generic_visit(node)
        outermost = self._inside is None
        self._inside = ends
        self.generic_visit(node)
        self._inside = None if outermost else ends
        arguments = [ast.Constant(ends), node, ast.Constant(outermost)]
        call = ast.Call(ast.Name("__see__", ast.Load()), arguments, [])
        return ast.fix_missing_locations(ast.copy_location(call, node))


def watch(shell):
    """Have a shell note what is there, in all cells that it runs from now on."""
    global _compiling
    if importlib.util.find_spec("torch"):
        import torch

        _compiling = torch.compiler.is_compiling
    shell.user_ns["__see__"] = _see
    sources = []
    shell.events.register("pre_run_cell", lambda info: sources.append(info.raw_cell))
    shell.ast_transformers.append(_Transformer(sources))


class _Transformer:
    def __init__(self, sources):
        self._sources = sources

    def visit(self, tree):
        source, told = self._sources[-1], {}
        tokens = tokenize.generate_tokens(io.StringIO(source).readline)
        for token in tokens:
            comment = told_in(token.string) if token.type == tokenize.COMMENT else None
            code = token.line[: token.start[1]]
            if comment and code.strip():
                told[token.start[0]] = key = len(_watched)
                _watched[key] = _Line(code, comment)
        return _Watch(told).visit(tree) if told else tree


def report(all_ran):
    """List comments that held in no run; `all_ran`: those that never ran, too."""
    runs = {}
    for line in _watched.values():  # a cell that ran again has its lines twice
        runs.setdefault((line.code, line.comment), []).append(line)
    wrong = []
    for (code, comment), lines in runs.items():
        found = [one for line in lines for one in line.found]
        if not any(line.held for line in lines) and (found or all_ran):
            what = f"found {found[-1]}" if found else "it never ran"
            wrong.append(f"{code}  # {comment}: {what}")
    return wrong
