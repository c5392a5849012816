"""A limit on how much of an answer is read."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx2

LIMIT = 16 * 2**20
"""Bytes: 100 times the longest answers, and lists of thousands of models."""


class TooLongError(Exception):
    """An answer that is not read to its end; str() says why."""


class _Bounded(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        read = 0
        async for chunk in self._stream:
            read += len(chunk)
            if read > LIMIT:
                raise TooLongError(f"it answers with more than {LIMIT >> 20} MiB")
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


async def bound(response: httpx2.Response) -> None:
    """A hook for the HTTP client: reading the response raises TooLongError after LIMIT bytes.

    Raises:
        TooLongError: it is compressed, so that its bytes say nothing about its length.
    """
    if response.headers.get("content-encoding", "identity") != "identity":
        raise TooLongError("it answers compressed, which it was asked not to do")
    if isinstance(response.stream, httpx2.AsyncByteStream):
        response.stream = _Bounded(response.stream)
