"""Draws the images of the README from stored runs: python scripts/screenshots.py --store URL RUN OTHER.

docs/images/report.png is the first screen of RUN, docs/images/compare.png that of RUN beside OTHER, in headless
Chromium, 900 pixels wide. Where Pillow is installed, 256 colours are kept, which makes the files half the size.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from io import BytesIO
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from anchorwatch.report.page import write_report
from anchorwatch.store import Store

IMAGES = Path(__file__).parents[1] / "docs/images"
WIDTH = 900
COLOURS = 256
LIMIT = 120_000
"""Bytes of an image."""


def main() -> None:
    arguments = _arguments()
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        raise SystemExit("no Chromium is installed (apt-get install chromium)")
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, Store(arguments.store) as store, sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name, runs, last in (
            ("report", [arguments.run], "#legend"),
            ("compare", [arguments.run, arguments.other], "#comparison-view .overview"),
        ):
            path = Path(folder) / f"{name}.html"
            write_report(store, runs, path)
            image = _smaller(_first_screen(browser, path, last))
            if len(image) > LIMIT:
                raise SystemExit(f"{name}.png has {len(image):,} bytes; at most {LIMIT:,} are wanted")
            (IMAGES / f"{name}.png").write_bytes(image)
            print(f"docs/images/{name}.png: {len(image):,} bytes")
        browser.close()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", required=True, help="SQLAlchemy URL of the store that holds the runs")
    parser.add_argument("run", help="id, start of an id, or name")
    parser.add_argument("other", help="the run to compare it with")
    return parser.parse_args()


def _first_screen(browser: Any, path: Path, last: str) -> bytes:
    """The page from the top to the end of the element `last`."""
    page = browser.new_page(viewport={"width": WIDTH, "height": 1200}, locale="en-US", color_scheme="light")
    page.goto(path.as_uri())
    page.wait_for_function("document.querySelector('canvas')")
    box = page.locator(last).bounding_box()
    image: bytes = page.screenshot(clip={"x": 0, "y": 0, "width": WIDTH, "height": box["y"] + box["height"] + 12})
    page.close()
    return image


def _smaller(image: bytes) -> bytes:
    try:
        from PIL import Image
    except ImportError:
        return image
    written = BytesIO()
    Image.open(BytesIO(image)).convert("RGB").quantize(COLOURS, kmeans=1).save(written, "PNG", optimize=True)
    return min(image, written.getvalue(), key=len)


if __name__ == "__main__":
    main()
