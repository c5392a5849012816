"""Draws the images of the README: python scripts/screenshots.py [--store URL RUN OTHER] [--mlflow LINK].

docs/images/report.png is the first screen of RUN, docs/images/compare.png that of RUN beside OTHER, and
docs/images/mlflow.png the view "behaviour vs loss", at the LINK that the end of a training prints while its server
runs. In headless Chromium, 900 pixels wide, with 256 colours. Needs Pillow.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright

from anchorwatch.report.page import write_report
from anchorwatch.store import Store

IMAGES = Path(__file__).parents[1] / "docs/images"
WIDTH = 900
COLOURS = 256
LIMIT = 120_000
"""Bytes of an image."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", help="SQLAlchemy URL of the store that holds the runs")
    parser.add_argument("--mlflow", metavar="LINK")
    parser.add_argument("runs", nargs="*", metavar="RUN", help="id, start of an id, or name; two of them")
    arguments = parser.parse_args()
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        raise SystemExit("no Chromium is installed (apt-get install chromium)")
    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        if arguments.runs:
            run, other = arguments.runs
            with tempfile.TemporaryDirectory() as folder, Store(arguments.store) as store:
                for name, runs, last in (
                    ("report", [run], "#legend"),
                    ("compare", [run, other], "#comparison-view .overview"),
                ):
                    path = Path(folder) / f"{name}.html"
                    write_report(store, runs, path)
                    _keep(name, _first_screen(browser, path, last))
        if arguments.mlflow:
            _keep("mlflow", _view(browser, arguments.mlflow))
        browser.close()


def _keep(name: str, image: bytes) -> None:
    """Scaled to the width of the README, in few colours."""
    written, drawn = BytesIO(), Image.open(BytesIO(image)).convert("RGB")
    if drawn.width > WIDTH:
        drawn = drawn.resize((WIDTH, round(drawn.height * WIDTH / drawn.width)), Image.Resampling.LANCZOS)
    drawn.quantize(COLOURS, kmeans=1).save(written, "PNG", optimize=True)
    if len(written.getvalue()) > LIMIT:
        raise SystemExit(f"{name}.png has {len(written.getvalue()):,} bytes; at most {LIMIT:,} are wanted")
    (IMAGES / f"{name}.png").write_bytes(written.getvalue())
    print(f"docs/images/{name}.png: {len(written.getvalue()):,} bytes")


def _view(browser: Any, link: str) -> bytes:
    """The charts of MLflow's page, without its menus."""
    page = browser.new_page(viewport={"width": 1500, "height": 1500}, locale="en-US", color_scheme="light")
    page.goto(link)
    page.wait_for_selector(".js-plotly-plot", timeout=60_000)
    assistant = page.get_by_text("MLflow Assistant").locator("xpath=ancestor::*[.//button][1]")
    if assistant.count():
        assistant.get_by_role("button").last.click()
    page.wait_for_timeout(3000)  # the charts are drawn one after the other
    image: bytes = page.screenshot(clip={"x": 200, "y": 0, "width": 1300, "height": 1000})
    page.close()
    return image


def _first_screen(browser: Any, path: Path, last: str) -> bytes:
    """The page from the top to the end of the element `last`."""
    page = browser.new_page(viewport={"width": WIDTH, "height": 1200}, locale="en-US", color_scheme="light")
    page.goto(path.as_uri())
    page.wait_for_function("document.querySelector('canvas')")
    box = page.locator(last).bounding_box()
    image: bytes = page.screenshot(clip={"x": 0, "y": 0, "width": WIDTH, "height": box["y"] + box["height"] + 12})
    page.close()
    return image


if __name__ == "__main__":
    main()
