"""Runs inside a tab's own interpreter: the book's classes, given weights and inputs.

    python driver.py TAB FOLDER

It executes the cells of `cells.json` in FOLDER, builds each case, and leaves numbers
(`found.npz`) and facts (`found.json`) there. It judges nothing. Weights come and go as
(in, out), whatever the framework stores.
"""

import ast
import json
import sys
import traceback
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from cases import BROKEN, CASES
from words.calling import words_of

RATE = 0.5
#: Ways of 参数管理 to initialise, and how the cells of one tab or another write them.
RULES = {
    "default": (),
    "normal": ("init_normal", "Normal("),
    "constant": ("init_constant", "Constant(1)"),
    "xavier": ("init_xavier", "Xavier(", "GlorotUniform("),
    "42": ("init_42", "Constant(42)"),
    "custom": ("my_init", "MyInit("),
}
#: The (inputs, outputs) of the layer that shows their distributions.
LARGE = (400, 500)


class Section:
    """The cells of one section, in a namespace of their own."""

    def __init__(self, setup, tied):
        self.names, self._tied = {"__name__": "__main__"}, tied
        for source in setup:
            self._run(source)

    def _run(self, source):
        exec(compile(source, "<cell of the section>", "exec"), self.names)

    def make(self, block):
        """Return a new instance of a class, or what the tied cell makes anew."""
        if isinstance(self.names.get(block), type):
            return self.names[block]()
        self._run(self._tied)
        return self.names[block]


def build(case, section, words):
    """Make the block that a case describes."""
    if case.layers is None:
        return section.make(case.block)
    made = {}
    for name, *sizes in case.layers:
        if name not in made:
            made[name] = make_layer(name, sizes, section, words)
    container = section.names.get(case.block) or getattr(words, case.block)
    return container(*(made[name] for name, *_ in case.layers))


def make_layer(name, sizes, section, words):
    if name == "relu":
        return words.relu()
    if name == "center":
        return section.names["CenteredLayer"]()
    if name.startswith("mine"):
        mine = section.names.get("MyLinear") or section.names["MyDense"]
        return words.built(mine, *sizes)
    return words.dense(*sizes)


def write(case, layers, constants, words):
    """Give layers and constants the weights of a case."""
    assert len(layers) == len(case.weights), f"{len(layers)} layers are registered"
    for layer, (weight, bias) in zip(layers, case.weights, strict=True):
        words.put(words.matrix_of(layer), words.turned(layer, weight))
        words.put(layer.bias, bias)
        assert np.array_equal(words.kernel(layer), weight)
        assert np.array_equal(words.bias_of(layer), bias)
    if case.constant is not None:
        (constant,) = constants
        words.put(constant, case.constant)


def examine(case, section, words, folder):
    """Return the numbers and facts of one case."""
    X, direction = words.tensor(case.X), words.tensor(case.direction)
    block = words.ready(build(case, section, words), X)
    layers = words.dense_layers(block)
    trained, constants = words.trained_and_fixed(block)
    write(case, layers, constants, words)
    numbers = {"output": words.array(block(X))}
    if not case.finite:
        return numbers, {}

    weights = [one for layer in layers for one in (words.matrix_of(layer), layer.bias)]
    wanted = [*weights, *constants]
    Y, dX, grads = words.differentiate(block, X, direction, wanted)
    numbers |= {"recorded": words.array(Y), "dX": dX}
    for i, layer in enumerate(layers):
        dW, db = grads[2 * i : 2 * i + 2]
        numbers |= {f"dW{i}": words.turned(layer, dW), f"db{i}": db}

    fresh = words.ready(build(case, section, words), X)
    numbers["fresh"] = words.array(fresh(X))
    path = str(folder / "mine.weights.h5")
    words.save_weights(block, path)
    words.load_weights(fresh, path)
    numbers["reloaded"] = words.array(fresh(X))

    facts = {
        "trainable": [words.value(one).shape for one in trained],
        "num_constants": len(constants),
        "constant_reached": any(one is not None for one in grads[len(weights) :]),
        "input_kept": np.array_equal(words.array(X), case.X),
    }
    # the mean's gradient is that much smaller than the sum's
    rate = RATE * case.direction.size
    words.descend(block, lambda: words.mean(block(X) * direction), 1, rate)
    for i, layer in enumerate(layers):
        numbers[f"trained_W{i}"] = words.kernel(layer)
        numbers[f"trained_b{i}"] = words.bias_of(layer)
    for i, constant in enumerate(constants):
        numbers[f"trained_constant{i}"] = words.value(constant)
    return numbers, facts


def draw(words, names, cells):
    """Initialise one large layer by each rule of the section, as its cells write it."""
    nodes = [n for cell in cells for n in ast.walk(ast.parse(cell))]
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    passed = [one for n in calls for one in (*n.args, *(k.value for k in n.keywords))]
    texts = [ast.unparse(one) for one in passed]
    found = {}
    for rule, written in RULES.items():
        asked = [text for sign in written for text in texts if sign in text][:1]
        assert asked or not written, f"no cell asks for {' or '.join(written)}"
        words.seed(0)
        layer = words.initialised(*LARGE, *(eval(text, names) for text in asked))
        found[f"init {rule}/weight"] = words.kernel(layer)
        found[f"init {rule}/bias"] = words.bias_of(layer)
    return found


def main(tab, folder):
    folder, words = Path(folder), SimpleNamespace(**words_of(tab))
    cells = json.loads((folder / "cells.json").read_text(encoding="utf-8"))
    sections = {name: Section(**own) for name, own in cells.items()}
    numbers, facts = {}, {}
    for name, case in {**CASES, **BROKEN}.items():
        section = sections[case.section]
        try:
            found, facts[name] = examine(case, section, words, folder)
        except Exception:
            facts[name] = {"error": traceback.format_exc()}
        else:
            numbers |= {f"{name}/{key}": value for key, value in found.items()}
    own = cells["parameters"]
    names = sections["parameters"].names
    numbers |= draw(words, names, [*own["setup"], own["tied"]])
    np.savez(folder / "found.npz", **numbers)
    (folder / "found.json").write_text(json.dumps(facts), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
