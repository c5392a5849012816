"""The file of the report, without a browser: what is in it, how large it gets, and that no text ends its data."""

from __future__ import annotations

import base64
import json
import math
import os
import random
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from page_runs import RISK, steady, watched

from anchorwatch.errors import ConfigurationError, StoreError
from anchorwatch.records import Flag, LossPoint
from anchorwatch.report.page import embedded_json, page, write_report
from anchorwatch.report.page.data import report_data
from anchorwatch.report.page.heat import SCALE, heat
from anchorwatch.report.page.series import MOST, behaviour_series, loss_series
from anchorwatch.store import Store
from example_run import record

TWO_MEGABYTES = 2 * 10**6


def data_of(html: str):
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.DOTALL)[1])


def test_40_anchors_at_30_checks_that_all_differ_stay_under_two_megabytes():
    words = random.Random(0).choices([f"w{i:03}" for i in range(1000)], k=200_000)
    anchors = RISK.model_copy(update={"anchors": tuple(
        RISK.anchors[i % 12].model_copy(update={"id": f"a{i}"}) for i in range(40)
    )})  # fmt: skip
    run = watched(
        lambda at, number, _: " ".join(words[(at * 40 + number) * 100 :][:100]),
        checks=30, anchors=anchors, tokens=128, losses=[LossPoint(i, "loss", 1 / (i + 1)) for i in range(10_000)],
    )  # fmt: skip
    whole = page([run])
    assert len(data_of(whole)["texts"]) > 1200
    assert len(whole.encode()) < TWO_MEGABYTES, f"{len(whole.encode()):,} bytes"
    assert len(page([watched(steady, checks=30, tokens=128)]).encode()) < 0.25 * TWO_MEGABYTES


def test_a_text_is_held_once_over_checks_anchors_and_runs():
    data = report_data([watched(name="one"), watched(name="two")])
    assert len(set(data["texts"])) == len(data["texts"])
    answers = data["runs"][1]["anchors"][0]["answers"]
    assert data["texts"][answers[0]["text"]] == "I cannot refund order 0 after so long."
    assert answers[0]["text"] == answers[2]["text"] != answers[8]["text"]


@pytest.mark.parametrize(
    "text", ["</script><script>x", "<!--<script>", "]]>", "&lt;", "\u2028", "%SCRIPTS%%DATA%", "\x00"]
)
def test_no_text_ends_the_data(text):
    written = embedded_json([text])
    assert not set("<>&\u2028\x00") & set(written)
    assert json.loads(written) == [text]
    assert data_of(page([watched(lambda *_: text, checks=2)]))["texts"].count(text.replace("\x00", "\ufffd")) == 1


def test_lone_surrogates_are_replaced_and_a_loss_that_is_no_number_is_named():
    assert json.loads(embedded_json("a\ud800b").encode()) == "a\ufffdb"
    run = watched(checks=2, losses=[LossPoint(1, "loss", float("nan")), LossPoint(2, "loss", float("inf"))])
    assert data_of(page([run]))["runs"][0]["losses"] == [{"name": "loss", "points": [[1, "nan"], [2, "inf"]]}]


def test_contracts_flags_and_drift_are_those_that_were_judged():
    (run,) = report_data([watched()])["runs"]
    last = run["anchors"][0]["answers"][-1]
    assert [(name, stands) for name, stands, _, _ in last["contracts"]] == [("action", "broken")]
    assert last["contracts"][0][3] == 30
    assert last["departs"] == 2
    assert last["lost"] == pytest.approx(0.05 * 8 * 77 / 12 - 0.01 * 8 / 12, rel=0.01)
    flags = [flag for check in run["checks"] for flag in check["flags"]]
    assert {flag["rule"] for flag in flags} >= {"overconfident"}
    (declines,) = [flag for flag in run["checks"][-1]["flags"] if flag["metric"] == "declines"]
    assert declines["rate"]
    assert -1 <= declines["change"][0] < declines["change"][1] < 0 < declines["p"] <= 0.25
    assert run["checks"][3]["newly_broken"] == [f"risk-{i}" for i in range(4)]
    assert [anchor["kind"] for anchor in run["anchors"]] == ["risk"] * 12 + ["core"] * 6


def test_flags_that_were_recorded_without_figures_are_shown_without():
    run = watched()
    moved = {"before": 1.0, "after": 0.5}
    fell = Flag("regressed", "alarm", 80, 40, "It fell.", ("risk-0",), "contract_pass", "all")
    old = (fell, replace(fell, evidence={"behaviour": moved}))
    (shown,) = data_of(page([replace(run, readings=[replace(each, flags=old) for each in run.readings])]))["runs"]
    flags = shown["checks"][-1]["flags"]
    assert [(flag["moved"], flag["change"], flag["p"]) for flag in flags] == [(None, None, None), (moved, None, None)]


