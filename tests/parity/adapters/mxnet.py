"""What the driver asks of MXNet; weights are stored (out, in)."""

from mxnet import autograd, gluon, np
from mxnet.gluon import nn


def prepare(block, X):
    """Shapes are deferred: initialise, then show the block its input."""
    block.initialize()
    block(np.array(X))


def dense_layers(block):
    """Return each layer once, in the order of registration."""
    if isinstance(block, nn.Dense):
        return [block]
    found = []
    for child in block._children.values():
        found += [layer for layer in dense_layers(child) if layer not in found]
    return found


def write(layer, weight, bias):
    layer.weight.set_data(np.array(weight.T))
    layer.bias.set_data(np.array(bias))


def read(layer):
    return layer.weight.data().asnumpy().T, layer.bias.data().asnumpy()


def _parameters(block, trained):
    parameters = block.collect_params().values()
    return [p for p in parameters if (p.grad_req != "null") == trained]


def trainable(block):
    return [p.shape for p in _parameters(block, trained=True)]


def constants(block):
    return [p.data().asnumpy() for p in _parameters(block, trained=False)]


def write_constant(block, value):
    (constant,) = _parameters(block, trained=False)
    constant.set_data(np.array(value))


def forward(block, X):
    return block(np.array(X)).asnumpy()


def differentiate(block, X, direction):
    """Return outputs and the gradients of their weighted sum."""
    X = np.array(X)
    X.attach_grad()
    with autograd.record():
        Y = block(X)
        weighted = (Y * np.array(direction)).sum()
    weighted.backward()
    pairs = [
        (layer.weight.grad().asnumpy().T, layer.bias.grad().asnumpy())
        for layer in dense_layers(block)
    ]
    return Y.asnumpy(), X.grad.asnumpy(), pairs, _constant_reached(block)


def _constant_reached(block):
    for constant in _parameters(block, trained=False):
        try:
            constant.grad()
        except RuntimeError:
            continue
        return True
    return False


def train_once(block, X, direction, rate):
    trainer = gluon.Trainer(block.collect_params(), "sgd", {"learning_rate": rate})
    with autograd.record():
        weighted = (block(np.array(X)) * np.array(direction)).sum()
    weighted.backward()
    trainer.step(1)


def save(block, folder):
    block.save_parameters(str(folder / "weights.params"))


def load(block, folder):
    block.load_parameters(str(folder / "weights.params"))


def dense(inputs, outputs):
    return nn.Dense(outputs)


def relu():
    return nn.Activation("relu")


def built_in(*blocks):
    net = nn.Sequential()
    net.add(*blocks)
    return net
