"""Words for MXNet."""

from unittest import mock

from mxnet.gluon import nn

from mxnet import autograd, gluon, init, np, npx
from words import common

Base, Linear, Container = nn.Block, nn.Dense, nn.Sequential
seed = npx.random.seed
cpu_place = npx.cpu(0)


class Block(nn.Block):
    """What a layer of one's own derives from, with what others have of themselves."""

    training = property(lambda self: autograd.is_training())

    def create_parameter(self, shape):
        return self.params.get("weight", shape=shape)


def dense(n_in, n_out):
    return nn.Dense(n_out, in_units=n_in)


def relu():
    return nn.Activation("relu")


def chain(*blocks):
    net = nn.Sequential()
    net.add(*blocks)
    return net


def initialize(block):
    """Give a block its parameters, as far as that takes no data."""
    block.initialize()
    return block


def ready(block, X):
    """Give a block its parameters and let it see data."""
    initialize(block)(X)
    return block


def parameters(block):
    return list(block.collect_params().values())


def names(block):
    return list(block.collect_params())


def shapes_of(block):
    """Return the shapes of the parameters that have values."""
    return [p.shape for p in parameters(block) if not common.raises(RuntimeError, p.data)]


def trained_and_fixed(block):
    """Return the parameters that training changes, and what is saved beside them."""
    fixed = [one for one in parameters(block) if one.grad_req == "null"]
    return [one for one in parameters(block) if one not in fixed], fixed


def value(parameter):
    """Return a copy of a parameter's numbers."""
    return parameter.data().asnumpy()


def fill(parameter, number):
    parameter.set_data(np.full(parameter.shape, number))


def put(parameter, numbers):
    parameter.set_data(np.array(numbers))


def square(number):
    """Return a parameter of one number."""
    return gluon.Parameter("weight", shape=(1,), init=init.Constant(number))


def save_weights(block, path):
    block.save_parameters(path)


def save_and_load(block, clone, path, X):
    save_weights(block, path)
    load_weights(clone, path)


def load_weights(block, path):
    block.load_parameters(path)


def differentiate(block, X, direction, wanted):
    """Return outputs, and the gradients of their weighted sum; None where none comes.

    They are those with respect to X and to the parameters that are wanted.
    """
    X = X.copy()
    X.attach_grad()
    with autograd.record():
        Y = block(X)
        weighted = (Y * direction).sum()
    weighted.backward()
    grads = []
    for parameter in wanted:
        has_one = not common.raises(RuntimeError, parameter.grad)
        grads.append(parameter.grad().asnumpy() if has_one else None)
    return Y, X.grad.asnumpy(), grads


def gradients(block, X):
    """Return the gradients of the sum of the outputs."""
    return differentiate(block, X, 1, trained_and_fixed(block)[0])[2]


def descend(block, loss_of, num_steps, rate):
    """Train on what `loss_of` returns; return the losses."""
    losses = []
    trainer = gluon.Trainer(block.collect_params(), "sgd", {"learning_rate": rate})
    for _ in range(num_steps):
        with autograd.record():
            loss = loss_of()
        loss.backward()
        trainer.step(1)
        losses.append(loss.item())
    return losses


def moved(block, X):
    """Tell for each parameter whether training changes it; some may have no values yet."""
    for parameter in parameters(block):
        if common.raises(RuntimeError, parameter.list_ctx):
            parameter.initialize()
    return common.moved(block, X, descend=descend, mean=mean, parameters=parameters, value=value)


def learn_sums(net, num_steps):
    """Train a network to add four numbers; return the losses."""

    def loss_of():
        with autograd.pause():
            X = np.random.uniform(size=(64, 4))
        return ((net(X) - X.sum(axis=1, keepdims=True)) ** 2).mean()

    return descend(net, loss_of, num_steps, rate=0.05)


def tensor(numbers):
    return np.array(numbers, dtype="float32")


def integers(numbers):
    return np.array(numbers, dtype="int32")


def zeros(*shape):
    return np.zeros(shape)


def cast(tensor, kind):
    return tensor.astype(kind)


def mean(tensor, axis=None, keepdims=False):
    return tensor.mean(axis=axis, keepdims=keepdims)


concatenate, einsum, matmul, norm = np.concatenate, np.einsum, np.matmul, np.linalg.norm


def layers_of(block):
    return list(block._children.values())


def turned(layer, numbers):
    """Turn (inputs, outputs) into what a layer stores, and back."""
    return numbers.T if isinstance(layer, Linear) else numbers


def freeze(block):
    """Keep training from changing the parameters of a block."""
    block.collect_params().setattr("grad_req", "null")


def small():
    """Return the first network of 参数管理."""
    net = nn.Sequential(prefix="net_")
    with net.name_scope():
        net.add(nn.Dense(8, activation="relu"), nn.Dense(1))
    return ready(net, np.zeros((1, 4)))


