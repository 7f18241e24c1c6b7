"""What `d2l` must do in the environment of a tab, which has no pytest: check.py TAB."""

import sys
import traceback
from importlib import import_module
from pathlib import Path

TAB = sys.argv[1]
MODULE = {"pytorch": "torch"}.get(TAB, TAB)

framework = import_module(MODULE)
BEFORE = set(sys.modules)
d2l = import_module(f"d2l.{MODULE}")
ADDED = set(sys.modules) - BEFORE

sys.path.append(str(Path(__file__).parents[1]))
words = import_module(f"words.{TAB}")
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
