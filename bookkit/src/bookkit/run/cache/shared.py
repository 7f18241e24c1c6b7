"""A store that others use too, at an fsspec URL; it is never relied upon.

Whatever is wrong with it costs one notice, and it is left alone for the rest of
the run. fsspec and what it needs are imported only when there is such a store.
"""

from __future__ import annotations

import logging
import os
import re
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from bookkit.book.config.store import StoreSettings
from bookkit.run.cache.calls import Calls
from bookkit.run.cache.folder import entry_name

log = logging.getLogger(__name__)

#: Where an upload is there whole or not at all, so it needs no move.
_ATOMIC = frozenset("s3 s3a gs gcs abfs abfss az adl oci oss memory".split())
_FOLDERS = frozenset({"file", "local"})


class Shared:
    """Entries of a shared store as bytes; nothing here raises."""

    def __init__(self, settings: StoreSettings, root: Path) -> None:
        self.name = re.sub(r"//[^/@]*@", "//", settings.url)  # no passwords in notices
        self.writable = settings.write
        self.usable = True
        self._settings = settings
        self._root = root
        self._files: Any = None
        self._base = ""
        self._told = False
        self._protocol = ""
        self._opening = threading.Lock()
        self._puts = Calls(settings.timeout_s)

    def fetch(self, keys: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Yield what the store has, as it comes; the first request goes alone."""
        wanted = list(keys)
        if not wanted or not self._load():
            return
        for some in (wanted[:1], wanted[1:]):
            if self.usable:
                yield from self._fetch(some)

    def put(self, key: str, text: str) -> None:
        """Begin to upload an entry, if that is allowed."""
        if self.writable and self.usable and self._load():
            self._puts.submit(key, lambda: self._upload(key, text.encode()))

    def finish(self, wait: bool = True) -> None:
        """Wait for uploads, but not for ever."""
        try:
            for _, outcome in self._puts.outcomes() if wait else ():
                if isinstance(outcome, Exception):
                    raise outcome
        except Exception as error:
            self._give_up(error)
        self._puts.stop()

    def entries(self) -> list[tuple[int, float]] | None:
        """Return size and time of each entry; None if the store does not tell."""
        if not self.usable or not self._load():
            return None
        calls = Calls(self._settings.timeout_s)
        calls.submit("list", self._list)
        for _, outcome in self._bounded(calls):
            if not isinstance(outcome, Exception):
                return list(outcome)
            self._give_up(outcome)
        return None

    def _fetch(self, keys: list[str]) -> Iterator[tuple[str, bytes]]:
        calls = Calls(self._settings.timeout_s)
        for key in keys:
            calls.submit(key, self._download(key))
        for key, outcome in self._bounded(calls):
            if isinstance(outcome, bytes):
                yield key, outcome
            elif isinstance(outcome, IsADirectoryError):
                log.warning("entry %s of %s ignored: a folder", key, self.name)
            elif isinstance(outcome, PermissionError):
                self._tell(outcome)  # some stores answer so where there is nothing
            elif not _is_miss(outcome):
                self._give_up(outcome)
                break

    def _bounded(self, calls: Calls) -> Iterator[tuple[str, Any]]:
        try:
            yield from calls.outcomes()
        except TimeoutError as error:
            self._give_up(error)
        finally:
            calls.stop()

    def _load(self) -> bool:
        """Import what the URL's protocol needs; opening is left to the first call."""
        if self._protocol or not self.usable:
            return self.usable
        url = self._settings.url
        try:
            import fsspec
            from fsspec.core import split_protocol

            self._protocol = split_protocol(url.rpartition("::")[2])[0] or "file"
            fsspec.get_filesystem_class(self._protocol)
        except Exception as error:  # unknown protocol, missing package
            self._give_up(error)
        return self.usable

    def _open(self) -> Any:
        with self._opening:
            if self._files is None:
                self._files = self._connect()
            return self._files

    def _connect(self) -> Any:
        from fsspec.core import url_to_fs

        url, options = self._settings.url, dict(self._settings.options)
        if self._protocol in _FOLDERS and "://" not in url:
            url = str(self._root / Path(url).expanduser())
        if self._protocol in ("s3", "s3a"):
            seconds = self._settings.timeout_s
            limits: dict[str, Any] = {"retries": {"max_attempts": 1}}
            limits |= {"connect_timeout": seconds, "read_timeout": seconds}
            options["config_kwargs"] = {**limits, **options.get("config_kwargs", {})}
        files, base = url_to_fs(url, skip_instance_cache=True, **options)
        if hasattr(files, "retries"):
            files.retries = 1  # s3fs would try five times what botocore tries twice
        if hasattr(files, "max_concurrency"):
            files.max_concurrency = 1  # one GET, not HEAD, LIST and GET
        if self._protocol in _FOLDERS and not self.writable and not os.path.isdir(base):
            raise NotADirectoryError(f"no such folder: {base}")
        self._base = base.rstrip("/")
        return files

    def _download(self, key: str) -> Callable[[], Any]:
        return lambda: self._open().cat_file(self._path(key))

    def _path(self, key: str) -> str:
        self._open()
        return f"{self._base}/{entry_name(key)}"

    def _upload(self, key: str, content: bytes) -> None:
        files, path = self._open(), self._path(key)
        if self._protocol in _ATOMIC:
            files.pipe_file(path, content)
            return
        folder, _, name = path.rpartition("/")
        temporary = f"{folder}/.{name}.{uuid.uuid4().hex}.part"
        files.makedirs(folder, exist_ok=True)
        try:
            files.pipe_file(temporary, content)
            if self._protocol in _FOLDERS:
                os.replace(temporary, path)
            else:
                files.mv(temporary, path)
        except BaseException:
            if files.exists(temporary):
                files.rm_file(temporary)
            raise

    def _list(self) -> list[tuple[int, float]]:
        found = self._open().find(self._base, detail=True)
        rows = []
        for path, about in found.items():
            if path.endswith(".json"):
                when = about.get("LastModified", about.get("mtime", 0.0))
                seconds = when.timestamp() if hasattr(when, "timestamp") else when
                rows.append((int(about.get("size") or 0), float(seconds or 0.0)))
        return rows

    def _give_up(self, error: BaseException) -> None:
        self.usable = False
        self._tell(error)

    def _tell(self, error: BaseException) -> None:
        if not self._told:
            self._told = True
            reason = str(error).strip().split("\n")[0] or type(error).__name__
            log.warning("shared store %s: %s; going on without it", self.name, reason)


def _is_miss(outcome: Any) -> bool:
    """Tell an entry that is not there from a store that is not there."""
    answer = getattr(getattr(outcome, "__cause__", None), "response", None) or {}
    no_store = answer.get("Error", {}).get("Code") == "NoSuchBucket"
    return isinstance(outcome, FileNotFoundError) and not no_store
