"""Words for PaddlePaddle."""

from contextlib import ExitStack
from unittest import mock

from paddle.nn import functional as F

import paddle
from paddle import nn
from words import common

Base = Block = nn.Layer
Linear, Container = nn.Linear, nn.Sequential
dense, relu, chain = nn.Linear, nn.ReLU, nn.Sequential
seed = paddle.seed
cpu_place = "Place(cpu)"


def parameters(block):
    return list(block.parameters())


def names(block):
    return [name for name, _ in block.named_parameters()]


def shapes_of(block):
    """Return the shapes of the parameters that have values."""
    return [tuple(parameter.shape) for parameter in block.parameters()]


def trained_and_fixed(block):
    """Return the parameters that training changes, and what is saved beside them."""
    trained = [one for one in block.parameters() if not one.stop_gradient]
    return trained, list(block.buffers())


def value(parameter):
    """Return a copy of a parameter's numbers."""
    return parameter.numpy().copy()


def fill(parameter, number):
    parameter.set_value(paddle.full(parameter.shape, float(number)))


def put(parameter, numbers):
    parameter.set_value(paddle.to_tensor(numbers))


def square(number):
    """Return a parameter of one number."""
    rule = nn.initializer.Constant(float(number))
    return paddle.create_parameter([1], "float32", default_initializer=rule)


def save_weights(block, path):
    paddle.save(block.state_dict(), path)


def save_and_load(block, clone, path, X):
    save_weights(block, path + ".pdparams")
    clone.set_state_dict(paddle.load(path + ".pdparams"))


def load_weights(block, path):
    """Warnings about what does not fit are dropped."""
    common.warned(lambda: block.set_state_dict(paddle.load(path)))


def gradients(block, X):
    """Return the gradients of the sum of the outputs."""
    block(X).sum().backward()
    return [parameter.grad.numpy() for parameter in parameters(block)]


def gradient_of(block, parameter, X):
    """Return one gradient of the sum of the outputs, and leave no trace."""
    (grad,) = paddle.grad(block(X).sum(), parameter)
    return grad.numpy()


def differentiate(block, X, direction, wanted):
    """Return outputs, and the gradients of their weighted sum; None where none comes.

    They are those with respect to X and to the parameters that are wanted.
    """
    X = paddle.to_tensor(X, stop_gradient=False)
    block.clear_gradients(set_to_zero=False)
    Y = block(X)
    (Y * direction).sum().backward()
    grads = [None if one.grad is None else one.grad.numpy().copy() for one in wanted]
    return Y, X.grad.numpy(), grads


def descend(block, loss_of, num_steps, rate):
    """Train on what `loss_of` returns; return the losses."""
    losses, optimizer = [], paddle.optimizer.SGD(rate, block.parameters())
    for _ in range(num_steps):
        optimizer.clear_grad()
        loss = loss_of()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def learn_sums(net, num_steps):
    """Train a network to add four numbers; return the losses."""

    def loss_of():
        X = paddle.rand([64, 4])
        return ((net(X) - X.sum(1, keepdim=True)) ** 2).mean()

    return descend(net, loss_of, num_steps, rate=0.05)


def tensor(numbers):
    return paddle.to_tensor(numbers, dtype="float32")


integers = paddle.to_tensor


def zeros(*shape):
    return paddle.zeros(shape)


def cast(tensor, kind):
    return tensor.astype(kind)


def mean(tensor, axis=None, keepdims=False):
    return tensor.mean(axis, keepdims)


concatenate, einsum, matmul, norm = paddle.concat, paddle.einsum, paddle.matmul, paddle.linalg.norm


def layers_of(block):
    return list(block.children())


def freeze(block):
    """Keep training from changing the parameters of a block."""
    for parameter in block.parameters():
        parameter.stop_gradient = True


def small():
    """Return the first network of 参数管理."""
    return nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))


def made(rule, n_in, n_out, notebook):
    """Return a dense layer that was initialised by a rule of 参数管理."""
    rules = {
        "default": lambda layer: None,
        "glorot normal": lambda layer: nn.initializer.XavierNormal()(layer.weight),
        "orthogonal": lambda layer: nn.initializer.Orthogonal(1.0)(layer.weight),
        "orthogonal by default": lambda layer: nn.initializer.Orthogonal()(layer.weight),
        "custom": notebook["my_init"],
    }
    return initialised(n_in, n_out, rules.get(rule) or notebook[f"init_{rule}"])


