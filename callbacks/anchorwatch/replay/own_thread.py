"""Runs a coroutine to its end where an event loop may be running already, as in a notebook."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")


def finished(work: Coroutine[Any, Any, T]) -> T:
    """What `work` returns or raises, on an event loop in a thread of its own.

    What interrupts the caller (Ctrl-C) cancels the work, and comes through once that has let go of what it held.
    """
    begun: Future[tuple[asyncio.AbstractEventLoop, asyncio.Task[Any] | None]] = Future()

    async def cancellable() -> T:
        begun.set_result((asyncio.get_running_loop(), asyncio.current_task()))
        return await work

    with ThreadPoolExecutor(1, thread_name_prefix="anchorwatch") as pool:
        result = pool.submit(asyncio.run, cancellable())
        try:
            return result.result()
        except BaseException:
            if not result.done():
                loop, task = begun.result()
                with suppress(RuntimeError):  # the loop is closed: it ended in this moment
                    loop.call_soon_threadsafe(task.cancel)  # type: ignore[union-attr]
            raise
