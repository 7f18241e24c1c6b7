"""Words for TensorFlow."""

from types import SimpleNamespace
from unittest import mock

import numpy

import tensorflow as tf

Base, Linear, Container = tf.keras.layers.Layer, tf.keras.layers.Dense, tf.keras.Sequential
relu = tf.keras.layers.ReLU
seed = tf.keras.utils.set_random_seed
cpu_place = "/job:localhost/replica:0/task:0/device:CPU:0"


class Block(tf.keras.Model):
    """What a layer of one's own derives from, with what others have of themselves."""

    def call(self, X, training=False):
        self.training = training
        return self.forward(X)

    def create_parameter(self, shape):
        return self.add_weight(shape=shape, name="weight")


def dense(n_in, n_out):
    return tf.keras.layers.Dense(n_out)


def chain(*layers):
    return tf.keras.Sequential(list(layers))


def ready(block, X):
    """Give a block its parameters and let it see data."""
    block(X)
    return block


def parameters(block):
    return list(block.weights)


def names(block):
    return [weight.path for weight in block.weights]


def shapes_of(block):
    """Return the shapes of the parameters that have values."""
    return [tuple(weight.shape) for weight in block.weights]


def trained_and_fixed(block):
    """Return the parameters that training changes, and what is saved beside them."""
    return block.trainable_weights, block.non_trainable_weights


def value(parameter):
    """Return a copy of a parameter's numbers."""
    return parameter.numpy().copy()


def fill(parameter, number):
    parameter.assign(tf.fill(parameter.shape, float(number)))


def put(parameter, numbers):
    parameter.assign(numbers)


class Whole(tf.keras.Model):
    """A model of one block, which can be saved: a `Layer` cannot."""

    def __init__(self, block):
        super().__init__()
        self.block, self.built = block, block.built

    def call(self, X):
        return self.block(X)


def whole(block):
    return block if isinstance(block, tf.keras.Model) else Whole(block)


def save_weights(block, path):
    whole(block).save_weights(path)


def save_and_load(block, clone, path, X):
    if not clone.built:
        clone(X)
    save_weights(block, path + ".weights.h5")
    load_weights(clone, path + ".weights.h5")


def load_weights(block, path):
    whole(block).load_weights(path)


def gradients(block, X):
    """Return the gradients of the sum of the outputs."""
    with tf.GradientTape() as tape:
        Y = block(X)
    return [grad.numpy() for grad in tape.gradient(Y, block.trainable_weights)]


def differentiate(block, X, direction, wanted):
    """Return outputs, and the gradients of their weighted sum; None where none comes.

    They are those with respect to X and to the parameters that are wanted.
    """
    with tf.GradientTape() as tape:
        # by itself it watches exactly what is trained
        tape.watch(X)
        Y = block(X)
        weighted = tf.reduce_sum(Y * direction)
    found = tape.gradient(weighted, [X, *wanted])
    dX, *grads = [None if grad is None else grad.numpy() for grad in found]
    return Y, dX, grads


def descend(block, loss_of, num_steps, rate):
    """Train on what `loss_of` returns; return the losses."""
    losses, optimizer = [], tf.keras.optimizers.SGD(rate)
    for _ in range(num_steps):
        with tf.GradientTape() as tape:
            loss = loss_of()
        grads = tape.gradient(loss, block.trainable_weights)
        optimizer.apply_gradients(zip(grads, block.trainable_weights, strict=True))
        losses.append(float(loss))
    return losses


def learn_sums(net, num_steps):
    """Train a network to add four numbers; return the losses."""

    def loss_of():
        X = tf.random.uniform((64, 4))
        return tf.reduce_mean((net(X) - tf.reduce_sum(X, axis=1, keepdims=True)) ** 2)

    return descend(net, loss_of, num_steps, rate=0.05)


def tensor(numbers):
    return tf.constant(numbers, tf.float32)


integers = tf.constant


def zeros(*shape):
    return tf.zeros(shape)


cast, mean, transpose = tf.cast, tf.reduce_mean, tf.transpose
concatenate, einsum, matmul, norm = tf.concat, tf.einsum, tf.matmul, tf.norm


def layers_of(block):
    # a `Layer` that is no model has no public list of what it registered
    return getattr(block, "layers", None) or block._flatten_layers(False, False)


def matrix_of(layer):
    return layer.kernel if hasattr(layer, "kernel") else layer.weight


def freeze(block):
    """Keep training from changing the parameters of a block."""
    block.trainable = False


def small():
    """Return the first network of 参数管理."""
    hidden = tf.keras.layers.Dense(8, activation="relu", name="hidden")
    net = tf.keras.Sequential([hidden, tf.keras.layers.Dense(1, name="out")], name="net")
    return ready(net, tf.zeros((1, 4)))


def made(rule, n_in, n_out, notebook):
    """Return a dense layer that was initialised by a rule of 参数管理."""
    rules = {
        "default": lambda: None,
        "normal": lambda: tf.keras.initializers.RandomNormal(stddev=0.01),
        "constant": lambda: tf.keras.initializers.Constant(1),
        "xavier": tf.keras.initializers.GlorotUniform,
        "glorot normal": tf.keras.initializers.GlorotNormal,
        "he": tf.keras.initializers.HeNormal,
        "orthogonal": lambda: tf.keras.initializers.Orthogonal(1),
        "orthogonal by default": tf.keras.initializers.Orthogonal,
        "custom": notebook["MyInit"],
    }
    chosen = rules[rule]()
    return initialised(n_in, n_out, *([chosen] if chosen else []))