def made(rule, n_in, n_out, notebook):
    """Return a dense layer that was initialised by a rule of 参数管理."""
    rules = {
        "default": lambda: None,
        "normal": lambda: init.Normal(sigma=0.01),
        "constant": lambda: init.Constant(1),
        "xavier": init.Xavier,
        "glorot normal": lambda: init.Xavier("gaussian", magnitude=1),
        "he": lambda: init.MSRAPrelu("in", slope=0),
        "orthogonal": lambda: init.Orthogonal(scale=1),
        "orthogonal by default": init.Orthogonal,
        "custom": notebook["MyInit"],
    }
    chosen = rules[rule]()
    return initialised(n_in, n_out, *([chosen] if chosen else []))


def initialised(n_in, n_out, *rule):
    """Return a dense layer that the framework or a rule has initialised."""
    layer = dense(n_in, n_out)
    layer.initialize(*rule)
    return layer


def known(n_in, n_hidden=256):
    """Return the network of 延后初始化 with its sizes written down."""
    hidden = nn.Dense(n_hidden, in_units=n_in, activation="relu")
    return initialize(chain(hidden, nn.Dense(10, in_units=256)))


def quiet(block):
    """Set weights to one too early, without an error."""
    block[0].weight.initialize(init.One())
    block.initialize()


def loud(block, init_ones):
    """Set weights to one too early, with an error."""
    block.initialize()
    block.apply(init_ones)


def in_time(block, init_ones):
    """Set weights to one when they are there."""
    block.apply(init_ones)


def built(kind, n_in, n_out):
    """Return a dense layer of a class of 自定义层, with its parameters."""
    return initialize(kind(n_out, in_units=n_in))


def cut(Own):
    """Return the class with its weight cut off from the graph."""

    class Cut(Own):
        def forward(self, X):
            weight = self.weight.data(X.ctx).detach()
            return npx.relu(np.dot(X, weight) + self.bias.data(X.ctx))

    return Cut


def plain(Own):
    """Return the class with a weight that is no parameter."""

    class Plain(Own):
        def __init__(self, units, in_units):
            nn.Block.__init__(self)
            self.weight = np.random.normal(size=(in_units, units))
            self.bias = self.params.get("bias", shape=(units,), init="zeros")

        def forward(self, X):
            return npx.relu(np.dot(X, self.weight) + self.bias.data())

    return Plain


def store(what, path):
    """Write a list or dict of tensors."""
    npx.save(path, what)


fetch = npx.load


class Nearly(nn.Block):
    """Not quite the `MLP` of 读写文件: another forward, perhaps other outputs."""

    def __init__(self, num_outputs=10):
        super().__init__()
        self.hidden = nn.Dense(256)
        self.output = nn.Dense(num_outputs)

    def forward(self, X):
        return self.output(np.tanh(self.hidden(X)))


def make_adam(net):
    return gluon.Trainer(net.collect_params(), "adam", {"learning_rate": 0.01})


def make_sgd(net):
    return gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1})


def make_momentum(net):
    options = {"learning_rate": 0.1, "momentum": 0.9}
    return gluon.Trainer(net.collect_params(), "sgd", options)


def set_rate(trainer, rate):
    trainer.set_learning_rate(rate)


def outputs(net, X, training):
    """Return the outputs in training or in evaluation mode, without a graph."""
    with autograd.train_mode() if training else autograd.predict_mode():
        return net(X)


def gradients_of_loss(net, X, y):
    """Return the gradients of the cross-entropy."""
    with autograd.record():
        loss = gluon.loss.SoftmaxCrossEntropyLoss()(net(X), y).mean()
    loss.backward()
    return [one.grad().asnumpy() for one in parameters(net)]


def exported(folder):
    """Read what the section exported; return a function of arrays."""
    npx.set_np()
    net = gluon.SymbolBlock.imports(f"{folder}/export-symbol.json", ["data"])
    net.load_parameters(f"{folder}/export-0000.params")
    return lambda X: net(np.array(X, dtype="float32")).asnumpy()


num_gpus = npx.num_gpus


def place(device):
    """Return what tells one device from another, of a tensor that lies there."""
    return np.zeros(1, ctx=device).ctx


def device_of(tensor):
    """Return the `place` of a tensor or of a parameter."""
    return (tensor.data() if isinstance(tensor, gluon.Parameter) else tensor).ctx


def uniform(shape, device=None):
    return np.random.uniform(size=shape, ctx=device)


def dropout(tensor):
    with autograd.record():
        return npx.dropout(tensor, 0.5)


def averages(trainer, parameter):
    """Return Adam's two averages for a parameter."""
    number = list(trainer._params).index(parameter)
    return [one.asnumpy() for one in trainer._updaters[0].states[number]]


def recorded(task, X):
    """Return what holds all that the gradient of a task with respect to X needs."""
    X.attach_grad()
    with autograd.record():
        Y = task(X)
    Y.wait_to_read()
    return Y


#: How a device is written, and the CPU and the GPUs are.
device_name, CPU, GPU = repr, "cpu(0)", "gpu({})"


def pretend(count):
    """Make d2l see as many GPUs, as long as a `with` lasts."""
    return mock.patch.object(npx, "num_gpus", lambda: count)
