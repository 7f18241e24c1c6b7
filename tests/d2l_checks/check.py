"""What `d2l` must do in the environment of a tab, which has no pytest: check.py TAB."""

import os
import pickle
import sys
import tempfile
import traceback
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

TAB = sys.argv[1]
MODULE = {"pytorch": "torch"}.get(TAB, TAB)

framework = import_module(MODULE)
NEEDS = {"paddle": ["safetensors.paddle"]}.get(TAB, [])
for name in (
    "statistics",
    "cycler",
    "matplotlib.figure",
    *NEEDS,
):  # what its code imports
    import_module(name)
BEFORE = set(sys.modules)
d2l = import_module(f"d2l.{MODULE}")
ADDED = set(sys.modules) - BEFORE

sys.path.append(str(Path(__file__).parents[1]))
words = SimpleNamespace(**import_module("words.calling").words_of(TAB))
CPU, GPU, name, pretend = words.CPU, words.GPU.format, words.device_name, words.pretend


#: The sum of all coordinates' absolute values, to two digits.
SPIRALS = 209.74


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


def check_spirals_are_the_same_numbers_everywhere():
    X, y = (words.array(one) for one in d2l.spirals())
    assert X.shape == (300, 2) and str(X.dtype) == "float32"
    assert [int((y == arm).sum()) for arm in range(3)] == [100, 100, 100]
    assert round(float(abs(X.astype("float64")).sum()), 2) == SPIRALS


def check_figures_are_the_same_bytes_twice():
    def drawn():
        fig, ax = d2l.subplots("说明")
        ax.plot([1, 2, 3], [3, 1, 2], label="loss")
        ax.legend()
        return fig._repr_mimebundle_()

    first = drawn()
    assert first == drawn()
    assert set(first) == {"image/svg+xml", "image/png", "text/plain"}
    assert first["text/plain"] == "说明" and ">loss</text>" in first["image/svg+xml"]
    assert len(d2l.subplots("两幅", ncols=2)[1]) == 2


def check_seconds_runs_once_more_than_it_measures():
    calls = []
    assert 0 <= d2l.seconds(lambda: calls.append(1), num_repeats=3) < 0.1
    assert len(calls) == 4


def check_the_check_says_what_is_wrong():
    def cases(answer):
        yield "a", answer(1), [2, 3]

    def lacking(x):
        raise NotImplementedError

    def failing(x):
        return None + x

    said = [d2l.check(one, cases) for one in (lambda x: [2, 3], lambda x: [2, 4])]
    assert said == ["正确", "a(1,)：应为3，你的是4"]
    assert d2l.check(lambda x: 2, cases) == "a：形状应为(2,)，你的是()"
    assert d2l.check(lambda x: None, cases) == "a：得到的是None，是不是忘了写return？"
    assert d2l.check(lacking, cases) == "还没有写"
    assert "return" in d2l.check(failing, cases)


@with_numpy_semantics
def check_num_params_counts_what_is_trained():
    X = words.tensor([[0.5, -1.0]])
    net = d2l.spiral_net(5)
    assert d2l.num_params(net) == 3 * 5 + 4 * 6 * 5 + 6 * 3
    words.freeze(words.chained(net)[2])
    assert d2l.num_params(net) == 3 * 5 + 2 * 6 * 5 + 6 * 3
    tied = words.dense(2, 2)
    assert d2l.num_params(words.ready(words.chain(tied, words.relu(), tied), X)) == 6


@with_numpy_semantics
def check_checkpoint_carries_all_that_training_goes_on_with():
    X, y = d2l.spirals(20)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.ckpt")
        net = d2l.spiral_net(8)
        adam = words.make_adam(net)
        d2l.save_checkpoint(path, net, adam, 0)  # before there is any state
        started = d2l.train(net, X, y, adam, 3)
        other = d2l.spiral_net(8)
        again = words.make_adam(other)
        d2l.train(other, X, y, again, 2)  # what is loaded takes the place of state
        assert d2l.load_checkpoint(path, other, again) == 0
        assert d2l.train(other, X, y, again, 3) == started
        d2l.save_checkpoint(path, net, adam, 3)
        assert [one.name for one in Path(folder).iterdir()] == ["a.ckpt"]
        wanted = d2l.train(net, X, y, adam, 3)
        for _ in range(2):
            other = d2l.spiral_net(8)
            again = words.make_adam(other)
            assert d2l.load_checkpoint(str(path), other, again) == 3
            assert d2l.train(other, X, y, again, 3) == wanted


@with_numpy_semantics
def check_checkpoint_that_does_not_fit_is_refused():
    X, _ = d2l.spirals(20)
    with tempfile.TemporaryDirectory() as folder:
        path, marker = Path(folder, "a.ckpt"), f"{folder}/hacked"
        net = d2l.spiral_net(8)
        d2l.save_checkpoint(path, net, words.make_adam(net), 1)
        wide = d2l.spiral_net(9)
        before = words.array(words.outputs(wide, X, False))
        told = words.message(
            ValueError, lambda: d2l.load_checkpoint(path, wide, words.make_adam(wide))
        )
        assert told and str(path) in told and "net/0" in told
        assert (words.array(words.outputs(wide, X, False)) == before).all()
        sgd = words.make_sgd(net)
        assert words.raises(ValueError, lambda: d2l.load_checkpoint(path, net, sgd))
        absent = f"{folder}/absent"
        adam = words.make_adam(net)
        assert words.raises(
            FileNotFoundError, lambda: d2l.load_checkpoint(absent, net, adam)
        )

        class Gift:
            def __reduce__(self):
                return os.makedirs, (marker,)

        path.write_bytes(pickle.dumps(Gift()))
        assert words.raises(Exception, lambda: d2l.load_checkpoint(path, net, adam))
        assert not os.path.exists(marker)


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
