"""What a run leaves: outputs, status, times and versions of one notebook.

A result knows the code cells' outputs but no prose, so that it can be laid
over a notebook whose prose has changed since. It is kept as JSON, not as a pickle.
"""

from __future__ import annotations

import copy
import dataclasses
import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

#: Counts changes of this record's meaning; part of every cache key.
FORMAT = 3


class Status(enum.Enum):
    """How a run ended."""

    PASSED = "passed"
    RAISED = "raised"
    TIMED_OUT = "timed out"
    DIED = "kernel died"
    FLOODED = "printed too much"
    NOT_STARTED = "not started"
    NOT_COMMITTED = "not committed"
    NOT_RUN = "not run"


@dataclass(frozen=True)
class Failure:
    """The cell that ended a run; `position` is its `origin_pos`, or None.

    `outside` says that what it lacks is not of the book: a network, a file, a device.
    """

    reason: str
    position: int | None = None
    traceback: str = ""
    streams: str = ""
    outside: bool = False


@dataclass(frozen=True)
class CellResult:
    """Outputs of one code cell, as nbformat dictionaries, and its seconds."""

    execution_count: int | None
    outputs: list[dict[str, Any]]
    seconds: float


@dataclass(frozen=True)
class Result:
    """One run of one notebook; `seconds` are its cells', not its kernel's start.

    `peak_mb` is the most memory that its kernel held; None where the system does
    not tell. It includes what was imported, shared with other kernels or not. `date`
    is the day of the run in UTC, e.g. `2026-11-21`; empty where nothing ran.
    `cached` means that nothing ran now; `committed`, that another machine ran it,
    because this one cannot. `read` maps files of the book that its cells read to their
    hashes; it is known of a run that has just ended.
    """

    section: str
    tab: str
    status: Status
    cells: list[CellResult]
    seconds: float = 0.0
    versions: Mapping[str, str] = field(default_factory=dict)
    device: str = "cpu"
    failure: Failure | None = None
    cached: bool = False
    committed: bool = False
    peak_mb: float | None = None
    date: str = ""
    read: Mapping[str, str] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Tell whether every cell ran that was to."""
        return self.status is Status.PASSED

    @property
    def failed(self) -> bool:
        """Tell whether it is other than the book wants it."""
        return self.status not in (Status.PASSED, Status.NOT_RUN)

    @property
    def lasting(self) -> bool:
        """Tell whether another run of the same code would end in the same way."""
        outside = self.failure is not None and self.failure.outside
        return not outside and self.status not in (Status.DIED, Status.NOT_STARTED)

    @property
    def errors(self) -> int:
        """Count the errors that stand in its outputs."""
        kinds = [one["output_type"] for cell in self.cells for one in cell.outputs]
        return kinds.count("error")

    def to_json(self) -> dict[str, Any]:
        """Return a JSON-ready dictionary, without what is told elsewhere."""
        content = dataclasses.asdict(self)
        del content["cached"], content["committed"], content["read"]
        return {**content, "status": self.status.value}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Result:
        """Read what `to_json` wrote."""
        fields = {**content, "status": Status(content["status"])}
        fields["cells"] = [CellResult(**cell) for cell in fields["cells"]]
        if fields["failure"] is not None:
            fields["failure"] = Failure(**fields["failure"])
        return cls(**fields)


def lay_over(result: Result, notebook: Any) -> Any:
    """Return the notebook with a result's outputs; the one given stays as it is.

    What the result says of its run is known only of a run that passed.
    """
    from nbformat import from_dict

    notebook = copy.copy(notebook)
    notebook["metadata"] = copy.copy(notebook.metadata)
    notebook["cells"] = [copy.copy(cell) for cell in notebook.cells]
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    if result.cells and len(code) != len(result.cells):
        raise ValueError(f"{len(result.cells)} results for {len(code)} code cells")
    for cell, ran in zip(code, result.cells, strict=False):
        cell.execution_count = ran.execution_count
        cell.outputs = [from_dict(one) for one in ran.outputs]  # type: ignore[no-untyped-call]
    notebook.metadata["bookkit"] = {"tab": result.tab}
    if result.passed:
        notebook.metadata["bookkit"] |= {
            "versions": result.versions,
            "device": result.device,
            "date": result.date,
            "seconds": result.seconds,
            "committed": result.committed,
        }
    return notebook


def version_of(versions: Mapping[str, str]) -> str:
    """Return the version of the framework, without what names a wheel's build."""
    found = [versions[name] for name in versions if name != "python"]
    return found[0].partition("+")[0] if found else ""


def not_started(section: str, tab: str, error: OSError) -> Result:
    """Word a run for which there was no room, no folder, or no file."""
    failure = Failure(f"{type(error).__name__}: {error}")
    return Result(section, tab, Status.NOT_STARTED, [], failure=failure)
