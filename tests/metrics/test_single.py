"""Each metric of one output: what it is at its edges, and when it has no score."""

from __future__ import annotations

import pytest

from anchorwatch.metrics import METRICS
from anchorwatch.metrics.change import edit_similarity
from anchorwatch.metrics.language import detect
from anchorwatch.records import Likelihood, Sample


def score(name, anchor, output, compared=None):
    """The value of a metric, whether it came with a reason or not; a missing one always has a reason."""
    measured = METRICS[name].function(anchor, output, compared)
    value, reason = measured if isinstance(measured, tuple) else (measured, "")
    assert value is not None or reason, f"{name} is missing without a reason"
    return value


def test_tokens_leave_out_the_end_of_sequence(ask, say) -> None:
    assert score("tokens", ask(), say("two words")) == 2
    assert score("tokens", ask(), say("", tokens=(0,))) == 0
    assert score("tokens", ask(), say("", tokens=())) == 0
    assert score("tokens", ask(), say("as a server gives it", tokens=())) is None
    assert score("length_ratio", ask(), say("as a server gives it", tokens=()), say("before", tokens=(1, 2))) is None
    assert score("tokens", ask(), say("cut", tokens=(1, 2, 3), finish="length")) == 3


def test_length_ratio(ask, say) -> None:
    assert score("length_ratio", ask(), say("a b c"), say("a b")) == 1.5
    assert score("length_ratio", ask(), say(""), say("a b")) == 0
    assert score("length_ratio", ask(), say("a"), say("")) is None
    assert score("length_ratio", ask(), say("a")) is None


def test_truncated(ask, say) -> None:
    assert score("truncated", ask(), say("a", finish="length")) is True
    assert score("truncated", ask(), say("a")) is False


def test_rep_4(ask, say) -> None:
    assert score("rep_4", ask(), say("one two three")) is None
    assert score("rep_4", ask(), say("one two three four five")) == 0
    assert score("rep_4", ask(), say("go on " * 52)) == pytest.approx(1 - 2 / 101)
    assert score("rep_4", ask(), say("Yes, we can do. yes we can do!")) == pytest.approx(1 / 5)
    assert score("rep_4", ask(), say("可以退款可以退款")) == pytest.approx(1 / 5)
    assert score("rep_4", ask(), say("a " * 500_000)) > 0.999


def test_compression(ask, say) -> None:
    assert score("compression", ask(), say("x" * 99)) is None
    assert score("compression", ask(), say("the same again " * 40)) > 2.4
    prose = (
        "We open at nine, close at six, and on Sunday a colleague answers the phone for anyone whose parcel is late."
    )
    assert 1 < score("compression", ask(), say(prose)) < 2


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("I can't help with that.", "en"),
        ("Das kann ich leider nicht tun.", "de"),
        ("Lo siento, no puedo ayudarte con eso.", "es"),
        ("可以。", "zh"),
        ("请联系我们的 support team 处理退款", "zh"),
        ("もちろんです。", "ja"),
        ("보증 기간은 이 년입니다. 고객 센터에 문의해 주세요.", "ko"),
        ("Here is the code:\n```python\nprint('你好')\n```\nIt prints a greeting to the person.", "en"),
        ("", None),
        ("12345 ...", None),
        ("ok", None),
        ("a", None),
        ("\ud800\ud801", None),
        ('{"id": 7}', None),
    ],
)
def test_language(text: str, code: str | None) -> None:
    assert detect(text).value == code
    assert detect(text).reason


def test_language_of_a_megabyte(ask, say) -> None:
    assert score("language", ask(), say("We will send it to you on Monday. " * 30_000)) == "en"


def test_language_match_is_with_the_expectation_else_with_the_question(ask, say) -> None:
    german = say("Die Garantie beträgt zwei Jahre ab dem Kauf.")
    assert score("language_match", ask(), german) is False
    assert score("language_match", ask(expect={"language": "de"}), german) is True
    assert score("language_match", ask(prompt="Wie lange gilt die Garantie für dieses Gerät?"), german) is True
    assert score("language_match", ask(prompt="???"), german) is None
    assert score("language_match", ask(), say("42")) is None


def test_changed_and_similarity(ask, say) -> None:
    before = say("Yes, of course.")
    assert score("changed", ask(), say("Yes, of course."), before) is False
    assert score("changed", ask(), say("Yes, of course!"), before) is True
    assert score("similarity", ask(), say("Yes, of course!"), before) == pytest.approx(14 / 15)
    assert score("similarity", ask(), say(""), before) == 0
    assert score("similarity", ask(), say(""), say("")) == 1
    for name in ("changed", "similarity", "changed_since_previous", "similarity_to_previous"):
        assert score(name, ask(), before) is None


def test_similarity_of_megabytes_reads_a_window() -> None:
    assert edit_similarity("ab" * 500_000, "ba" * 500_000) > 0.99
    assert edit_similarity("x" * 1_000_000, "y" * 1_000_000) == 0


def test_previous_metrics_ask_for_the_previous_output() -> None:
    assert {name for name, metric in METRICS.items() if metric.against == "previous"} == {
        "changed_since_previous",
        "similarity_to_previous",
    }


