"""What `from d2l import mxnet` must do, with and without GPUs."""

from unittest import mock

from running import modules_beside, run

ADDED = modules_beside("mxnet", "d2l.mxnet")

import mxnet  # noqa: E402
from mxnet import npx  # noqa: E402

from d2l import mxnet as d2l  # noqa: E402

CPU = mxnet.cpu()


def gpus(count: int) -> mock._patch:
    """Pretend that the machine has `count` GPUs."""
    return mock.patch.object(npx, "num_gpus", lambda: count)


def check_import_adds_nothing_but_itself() -> None:
    assert {"d2l", "d2l.mxnet"} >= ADDED, ADDED


def check_import_does_not_switch_numpy_semantics_on() -> None:
    assert not mxnet.util.is_np_array()
    assert not mxnet.util.is_np_shape()


def check_this_machine() -> None:
    device = d2l.try_gpu()
    assert isinstance(device, mxnet.Context)
    assert mxnet.nd.ones(2, ctx=device).sum().asscalar() == 2
    assert d2l.try_gpu(99) == CPU
    assert d2l.try_all_gpus()[0] == device


def check_no_gpu() -> None:
    with gpus(0):
        assert d2l.try_gpu() == d2l.try_gpu(1) == CPU
        assert d2l.try_all_gpus() == [CPU]


def check_one_gpu() -> None:
    with gpus(1):
        assert d2l.try_gpu() == mxnet.gpu(0)
        assert d2l.try_gpu(1) == d2l.try_gpu(i=-1) == CPU
        assert d2l.try_all_gpus() == [mxnet.gpu(0)]


def check_two_gpus() -> None:
    with gpus(2):
        assert d2l.try_gpu(1) == mxnet.gpu(1)
        assert d2l.try_gpu(2) == CPU
        assert d2l.try_all_gpus() == [mxnet.gpu(0), mxnet.gpu(1)]


run(globals())
