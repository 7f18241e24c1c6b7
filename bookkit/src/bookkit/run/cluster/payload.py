"""What travels to a worker: a notebook and all that its key is made of.

The library's sources and the declared data travel too, so that a result never
depends on the text that the worker's own clone happens to have.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bookkit.book.config import Config
from bookkit.book.datafiles import data_path
from bookkit.book.source import read_book
from bookkit.files import write_whole
from bookkit.library.write import render_library
from bookkit.run.cache import hash_json
from bookkit.run.execute import request_of
from bookkit.run.notebook import Request
from bookkit.run.options import Options
from bookkit.run.plan import Job


@dataclass(frozen=True)
class Payload:
    """What a local run would ask for, and what a worker must have to do the same.

    `environment` is as a worker announces it, `gpus` are names of devices, `variables`
    the tab's. `library` and `data` are files by their paths in the book.
    """

    request: Request
    environment: str
    gpus: tuple[str, ...]
    prefork: bool
    variables: Mapping[str, str]
    library: Mapping[str, str]
    data: Mapping[str, bytes]

    @property
    def library_name(self) -> str:
        """Name the library by what it holds."""
        return hash_json(self.library)[:16]


def library_sources(config: Config) -> dict[str, str]:
    """Return what `import` needs of the book's libraries: path -> text.

    Raises:
        SourceError: the book cannot be read, or its saved code is not complete.
    """
    rendered = render_library(config, read_book(config))
    folders = {path.parent for path in rendered}
    files = [path for folder in folders for path in folder.rglob("*.py")]
    texts = {path: path.read_text(encoding="utf-8") for path in files} | rendered
    return {
        path.relative_to(config.root).as_posix(): text for path, text in texts.items()
    }


def pack(
    config: Config,
    job: Job,
    options: Options,
    environment: str,
    library: Mapping[str, str],
) -> Payload:
    """Collect what a worker needs for one notebook.

    Raises:
        OSError: a declared file is missing or not of the book.
    """
    return Payload(
        request=request_of(config, job, options),
        environment=environment,
        gpus=job.gpu_names,
        prefork=options.prefork,
        variables=job.parts.variables,
        library=library,
        data={
            name: data_path(config.root, name).read_bytes() for name in job.parts.data
        },
    )


def place(files: Mapping[str, str] | Mapping[str, bytes], folder: Path) -> None:
    """Write files where they are not there already.

    Raises:
        OSError: one cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        if not (folder / name).is_file():
            write_whole(folder / name, content)