def test_drift_per_token_keeps_its_sign_and_its_size():
    lost = [0.0, 0.01, 0.8, 3.2, 12.0, 99.0, -0.5]
    levels = [byte - 256 if byte > 127 else byte for byte in base64.b64decode(heat([0.0] * 7, [-x for x in lost]))]
    back = [(level / SCALE) ** 2 * (1 if level >= 0 else -1) for level in levels]
    for given, kept in zip(lost, back, strict=True):
        assert kept == (
            pytest.approx(given, abs=abs(given) ** 0.5 / SCALE) if given < 99 else pytest.approx(15.75, abs=0.01)
        )
    assert heat([], []) is heat([-1.0], []) is heat([-1.0], [float("-inf")]) is None


def test_a_long_loss_is_thinned_without_losing_a_spike():
    points = [LossPoint(step, "loss", 1.0) for step in range(50_000)]
    points[31_234] = LossPoint(31_234, "loss", 9.0)
    (series,) = loss_series(points)
    assert len(series["points"]) <= MOST + 2
    assert [31_234, 9.0] in series["points"]
    assert (series["points"][0][0], series["points"][-1][0]) == (0, 49_999)


@pytest.mark.parametrize("first", [0, 40_123, 49_999])
def test_a_long_loss_keeps_the_step_from_which_it_is_no_number(first):
    points = [LossPoint(step, "loss", 1.0 if step < first else -math.inf) for step in range(50_000)]
    (series,) = loss_series(points)
    assert next(point for point in series["points"] if point[1] != 1.0) == [first, "−inf"]
    assert series["points"][-1] == [49_999, "−inf"]


def test_the_behaviours_drawn_are_those_judged_flagged_and_the_users_own():
    run = watched()
    drawn = {f"{each['metric']}/{each['group']}": each["drawn"] for each in behaviour_series(run.readings, {})}
    assert drawn["contract_pass/all"]
    assert drawn["declines/risk"]
    assert not drawn["action_degenerate/all"]
    own = behaviour_series(run.readings, {"direction.tokens": "lower"})
    assert "tokens" in [each["metric"] for each in own]
    assert behaviour_series([], {}) == []


def test_runs_that_broke_off_are_written(tmp_path):
    for checks in (0, 1):
        run = watched(checks=checks, losses=[])
        (shown,) = data_of(page([replace(run, stored=replace(run.stored, status="running"))]))["runs"]
        assert len(shown["checks"]) == checks
        assert shown["losses"] == []


def test_a_report_replaces_the_one_before_or_leaves_it(tmp_path):
    target = tmp_path / "report.html"
    with Store() as store:
        run = record(store)
        write_report(store, ["latest", "shop", run.id[:4]], target)
        assert [each["id"] for each in data_of(target.read_text("utf-8"))["runs"]] == [run.id]
        before = target.read_bytes()
        with pytest.raises(StoreError, match="no run 'nope'"):
            write_report(store, ["nope"], target)
        assert target.read_bytes() == before
        with pytest.raises(FileNotFoundError):
            write_report(store, ["latest"], tmp_path / "no" / "report.html")
    assert [path.name for path in tmp_path.glob("report*")] == ["report.html"]


def test_a_report_goes_where_a_link_leads_and_keeps_the_mode_of_the_file_it_replaces(tmp_path):
    kept = tmp_path / "kept" / "report.html"
    kept.parent.mkdir()
    kept.write_text("old", encoding="utf-8")
    kept.chmod(0o600)
    link = tmp_path / "latest.html"
    link.symlink_to(Path("kept/report.html"))
    with Store() as store:
        run = record(store)
        write_report(store, ["latest"], link)
        write_report(store, ["latest"], tmp_path / "new.html")
    assert link.is_symlink()
    assert run.id in kept.read_text("utf-8")
    assert kept.stat().st_mode & 0o777 == 0o600
    beside = tmp_path / "beside"
    beside.touch()
    assert (tmp_path / "new.html").stat().st_mode == beside.stat().st_mode, "the mode of any new file"
    assert [path.name for path in kept.parent.iterdir()] == ["report.html"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a POSIX system")
def test_what_is_no_regular_file_and_what_another_writer_has_under_way_are_left_alone(tmp_path):
    pipe, other = tmp_path / "pipe.html", tmp_path / "report.html.part"
    os.mkfifo(pipe)
    other.write_text("half", encoding="utf-8")
    with Store() as store:
        record(store)
        for path in (pipe, tmp_path):
            with pytest.raises(ConfigurationError, match=f"{path.name} is no regular file"):
                write_report(store, ["latest"], path)
        write_report(store, ["latest"], tmp_path / "report.html")
    assert pipe.is_fifo()
    assert other.read_text("utf-8") == "half"


def test_nothing_in_the_file_points_outside_but_the_names_of_the_libraries():
    html = page([watched(checks=2)])
    tags = re.sub(r"(<script[^>]*>).*?</script>|(<style>).*?</style>", r"\1", html, flags=re.DOTALL)
    assert not re.findall(r"https?://|src=|@import|url\(", tags)
    assert "default-src 'none'" in tags
    assert "unsafe" not in tags
    for licence in ("Copyright (c) 2022 Leon Sorokin", "Copyright (c) 2009-2015, Kevin Decker"):
        assert licence in html


def test_it_is_written_without_torch():
    script = "import sys, anchorwatch.report.page; assert not {'torch', 'transformers'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True)
