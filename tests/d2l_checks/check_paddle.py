"""What `from d2l import paddle` must do, with and without GPUs."""

from collections import namedtuple
from unittest import mock

from running import modules_beside, run

ADDED = modules_beside("paddle", "d2l.paddle")

import paddle  # noqa: E402

from d2l import paddle as d2l  # noqa: E402

# Paddle without CUDA refuses to make a CUDAPlace at all
Place = namedtuple("Place", "index")


class gpus:
    """Pretend that the machine has `count` GPUs."""

    def __init__(self, count: int) -> None:
        self.patches = [
            mock.patch.object(paddle.device.cuda, "device_count", lambda: count),
            mock.patch.object(paddle, "CUDAPlace", Place),
        ]

    def __enter__(self) -> None:
        for patch in self.patches:
            patch.start()

    def __exit__(self, *error: object) -> None:
        for patch in self.patches:
            patch.stop()


def is_cpu(place: object) -> bool:
    return isinstance(place, paddle.CPUPlace)


def check_import_adds_nothing_but_itself() -> None:
    assert {"d2l", "d2l.paddle"} >= ADDED, ADDED


def check_this_machine() -> None:
    place = d2l.try_gpu()
    assert paddle.to_tensor([1.0, 1.0], place=place).sum().item() == 2
    assert is_cpu(d2l.try_gpu(99))
    assert repr(d2l.try_all_gpus()[0]) == repr(place)


def check_no_gpu() -> None:
    with gpus(0):
        assert is_cpu(d2l.try_gpu()) and is_cpu(d2l.try_gpu(1))
        (place,) = d2l.try_all_gpus()
        assert is_cpu(place)


def check_one_gpu() -> None:
    with gpus(1):
        assert d2l.try_gpu() == Place(0)
        assert is_cpu(d2l.try_gpu(1)) and is_cpu(d2l.try_gpu(i=-1))
        assert d2l.try_all_gpus() == [Place(0)]


def check_two_gpus() -> None:
    with gpus(2):
        assert d2l.try_gpu(1) == Place(1)
        assert is_cpu(d2l.try_gpu(2))
        assert d2l.try_all_gpus() == [Place(0), Place(1)]


run(globals())
