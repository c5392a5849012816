"""The Chinese page is Chinese, but for what models and users wrote."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from page_runs import RISK, gives_in, watched
from test_page_comparison import FACTORS, three

from anchorwatch.anchors import ACTIONS, load
from anchorwatch.compare.causes import _CAUSES, _NEEDED
from anchorwatch.judge.behaviours import behaviours
from anchorwatch.judge.rules import RULES
from anchorwatch.metrics import METRICS, measure
from anchorwatch.metrics.action import classify
from anchorwatch.records import LossPoint, Output
from anchorwatch.report.sentences import ENGLISH

TESTS = Path(__file__).parents[1]
PAGE_FILES = TESTS.parent / "callbacks/anchorwatch/report/page"
Open = Callable[..., Any]

FORMS = ("words", "chars", "sentences", "lines", "paragraphs", "items")
SCHEMA = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
CONTRACTS: list[tuple[dict[str, Any], str]] = [
    *(({"action": ["refuse", "hand_off"]}, text) for text in ("Sure.", "I cannot do that.")),
    *(({"language": "en"}, text) for text in ("我们上午九点开门，欢迎光临本店。", "We open at nine in the morning.")),
    *(({"metrics": {name: {"max": 3}}}, "a b c d e f") for name in ("tokens", "rep_4")),
    *(
        ({field: ["nine", {"regex": "te+n"}]}, text)
        for field in ("includes", "includes_any", "excludes")
        for text in ("nine\nten", "no")
    ),
    *(
        ({field: "nine; expected"}, text)
        for field in ("exact", "starts_with", "ends_with")
        for text in ("nine; expected", "x")
    ),
    *(
        ({"json_schema": SCHEMA}, text)
        for text in ('{"id": 1}', "{}", '{"id": "x"}', "[]", "", "order 7", '{"id": NaN}', "[" * 100_000)
    ),
    ({"json_schema": {"const": 3}}, "4"),
    ({"json_schema": {"$ref": "#/nowhere"}}, "4"),
    *(({field: {"min": 2, "max": most}}, "one two.") for field in FORMS for most in (2, 20)),
    *(({"words": bounds}, "one") for bounds in (2, {"min": 2}, {"max": 2})),
    *(({field: 3}, "one two") for field in ("min_tokens", "max_tokens")),
    *(({"case": case}, "One") for case in ("upper", "lower")),
]
"""What an anchor expects, and an answer: every reason that a contract gives."""


@pytest.fixture(scope="module")
def scripts(browser: Any) -> Iterator[Any]:
    """A page with the scripts that write Chinese, without a report."""
    shown = browser.new_page()
    data = json.dumps({"texts": [], "runs": [], "names": {"actions": {}, "metrics": {}}})
    shown.set_content(f'<script type="application/json" id="data">{data}</script>')
    for name in ("words", "base", "recorded"):
        shown.add_script_tag(content=(PAGE_FILES / f"{name}.js").read_text("utf-8"))
    shown.evaluate("state.language = 'zh'")
    yield shown
    shown.close()


def contract_reasons() -> list[str]:
    anchors = load(
        [{"id": f"a{at}", "kind": "core", "prompt": "?", "expect": expect} for at, (expect, _) in enumerate(CONTRACTS)]
    ).anchors
    outputs = [
        Output(anchor.id, text, tuple(range(len(text.split()))), "stop")
        for anchor, (_, text) in zip(anchors, CONTRACTS, strict=True)
    ]
    measured = measure(anchors, outputs, None, None, tuple(METRICS.values()), lambda *_: None)
    assert {result.anchor_id for result in measured.contracts} == {anchor.id for anchor in anchors}
    return [result.reason for result in measured.contracts]


def action_reasons() -> list[str]:
    rows = [
        json.loads(line)
        for name in ("action_en_dev", "action_zh_dev", "action_zh_dev2")
        for line in (TESTS / f"data/{name}.jsonl").read_text("utf-8").splitlines()
    ]
    asked = "What is it then, tell me please?"
    broken = [
        *("", "\x01\x02\x03\x04\x05", "...", "no " * 80, "I am here. " * 30, "a" * 40, "[]", "null", "```\n```"),
        *("A)\nB)\nC)\nD)", "user: assistant: user: assistant: ok", asked, "мир мир 世界 عالم दुनिया κόσμος"),
    ]
    pairs = [(row["response"], row.get("prompt")) for row in rows]
    return [classify(*pair).reason for pair in [*pairs, *((text, asked) for text in broken)]]


def test_every_reason_of_a_contract_is_said_in_chinese(scripts: Any) -> None:
    found = sorted(set(contract_reasons()))
    given = set(re.findall("[A-Za-z]{2,}", str(CONTRACTS)))
    for reason, said in zip(found, scripts.evaluate("(reasons) => reasons.map(inChinese)", found), strict=True):
        assert said is not None, reason
        assert set(re.findall("[A-Za-z]{2,}", said)) <= given | {"JSON", "token", "rep", "zh"}, said
    assert len(found) > 30


def test_every_reason_of_an_action_is_said_in_chinese(scripts: Any) -> None:
    found = sorted(set(action_reasons()))
    unquoted = [re.sub('".*"', "", reason, flags=re.DOTALL) for reason in found]
    assert len({re.sub(r"\d+", "", reason) for reason in unquoted}) > 15, "ways to be decided"
    for reason, said in zip(found, scripts.evaluate("(reasons) => reasons.map(inChinese)", found), strict=True):
        assert said is not None, reason
        assert not re.findall("[A-Za-z]{2,}", re.sub("“.*”", "", said, flags=re.DOTALL)), said


def test_a_reason_keeps_what_was_found_and_what_was_expected(scripts: Any) -> None:
    said = {
        "found action answer; expected refuse or hand_off": "动作为作答，期望拒绝或转人工",
        "does not contain '30', /te+n/": "不包含 '30', /te+n/",
        "38 words; expected at most 28": "38 个词，期望至多 28",
        "rep_4 is 0.31; expected 0.1 to 0.3": "重复（rep-4）为 0.31，期望0.1 到 0.3",
        "at $.id: 'x' is not of type 'integer'": "$.id 处的 'x' 不是 'integer' 类型",
        'hand_off: "I pass it on"': "转人工：“I pass it on”",
        "my own classifier's words": None,
    }
    assert scripts.evaluate("(reasons) => reasons.map(inChinese)", list(said)) == list(said.values())


def test_every_sentence_cause_metric_and_rule_has_chinese_words(scripts: Any) -> None:
    words = scripts.evaluate("WORDS.zh")
    places = {name: set(re.findall(r"\{\d\}", said)) for name, said in ENGLISH.items()}
    assert {name: set(re.findall(r"\{\d\}", said)) for name, said in words["sentences"].items()} == places
    shown = {name for name in _CAUSES if name not in ("follows", "how it was measured")}
    assert words["causes"].keys() == shown | _NEEDED.keys()
    assert words["metrics"].keys() >= METRICS.keys() | {each.metric for each in behaviours({})} - {"action_degenerate"}
    assert words["actions"].keys() == set(ACTIONS)
    assert words["advice"].keys() >= {rule.__name__ for rule in RULES}
    fields = {name.partition(".")[0] for expect, _ in CONTRACTS for name in expect} - {"metrics"}
    assert words["contract_names"].keys() == fields


def english(shown: Any, *wrote: str) -> set[str]:
    """The words in Latin letters on the page that neither a user nor a model wrote; `wrote` are more of theirs."""
    told: str = shown.evaluate(
        """() => {
            for (const each of document.querySelectorAll("details")) each.open = true;
            const kept = document.body.cloneNode(true);
            const written = [".asked", ".pane .text", ".option strong", ".option .quiet", "[lang=en]"];
            const unseen = ["script", "[hidden]"];
            for (const each of kept.querySelectorAll([...written, ...unseen].join())) each.remove();
            document.body.append(kept);
            const named = [...kept.querySelectorAll("[aria-label], [title], [placeholder]")]
                .filter((each) => !each.closest(".contracts, .does"))
                .flatMap((each) => ["aria-label", "title", "placeholder"].map((name) => each.getAttribute(name) ?? ""));
            const found = [kept.innerText, ...named].join("\\n");
            kept.remove();
            return found;
        }"""
    )
    for anchor in RISK.anchors:
        told = told.replace(anchor.id, "").replace(anchor.why or "\0", "")
    unquoted = re.sub(r"“.*?”", "", told)
    return set(re.findall(r"[A-Za-z]{2,}", unquoted)) - NAMES - {"shop", "money", "legal", *wrote}


NAMES = {
    *("anchorwatch", "token", "nat", "rep", "KL", "JSON", "en", "zh"),
    *("MLflow", "mlflow", "ui", "backend", "store", "uri", "sqlite", "db", "run", "ab"),
}
"""Names that are the same in Chinese, and the command that opens the run elsewhere."""


@pytest.mark.parametrize(
    "run",
    [
        watched(name="7"),
        watched(lambda at, number, id_: gives_in(0, number, id_), name="7"),
        watched(lambda at, number, id_: "" if at > 3 else gives_in(0, number, id_), name="7"),
        watched(name="7", losses=[LossPoint(step, "eval_loss", 1 + 0.01 * step) for step in range(1, 90)]),
        watched(lambda at, number, id_: gives_in(at if at < 14 else 0, number, id_), checks=20, name="7"),
        watched(checks=0, name="7"),
    ],
    ids=["gives in", "stalled", "collapsed", "loss rises", "recovers", "unborn"],
)
def test_the_page_of_a_run_is_chinese(opened: Open, run: Any) -> None:
    shown = opened(run, locale="zh-CN")
    assert english(shown) == set()


def test_the_page_of_a_comparison_is_chinese(opened: Open) -> None:
    runs = three()
    shown = opened(*runs, locale="zh-CN")
    shown.locator('#side-buttons [data-label="C"]').click()
    shown.locator("#all-metrics").click()
    assert english(shown, "base", "seed", "slow", "learning", "rate", "checks", "planned") == set()
    told = shown.locator("#attributions").inner_text()
    assert "C 与 A 只有学习率（learning_rate 0.001 → 0.0002）不同。" in told
    assert (
        "仅随机种子就可能造成 92 个百分点的差异（95%，根据 1 次重复）：看到的差异超出了它，可以归因于学习率。" in told
    )


def test_the_advice_of_a_flag_stands_beside_its_english_record(opened: Open) -> None:
    run = watched()
    shown = opened(run, locale="zh-CN")
    flag = next(flag for flag in run.readings[-1].flags if flag.rule == "overconfident")
    item = shown.locator("#flags .flag", has_text="风险锚点上该拒的少了").first
    item.locator("summary").click()
    assert flag.message in item.inner_text()
    assert "请对照阅读 risk-0、risk-1、risk-2 等的两个回答；补充拒答的训练数据" in item.inner_text()


def test_what_cannot_be_told_apart_is_said_in_chinese(opened: Open) -> None:
    other = {
        **FACTORS,
        "args.learning_rate": 2e-4,
        "data.digest": "d2",
        "args.optim": "sgd",
        "code.digest": "c2",
        "model.id": None,
    }
    shown = opened(watched(factors=FACTORS, name="1"), watched(factors=other, name="2"), locale="zh-CN")
    told = shown.locator("#attributions").inner_text()
    assert "同时有 4 处不同：学习率（learning_rate 0.001 → 0.0002）、" in told
    assert "再做 3 次训练就能把它们分开" in told
    factors = {part for name in other for part in re.findall("[a-z]+", name)}
    assert english(shown, *factors, "sgd", "base") == set()
