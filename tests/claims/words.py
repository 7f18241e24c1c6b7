"""One vocabulary for four frameworks, so that a check is written once.

The code runs in a kernel in which a section's whole notebook has run; a block
that is `ready` has seen the section's `X`.
"""

from textwrap import dedent

WORDS = {
    "mxnet": """
        from mxnet import autograd, np, npx
        from mxnet.gluon import nn
        Base, Linear, Container = nn.Block, nn.Dense, nn.Sequential
        linear = lambda n_in, n_out: nn.Dense(n_out, in_units=n_in)
        relu = lambda: nn.Activation('relu')
        def ready(block):
            block.initialize()
            block(X)
            return block
        def weights(block):
            return list(block.collect_params().values())
        def value(weight):
            return weight.data().asnumpy()
        def fill(weight, number):
            weight.set_data(np.full(weight.shape, number))
        def save_and_load(block, clone, path):
            block.save_parameters(path)
            clone.load_parameters(path)
        def array(tensor):
            return tensor.asnumpy()
        def grads(block):
            with autograd.record():
                Y = block(X)
            Y.backward()
            return [p.grad().asnumpy() for p in weights(block)
                    if p.grad_req != 'null']
    """,
    "pytorch": """
        Base, Linear, Container = nn.Module, nn.Linear, nn.Sequential
        linear, relu = nn.Linear, nn.ReLU
        ready = lambda block: block
        def weights(block):
            return list(block.parameters())
        def value(weight):
            return weight.detach().numpy().copy()
        def fill(weight, number):
            with torch.no_grad():
                weight.fill_(number)
        def save_and_load(block, clone, path):
            torch.save(block.state_dict(), path)
            clone.load_state_dict(torch.load(path))
        def array(tensor):
            return tensor.detach().numpy()
        def grads(block):
            block(X).backward()
            return [p.grad.numpy() for p in weights(block)]
    """,
    "tensorflow": """
        Base, Linear = tf.keras.layers.Layer, tf.keras.layers.Dense
        Container = tf.keras.Sequential
        linear = lambda n_in, n_out: tf.keras.layers.Dense(n_out)
        relu = tf.keras.layers.ReLU
        def ready(block):
            block(X)
            return block
        def weights(block):
            return list(block.weights)
        def value(weight):
            return weight.numpy().copy()
        def fill(weight, number):
            weight.assign(tf.fill(weight.shape, float(number)))
        def save_and_load(block, clone, path):
            clone(X)
            block.save_weights(path + '.weights.h5')
            clone.load_weights(path + '.weights.h5')
        def array(tensor):
            return tensor.numpy()
        def grads(block):
            with tf.GradientTape() as tape:
                Y = block(X)
            return [g.numpy() for g in tape.gradient(Y, block.trainable_weights)]
    """,
    "paddle": """
        Base, Linear, Container = nn.Layer, nn.Linear, nn.Sequential
        linear, relu = nn.Linear, nn.ReLU
        ready = lambda block: block
        def weights(block):
            return list(block.parameters())
        def value(weight):
            return weight.numpy().copy()
        def fill(weight, number):
            weight.set_value(paddle.full(weight.shape, float(number)))
        def save_and_load(block, clone, path):
            paddle.save(block.state_dict(), path + '.pdparams')
            clone.set_state_dict(paddle.load(path + '.pdparams'))
        def array(tensor):
            return tensor.numpy()
        def grads(block):
            block(X).backward()
            return [p.grad.numpy() for p in weights(block)]
    """,
}

COMMON = """
import os
import tempfile
import numpy

def raises(kind, task):
    try:
        task()
    except kind:
        return True
    return False

def equal(a, b):
    return bool((array(a) == array(b)).all())

def survives(make):
    block, clone = ready(make()), make()
    with tempfile.TemporaryDirectory() as folder:
        save_and_load(block, clone, os.path.join(folder, 'w'))
    return equal(block(X), clone(X))

"""

TABS = tuple(WORDS)


def in_words(code: str, tab: str) -> str:
    """Return the check with the vocabulary of one tab in front of it."""
    return dedent(WORDS[tab]) + COMMON + dedent(code)


def everywhere(code: str) -> dict[str, str]:
    """Return one check for every tab."""
    return {tab: in_words(code, tab) for tab in TABS}


def only(**checks: str) -> dict[str, str]:
    """Return the checks of a sentence that only the named tabs show."""
    return {tab: in_words(code, tab) for tab, code in checks.items()}
