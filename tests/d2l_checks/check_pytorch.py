"""What `from d2l import torch` must do, with and without accelerators."""

from unittest import mock

from running import modules_beside, run

ADDED = modules_beside("torch", "d2l.torch")

import torch  # noqa: E402

from d2l import torch as d2l  # noqa: E402


def accelerators(kind: str, count: int) -> mock._patch:
    """Pretend that the machine has `count` accelerators of one kind."""

    def current_accelerator(*_: object, **__: object) -> torch.device:
        # what it says without one differs between versions; PyTorch 2.6 raises
        assert count, "asked which accelerator there is where there is none"
        return torch.device(kind)

    return mock.patch.multiple(
        torch.accelerator,
        current_accelerator=current_accelerator,
        device_count=lambda: count,
    )


def check_import_adds_nothing_but_itself() -> None:
    assert {"d2l", "d2l.torch"} >= ADDED, ADDED


def check_this_machine() -> None:
    device = d2l.try_gpu()
    assert isinstance(device, torch.device)
    assert torch.ones(2, device=device).sum().item() == 2
    assert d2l.try_gpu(99) == torch.device("cpu")
    assert d2l.try_all_gpus()[0] == device


def check_no_gpu() -> None:
    with accelerators("", 0):
        assert d2l.try_gpu() == d2l.try_gpu(1) == torch.device("cpu")
        assert d2l.try_all_gpus() == [torch.device("cpu")]


def check_one_gpu() -> None:
    with accelerators("cuda", 1):
        assert d2l.try_gpu() == torch.device("cuda", 0)
        assert d2l.try_gpu(1) == d2l.try_gpu(i=-1) == torch.device("cpu")
        assert d2l.try_all_gpus() == [torch.device("cuda", 0)]


def check_two_gpus() -> None:
    with accelerators("cuda", 2):
        assert d2l.try_gpu() == torch.device("cuda", 0)
        assert d2l.try_gpu(1) == torch.device("cuda", 1)
        assert d2l.try_gpu(2) == torch.device("cpu")
        assert d2l.try_all_gpus() == [torch.device("cuda", i) for i in range(2)]


def check_accelerators_that_are_not_cuda() -> None:
    for kind, count in (("mps", 1), ("xpu", 2)):
        with accelerators(kind, count):
            assert d2l.try_gpu(count - 1) == torch.device(kind, count - 1)
            assert d2l.try_gpu(count) == torch.device("cpu")
            assert [device.type for device in d2l.try_all_gpus()] == [kind] * count


run(globals())
