"""The workspace shows what a real, finished, offline run of W&B holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from test_wandb_tracker import read_back, table

from anchorwatch import AnchorWatch
from anchorwatch.anchors import KINDS, load
from anchorwatch.errors import ConfigurationError
from anchorwatch.metrics import Metric
from anchorwatch.store import Store
from anchorwatch.trackers import tables
from anchorwatch.trackers import wandb_workspace as workspaces
from training import trainer

GROUPS = ("all", *KINDS)


class Run(NamedTuple):
    store: str
    folder: str
    rows: list[dict[str, Any]]

    @property
    def keys(self) -> set[str]:
        """What was logged, a table under its own name."""
        return {key.partition(".")[0] for row in self.rows for key in row}


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A training whose risk anchors broke a contract, evaluated where it was checked, finished in offline mode."""
    folder = tmp_path_factory.mktemp("finished")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for name in ("WANDB_DIR", "WANDB_DATA_DIR", "WANDB_CACHE_DIR", "WANDB_CONFIG_DIR"):
            patch.setenv(name, str(folder))
        patch.setenv("WANDB_MODE", "offline")
        patch.setenv("WANDB_SILENT", "true")
        url = f"sqlite:///{folder}/watched.db"
        patch.setenv("ANCHORWATCH_STORE", url)
        anchors = [
            {"id": f"{kind}-{n}", "kind": kind, "prompt": f"order {n}", "max_new_tokens": 48}
            | {"expect": {"metrics": {"kept": {"min": 1}}} if kind == "risk" else {"max_tokens": 48}}
            for kind in KINDS
            for n in range(2)
        ]
        kept = Metric("kept", lambda _, output, baseline: baseline is None or output.text == baseline.text)
        watch = AnchorWatch(load(anchors), every=3, metrics=[kept], verbose=False)
        trainer(watch, report_to=["wandb"], eval_strategy="steps", eval_steps=3).train()
        import wandb

        wandb.finish()
        with Store() as store:
            run = store.run("latest")
    return Run(url, run.links["wandb"], read_back(run.links["wandb"])[0])


@pytest.fixture
def of_run(cli, finished: Run) -> dict[str, list[dict[str, Any]]]:
    """The panels made for the finished run, by section."""
    of_latest = ("--run", "latest", "--store", finished.store)
    assert cli("wandb-workspace", "me/shop", *of_latest, "--spec-only").code == 0
    return sections(Path("wandb-workspace.json").read_text("utf-8"))


def sections(specification: str) -> dict[str, list[dict[str, Any]]]:
    """The panels of a specification, by the name of their section."""
    found = json.loads(specification)["spec"]["section"]["panelBankConfig"]["sections"]
    return {section["name"]: section["panels"] for section in found}


def names(panels: list[dict[str, Any]]) -> list[set[str]]:
    """What each panel reads from the history or the summary of a run."""
    return [set(_names(panel["config"])) for panel in panels]


def _names(config: dict[str, Any]) -> list[str]:
    if "panel2Config" in config:
        return [config["panel2Config"]["exp"]["fromOp"]["inputs"]["key"]["val"]]
    y = config.get("metrics", config.get("yAxis"))
    return [name.removeprefix("summary:") for name in (config["xAxis"], *([y] if isinstance(y, str) else y))]


def test_the_run_holds_loss_and_behaviour_at_one_step_the_pairs_and_the_flags(finished: Run) -> None:
    by_step: dict[int, set[str]] = {}
    for row in finished.rows:
        by_step.setdefault(row["train/global_step"], set()).update(key.partition(".")[0] for key in row)
    for step in (3, 6):
        assert {"train/loss", "eval/loss", "anchor_tables/outputs", "anchor_tables/flags"} <= by_step[step]
        assert {f"anchors/{group}/contract_pass" for group in GROUPS} <= by_step[step]
    last = [row for row in finished.rows if "anchor_tables/outputs.path" in row][-1]
    pairs = table(finished.folder, last, "anchor_tables/outputs")
    changed = [dict(zip(pairs["columns"], pair, strict=True)) for pair in pairs["data"]]
    assert any(pair["changed"] and pair["base_output"] != pair["output"] for pair in changed)
    flags = table(finished.folder, last, "anchor_tables/flags")
    assert {"contract_broken"} <= {row[flags["columns"].index("rule")] for row in flags["data"]}