def initialised(n_in, n_out, *rule):
    """Return a dense layer that the framework or a rule has initialised."""
    options = {"kernel_initializer": rule[0]} if rule else {}
    layer = tf.keras.layers.Dense(n_out, **options)
    layer.build((None, n_in))
    return layer


def known(n_in, n_hidden=256):
    """Return the network of 延后初始化 with its sizes written down."""
    hidden = tf.keras.layers.Dense(n_hidden, activation="relu")
    return tf.keras.Sequential([tf.keras.Input((n_in,)), hidden, tf.keras.layers.Dense(10)])


def quiet(block):
    """Set weights to one too early, without an error."""
    for weight in block.weights:
        weight.assign(tf.ones_like(weight))


def loud(block, init_ones):
    """Set weights to one too early, with an error."""
    init_ones(block)


in_time = loud


def built(kind, n_in, n_out):
    """Return a dense layer of a class of 自定义层, with its parameters."""
    layer = kind(n_out)
    layer.build((None, n_in))
    return layer


def cut(Own):
    """Return the class with its weight cut off from the graph."""

    class Cut(Own):
        def call(self, X):
            return tf.nn.relu(X @ tf.stop_gradient(self.weight) + self.bias)

    return Cut


def plain(Own):
    """Return the class with a weight that is no parameter."""

    class Plain(Own):
        def build(self, input_shape):
            self.weight = tf.Variable(tf.random.normal((input_shape[-1], self.units)))
            self.bias = self.add_weight(shape=(self.units,), initializer="zeros")

    return Plain


def store(what, path):
    """Write a list or dict of tensors."""
    if isinstance(what, dict):
        numpy.savez(path + ".npz", **what)
    else:
        numpy.savez(path + ".npz", *what)


def fetch(path):
    """Read the list or dict of tensors that `store` wrote, or a tensor."""
    if path.endswith(".npy"):
        return numpy.load(path)
    with numpy.load(path if path.endswith(".npz") else path + ".npz") as saved:
        named = dict(saved)
    return list(named.values()) if "arr_0" in named else named


class Nearly(tf.keras.Model):
    """Not quite the `MLP` of 读写文件: another forward, perhaps other outputs."""

    def __init__(self, num_outputs=10):
        super().__init__()
        self.hidden = tf.keras.layers.Dense(256)
        self.out = tf.keras.layers.Dense(num_outputs)

    def call(self, X):
        return self.out(tf.tanh(self.hidden(X)))


def make_adam(net):
    return tf.keras.optimizers.Adam(0.01)


def make_sgd(net):
    return tf.keras.optimizers.SGD(0.1)


def make_momentum(net):
    return tf.keras.optimizers.SGD(0.1, momentum=0.9)


def set_rate(optimizer, rate):
    optimizer.learning_rate = rate


def outputs(net, X, training):
    """Return the outputs in training or in evaluation mode, without a graph."""
    return net(X, training=training)


def gradients_of_loss(net, X, y):
    """Return the gradients of the cross-entropy."""
    with tf.GradientTape() as tape:
        loss = tf.nn.sparse_softmax_cross_entropy_with_logits(y, net(X))
        loss = tf.reduce_mean(loss)
    return [one.numpy() for one in tape.gradient(loss, net.trainable_weights)]


def exported(folder):
    """Read what the section exported; return a function of arrays."""
    net = tf.keras.models.load_model(f"{folder}/export.keras")
    return lambda X: net(X).numpy()


def num_gpus():
    return len(tf.config.list_physical_devices("GPU"))


def place(device):
    """Return what tells one device from another, of a tensor that lies there."""
    with tf.device(device) if isinstance(device, str) else device:
        return tf.zeros(1).device


def device_of(tensor):
    """Return the `place` of a tensor or of a parameter."""
    return (tensor.value if isinstance(tensor, tf.keras.Variable) else tensor).device


def uniform(shape, device=None):
    with tf.device(device):
        return tf.random.uniform(shape)


def dropout(tensor):
    return tf.nn.dropout(tensor, 0.5)


def averages(optimizer, parameter):
    """Return Adam's two averages for a parameter."""
    return [w.numpy() for w in optimizer.variables if w.shape == parameter.shape]


def recorded(task, X):
    """Return what holds all that the gradient of a task with respect to X needs."""
    with tf.GradientTape() as tape:
        tape.watch(X)
        task(X)
    return tape


#: How the CPU and the GPUs are written.
CPU, GPU = "/CPU:0", "/GPU:{}"


def device_name(device):
    """Return how a device is written; TensorFlow shows it nowhere public."""
    return device._device_name


def pretend(count, kind="GPU"):
    """Make d2l see as many devices of a kind, as long as a `with` lasts."""
    names = [f"/physical_device:{kind}:{i}" for i in range(count)]
    present = [SimpleNamespace(name=name, device_type=kind) for name in names]

    def listed(device_type=None):
        return present if device_type in (None, kind) else []

    return mock.patch.object(tf.config, "list_physical_devices", listed)
