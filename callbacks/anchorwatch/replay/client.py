"""Requests to an OpenAI-compatible server: none takes for ever or fills the memory, and what fails is one line."""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from anchorwatch.errors import ConfigurationError, MissingDependencyError
from anchorwatch.text import visible

KEY = "OPENAI_API_KEY"
SECONDS = 600.0
"""For one request, with all that is tried again: the client's own limit starts anew with every byte that comes."""
_RETRIES = 3
"""After a connection error, a timeout, 408, 409, 429 or 5xx; the client waits longer before each."""
# Who may ask, and keys among the parameters.
_SECRET = re.compile(r"(?<=//)[^/?#]*@|[?#].*", re.DOTALL)


class NoAnswerError(Exception):
    """A server that cannot be reached, or does not come to the end of its answer; str() says why."""


class NoJsonError(Exception):
    """An answer that is no JSON; str() shows how it begins."""


class Client:
    """Asks one server.

    Raises:
        ConfigurationError: the URL is none, or the key in the environment.
        MissingDependencyError: openai is not installed.
    """

    def __init__(self, url: str) -> None:
        """`url` may name a user, and parameters that every request gets."""
        self.shown = _SECRET.sub("", url)
        """The URL without the user and the parameters: they may be secret."""
        try:
            from openai import AsyncOpenAI
        except ImportError as error:
            raise MissingDependencyError(
                "a server is asked with openai, which is not installed: pip install 'anchorwatch[replay]'"
            ) from error
        key = os.environ.get(KEY, "")
        if not (key.isascii() and key.isprintable()):  # what the HTTP library says of it shows the key
            raise ConfigurationError(f"the key in ${KEY} is none: it has a line end in it, or a letter beyond ASCII")
        try:
            self._settings = _settings(url)
            AsyncOpenAI(**self._settings)
        except Exception as error:  # ValueError, and an error of the HTTP library that openai is built on
            found = re.sub("(?<=//).*@", "", self.shown, flags=re.DOTALL)
            raise ConfigurationError(
                f"an endpoint is a URL like http://localhost:8000/v1; found {visible(found, 300)!r}"
            ) from error

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Any]:
        """The client of openai; only inside, and on one event loop."""
        from openai import AsyncOpenAI, DefaultAsyncHttpxClient

        from anchorwatch.replay.bounded import bound

        http = DefaultAsyncHttpxClient(event_hooks={"response": [bound]})
        async with AsyncOpenAI(**self._settings, http_client=http) as client:
            yield client


async def answered(request: Coroutine[Any, Any, Any]) -> Any:
    """The JSON with which a `with_raw_response` request of the client is answered.

    Raises:
        openai.APIStatusError: the server refuses; see `said`.
        NoAnswerError: it cannot be reached, or its answer is too slow or too long.
        NoJsonError: its answer is no JSON.
    """
    import openai

    from anchorwatch.replay.bounded import TooLongError

    try:
        response = await asyncio.wait_for(request, SECONDS)
    except asyncio.TimeoutError as error:  # another class before Python 3.11
        raise NoAnswerError(f"its answer is not complete after {SECONDS:g} s") from error
    except openai.APIStatusError:
        raise
    except (openai.OpenAIError, TooLongError, ValueError) as error:  # ValueError: no name for a host, no text for a key
        raise NoAnswerError(said(error)) from error
    try:
        return json.loads(response.content)
    except (ValueError, RecursionError) as error:
        raise NoJsonError(f"its answer is no JSON: {line(response.text, 100)!r}") from error


def said(error: Exception) -> str:
    """What went wrong in one line, with the cause of a connection error and the reason that a server gives."""
    words, cause = str(error), error.__cause__
    if cause is not None and str(cause) not in words:
        words = f"{words} {cause}"
    reason = reason_in(getattr(error, "body", None))
    return line(words if reason in words else f"{words} - {reason}")


def reason_in(body: Any) -> str:
    """The message in what a server sends instead of an answer, else all of it; empty for nothing."""
    error = body.get("error", body) if isinstance(body, dict) else body
    message = error.get("message") if isinstance(error, dict) else None
    told = message or error
    return told if isinstance(told, str) else json.dumps(told, ensure_ascii=False) if told else ""


def line(text: str, limit: int = 300) -> str:
    """`text` to be shown in one line, cut at `limit` characters."""
    return visible(" ".join(text.split()), limit)


def _settings(url: str) -> dict[str, Any]:
    """For openai's client.

    Raises:
        ValueError: `url` is none with a host, its port is no number, or it has line ends in it.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0 or not url.isprintable():
        raise ValueError(url)
    return {
        "base_url": urlunsplit((*parts[:3], "", "")),
        # The client would write them into the path.
        "default_query": dict(parse_qsl(parts.query, keep_blank_values=True)),
        "default_headers": {"Accept-Encoding": "identity"},
        # Servers on one's own machine mostly want no key, and the client insists on one.
        "api_key": os.environ.get(KEY) or "none",
        "max_retries": _RETRIES,
    }
