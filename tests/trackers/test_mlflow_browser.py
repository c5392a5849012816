"""MLflow's own pages in a real browser, over two real fine-tunes on a real server: where the links of a run lead."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import mlflow
import pytest
from mlflow import MlflowClient
from mlflow_trainings import ANSWERS, train
from tracker_samples import Server

LINES = """() => [...document.querySelectorAll(".js-plotly-plot")].flatMap((plot) => plot.data.map(
    (line) => [plot.layout.xaxis.title.text, line.name, line.metricKey, line.x.length]
))"""
SECTIONS = """() => [...document.querySelectorAll("[data-testid='experiment-view-compare-runs-section-header']")].map(
    (header) => header.innerText.split("\\n")[0]
)"""


class Trained(NamedTuple):
    server: Server
    links: dict[str, dict[str, str]]
    """What opens what, by run."""


def said(server: Server) -> dict[str, dict[str, str]]:
    """The last answer to each anchor, by the id of the run."""
    client = MlflowClient(server.uri)
    found = {}
    for run in client.search_runs(["0"], "tags.`anchorwatch.run_id` != ''"):
        table = json.loads(mlflow.artifacts.load_text(f"runs:/{run.info.run_id}/anchors/latest.json"))
        at = {name: table["columns"].index(name) for name in ("anchor_id", "output")}
        found[run.info.run_id] = {row[at["anchor_id"]]: row[at["output"]] for row in table["data"]}
    return found


@pytest.fixture(scope="module")
def trained(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trained]:
    folder = tmp_path_factory.mktemp("mlflow")
    server = Server(folder)
    before = mlflow.get_tracking_uri() if mlflow.is_tracking_uri_set() else None
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        try:
            server.start()
            mlflow.set_tracking_uri(server.uri)
            links = {name: train(name) for name in ANSWERS}
            yield Trained(server, links)
        finally:
            server.kill()
            mlflow.set_tracking_uri(before)


@pytest.fixture
def opened(browser: Any, tmp_path: Path) -> Iterator[Callable[[str], Any]]:
    """Opens an address and leaves a screenshot, also in the folder that ANCHORWATCH_SCREENSHOTS names, if any."""
    context = browser.new_context(viewport={"width": 1600, "height": 2800}, locale="en-US")
    page = context.new_page()
    page.set_default_timeout(120_000)

    def open_(address: str) -> Any:
        page.goto(address)
        assistant = page.locator("[data-component-id='mlflow.assistant.chat_panel.close']")
        page.get_by_text("Model training").first.wait_for()
        if assistant.count():  # takes a third of the width
            assistant.click()
        return page

    yield open_
    shot = tmp_path / f"{os.environ['PYTEST_CURRENT_TEST'].split('::')[1].split(' ')[0]}.png"
    page.screenshot(path=shot)
    if folder := os.environ.get("ANCHORWATCH_SCREENSHOTS"):
        shutil.copy(shot, folder)
    context.close()


def test_the_view_shows_loss_and_behaviour_of_both_runs_over_steps_and_over_the_loss(
    trained: Trained, opened: Callable[[str], Any]
) -> None:
    page = opened(trained.links["says-yes"]["behaviour vs loss"])
    page.get_by_text("loss vs eval_loss vs anchors/all/contract_pass", exact=True).wait_for()
    page.wait_for_function(f"() => ({LINES})().some(([axis, ...line]) => axis === 'eval_loss' && line[2] === 3)")
    drawn = {tuple(line) for line in page.evaluate(LINES)}
    for run in ANSWERS:
        assert {
            ("Step", run, "loss", 15),
            ("Step", run, "eval_loss", 3),
            ("Step", run, "anchors/all/contract_pass", 4),
            ("Step", run, "anchors/risk/declines", 4),
            ("Step", run, "anchors/all/contracts_broken", 4),
            ("Step", run, "anchors/all/flags", 4),
            ("eval_loss", run, "anchors/all/contract_pass", 3),
            ("eval_loss", run, "anchors/risk/declines", 3),
        } <= drawn
    assert page.evaluate(SECTIONS)[:4] == [
        "behaviour vs loss",
        "contracts broken and flags",
        "behaviour over eval_loss",
        "behaviour by kind",
    ]
    page.get_by_role("button", name="behaviour vs loss").wait_for()  # its name in the menu of views


def test_the_table_puts_the_answers_of_both_runs_side_by_side_without_a_click(
    trained: Trained, opened: Callable[[str], Any]
) -> None:
    page = opened(trained.links["says-yes"]["answers of several runs side by side"])
    page.locator("[row-id=refund] [role=gridcell]").first.wait_for()
    for anchor in ("hours", "refund"):
        cells = page.locator(f"[row-id={anchor}] [role=gridcell]:not([col-id=anchor_id])").all()
        shown = {cell.get_attribute("col-id"): cell.text_content() for cell in cells}
        assert shown == {run_id: answers[anchor] for run_id, answers in said(trained.server).items()}
    heads = " ".join(page.locator("[role=columnheader]").all_inner_texts())
    assert all(run in heads for run in ANSWERS)


def test_the_last_check_is_paired_with_the_baseline_row_by_row(trained: Trained, opened: Callable[[str], Any]) -> None:
    page = opened(trained.links["says-no"]["the last check beside the baseline, row by row"])
    rows = page.locator("[role=row]").filter(has=page.locator("[role=cell]"))
    for request in ("hours: Open?", "refund: Refund?"):
        row = rows.filter(has_text=request)
        row.get_by_text("True").first.wait_for()
        arrows = {True: 0, False: 0}
        for cell in row.locator("[role=cell]").all():
            values = cell.inner_text().split("\n")
            if {*values} <= {"True", "False"}:  # each with an icon of its own
                shown = [image for image in cell.locator("[role=img]").all() if image.is_visible()]
                assert len(shown) == 2 + (values[0] != values[1])
                arrows[values[0] != values[1]] += 1
        assert arrows[True] > 0
        assert arrows[False] > 0
    (passed,) = [head for head in page.locator("[role=columnheader]").all_inner_texts() if head[:4] == "cont"]
    assert re.search(r"\+\d+%", passed), "by how much the mean changed"


def test_the_report_is_among_the_artifacts(trained: Trained) -> None:
    for run_id in said(trained.server):
        assert "Content-Security-Policy" in mlflow.artifacts.load_text(f"runs:/{run_id}/anchors/report.html")
