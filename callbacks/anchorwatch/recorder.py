"""The local store behind a guard: what cannot be written now is written later, and training never hears of it."""

from __future__ import annotations

import logging
import re
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from anchorwatch.errors import StoreError
from anchorwatch.records import RunInfo
from anchorwatch.store import Store

logger = logging.getLogger("anchorwatch")

_NAME = 60
"""Characters of a run's name in the name of a file: some file systems take 255 bytes."""


class Recorder:
    """Writes to a store in order. A write that fails waits, with all after it, for a later one.

    One warning is given for the first failure, and none after it. A store that makes its callers wait before it fails
    (one that is locked) is left alone for ten times as long: it never takes more than a tenth of the training.
    """

    def __init__(self, store: Store | None) -> None:
        """`store` None drops everything: the other processes of a distributed run."""
        self._store = store
        self._waiting: deque[Callable[[Store], object]] = deque()
        self._warned = False
        self._again_at = 0.0

    def write(self, operation: Callable[[Store], object], *, last: bool = False) -> None:
        """Run `operation` on the store, after those that still wait; at once if it is the `last` one."""
        if self._store is None:
            return
        self._waiting.append(operation)
        started = time.monotonic()
        if started < self._again_at and not last:
            return
        try:
            while self._waiting:
                self._waiting[0](self._store)
                self._waiting.popleft()
        except StoreError as error:
            if not self._warned:
                logger.warning("%s; training goes on, and the watch tries again at the next check", error)
            self._warned = True
            self._again_at = time.monotonic() + 10 * (time.monotonic() - started)

    @property
    def waiting(self) -> int:
        """Writes that have not gone through yet."""
        return len(self._waiting)

    def report(self, run: RunInfo, folder: Path) -> Path | None:
        """Write the report of a run to a file in `folder`, which is made if need be; a file of that name is replaced.

        None where there is no store, and where it failed, which costs one warning.
        """
        if self._store is None:
            return None
        from anchorwatch.report.page import write_report

        name = re.sub(r"[^\w.-]+", "-", run.name).strip(".-")[:_NAME]
        path = folder / f"{name}-{run.id}.html"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            write_report(self._store, [run.id], path)
        except Exception as error:
            logger.warning(
                "no report of run %s (%s: %s); anchorwatch report writes one", run.id, type(error).__name__, error
            )
            return None
        return path

    def close(self) -> None:
        """Let go of the store."""
        if self._store is not None:
            self._store.close()
