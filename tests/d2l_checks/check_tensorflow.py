"""What `from d2l import tensorflow` must do, with and without GPUs."""

from __future__ import annotations

from collections import namedtuple
from unittest import mock

from running import modules_beside, run

ADDED = modules_beside("tensorflow", "d2l.tensorflow")

import tensorflow as tf  # noqa: E402

from d2l import tensorflow as d2l  # noqa: E402

Physical = namedtuple("Physical", "name device_type")


def devices(kind: str, count: int) -> mock._patch:
    """Pretend that the machine has `count` devices of one kind."""
    present = [Physical(f"/physical_device:{kind}:{i}", kind) for i in range(count)]

    def listed(device_type: str | None = None) -> list[Physical]:
        return present if device_type in (None, kind) else []

    return mock.patch.object(tf.config, "list_physical_devices", listed)


def name(device: object) -> str:
    """Return what a device is called; TensorFlow shows it nowhere public."""
    return device._device_name  # type: ignore[attr-defined]


def check_import_adds_nothing_but_itself() -> None:
    assert {"d2l", "d2l.tensorflow"} >= ADDED, ADDED


def check_this_machine() -> None:
    with d2l.try_gpu():
        here = tf.ones(2).device
    kind = "GPU" if tf.config.list_physical_devices("GPU") else "CPU"
    assert here.endswith(f"/device:{kind}:0"), here
    with d2l.try_gpu(99):
        assert tf.ones(2).device.endswith("/device:CPU:0")
    assert name(d2l.try_all_gpus()[0]) == name(d2l.try_gpu())


def check_no_gpu() -> None:
    with devices("GPU", 0):
        assert name(d2l.try_gpu()) == name(d2l.try_gpu(1)) == "/CPU:0"
        assert [name(device) for device in d2l.try_all_gpus()] == ["/CPU:0"]


def check_one_gpu() -> None:
    with devices("GPU", 1):
        assert name(d2l.try_gpu()) == "/GPU:0"
        assert name(d2l.try_gpu(1)) == name(d2l.try_gpu(i=-1)) == "/CPU:0"
        assert [name(device) for device in d2l.try_all_gpus()] == ["/GPU:0"]


def check_two_gpus() -> None:
    with devices("GPU", 2):
        assert name(d2l.try_gpu(1)) == "/GPU:1"
        assert name(d2l.try_gpu(2)) == "/CPU:0"
        assert [name(device) for device in d2l.try_all_gpus()] == ["/GPU:0", "/GPU:1"]


def check_an_accelerator_that_is_no_gpu_is_left_alone() -> None:
    with devices("TPU", 1):
        assert name(d2l.try_gpu()) == "/CPU:0"
        assert [name(device) for device in d2l.try_all_gpus()] == ["/CPU:0"]


run(globals())
