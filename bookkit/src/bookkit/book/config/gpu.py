"""What `config.ini` says of a framework's build for GPUs. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass

from bookkit.book.config.ini import Ini


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

        uv reads from its standard input what not to install.
        """
        fit = [one for one in self.cudas if tuple(map(int, one.split("."))) <= driver]
        cuda = f"cu{fit[-1].replace('.', '')}" if fit else ""
        places = ["--index", self.index.format(cuda=cuda)] if self.index else []
        # It may have other packages, too, of other versions than the lock's
        places += ["--index-strategy", "unsafe-best-match"] if places else []
        return [self.requirement, "--excludes", "/dev/stdin", *places]


def read_gpu(ini: Ini, section: str) -> GpuBuild | None:
    """Read `gpu = requirement of the lock -> requirement with a GPU`, and its index.

    Raises:
        ConfigError: it has another form.
    """
    text = ini.get(section, "gpu")
    replaces, _, requirement = map(str.strip, text.partition("->"))
    if text and not (replaces and requirement):
        raise ini.wrong(section, "gpu", "name -> requirement", f"`{text}`")
    index, cudas = ini.get(section, "gpu_index"), ini.words(section, "gpu_cuda")
    return GpuBuild(replaces, requirement, index, cudas) if text else None
