from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

# In a process of its own: trackio reads TRACKIO_DIR once, when it is imported.
SCRIPT = """
import json, sys
import trackio
from tracker_samples import FELL, NASTY, flagged, make_anchor_set, make_reading, make_run
from anchorwatch.trackers import FanOut, discover, tables

trackio.init(project="shop", name="first")
trackers = FanOut(discover(["trackio"]))
links = trackers.start(make_run(), make_anchor_set())
baseline, last = make_reading(0), make_reading(40, {"hours": NASTY, "premise": "x" * 1_000_000}, held=False)
trackers.record(baseline, None)
trackio.log({"train/loss": 2.5, "train/global_step": 10})  # the trainer, between two checks
trackers.record(last, baseline)
trackers.record(flagged(60, FELL), baseline)
trackers.record(flagged(80), baseline)
trackio.finish()  # the trainer's integration closes first
trackers.finish(last, baseline)

from trackio.sqlite_storage import SQLiteStorage
found = {
    "links": links,
    "entries": SQLiteStorage.get_logs("shop", "first"),
    "alerts": SQLiteStorage.get_alerts("shop", "first"),
    "scalars": tables.scalars(last),
    "rows": [row._asdict() for row in tables.rows(make_anchor_set(), last, baseline)],
}
json.dump(found, open(sys.argv[1], "w"), default=str)
"""


def test_a_run_holds_numbers_tables_and_alerts(tmp_path: Path) -> None:
    environment = {
        "PATH": "",
        "HOME": str(tmp_path),
        "TRACKIO_DIR": str(tmp_path / "trackio"),
        "PYTHONPATH": str(Path(__file__).parent),
    }
    found = tmp_path / "found.json"
    done = subprocess.run([sys.executable, "-c", SCRIPT, str(found)], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "failed" not in done.stderr
    seen = json.loads(found.read_text())

    assert seen["links"] == {"trackio": "shop/first"}
    first, loss, second, third, fourth, final = seen["entries"]
    assert [entry["step"] for entry in seen["entries"]] == [0, 1, 2, 3, 4, 5]
    assert (first["train/global_step"], second["train/global_step"], final["train/global_step"]) == (0, 40, 40)
    assert loss["train/loss"] == 2.5
    assert {key: value for key, value in second.items() if key.startswith("anchors/")} == seen["scalars"]
    assert second["anchor_tables/outputs"]["_value"] == seen["rows"]
    assert final["anchor_tables/final"]["_value"] == seen["rows"]
    assert second["anchor_tables/flags"]["_value"][0]["anchors"] == "refund"
    assert third["anchor_tables/flags"]["_value"][0]["change_low"] == -0.6
    assert fourth["anchor_tables/flags"]["_value"] == []
    (alert,) = [each for each in seen["alerts"] if each["step"] == 40]
    assert len(seen["alerts"]) == 2
    assert (alert["title"], alert["level"], alert["step"]) == ("anchorwatch: 1 new flag at step 40", "warn", 40)
    assert "\x1b" not in alert["text"]
