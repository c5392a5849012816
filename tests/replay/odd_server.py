"""A server on loopback that answers as a test tells it to."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

Write = Callable[[bytes], object]
"""Writes a piece of a body; raises OSError when nobody reads any more."""
LIST = {"object": "list", "data": [{"id": "base"}, {"id": "tuned"}]}


def completion(message: Any = None, reason: str = "stop", **fields: Any) -> dict[str, Any]:
    """A chat completion; `fields` take the place of its own."""
    choice = {"index": 0, "finish_reason": reason, "message": message or {"role": "assistant", "content": "At nine."}}
    usage = {"prompt_tokens": 3, "completion_tokens": 2}
    return {"id": "x", "object": "chat.completion", "model": "m", "choices": [choice], "usage": usage, **fields}


@dataclass
class Odd:
    """What a server does, and what was asked of it."""

    answer: Any = field(default_factory=completion)
    """JSON, bytes as they are, or what writes the body by the function that it is called with."""
    status: int = 200
    models: Any = field(default_factory=lambda: LIST)
    headers: Mapping[str, str] = field(default_factory=dict)
    url: str = ""
    asked: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)
    """Path and headers of the requests for completions."""
    gone: Event = field(default_factory=Event)
    """Set when who asked no longer reads."""


@contextmanager
def serving(odd: Odd) -> Iterator[Odd]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._send(odd.models, 200)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            odd.asked.append((self.path, dict(self.headers)))
            self._send(odd.answer, odd.status)

        def _send(self, what: Any, status: int) -> None:
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **odd.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                if callable(what):
                    what(self.wfile.write)
                else:
                    self.wfile.write(what if isinstance(what, bytes) else json.dumps(what).encode())
            except OSError:
                odd.gone.set()

        def log_message(self, *_: object) -> None:
            """Keep standard error clean."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        odd.url = f"http://127.0.0.1:{server.server_port}/v1"
        yield odd
        server.shutdown()
