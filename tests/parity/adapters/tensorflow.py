"""What the driver asks of TensorFlow; weights are stored (in, out)."""

import tensorflow as tf


def prepare(block, X):
    """Shapes are deferred: show the block its input."""
    block(tf.constant(X))


def dense_layers(block):
    """Return each layer once; Keras's own order is not that of the layers."""
    if isinstance(block, tf.keras.layers.Dense):
        return [block]
    found = []
    for child in block.layers if hasattr(block, "layers") else ():
        found += [layer for layer in dense_layers(child) if layer not in found]
    return found


def write(layer, weight, bias):
    layer.kernel.assign(weight)
    layer.bias.assign(bias)


def read(layer):
    return layer.kernel.numpy().copy(), layer.bias.numpy().copy()


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
    wanted = [X, *(layer.kernel for layer in layers), *(one.bias for one in layers)]
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


def relu():
    return tf.keras.layers.ReLU()


def built_in(*blocks):
    return tf.keras.models.Sequential(list(blocks))