def initialised(n_in, n_out, *rule):
    """Return a dense layer that the framework or a rule has initialised."""
    layer = dense(n_in, n_out)
    return layer.apply(*rule) if rule else layer


def known(n_in, n_hidden=256):
    """Return the network of 延后初始化 with its sizes written down."""
    return nn.Sequential(nn.Linear(n_in, n_hidden), nn.ReLU(), nn.Linear(256, 10))


def quiet(block):
    """Set weights to one too early, without an error."""
    for parameter in block.parameters():
        nn.initializer.Constant(1.0)(parameter)


def loud(block, init_ones):
    """Set weights to one too early, with an error."""
    block.apply(init_ones)


in_time = loud


def built(kind, n_in, n_out):
    """Return a dense layer of a class of 自定义层, with its parameters."""
    return kind(n_in, n_out)


def cut(Own):
    """Return the class with its weight cut off from the graph."""

    class Cut(Own):
        def forward(self, X):
            return F.relu(X @ self.weight.detach() + self.bias)

    return Cut


def plain(Own):
    """Return the class with a weight that is no parameter."""

    class Plain(Own):
        def __init__(self, in_units, units):
            nn.Layer.__init__(self)
            self.weight = paddle.randn([in_units, units])
            self.bias = self.create_parameter([units], is_bias=True)

    return Plain


store, fetch = paddle.save, paddle.load


class Nearly(nn.Layer):
    """Not quite the `MLP` of 读写文件: another forward, perhaps other outputs."""

    def __init__(self, num_outputs=10):
        super().__init__()
        self.hidden = nn.Linear(20, 256)
        self.output = nn.Linear(256, num_outputs)

    def forward(self, X):
        return self.output(paddle.tanh(self.hidden(X)))


def make_adam(net):
    return paddle.optimizer.Adam(0.01, parameters=net.parameters())


def make_sgd(net):
    return paddle.optimizer.SGD(0.1, parameters=net.parameters())


def make_momentum(net):
    return paddle.optimizer.Momentum(0.1, 0.9, net.parameters())


def set_rate(optimizer, rate):
    optimizer.set_lr(rate)


def outputs(net, X, training):
    """Return the outputs in training or in evaluation mode, without a graph."""
    net.train() if training else net.eval()
    with paddle.no_grad():
        return net(X)


def gradients_of_loss(net, X, y):
    """Return the gradients of the cross-entropy."""
    return [one.numpy() for one in paddle.grad(F.cross_entropy(net(X), y), net.parameters())]


def exported(folder):
    """Read what the section exported; return a function of arrays."""
    net = paddle.jit.load(f"{folder}/export")
    return lambda X: net(paddle.to_tensor(X)).numpy()


num_gpus = paddle.device.cuda.device_count


def place(device):
    """Return what tells one device from another, of a tensor that lies there."""
    return str(paddle.to_tensor([0.0], place=device).place)


def device_of(tensor):
    """Return the `place` of a tensor or of a parameter."""
    return place(tensor.place)


def uniform(shape, device=None):
    return paddle.rand(shape, device=device)


dropout = F.dropout


def averages(optimizer, parameter):
    """Return Adam's two averages for a parameter."""
    names = [f"{parameter.name}_moment{number}_" for number in (1, 2)]
    state = optimizer.state_dict().items()  # the last number counts on in a process
    return [one.numpy() for name in names for key, one in state if key.startswith(name)]


def recorded(task, X):
    """Return what holds all that the gradient of a task with respect to X needs."""
    X.stop_gradient = False
    return task(X)


#: How a device is written, and the CPU and the GPUs are.
device_name, CPU, GPU = str, "Place(cpu)", "Place(gpu:{})"


def pretend(count):
    """Make d2l see as many GPUs, as long as a `with` lasts."""
    fakes = ExitStack()
    fakes.enter_context(mock.patch.object(paddle.device.cuda, "device_count", lambda: count))
    # Paddle without CUDA refuses to make a CUDAPlace at all
    fakes.enter_context(mock.patch.object(paddle, "CUDAPlace", GPU.format))
    return fakes
