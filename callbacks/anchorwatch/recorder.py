"""The local store behind a guard: what cannot be written now is written later, and training never hears of it."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable

from anchorwatch.errors import StoreError
from anchorwatch.store import Store

logger = logging.getLogger("anchorwatch")


class Recorder:
    """Writes to a store in order. A write that fails waits, with all after it, for the next one.

    One warning is given for the first failure, and none after it.
    """

    def __init__(self, store: Store | None) -> None:
        """`store` None drops everything: the other processes of a distributed run."""
        self._store = store
        self._waiting: deque[Callable[[Store], object]] = deque()
        self._warned = False

    def write(self, operation: Callable[[Store], object]) -> None:
        """Run `operation` on the store, after those that still wait."""
        if self._store is None:
            return
        self._waiting.append(operation)
        try:
            while self._waiting:
                self._waiting[0](self._store)
                self._waiting.popleft()
        except StoreError as error:
            if not self._warned:
                logger.warning("%s; training goes on, and the watch tries again at the next check", error)
            self._warned = True

    @property
    def waiting(self) -> int:
        """Writes that have not gone through yet."""
        return len(self._waiting)

    def close(self) -> None:
        """Let go of the store."""
        if self._store is not None:
            self._store.close()
