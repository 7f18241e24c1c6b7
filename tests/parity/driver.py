"""Runs inside a tab's own interpreter: the book's classes, given weights and inputs.

    python driver.py ADAPTER CELLS.json CASES.json CASES.npz FOLDER

It executes the cells it is given, builds each case, and leaves numbers
(`found.npz`) and facts (`found.json`) in FOLDER. It judges nothing. Weights
come and go as (in, out), whatever the framework stores.
"""

import importlib.util
import json
import sys
import traceback
from pathlib import Path

import numpy as np

RATE = 0.5
#: Ways of 参数管理 to initialise, and the (inputs, outputs) of the layer that
#: shows their distributions.
RULES = ("default", "normal", "constant", "xavier", "42", "custom")
LARGE = (400, 500)


def load_adapter(path):
    spec = importlib.util.spec_from_file_location("adapter", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


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


def build(case, section, adapter):
    """Make the block that a case describes, with weights of its own."""
    if case["layers"] is None:
        return section.make(case["block"])
    made = {}
    for name, *sizes in case["layers"]:
        if name not in made:
            made[name] = make_layer(name, sizes, section, adapter)
    container = section.names.get(case["block"]) or getattr(adapter, case["block"])
    return container(*(made[name] for name, *_ in case["layers"]))


def make_layer(name, sizes, section, adapter):
    if name == "relu":
        return adapter.relu()
    if name == "center":
        return section.names["CenteredLayer"]()
    if name.startswith("mine"):
        return adapter.mine(section.names, *sizes)
    return adapter.dense(*sizes)


def write(block, case, given, adapter):
    layers = adapter.dense_layers(block)
    assert len(layers) == case["num_layers"], f"{len(layers)} layers are registered"
    for i, layer in enumerate(layers):
        weight, bias = given(f"W{i}"), given(f"b{i}")
        adapter.write(layer, weight, bias)
        read_weight, read_bias = adapter.read(layer)
        assert np.array_equal(read_weight, weight) and np.array_equal(read_bias, bias)
    if case["constant"]:
        adapter.write_constant(block, given("constant"))


def examine(case, given, section, adapter, folder):
    """Return the numbers and facts of one case."""
    X, direction = given("X"), given("direction")
    block = build(case, section, adapter)
    adapter.prepare(block, X)
    write(block, case, given, adapter)
    numbers = {"output": adapter.forward(block, X)}
    if not case["finite"]:
        return numbers, {}

    Y, dX, pairs, constant_reached = adapter.differentiate(block, X, direction)
    numbers |= {"recorded": Y, "dX": dX}
    for i, (dW, db) in enumerate(pairs):
        numbers |= {f"dW{i}": dW, f"db{i}": db}

    fresh = build(case, section, adapter)
    adapter.prepare(fresh, X)
    numbers["fresh"] = adapter.forward(fresh, X)
    adapter.save(block, folder)
    adapter.load(fresh, folder)
    numbers["reloaded"] = adapter.forward(fresh, X)

    facts = {
        "trainable": adapter.trainable(block),
        "num_constants": len(adapter.constants(block)),
        "constant_reached": constant_reached,
        "input_kept": adapter.keeps_input(block, X),
    }
    adapter.train_once(block, X, direction, RATE)
    for i, layer in enumerate(adapter.dense_layers(block)):
        numbers[f"trained_W{i}"], numbers[f"trained_b{i}"] = adapter.read(layer)
    for i, constant in enumerate(adapter.constants(block)):
        numbers[f"trained_constant{i}"] = constant
    return numbers, facts


def draw(adapter, names, cells):
    """Initialise one large layer by each rule of the section."""
    sources = [*cells["setup"], cells["tied"]]
    found = {}
    for rule in RULES:
        weight, bias = adapter.initialised(rule, names, sources, *LARGE)
        found |= {f"init {rule}/weight": weight, f"init {rule}/bias": bias}
    return found


def main(adapter_file, cells_file, cases_file, arrays_file, folder):
    folder, adapter = Path(folder), load_adapter(adapter_file)
    cells = json.loads(Path(cells_file).read_text(encoding="utf-8"))
    sections = {name: Section(**own) for name, own in cells.items()}
    arrays = np.load(arrays_file, allow_pickle=False)
    numbers, facts = {}, {}
    for name, case in json.loads(Path(cases_file).read_text(encoding="utf-8")).items():
        try:
            found, facts[name] = examine(
                case,
                lambda key, name=name: arrays[f"{name}/{key}"],
                sections[case["section"]],
                adapter,
                folder,
            )
        except Exception:
            facts[name] = {"error": traceback.format_exc()}
        else:
            numbers |= {f"{name}/{key}": value for key, value in found.items()}
    numbers |= draw(adapter, sections["parameters"].names, cells["parameters"])
    np.savez(folder / "found.npz", **numbers)
    (folder / "found.json").write_text(json.dumps(facts), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
