"""What the driver asks of TensorFlow; weights are stored (in, out)."""

import ast

import numpy as np
import tensorflow as tf


def prepare(block, X):
    """Shapes are deferred: show the block its input."""
    block(tf.constant(X))


def dense_layers(block):
    """Return each layer once; Keras's own order is not that of the layers."""
    if hasattr(block, "kernel") or hasattr(block, "weight"):
        return [block]
    found = []
    for child in block.layers if hasattr(block, "layers") else ():
        found += [layer for layer in dense_layers(child) if layer not in found]
    return found


def _weight(layer):
    """Return the matrix, which Keras's own layers call kernel."""
    return layer.kernel if hasattr(layer, "kernel") else layer.weight


def write(layer, weight, bias):
    _weight(layer).assign(weight)
    layer.bias.assign(bias)


def read(layer):
    return _weight(layer).numpy().copy(), layer.bias.numpy().copy()


def trainable(block):
    return [tuple(weight.shape) for weight in block.trainable_weights]


def constants(block):
    return [weight.numpy().copy() for weight in block.non_trainable_weights]


def write_constant(block, value):
    (constant,) = block.non_trainable_weights
    constant.assign(value)


def forward(block, X):
    return block(tf.constant(X)).numpy()


def differentiate(block, X, direction):
    """Return outputs and the gradients of their weighted sum."""
    X = tf.constant(X)
    layers, fixed = dense_layers(block), block.non_trainable_weights
    wanted = [X, *map(_weight, layers), *(layer.bias for layer in layers)]
    with tf.GradientTape() as tape:
        tape.watch(X)
        Y = block(X)
        weighted = tf.reduce_sum(Y * direction)
    # The tape watches by itself exactly what is trained
    grads = tape.gradient(weighted, [*wanted, *fixed])
    dX, rest = grads[0].numpy(), grads[1:]
    kernels, biases = rest[: len(layers)], rest[len(layers) : 2 * len(layers)]
    pairs = [(k.numpy(), b.numpy()) for k, b in zip(kernels, biases, strict=True)]
    constant_reached = any(grad is not None for grad in rest[2 * len(layers) :])
    return Y.numpy(), dX, pairs, constant_reached


def train_once(block, X, direction, rate):
    optimizer = tf.keras.optimizers.SGD(rate)
    with tf.GradientTape() as tape:
        weighted = tf.reduce_sum(block(tf.constant(X)) * direction)
    weights = block.trainable_weights
    optimizer.apply_gradients(
        zip(tape.gradient(weighted, weights), weights, strict=True)
    )


def save(block, folder):
    block.save_weights(str(folder / "mine.weights.h5"))


def load(block, folder):
    block.load_weights(str(folder / "mine.weights.h5"))


def dense(inputs, outputs):
    return tf.keras.layers.Dense(outputs)


def mine(names, inputs, outputs):
    return names["MyDense"](outputs)


def keeps_input(block, X):
    given = tf.constant(X)
    block(given)
    return np.array_equal(given.numpy(), X)


#: How the section's cells write each rule.
_WRITTEN = {
    "normal": "RandomNormal(",
    "constant": "Constant(1)",
    "xavier": "GlorotUniform(",
    "42": "Constant(42)",
    "custom": "MyInit(",
}


def initialised(rule, names, sources, inputs, outputs):
    """Return (in, out) weights and biases after a rule of the section."""
    tf.keras.utils.set_random_seed(0)
    options = {}
    if rule != "default":
        options["kernel_initializer"] = eval(_found(rule, sources), names)
    layer = tf.keras.layers.Dense(outputs, **options)
    layer.build((None, inputs))
    return read(layer)


def _found(rule, sources):
    """Return what the cells pass to `make_net` for a rule."""
    nodes = [node for source in sources for node in ast.walk(ast.parse(source))]
    calls = [n for n in nodes if isinstance(n, ast.Call)]
    made = [n for n in calls if getattr(n.func, "id", None) == "make_net"]
    texts = [ast.unparse(argument) for call in made for argument in call.args]
    return next(text for text in texts if _WRITTEN[rule] in text)


def relu():
    return tf.keras.layers.ReLU()


def built_in(*blocks):
    return tf.keras.models.Sequential(list(blocks))
