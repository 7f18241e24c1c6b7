"""Words for PyTorch."""

from unittest import mock

import torch
from torch import nn
from torch.nn import functional as F

Base, Linear, Container = nn.Module, nn.Linear, nn.Sequential
dense, relu, chain = nn.Linear, nn.ReLU, nn.Sequential
seed = torch.manual_seed
cpu_place = torch.device("cpu")


class Block(nn.Module):
    """What a layer of one's own derives from, with what others have of themselves."""

    def create_parameter(self, shape):
        return nn.Parameter(torch.randn(shape) * 0.01)


def parameters(block):
    return list(block.parameters())


def names(block):
    return [name for name, _ in block.named_parameters()]


def shapes_of(block):
    """Return the shapes of the parameters that have values."""
    return [tuple(p.shape) for p in block.parameters() if not nn.parameter.is_lazy(p)]


def trained_and_fixed(block):
    """Return the parameters that training changes, and what is saved beside them."""
    return parameters(block), list(block.buffers())


def value(parameter):
    """Return a copy of a parameter's numbers."""
    return parameter.detach().numpy().copy()


def fill(parameter, number):
    with torch.no_grad():
        parameter.fill_(number)


def put(parameter, numbers):
    with torch.no_grad():
        parameter.copy_(torch.tensor(numbers))


def save_weights(block, path):
    torch.save(block.state_dict(), path)


def save_and_load(block, clone, path, X):
    save_weights(block, path)
    load_weights(clone, path)


def load_weights(block, path):
    block.load_state_dict(torch.load(path, weights_only=True))


def gradients(block, X):
    """Return the gradients of the sum of the outputs."""
    block(X).sum().backward()
    return [parameter.grad.numpy() for parameter in parameters(block)]


def gradient_of(block, parameter, X):
    """Return one gradient of the sum of the outputs, and leave no trace."""
    (grad,) = torch.autograd.grad(block(X).sum(), parameter)
    return grad.numpy()


def differentiate(block, X, direction, wanted):
    """Return outputs, and the gradients of their weighted sum; None where none comes.

    They are those with respect to X and to the parameters that are wanted.
    """
    X = X.detach().clone().requires_grad_()
    block.zero_grad()
    Y = block(X)
    (Y * direction).sum().backward()
    grads = [None if one.grad is None else one.grad.numpy().copy() for one in wanted]
    return Y, X.grad.numpy(), grads


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


def mean(tensor, axis=None, keepdims=False):
    return tensor.mean(axis, keepdims)


concatenate, einsum, matmul, norm = torch.cat, torch.einsum, torch.matmul, torch.linalg.norm


def layers_of(block):
    return list(block.children())


def turned(layer, numbers):
    """Turn (inputs, outputs) into what a layer stores, and back."""
    return numbers.T if isinstance(layer, Linear) else numbers


def freeze(block):
    """Keep training from changing the parameters of a block."""
    block.requires_grad_(False)


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
    block.apply(lambda m: nn.init.ones_(m.weight) if type(m) is nn.Linear else None)


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


def make_adam(net):
    return torch.optim.Adam(net.parameters(), lr=0.01)


def make_sgd(net):
    return torch.optim.SGD(net.parameters(), lr=0.1)


def make_momentum(net):
    return torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)


def set_rate(optimizer, rate):
    optimizer.param_groups[0]["lr"] = rate


def outputs(net, X, training):
    """Return the outputs in training or in evaluation mode, without a graph."""
    with torch.no_grad():
        return net.train(training)(X)


def gradients_of_loss(net, X, y):
    """Return the gradients of the cross-entropy."""
    found = torch.autograd.grad(F.cross_entropy(net(X), y), net.parameters())
    return [one.numpy() for one in found]


def exported(folder):
    """Read what the section exported; return a function of arrays."""
    net = torch.export.load(f"{folder}/export.pt2").module()
    return lambda X: net(torch.tensor(X)).detach().numpy()


num_gpus = torch.accelerator.device_count


def place(device):
    """Return what tells one device from another, of a tensor that lies there."""
    return torch.zeros(1, device=device).device


def device_of(tensor):
    """Return the `place` of a tensor or of a parameter."""
    return tensor.device


def uniform(shape, device=None):
    return torch.rand(shape, device=device)


dropout = F.dropout


def averages(optimizer, parameter):
    """Return Adam's two averages for a parameter."""
    state = optimizer.state[parameter]
    return [state["exp_avg"].numpy(), state["exp_avg_sq"].numpy()]


def recorded(task, X):
    """Return what holds all that the gradient of a task with respect to X needs."""
    return task(X.requires_grad_())


#: How a device is written, and the CPU and the GPUs are.
device_name = repr
CPU, GPU = "device(type='cpu')", "device(type='cuda', index={})"


def pretend(count, kind="cuda"):
    """Make d2l see as many accelerators of a kind, as long as a `with` lasts."""

    def current_accelerator(*_, **__):
        # what it says without one differs between versions; PyTorch 2.6 raises
        assert count, "asked which accelerator there is where there is none"
        return torch.device(kind)

    return mock.patch.multiple(
        torch.accelerator,
        current_accelerator=current_accelerator,
        device_count=lambda: count,
    )
