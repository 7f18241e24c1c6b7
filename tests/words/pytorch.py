"""Words for PyTorch."""

import torch
from torch import nn
from torch.nn import functional as F

from words import common

Base, Linear, Container = nn.Module, nn.Linear, nn.Sequential
dense, relu, chain = nn.Linear, nn.ReLU, nn.Sequential
seed = torch.manual_seed
cpu_place = torch.device("cpu")


def initialize(block):
    """Give a block its parameters, as far as that takes no data."""
    return block


def ready(block, X):
    """Give a block its parameters and let it see data."""
    block(X)
    return block


def parameters(block):
    return list(block.parameters())


def names(block):
    return [name for name, _ in block.named_parameters()]


def shapes_of(block):
    """Return the shapes of the parameters that have values."""
    return [tuple(p.shape) for p in block.parameters() if not nn.parameter.is_lazy(p)]


def value(parameter):
    """Return a copy of a parameter's numbers."""
    return parameter.detach().numpy().copy()


def fill(parameter, number):
    with torch.no_grad():
        parameter.fill_(number)


def put(parameter, numbers):
    with torch.no_grad():
        parameter.copy_(torch.tensor(numbers))


def save_and_load(block, clone, path, X):
    torch.save(block.state_dict(), path)
    load_weights(clone, path)


def load_weights(block, path):
    block.load_state_dict(torch.load(path, weights_only=True))


def reloads(make, X):
    """Tell whether what `make` makes computes the same after saving and loading."""
    return common.same_after(save_and_load, ready(make(), X), make(), X)


def gradients(block, X):
    """Return the gradients of the sum of the outputs."""
    block(X).sum().backward()
    return [parameter.grad.numpy() for parameter in parameters(block)]


def gradient_of(block, parameter, X):
    """Return one gradient of the sum of the outputs, and leave no trace."""
    (grad,) = torch.autograd.grad(block(X).sum(), parameter)
    return grad.numpy()


def slopes(layer, X):
    """Return the gradients of weight and bias; None where none came."""
    layer.zero_grad()
    layer(X).sum().backward()
    return [
        None if parameter.grad is None else parameter.grad.numpy()
        for parameter in (layer.weight, layer.bias)
    ]


def descend(block, loss_of, num_steps, rate):
    """Train on what `loss_of` returns; return the losses."""
    losses, optimizer = [], torch.optim.SGD(block.parameters(), lr=rate)
    for _ in range(num_steps):
        optimizer.zero_grad()
        loss = loss_of()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def moved(block, X):
    """Tell for each parameter whether training changes it."""
    return common.changed(
        value, parameters(block), lambda: descend(block, lambda: block(X).sum(), 5, rate=0.1)
    )


def learn_sums(net, num_steps):
    """Train a network to add four numbers; return the losses."""

    def loss_of():
        X = torch.rand(64, 4)
        return ((net(X) - X.sum(1, keepdim=True)) ** 2).mean()

    return descend(net, loss_of, num_steps, rate=0.05)


def tensor(numbers):
    return torch.tensor(numbers, dtype=torch.float32)


integers, zeros = torch.tensor, torch.zeros


def cast(tensor, kind):
    return tensor.to(getattr(torch, kind))


def mean(tensor):
    return tensor.mean()


def transpose(tensor):
    return tensor.T


def first_layer(net):
    return net[0]


def last_layer(net):
    return net[-1]


def matrix_of(layer):
    return layer.weight


def kernel(layer):
    """Return a dense layer's weights as (inputs, outputs)."""
    return value(layer.weight).T


def bias_of(layer):
    return value(layer.bias)


def small():
    """Return the first network of 参数管理."""
    return nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))


def made(rule, n_in, n_out, notebook):
    """Return a dense layer that was initialised by a rule of 参数管理."""
    rules = {
        "default": lambda layer: None,
        "glorot normal": lambda layer: nn.init.xavier_normal_(layer.weight),
        "orthogonal": lambda layer: nn.init.orthogonal_(layer.weight, 1),
        "orthogonal by default": lambda layer: nn.init.orthogonal_(layer.weight),
        "custom": notebook["my_init"],
    }
    return nn.Linear(n_in, n_out).apply(rules.get(rule) or notebook[f"init_{rule}"])


def known(n_in, n_hidden=256):
    """Return the network of 延后初始化 with its sizes written down."""
    return nn.Sequential(nn.Linear(n_in, n_hidden), nn.ReLU(), nn.Linear(256, 10))


def quiet(block):
    """Set weights to one too early, without an error."""
    block.apply(lambda m: nn.init.ones_(m.weight) if type(m) is nn.Linear else None)


def loud(block, init_ones):
    """Set weights to one too early, with an error."""
    block.apply(init_ones)


in_time = loud


pooling, flatten = nn.MaxPool2d, nn.Flatten


def convolution(size):
    """Return a convolution that makes eight channels of one."""
    return nn.LazyConv2d(8, size)


def image(size):
    """Return a square image of one channel."""
    return torch.zeros(1, 1, size, size)


def built(kind, n_in, n_out):
    """Return a dense layer of a class of 自定义层, with its parameters."""
    return kind(n_in, n_out)


def cut(Own):
    """Return the class with its weight cut off from the graph."""

    class Cut(Own):
        def forward(self, X):
            return F.relu(X @ self.weight.data + self.bias)

    return Cut


def plain(Own):
    """Return the class with a weight that is no parameter."""

    class Plain(Own):
        def __init__(self, in_units, units):
            nn.Module.__init__(self)
            self.weight = torch.randn(in_units, units, requires_grad=True)
            self.bias = nn.Parameter(torch.zeros(units))

    return Plain


store = torch.save


def fetch(path):
    """Read the list or dict of tensors that `store` wrote."""
    return torch.load(path, weights_only=True)


class Nearly(nn.Module):
    """Not quite the `MLP` of 读写文件: another forward, perhaps other outputs."""

    def __init__(self, num_outputs=10):
        super().__init__()
        self.hidden = nn.Linear(20, 256)
        self.output = nn.Linear(256, num_outputs)

    def forward(self, X):
        return self.output(torch.tanh(self.hidden(X)))


def resume(notebook, everything, num_steps=None):
    """Continue from the section's checkpoint, or forget the optimizer."""
    net, optimizer = notebook["start"](notebook["mlp_file"])
    kept = torch.load(f"{notebook['folder']}/checkpoint.pt", weights_only=True)
    net.load_state_dict(kept["net"])
    if everything:
        optimizer.load_state_dict(kept["optimizer"])
    return notebook["train"](net, optimizer, num_steps or notebook["num_steps"])


def exported(folder):
    """Read what the section exported; return a function of arrays."""
    net = torch.export.load(f"{folder}/export.pt2").module()
    return lambda X: net(torch.tensor(X)).detach().numpy()


num_gpus = torch.accelerator.device_count


def place(device):
    """Return what tells one device from another."""
    return device


def device_of(tensor):
    """Return the `place` of a tensor or of a parameter."""
    return tensor.device


def uniform(shape, device):
    return torch.rand(shape, device=device)


dropout = F.dropout


def averages(optimizer, parameter):
    """Return Adam's two averages for a parameter."""
    state = optimizer.state[parameter]
    return [state["exp_avg"].numpy(), state["exp_avg_sq"].numpy()]