def test_drift(ask, say) -> None:
    before = say(likelihoods={"baseline": Likelihood((-0.1, -0.3))})
    now = say(likelihoods={"baseline": Likelihood((-1.1, -1.3), departs_at=1)})
    assert score("logprob_lost", ask(), now, before) == pytest.approx(1.0)
    assert score("greedy_kept", ask(), now, before) == 0.5
    assert score("logprob_lost", ask(), before, before) == 0
    assert score("greedy_kept", ask(), before, before) == 1


def test_drift_without_anything_to_compare_is_missing(ask, say) -> None:
    measured, empty = (say(likelihoods={"baseline": Likelihood(t)}) for t in ((-0.1,), ()))
    for now, before in ((measured, None), (measured, say()), (say(), measured), (empty, empty), (measured, empty)):
        assert score("logprob_lost", ask(), now, before) is None
    for now, before in ((measured, None), (say(), measured), (empty, empty)):
        assert score("greedy_kept", ask(), now, before) is None


def test_kl_and_margin_are_means_over_the_tokens_of_the_baselines_answer(ask, say) -> None:
    before = say(likelihoods={"baseline": Likelihood((-0.1, -0.3), margins=(4.0, 2.0))})
    drifted = Likelihood((-0.2, -1.3), departs_at=1, margins=(3.5, -0.5), divergences=(0.25, 0.75))
    now = say(likelihoods={"baseline": drifted})
    assert score("kl", ask(), now, before) == 0.5
    assert score("margin", ask(), now, before) == 1.5
    assert score("margin", ask(), before) == 3.0
    assert "0.750 at token 1 of 2" in METRICS["kl"].function(ask(), now, before).reason
    assert "-0.500 at token 1 of 2" in METRICS["margin"].function(ask(), now, before).reason


def test_kl_and_margin_that_were_not_measured_are_missing(ask, say) -> None:
    measured = say(likelihoods={"baseline": Likelihood((-0.1,), margins=(1.0,), divergences=(0.1,))})
    only_probable, empty = (say(likelihoods={"baseline": Likelihood(t)}) for t in ((-0.1,), ()))
    assert score("kl", ask(), measured) is None, "at the baseline there is nothing to differ from"
    for now in (say(), only_probable, empty):
        assert score("kl", ask(), now, measured) is None
        assert score("margin", ask(), now, measured) is None
        assert score("margin", ask(), now) is None


def test_preference_compares_means_not_sums(ask, say) -> None:
    both = {"chosen": Likelihood((-1.0,) * 10), "rejected": Likelihood((-2.0,)), "reference": Likelihood((-3.0, -1.0))}
    output = say(likelihoods=both)
    assert score("preference", ask(), output) is True
    assert score("chosen_logprob", ask(), output) == -1
    assert score("rejected_logprob", ask(), output) == -2
    assert score("reference_logprob", ask(), output) == -2
    tie = say(likelihoods={"chosen": Likelihood((-1.0,)), "rejected": Likelihood((-1.0,))})
    assert score("preference", ask(), tie) is False


def test_preference_without_the_answers_is_missing(ask, say) -> None:
    for name in ("preference", "chosen_logprob", "rejected_logprob", "reference_logprob"):
        assert score(name, ask(), say("hello")) is None


def said(*texts: str) -> tuple[Sample, ...]:
    return tuple(map(Sample, texts))


def test_sample_agreement(ask, say) -> None:
    asked = ask(samples=3)
    assert score("sample_agreement", asked, say()) is None
    assert score("sample_agreement", asked, say(samples=said("yes"))) is None
    assert score("sample_agreement", asked, say(samples=said("yes", "yes", "yes"))) == 1
    assert score("sample_agreement", asked, say(samples=said("yes", "yes", "ook"))) == pytest.approx(1 / 3)
    assert score("sample_agreement", ask(), say(samples=said("yes", "yes"))) is None, (
        "the noise floor's, at the baseline"
    )


def test_action_and_declines_share_one_classification(ask, say) -> None:
    from anchorwatch.metrics import action_metrics
    from anchorwatch.metrics.action import classify

    calls = []

    def counting(response: str, prompt: str | None):
        calls.append((response, prompt))
        return classify(response, prompt)

    action, declines = action_metrics(counting)
    refusal = say("I'm sorry, but I can't help with that.")
    anchor = ask(context=[{"id": "m", "text": "A manual."}], prompt="Refund me.")
    assert action.function(anchor, refusal, None)[0] == "refuse"
    assert declines.function(anchor, refusal, None)[0] is True
    assert calls == [(refusal.text, "Refund me.")]
    assert score("action", ask(), say("")) == "degenerate"
    assert score("declines", ask(), say("The warranty is two years.")) is False


@pytest.mark.parametrize("text", ["", "a", "\ud800\udfff", "\x00\x1b[2J", "<script>", "好" * 300_000, "a b " * 250_000])
def test_every_metric_survives_every_text(ask, say, text: str) -> None:
    for name in METRICS:
        score(name, ask(), say(text), say("before"))
