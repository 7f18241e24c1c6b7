"""A store that others use too, at an fsspec URL; a build works without it.

After any error, one notice says so, and it is not used for the rest of the run.
fsspec and what it needs are imported only when there is such a store.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import re
import time
import uuid
from collections.abc import Iterable, Iterator
from multiprocessing.pool import AsyncResult, ThreadPool
from pathlib import Path
from typing import Any

from bookkit.book.config.store import StoreSettings
from bookkit.run.cache.folder import entry_name
from bookkit.run.cache.upkeep import Stored

log = logging.getLogger(__name__)

#: Requests under way at a time. The threads are daemons: one that hangs keeps
#: neither a run nor the process.
THREADS = 8
#: A run waits for all requests together this many times what it waits for one.
PATIENCE = 12
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
        self._protocol = ""
        self._reported = False
        self._left_s = PATIENCE * settings.timeout_s
        self._uploading: ThreadPool | None = None
        self._uploads: list[AsyncResult[None]] = []

    def fetch(self, keys: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Yield what the store has."""
        wanted = list(keys)
        if not wanted or not self._is_connected():
            return
        with ThreadPool(THREADS) as threads:
            read = self._files.cat_file
            calls = [threads.apply_async(read, [self._path(key)]) for key in wanted]
            for key, call in zip(wanted, calls, strict=True):
                try:
                    yield key, self._answer(call)
                except IsADirectoryError:
                    log.warning("entry %s of %s ignored: a folder", key, self.name)
                except PermissionError as error:
                    self._report(error)  # some stores answer so where there is nothing
                except Exception as error:  # whatever a server's client raises
                    if not _is_miss(error):
                        self._give_up(error)
                        break

    def put(self, key: str, text: str) -> None:
        """Begin to upload an entry, if that is allowed."""
        if self.writable and self._is_connected():
            self._uploading = self._uploading or ThreadPool(THREADS)
            arguments = self._path(key), text.encode()
            self._uploads.append(self._uploading.apply_async(self._upload, arguments))

    def finish(self, wait: bool = True) -> None:
        """Wait for uploads, but not for ever."""
        try:
            for upload in self._uploads if wait and self.usable else ():
                self._answer(upload)
        except Exception as error:
            self._give_up(error)
        if self._uploading is not None:
            self._uploading.terminate()

    def entries(self) -> list[Stored] | None:
        """Return size and time of each entry; None if the store does not tell."""
        if self._is_connected():
            try:
                found: list[Stored] = self._in_thread(self._list)
                return found
            except Exception as error:
                self._give_up(error)
        return None

    def _in_thread(self, call: Any) -> Any:
        with ThreadPool(1) as thread:
            return self._answer(thread.apply_async(call))

    def _answer(self, call: AsyncResult[Any]) -> Any:
        """Return what a call returns, or raise what it raises.

        Raises:
            TimeoutError: it takes too long, or all together have.
        """
        began = time.monotonic()
        try:
            return call.get(max(0.0, min(self._settings.timeout_s, self._left_s)))
        except multiprocessing.TimeoutError:
            seconds = f"{self._settings.timeout_s:g} s"
            raise TimeoutError(f"no answer in {seconds}") from None
        finally:
            self._left_s -= time.monotonic() - began

    def _is_connected(self) -> bool:
        """Connect unless that was done; importing what it needs may take its time."""
        if self.usable and self._files is None:
            try:
                import fsspec
                from fsspec.core import split_protocol

                last = self._settings.url.rpartition("::")[2]
                self._protocol = split_protocol(last)[0] or "file"
                fsspec.get_filesystem_class(self._protocol)
                self._files = self._in_thread(self._connect)
            except Exception as error:  # unknown protocol, missing package
                self._give_up(error)
        return self.usable

    def _connect(self) -> Any:
        from fsspec.core import url_to_fs

        url, options = self._settings.url, dict(self._settings.options)
        if self._protocol in _FOLDERS and "://" not in url:
            url = str(self._root / Path(url).expanduser())
        if self._protocol in ("s3", "s3a"):
            once = {"retries": {"max_attempts": 1}}
            options["config_kwargs"] = {**once, **options.get("config_kwargs", {})}
        files, base = url_to_fs(url, skip_instance_cache=True, **options)
        if hasattr(files, "retries"):
            files.retries = 1  # s3fs would try five times what botocore tries twice
        if hasattr(files, "max_concurrency"):
            files.max_concurrency = 1  # one GET, not HEAD, LIST and GET
        if self._protocol in _FOLDERS and not self.writable and not os.path.isdir(base):
            raise NotADirectoryError(f"no such folder: {base}")
        self._base = base.rstrip("/")
        return files

    def _path(self, key: str) -> str:
        return f"{self._base}/{entry_name(key)}"

    def _upload(self, path: str, content: bytes) -> None:
        files = self._files
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

    def _list(self) -> list[Stored]:
        found = self._files.find(self._base, detail=True)
        rows = []
        for path, about in found.items():
            if path.endswith(".json"):
                when = about.get("LastModified", about.get("mtime", 0.0))
                seconds = when.timestamp() if hasattr(when, "timestamp") else when
                rows.append(Stored(int(about.get("size") or 0), float(seconds or 0)))
        return rows

    def _give_up(self, error: BaseException) -> None:
        self.usable = False
        self._report(error)

    def _report(self, error: BaseException) -> None:
        if not self._reported:
            self._reported = True
            reason = str(error).strip().split("\n")[0] or type(error).__name__
            log.warning("shared store %s: %s; going on without it", self.name, reason)


def _is_miss(error: Exception) -> bool:
    """Tell an entry that is not there from a store that is not there."""
    answer = getattr(error.__cause__, "response", None) or {}
    no_store = answer.get("Error", {}).get("Code") == "NoSuchBucket"
    return isinstance(error, FileNotFoundError) and not no_store
