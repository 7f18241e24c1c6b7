"""Words that need no framework, but perhaps words of one: their keyword-only parameters.

Where a framework has the same word, its own counts.
"""

import contextlib
import io
import logging
import os
import re
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import numpy

#: What a wrong number of columns raises.
WRONG_SIZE = (RuntimeError, ValueError)


def array(tensor):
    """Return the numbers of a tensor of any framework."""
    if hasattr(tensor, "asnumpy"):
        return tensor.asnumpy()
    return numpy.asarray(tensor.detach().cpu() if hasattr(tensor, "detach") else tensor)


def equal(a, b):
    return bool((array(a) == array(b)).all())


def raises(kind, task):
    return message(kind, task) is not None


def message(kind, task):
    """Return what the task's error says; None: there is none."""
    try:
        task()
    except kind as error:
        return str(error)
    return None


def warned(task):
    """Return what the task warns of."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        task()
    return [str(warning.message) for warning in caught]


def silent(task):
    """Do the task; a warning is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return task()


def uttered(task):
    """Return all that the task warns of, prints, logs or writes to the screen itself."""
    said, handler = io.StringIO(), logging.StreamHandler()
    handler.setStream(said)
    kept = {fd: os.dup(fd) for fd in (1, 2)}
    logging.getLogger().addHandler(handler)
    with tempfile.TemporaryFile() as screen:
        for fd in kept:
            os.dup2(screen.fileno(), fd)
        try:
            with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
                found = warned(task)
        finally:
            for fd, old in kept.items():
                os.dup2(old, fd)
                os.close(old)
            logging.getLogger().removeHandler(handler)
        screen.seek(0)
        return "".join(found) + said.getvalue() + screen.read().decode()


def in_new_process(code):
    """Run a program in a new process of the same interpreter; it must not fail."""
    code = f"import sys; sys.path.append({str(Path(__file__).parents[1])!r})\n{code}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def obeys(task, marker):
    """Tell whether the task makes the folder that the section's `Payload` asks for."""
    assert not os.path.exists(marker)
    with contextlib.suppress(Exception):
        task()
    done = os.path.exists(marker)
    if done:
        os.rmdir(marker)
    return done


def answers(section, number, name, tab, notebook):
    """Return what the solution of an exercise defines by a name: the right answer first."""
    text = Path(__file__).parents[2].joinpath("solutions", section).read_text("utf-8")
    own = re.search(rf"^## {number}\n(.*?)(?=^## |\Z)", text, re.M | re.S)[1]
    found, cell = [], rf"^```{{\.python \.input}}\n#@tab {tab}\n(.*?)^```$"
    for code in re.findall(cell, own, re.M | re.S):
        names = dict(notebook)
        exec(code, names)
        if names.get(name) is not notebook.get(name):
            found.append(names[name])
    return found


def tensor_of(parameter):
    """Return what a layer computes with."""
    return parameter.data() if callable(getattr(parameter, "data", None)) else parameter


def turned(layer, numbers):
    """Turn (inputs, outputs) into what a layer stores, and back."""
    return numbers


def dense_layers(block, *, layers_of):
    """Return each layer that has weights once, in the order of registration."""
    if hasattr(block, "bias"):
        return [block]
    found = []
    for child in layers_of(block):
        found += [one for one in dense_layers(child, layers_of=layers_of) if one not in found]
    return found


def glorot(n_in, n_out):
    """Return the bound of Xavier's uniform distribution."""
    return (6 / (n_in + n_out)) ** 0.5


def check_uniform(values, bound):
    """Check that they fill U(-bound, bound), as far as many draws can tell."""
    assert 0.99 * bound < abs(values).max() <= bound * 1.0001, abs(values).max()
    assert abs(values.std() - bound / 3**0.5) < 0.01 * bound


def same_after(save_and_load, block, clone, X):
    """Tell whether a clone computes the same once it has what was saved."""
    with tempfile.TemporaryDirectory() as folder:
        save_and_load(block, clone, os.path.join(folder, "w"), X)
    return equal(block(X), clone(X))


def initialize(block):
    """Give a block its parameters, as far as that takes no data."""
    return block


def ready(block, X):
    """Give a block its parameters and let it see data."""
    block(X)
    return block


def transpose(tensor):
    return tensor.T


def matrix_of(layer):
    return layer.weight


def chained(net):
    """Return what a chain of layers is made of."""
    return list(getattr(net, "layers", net))


def first_layer(net):
    return chained(net)[0]


def last_layer(net):
    return chained(net)[-1]


def changed(value, parameters, task):
    """Tell for each parameter whether the task changes it."""
    before = [value(one) for one in parameters]
    task()
    return [bool((value(one) != old).any()) for one, old in zip(parameters, before, strict=True)]


def reloads(make, X, *, ready, save_and_load):
    """Tell whether what `make` makes computes the same after saving and loading."""
    return same_after(save_and_load, ready(make(), X), make(), X)


def kernel(layer, *, matrix_of, turned, value):
    """Return a dense layer's weights as (inputs, outputs)."""
    return turned(layer, value(matrix_of(layer)))


def bias_of(layer, *, value):
    return value(layer.bias)


def gradient_of(block, parameter, X, *, differentiate):
    """Return one gradient of the sum of the outputs."""
    return differentiate(block, X, 1, [parameter])[2][0]


def slopes(layer, X, *, differentiate):
    """Return the gradients of weight and bias; None where none came."""
    return differentiate(layer, X, 1, [layer.weight, layer.bias])[2]


def moved(block, X, *, descend, mean, parameters, value):
    """Tell for each parameter whether training changes it."""
    size = array(block(X)).size

    def train():
        descend(block, lambda: mean(block(X)), 5, rate=0.1 * size)

    return changed(value, parameters(block), train)
