"""What an output may be: nbformat's four kinds, with texts where texts belong.

Kernels send what cells make up, and stores hold what others wrote. Everything that is
kept went through `tidy`, so what it would change was not written by a run.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

#: What stands for a character that no UTF-8 has, such as half of a pair.
_UNKNOWN = "\N{REPLACEMENT CHARACTER}"


def tidy(output: Any) -> dict[str, Any] | None:
    """Return an output as nbformat wants it, or None if it is of no kind it knows.

    Items of a kind that they cannot have are left out: a text that is a number, JSON
    under a name of pictures.
    """
    if not isinstance(output, Mapping):
        return None
    kind = output.get("output_type")
    if kind == "stream":
        name = "stderr" if output.get("name") == "stderr" else "stdout"
        return {"output_type": kind, "name": name, "text": _text(output.get("text"))}
    if kind == "error":
        rows = output.get("traceback")
        return {
            "output_type": kind,
            "ename": _text(output.get("ename")),
            "evalue": _text(output.get("evalue")),
            "traceback": [*map(_text, rows)] if isinstance(rows, list) else [],
        }
    if kind not in ("display_data", "execute_result"):
        return None
    data, about = output.get("data"), output.get("metadata")
    tidied = {
        "output_type": kind,
        "data": _bundle(data) if isinstance(data, Mapping) else {},
        "metadata": _plain(about) if isinstance(about, Mapping) else {},
    }
    if kind == "execute_result":
        tidied["execution_count"] = count(output.get("execution_count"))
    return tidied


def count(number: Any) -> int | None:
    """Return the number of a cell, or None if it is none."""
    return number if type(number) is int and number > 0 else None


def _bundle(data: Mapping[Any, Any]) -> dict[str, Any]:
    return {
        _text(name): _plain(value)
        for name, value in data.items()
        if _is_json(str(name)) or _is_text(value)
    }


def _is_json(name: str) -> bool:
    """Tell whether what has this type is JSON and not text."""
    kind = name.partition(";")[0]
    return kind.startswith("application/") and kind.endswith("json")


def _is_text(value: Any) -> bool:
    rows = value if isinstance(value, list) else [value]
    return all(isinstance(row, str) for row in rows)


def _text(value: Any) -> str:
    given = value if isinstance(value, str) else ""
    if isinstance(value, list) and _is_text(value):
        given = "".join(value)
    try:
        given.encode()
    except UnicodeEncodeError:
        # Halves that stand side by side are a character
        whole = given.encode("utf-16-le", "surrogatepass")
        given = whole.decode("utf-16-le", "replace").replace("\ufffd", _UNKNOWN)
    return given


def _plain(value: Any) -> Any:
    """Return plain JSON; what is none becomes null."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        return {_text(str(name)): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    try:
        return json.loads(json.dumps(value, allow_nan=False))
    except (TypeError, ValueError):
        return None
