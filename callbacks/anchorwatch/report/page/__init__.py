"""The report: one HTML file with everything in it, which loads nothing and runs nothing but its own code.

What models and users wrote is data: JSON in a block that no text can end, put on the page as text alone. A content
security policy names every script and style by its hash, and forbids all else.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import stat
import uuid
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from anchorwatch.errors import ConfigurationError
from anchorwatch.report.page.data import report_data
from anchorwatch.report.page.watched import WatchedRun, load_run
from anchorwatch.store import Store
from anchorwatch.text import scrub

__all__ = ["WatchedRun", "load_run", "page", "write_report"]

_OWN = (
    *("words", "base", "recorded", "differences", "verdict", "chart", "listbox", "anchors", "heat", "pair"),
    *("compare", "course", "answers", "main"),
)
"""The page's own scripts, in the order in which they build on each other; they share one scope."""


def write_report(store: Store, references: Sequence[str], path: Path) -> None:
    """Writes the report of one or more stored runs to `path`, in one piece: a file there is replaced or left as it is.

    A reference is what `Store.run` takes. A run without a check is shown as such. A link leads to the file that is
    written, and a file that is replaced keeps its mode.

    Raises:
        ConfigurationError: what is at `path` is no regular file.
        StoreError: a run is unknown, or the store cannot be read.
        OSError: the file cannot be written; its name is `path`.
    """
    by_id = {run.stored.info.id: run for run in (load_run(store, reference) for reference in references)}
    try:
        _replace(path, page(list(by_id.values())))
    except OSError as error:  # a full disk says no name, and the name of the unfinished file is not the user's
        raise OSError(error.errno, error.strerror, str(path)) from error


def _replace(path: Path, text: str) -> None:
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        mode = None
    if mode is not None and not stat.S_ISREG(mode):
        raise ConfigurationError(f"{path} is no regular file and is not replaced: name another one for the report")
    target = Path(os.path.realpath(path))
    part = target.with_name(f"report-{uuid.uuid4().hex}.part")  # of its own: two may write one report at a time
    try:
        with part.open("x", encoding="utf-8", newline="\n") as file:
            if mode is not None:
                part.chmod(stat.S_IMODE(mode))
            file.write(text)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def page(runs: Sequence[WatchedRun]) -> str:
    """The whole HTML file, of `runs` in this order; it can be encoded as UTF-8 whatever they hold."""
    libraries = [_library("uPlot", "uPlot.iife.min.js"), _library("diff", "diff.min.js")]
    own = "\n".join(_asset(f"{name}.js") for name in _OWN)
    scripts = [*libraries, f'(() => {{\n"use strict";\n{own}\n}})();']
    styles = [_asset("vendor/uPlot.min.css"), _asset("style.css")]
    parts = {
        "%POLICY%": _policy(scripts, styles),
        "%STYLES%": "\n".join(f"<style>{style}</style>" for style in styles),
        "%SCRIPTS%": "\n".join(f"<script>{script}</script>" for script in scripts),
        "%DATA%": embedded_json(report_data(runs)),
    }
    html = _asset("page.html")
    for place, text in parts.items():  # the data last: nothing in it is taken for a place
        head, _, tail = html.partition(place)
        html = head + text + tail
    return html


def embedded_json(value: Any) -> str:
    """`value` as JSON that a script element can hold: without `<`, `>` and `&`, so that nothing in it ends the element.

    Lone surrogates are replaced (see `scrub`). What is not a number in JSON is a ValueError.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return scrub(text)


def _policy(scripts: Sequence[str], styles: Sequence[str]) -> str:
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {' '.join(map(_hash, scripts))}",
            f"style-src {' '.join(map(_hash, styles))}",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        ]
    )


def _hash(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


def _library(name: str, file: str) -> str:
    """An embedded library with its licence, which has to go where it goes."""
    return f"/*\n{_asset(f'vendor/{name}.LICENSE')}\n*/\n{_asset(f'vendor/{file}')}"


def _asset(name: str) -> str:
    # Read with "\n" as the only line end, as the browser does before it hashes.
    return (files(__name__) / name).read_text(encoding="utf-8").replace("\r\n", "\n")
