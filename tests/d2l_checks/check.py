"""What `d2l` must do in the environment of a tab, which has no pytest: check.py TAB."""

import sys
import tempfile
import traceback
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

TAB = sys.argv[1]
MODULE = {"pytorch": "torch"}.get(TAB, TAB)

framework = import_module(MODULE)
BEFORE = set(sys.modules)
d2l = import_module(f"d2l.{MODULE}")
ADDED = set(sys.modules) - BEFORE

sys.path.append(str(Path(__file__).parents[1]))
words = SimpleNamespace(**import_module("words.calling").words_of(TAB))
CPU, GPU, name, pretend = words.CPU, words.GPU.format, words.device_name, words.pretend


def all_names():
    return [name(device) for device in d2l.try_all_gpus()]


def check_import_adds_nothing_but_itself():
    assert {"d2l", f"d2l.{MODULE}"} >= ADDED, ADDED


def check_this_machine():
    device = d2l.try_gpu()
    assert (words.place(device) == words.cpu_place) == (words.num_gpus() == 0)
    assert words.place(d2l.try_gpu(99)) == words.cpu_place
    assert all_names()[0] == name(device)


def check_no_gpu():
    with pretend(0):
        assert name(d2l.try_gpu()) == name(d2l.try_gpu(1)) == CPU
        assert all_names() == [CPU]


def check_one_gpu():
    with pretend(1):
        assert name(d2l.try_gpu()) == GPU(0)
        assert name(d2l.try_gpu(1)) == name(d2l.try_gpu(i=-1)) == CPU
        assert all_names() == [GPU(0)]


def check_two_gpus():
    with pretend(2):
        assert name(d2l.try_gpu()) == GPU(0)
        assert name(d2l.try_gpu(1)) == GPU(1)
        assert name(d2l.try_gpu(2)) == CPU
        assert all_names() == [GPU(0), GPU(1)]


def with_numpy_semantics(check):
    """Let a check compute with MXNet's arrays, whose semantics d2l leaves alone."""
    return framework.util.use_np(check) if TAB == "mxnet" else check


@with_numpy_semantics
def check_residual_adds_its_input():
    X = words.tensor([[-2.0, 0.5, 3.0], [1.0, -1.0, 0.0]])
    block = words.ready(d2l.Residual(3), X)
    parameters = words.parameters(block)
    assert [words.value(one).shape for one in parameters] == [(3, 3), (3,)] * 2
    for parameter in parameters:
        words.fill(parameter, 0)
    assert words.array(block(X)).tolist() == [[0, 0.5, 3], [1, 0, 0]]
    words.fill(parameters[3], 1)
    assert words.array(block(X)).tolist() == [[0, 1.5, 4], [2, 0, 1]]
    for parameter in parameters:
        words.fill(parameter, 1)
    # rows of sums 1.5 and 0: 2.5 and 1 thrice, then 8.5 and 4
    assert words.array(block(X)).tolist() == [[6.5, 9, 11.5], [5, 3, 4]]


@with_numpy_semantics
def check_spiral_net_is_initialised_and_has_the_same_names_each_time():
    X = words.tensor([[0.5, -1.0], [2.0, 0.0], [1.0, 1.0]])
    for num_hiddens, net in ((32, d2l.spiral_net()), (5, d2l.spiral_net(5))):
        sizes = [words.value(one).size for one in words.parameters(net)]
        square = [num_hiddens**2, num_hiddens] * 4
        assert sizes == [2 * num_hiddens, num_hiddens, *square, 3 * num_hiddens, 3]
        assert words.names(net) == words.names(d2l.spiral_net())
        Y = words.array(net(X))
        assert Y.shape == (3, 3) and abs(Y).max() > 0
        other = d2l.spiral_net(num_hiddens)
        with tempfile.TemporaryDirectory() as folder:
            words.save_and_load(net, other, f"{folder}/w", X)
        assert (words.array(other(X)) == Y).all()


def check_mxnet_keeps_its_numpy_semantics_off():
    assert not framework.util.is_np_array()
    assert not framework.util.is_np_shape()


def check_pytorch_accelerators_that_are_not_cuda():
    for kind, count in (("mps", 1), ("xpu", 2)):
        with pretend(count, kind):
            assert d2l.try_gpu(count - 1) == framework.device(kind, count - 1)
            assert name(d2l.try_gpu(count)) == CPU
            assert [device.type for device in d2l.try_all_gpus()] == [kind] * count


def check_tensorflow_leaves_an_accelerator_that_is_no_gpu_alone():
    with pretend(1, "TPU"):
        assert name(d2l.try_gpu()) == CPU
        assert all_names() == [CPU]


failures = 0
OTHERS = {"mxnet", "pytorch", "tensorflow"} - {TAB}
for check in [
    value for key, value in list(globals().items()) if key.startswith("check_")
]:
    if check.__name__.split("_")[1] in OTHERS:
        continue
    try:
        check()
    except Exception:
        failures += 1
        print(f"{check.__name__} failed\n{traceback.format_exc()}")
    else:
        print(f"{check.__name__} passed")
sys.exit(failures)
