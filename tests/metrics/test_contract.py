from __future__ import annotations

from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from anchorwatch.anchors import load
from anchorwatch.errors import AnchorSetError
from anchorwatch.metrics import METRICS, check_names
from anchorwatch.metrics.contract import FROM_CONTRACTS, evaluate, stated

SCHEMA = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
NESTED = "[" * 200_000 + "]" * 200_000

# One expectation, an output that meets it, one that does not, and what the second's reason must say.
CASES = [
    ({"includes": ["Two", {"regex": r"\byears?\b"}]}, "two YEARS", "two", "does not contain /"),
    ({"includes_any": ["14", "fourteen"]}, "Fourteen days", "ten days", "contains none of '14', 'fourteen'"),
    ({"excludes": ["on its way"]}, "No.", "It is ON ITS WAY", "contains 'on its way'"),
    ({"excludes": [{"regex": "^Sure"}]}, "Not sure", "Well.\nSure!", "contains /^Sure/"),
    ({"exact": "Yes"}, " Yes\n", "yes", "found 'yes'; expected 'Yes'"),
    ({"starts_with": "Dear"}, "\nDear all", "dear all", "begins 'dear all'"),
    ({"ends_with": "Bye."}, "Bye. ", "Bye", "ends 'Bye'"),
    ({"json_schema": SCHEMA}, '{"id": 7}', '{"id": "7"}', "at $.id: '7' is not of type 'integer'"),
    ({"json_schema": SCHEMA}, '```json\n{"id": 7}\n```', 'Here: {"id": 7}', "not JSON"),
    ({"json_schema": SCHEMA}, '```\n{"id": 7}\n```', "", "found nothing"),
    ({"json_schema": {"type": "number"}}, "1e3", "NaN", "not JSON: NaN"),
    ({"json_schema": {"type": "array"}}, "[]", NESTED, "nested too deeply"),
    ({"json_schema": {"type": "integer"}}, "1", "9" * 1_000_000, "not JSON"),
    ({"min_tokens": 2}, "two words", "one", "1 tokens; expected at least 2"),
    ({"max_tokens": 2}, "two words", "now three words", "3 tokens; expected at most 2"),
    ({"words": {"max": 4}}, "保修两年", "保修是两年", "5 words; expected at most 4"),
    ({"words": 2}, "two words", "one", "1 words; expected exactly 2"),
    ({"chars": {"min": 2, "max": 3}}, " abc ", "abcd", "4 characters; expected 2 to 3"),
    ({"sentences": 2}, "One. Two.", "One.", "1 sentences"),
    ({"lines": 2}, "a\n\nb", "a", "1 lines"),
    ({"paragraphs": 2}, "a\n\nb", "a\nb", "1 paragraphs"),
    ({"items": 3}, "- a\n- b\n- c", "a, b, c", "0 list items; expected exactly 3"),
    ({"case": "upper"}, "ALL OF 7", "All", "expected upper case"),
    ({"case": "lower"}, "all of 7", "7", "expected lower case"),
]


@pytest.mark.parametrize(("expect", "good", "bad", "reason"), CASES)
def test_a_contract_read_off_the_output(ask, say, expect, good, bad, reason) -> None:
    anchor = ask(expect=expect)
    (held,) = evaluate(anchor, say(good), {})
    (broken,) = evaluate(anchor, say(bad), {})
    assert held.held, held.reason
    assert held.reason
    assert not broken.held
    assert reason in broken.reason
    assert (held.anchor_id, held.name) == ("a", next(iter(expect)))


@pytest.mark.parametrize(
    ("expect", "good", "bad", "reason"),
    [
        ({"action": ["refuse", "hand_off"]}, "hand_off", "answer", "found action answer; expected refuse or hand_off"),
        ({"language": "en"}, "en", "zh", "found language zh; expected en"),
        ({"metrics": {"rep_4": {"max": 0.2}}}, 0.0, 0.25, "rep_4 is 0.25; expected at most 0.2"),
        ({"metrics": {"truncated": {"max": 0}}}, False, True, "truncated is 1; expected at most 0"),
        ({"metrics": {"tone": {"min": 1}}}, 1, "warm", "tone is the label 'warm'"),
    ],
)
def test_a_contract_on_a_score(ask, say, expect, good, bad, reason) -> None:
    anchor = ask(expect=expect)
    (name,) = stated(anchor)
    metric = name.removeprefix("metrics.")
    assert [result.held for result in evaluate(anchor, say("x"), {metric: good})] == [True]
    (broken,) = evaluate(anchor, say("x"), {metric: bad})
    assert (broken.name, broken.held) == (name, False)
    assert reason in broken.reason


