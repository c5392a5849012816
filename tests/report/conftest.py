"""The report page in a browser."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from anchorwatch.report.page import WatchedRun, page


@pytest.fixture
def opened(browser: Any, tmp_path: Path) -> Iterator[Any]:
    """Opens the report of runs from disk; afterwards nothing may have gone wrong, asked the network or left the page.

    With REPORT_SHOTS set to a folder, `shot` names a screenshot that is left there.
    """
    wrong: list[str] = []
    contexts = []

    def open_(*runs: WatchedRun, width: int = 1280, height: int = 900, **how: Any) -> Any:
        path = tmp_path / "report.html"
        path.write_text(page(runs), encoding="utf-8", newline="\n")
        contexts.append(browser.new_context(viewport={"width": width, "height": height}, **{"locale": "en-US", **how}))
        shown = contexts[-1].new_page()
        shown.on("console", lambda message: wrong.append(f"console: {message.text}"))
        shown.on("pageerror", lambda error: wrong.append(f"error: {error}"))
        shown.on("dialog", lambda dialog: wrong.append(f"dialog: {dialog.message}"))
        shown.on("request", lambda asked: asked.url == path.as_uri() or wrong.append(f"request: {asked.url}"))
        shown.add_init_script(
            "addEventListener('securitypolicyviolation', (event) => console.error(event.violatedDirective))"
        )
        shown.goto(path.as_uri())
        return shown

    yield open_
    if (folder := os.environ.get("REPORT_SHOTS")) and contexts:
        shot = f"{os.environ['PYTEST_CURRENT_TEST'].split('::')[1].split(' ')[0]}.png".replace("/", "-")
        contexts[-1].pages[0].screenshot(path=Path(folder) / shot)
    for context in contexts:
        context.close()
    assert not wrong