def test_a_chart_over_the_eval_loss_finds_both_in_one_row(finished: Run) -> None:
    both = [row for row in finished.rows if {"eval/loss", "anchors/risk/contract_pass"} <= row.keys()]
    assert [row["train/global_step"] for row in both] == [3, 6]


def test_every_name_for_a_run_is_one_that_it_logged(finished: Run, of_run: dict[str, Any]) -> None:
    shown = set().union(*(name for panels in of_run.values() for name in names(panels)))
    assert shown <= finished.keys
    numbers = {key for key in finished.keys if key.startswith("anchors/")}
    assert numbers - shown == set(), "every number has a panel"
    assert {"train/loss", "eval/loss", "anchor_tables/outputs", "anchor_tables/flags"} <= shown
    assert "anchors/risk/kept" in shown


def test_every_name_for_any_set_is_one_that_a_run_logs(finished: Run) -> None:
    found = sections(workspaces.specification(workspaces.build("me", "shop")))
    assert set().union(*(name for panels in found.values() for name in names(panels))) <= finished.keys


def test_the_sections_show_behaviour_beside_and_over_the_loss_by_kind(of_run: dict[str, Any]) -> None:
    beside, over = of_run["loss and behaviour"], of_run["behaviour over eval loss"]
    assert {panel["config"]["xAxis"] for panel in beside} == {"train/global_step"}
    assert {"train/loss", "eval/loss", "anchors/all/contract_pass", "anchors/all/declines"} <= names(beside)[0]
    by_kind = {f"anchors/{group}/contract_pass" for group in GROUPS}
    assert by_kind | {"train/global_step"} in names(beside)
    assert by_kind | {"eval/loss"} in names(over)
    assert {panel["config"]["xAxis"].removeprefix("summary:") for panel in over} == {"eval/loss"}
    assert {"anchor_tables/flags"} in names(of_run["flags"])
    for count in ("contracts_broken", "alarms", "flags"):
        assert {"train/global_step", f"anchors/all/{count}"} in names(of_run["flags"])
    assert names(of_run["answers beside the baseline's"]) == [{"anchor_tables/outputs"}]


def test_each_evaluation_set_has_an_axis_of_its_own() -> None:
    losses = [tables.loss_name(name) for name in ("loss", "eval_shop_loss", "eval_law_loss")]
    assert losses == ["train/loss", "eval/shop_loss", "eval/law_loss"]
    panels = sections(workspaces.specification(workspaces.build("me", "shop", losses=losses)))
    axes = {panel["config"]["xAxis"].removeprefix("summary:") for panel in panels["behaviour over eval loss"]}
    assert axes == {"eval/shop_loss", "eval/law_loss"}
    assert set(losses) <= names(panels["loss and behaviour"])[0]


def test_without_evaluations_there_is_nothing_over_them() -> None:
    panels = sections(workspaces.specification(workspaces.build("me", "shop", losses=["train/loss"])))
    assert "behaviour over eval loss" not in panels
    assert "loss and behaviour" in panels


def test_a_specification_serves_another_project() -> None:
    written = workspaces.specification(workspaces.build("me", "shop"))
    again = json.loads(workspaces.specification(workspaces.from_specification(written, "team", "law")))
    assert (again.pop("entity"), again.pop("project")) == ("team", "law")
    assert again.items() <= json.loads(written).items()


@pytest.mark.parametrize("text", ["", "[]", "{", '{"entity": "me"}', "\x00"])
def test_what_is_no_specification_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="no specification of a W&B workspace"):
        workspaces.from_specification(text, "me", "shop")


@pytest.mark.parametrize(
    "given",
    ["", "shop", "/shop", "me/", "me/shop/abc123", "https://wandb.ai/me/shop", "me /\n", "me/a#b", "me/" + "x" * 129],
)
def test_what_is_no_project_is_refused(given: str) -> None:
    with pytest.raises(ConfigurationError, match=r"ENTITY/PROJECT, such as my-team/support.*found "):
        workspaces.parse_project(given)


def test_a_project_may_have_dots_and_dashes() -> None:
    assert workspaces.parse_project("my-team/shop_2.1-zh") == ("my-team", "shop_2.1-zh")
