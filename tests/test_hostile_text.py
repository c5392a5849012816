"""Model text is never trusted: whatever a model says goes through store, console and trackers unharmed."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from anchorwatch import AnchorWatch
from anchorwatch.mlflow_address import Address
from anchorwatch.store import Store
from training import trainer

HOSTILE = (
    "\x1b[2J\x1b]0;owned\x07 \x00 \r\b control",
    "[bold red]markup[/bold red] </script><script>alert(1)</script> {{ 7 * 7 }} %s",
    "lone \ud83d and \udc00 surrogates \u202ereversed\u202c",
    "x" * 1_000_000,
    '\'; DROP TABLE aw_runs; -- "quoted"\n\n\t',
    "",
    "emoji \U0001f469\u200d\U0001f467 and 中文，全角。",
)


@pytest.fixture
def hostile_training(monkeypatch: pytest.MonkeyPatch):
    """A training whose model says something hostile to every anchor, another thing at every check."""
    rows = [
        {"id": f"a{i}", "kind": "risk", "prompt": f"ask {i}", "samples": 1, "max_new_tokens": 2,
         "expect": {"excludes": ["markup", "control"], "json_schema": {"type": "object"}}}
        for i in range(len(HOSTILE) + 1)
    ]  # fmt: skip

    def make(**arguments):
        trained = trainer(AnchorWatch(rows, every=3), **arguments)
        said = iter(range(10**6))
        monkeypatch.setattr(
            trained.processing_class, "decode", lambda *_, **__: HOSTILE[next(said) % len(HOSTILE)], raising=False
        )
        return trained

    return make


def test_it_goes_through_store_console_and_trackers(hostile_training, capsys, caplog, monkeypatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{Path.cwd()}/mlflow.db")
    caplog.set_level(logging.WARNING, logger="anchorwatch")
    hostile_training(report_to=["wandb", "mlflow"]).train()
    assert not [record for record in caplog.records if record.name == "anchorwatch"], caplog.text

    with Store() as store:
        run = store.run("latest")
        readings = store.readings(run.info.id)
    assert [reading.step for reading in readings] == [0, 3, 6]
    told = {output.text for reading in readings for output in (reading.check.outputs)}
    assert any(len(text) == 1_000_000 for text in told)
    assert not any("\ud800" <= character <= "\udfff" for text in told for character in text)

    said = capsys.readouterr()
    assert "\x1b]0;" not in said.err + said.out
    assert "\u202e" not in said.err + said.out
    assert "[bold red]markup" in said.err, "shown as it is, not read as markup"

    import mlflow

    table = json.loads(
        mlflow.artifacts.load_text(f"runs:/{Address.parse(run.links['mlflow']).run_id}/anchors/latest.json")
    )
    assert len(table["data"]) == len(HOSTILE) + 1
