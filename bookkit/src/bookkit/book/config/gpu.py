"""What `config.ini` says of a framework's build for GPUs. Standard library only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bookkit.errors import ConfigError, explain


@dataclass(frozen=True)
class GpuBuild:
    """What takes the place of a requirement of the lock where there is a GPU.

    `index` has it, with `{cuda}` for the newest of `cudas` that the driver runs, e.g.
    `cu130` for `13.0`.
    """

    replaces: str
    requirement: str
    index: str
    cudas: tuple[str, ...]

    def options(self, driver: tuple[int, ...]) -> list[str]:
        """Return what tells uv, for a driver that runs a version of CUDA.

        uv hears from its standard input what not to install.
        """
        fit = [one for one in self.cudas if tuple(map(int, one.split("."))) <= driver]
        cuda = f"cu{fit[-1].replace('.', '')}" if fit else ""
        places = ["--index", self.index.format(cuda=cuda)] if self.index else []
        # It may have other packages, too, of other versions than the lock's
        places += ["--index-strategy", "unsafe-best-match"] if places else []
        return [self.requirement, "--excludes", "/dev/stdin", *places]


def read_gpu(own: Mapping[str, str], place: Callable[[str], str]) -> GpuBuild | None:
    """Read `gpu = requirement of the lock -> requirement with a GPU`, and its index.

    Raises:
        ConfigError: it has another form.
    """
    if not own["gpu"]:
        return None
    replaces, _, requirement = map(str.strip, own["gpu"].partition("->"))
    if not (replaces and requirement):
        raise ConfigError(
            explain(place("gpu"), f"`{own['gpu']}`", "name -> requirement")
        )
    cudas = tuple(own["gpu_cuda"].replace(",", " ").split())
    return GpuBuild(replaces, requirement, own["gpu_index"], cudas)
