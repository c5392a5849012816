"""What is wrong with the arguments is said when the callback is made: one line, and nothing is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from anchorwatch import AnchorWatch, Metric
from anchorwatch.errors import AnchorWatchError, ConfigurationError

ROWS = [{"id": "a", "kind": "risk", "prompt": "hello"}]


def _scored(anchor, output, baseline) -> float:
    return 0.0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"anchors": "suport-en"}, "unknown anchor set 'suport-en'.*did you mean 'support-en'"),
        ({"anchors": "no/such.yaml"}, "no such file"),
        ({"anchors": ""}, "needs a name or a path"),
        ({"anchors": 7}, "found int"),
        ({"anchors": []}, "has no anchors"),
        ({"anchors": [3]}, "mapping of fields"),
        ({"anchors": [{**ROWS[0], "expect": {"metrics": {"rep_5": {"max": 1}}}}]}, "rep_5.*did you mean 'rep_4'"),
        ({"every": 0}, "every=0 is no cadence"),
        ({"every": -3}, "every=-3"),
        ({"every": 1.5}, r"every=1\.5"),
        ({"every": True}, "every=True"),
        ({"every": "evals"}, "did you mean 'eval'"),
        ({"every": None}, "every=None"),
        ({"drift_every": 0}, "drift_every=0 is no cadence"),
        ({"drift_every": 1.0}, r"drift_every=1\.0 is no cadence"),
        ({"drift_every": True}, "drift_every=True is no cadence"),
        ({"drift_every": "auto"}, "drift_every='auto' is no cadence"),
        ({"drift_every": 0.05}, r"drift_every=0\.05 is not denser than every='auto'"),
        ({"every": 10, "drift_every": 10}, "drift_every=10 is not denser than every=10"),
        ({"every": 0.1, "drift_every": 0.5}, r"drift_every=0\.5 is not denser than every=0\.1"),
        ({"budget": 0}, "budget=0 is no share of the training time"),
        ({"budget": 1.5}, r"budget=1\.5 is no share"),
        ({"budget": -0.1}, r"budget=-0\.1 is no share"),
        ({"budget": True}, "budget=True is no share"),
        ({"budget": "2%"}, "budget='2%' is no share"),
        ({"budget": float("nan")}, "budget=nan is no share"),
        ({"batch_size": 0}, "batch_size.*found 0"),
        ({"batch_size": 2.5}, r"batch_size.*found 2\.5"),
        ({"metrics": "action"}, "list of functions"),
        ({"metrics": ["action"]}, "a metric is a function"),
        ({"metrics": [lambda anchor, output, baseline: 1.0]}, "<lambda>.*give one with Metric"),
        ({"metrics": [Metric("action", _scored)]}, "'action' exists already"),
        ({"metrics": 5}, "list of functions"),
        ({"action": "rule"}, "did you mean 'rules'"),
        ({"action": "hf:"}, "unknown action classifier"),
        ({"action": "hf:./no-such-model"}, "cannot be loaded"),
        ({"store": "not a url"}, "a store is a URL"),
        ({"store": "sqlite:///no/such/folder/x.db"}, "does not exist"),
        ({"store": "oracle://host/x"}, "unknown kind of store 'oracle'"),
    ],
)
def test_a_wrong_argument_is_said_at_once(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(AnchorWatchError, match=message) as error:
        AnchorWatch(**{"anchors": ROWS, **arguments})
    assert "\n" not in str(error.value)
    assert not list(Path().iterdir()), "nothing may be written"


def test_a_metric_name_must_fit_the_trackers() -> None:
    with pytest.raises(ConfigurationError, match="lower-case letters"):
        Metric("My metric!", _scored)