def test_what_cannot_be_checked_has_no_result_and_no_score(ask, say) -> None:
    anchor = ask(expect={"language": "en", "max_tokens": 3, "metrics": {"rep_4": {"max": 0.2}}})
    results = evaluate(anchor, say("Yes."), {"language": None})
    assert [result.name for result in results] == ["max_tokens"]
    passed = FROM_CONTRACTS["contract_pass"](anchor, results)
    assert passed.value is None
    assert "language, metrics.rep_4" in passed.reason
    broken = evaluate(anchor, say("Yes we do ship"), {"language": None})
    assert FROM_CONTRACTS["contract_pass"](anchor, broken).value is False


def test_an_anchor_without_expectations(ask, say) -> None:
    assert evaluate(ask(), say("x"), {}) == ()
    assert {read(ask(), ()).value for read in FROM_CONTRACTS.values()} == {None}


def test_the_metrics_read_off_contracts_each_look_at_their_own(ask, say) -> None:
    anchor = ask(expect={"excludes": ["7"], "json_schema": SCHEMA, "max_tokens": 1})
    results = evaluate(anchor, say('{"id": 7}'), {})
    values = {name: read(anchor, results) for name, read in FROM_CONTRACTS.items()}
    assert {name: measured.value for name, measured in values.items()} == {
        "json_schema": True,
        "format": False,
        "contract_pass": False,
    }
    assert values["contract_pass"].reason == "excludes: contains '7'; max_tokens: 2 tokens; expected at most 1"


def test_a_schema_is_never_fetched(ask, say) -> None:
    asked = []

    class Schemas(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

    with HTTPServer(("127.0.0.1", 0), Schemas) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/schema.json"
        (result,) = evaluate(ask(expect={"json_schema": {"$ref": url}}), say("{}"), {})
        server.shutdown()
    assert asked == []
    assert not result.held
    assert url in result.reason


def test_an_expression_sees_all_of_a_megabyte(ask, say) -> None:
    anchor = ask(expect={"includes": [{"regex": "end$"}], "excludes": [{"regex": "xy"}]})
    results = evaluate(anchor, say("x" * 1_000_000 + "end"), {})
    assert [result.held for result in results] == [True, True]


def test_every_expectation_there_is_gets_evaluated(ask, say) -> None:
    patterns = {"includes": ["a"], "includes_any": ["a"], "excludes": ["b"]}
    form = {"exact": "a", "starts_with": "a", "ends_with": "a", "json_schema": {}, "case": "lower"}
    counts = {
        "min_tokens": 1,
        "max_tokens": 9,
        "words": 1,
        "chars": 1,
        "sentences": 1,
        "lines": 1,
        "paragraphs": 1,
        "items": 0,
    }
    read_from_scores = {"action": "answer", "language": "en", "metrics": {"rep_4": {"max": 1}}}
    expect = {**patterns, **form, **counts, **read_from_scores}
    anchor = ask(expect=expect)
    assert set(expect) == set(type(anchor.expect).model_fields)
    results = evaluate(anchor, say("a"), {"action": "answer", "language": "en", "rep_4": 0.0})
    assert tuple(result.name for result in results) == stated(anchor)
    assert [result.name for result in results if not result.held] == ["json_schema"]


def _set_with(expect):
    return load([{"id": "one", "kind": "core", "prompt": "Hello there", "expect": expect}])


@pytest.mark.parametrize(
    ("expect", "message"),
    [
        ({"metrics": {"rep4": {"max": 1}}}, "(did you mean 'rep_4'?)"),
        ({"metrics": {"contract_pass": {"min": 1}}}, "unknown metric 'contract_pass'"),
        ({"language": "xx"}, "unknown language 'xx'"),
    ],
)
def test_names_that_nothing_answers_to_are_an_error(expect, message) -> None:
    with pytest.raises(AnchorSetError) as caught:
        check_names(_set_with(expect), METRICS.values())
    assert message in str(caught.value)
    assert "anchor 'one': expect." in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_metric_that_the_run_leaves_out_is_an_error() -> None:
    check_names(_set_with({"action": "refuse", "language": "en"}), METRICS.values())
    with pytest.raises(AnchorSetError, match="needs the metric 'action'"):
        check_names(_set_with({"action": "refuse"}), [METRICS["language"]])


def test_an_expression_that_would_never_end_leaves_its_contract_unchecked(ask, say) -> None:
    anchor = ask(expect={"excludes": [{"regex": "(a|a|a)+$"}]})
    assert evaluate(anchor, say("a" * 5000 + "b"), {}) == ()
    (result,) = evaluate(anchor, say("b"), {})
    assert result.held
