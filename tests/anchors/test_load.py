"""Every way to read a set, and every way a set can be wrong: one line that names file, anchor, field and fault."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from anchorwatch.anchors import AnchorSet, load, shipped
from anchorwatch.errors import AnchorSetError

GOOD = r"""
name: shop
version: 3
system: You are brief.
defaults: {max_new_tokens: 32, samples: 2}
anchors:
  - id: refund
    kind: risk
    tags: [refund, late]
    prompt: Refund me.
    expect: {action: refuse, excludes: ["on its way", {regex: 'sure\b'}], max_tokens: 20, words: {max: 30}, items: 0}
    why: a person decides
  - id: warranty
    kind: core
    context: [{id: manual-3, text: Two years.}]
    messages: [{role: user, content: Hi}, {role: assistant, content: Hello}, {role: user, content: "How long?"}]
    system: Answer from the text.
    reference: Two years.
    samples: 0
"""


def _file(text: str, name: str = "set.yaml") -> str:
    Path(name).write_text(text, encoding="utf-8")
    return name


def test_defaults_and_system_prompt_are_filled_in() -> None:
    found = load(_file(GOOD))
    assert (found.name, found.version, len(found)) == ("shop", 3, 2)
    refund, warranty = found.anchors
    assert (refund.max_new_tokens, refund.samples, warranty.samples) == (32, 2, 0)
    assert refund.chat() == [
        {"role": "system", "content": "You are brief."},
        {"role": "user", "content": "Refund me."},
    ]
    assert [turn["content"] for turn in warranty.chat()] == [
        "Answer from the text.", "Hi", "Hello", "[manual-3] Two years.\n\nHow long?",
    ]  # fmt: skip
    assert refund.expect.names() == ("action", "excludes", "max_tokens", "words", "items")
    assert refund.groups == ("all", "risk", "tag_refund", "tag_late")


def test_digests_follow_content() -> None:
    found = load(_file(GOOD))
    assert load(_file(GOOD + "# a comment\n")).digest == found.digest
    renamed = load(_file(GOOD.replace("why: a person decides", "why: rules")))
    assert renamed.digest != found.digest
    assert renamed["refund"].digest == found["refund"].digest, "what is asked is the same"
    asked = load(_file(GOOD.replace("You are brief", "You are long")))
    assert asked["refund"].digest != found["refund"].digest
    assert asked["warranty"].digest == found["warranty"].digest


def test_jsonl_rows_and_datasets_are_the_same_set() -> None:
    rows: list[dict[str, Any]] = [
        {"id": "a", "kind": "core", "prompt": "x", "expect": {"max_tokens": 5}, "tags": ["t"], "context": []},
        {"id": "b", "kind": "risk", "prompt": "y", "context": [{"id": "c", "text": "z"}]},
    ]
    from datasets import Dataset

    as_file = load(_file("\n".join(map(json.dumps, rows)) + "\n\n", "rows.jsonl"))
    as_dataset = load(Dataset.from_list([{**row, "expect": json.dumps(row.get("expect", {}))} for row in rows]))
    assert as_file.name == "rows"
    assert load(rows).digest == as_file.digest == as_dataset.digest
    assert load(Dataset.from_list(rows)).digest == as_file.digest, "structs with None for what is not given"


def test_a_set_is_returned_as_it_is_and_found_by_name_and_path() -> None:
    found = load("support-en")
    assert load(found) is found
    assert load(shipped()["support-en"]).digest == found.digest
    assert isinstance(found, AnchorSet)


ANCHOR = {"id": "a", "kind": "risk", "prompt": "x"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "rsk"}, "anchor 'a': kind: unknown value 'rsk'.*did you mean 'risk'"),
        ({"kind": None}, "anchor 'a': kind is missing"),
        ({"id": None}, "anchor number 1: id is missing"),
        ({"id": "a b"}, "anchor 'a b': id: .*pattern"),
        ({"prompt": None}, "needs either prompt or messages"),
        ({"prompt": "  "}, "anchor 'a': prompt is empty"),
        ({"prompt": ["x"]}, r"prompt: .*string; found \[\"x\"\]"),
        ({"messages": [{"role": "user", "content": "y"}]}, "either prompt or messages, not both"),
        ({"prompt": None, "messages": []}, "at least one message"),
        ({"prompt": None, "messages": [{"role": "assistant", "content": "y"}]}, "user turn as its last"),
        ({"prompt": None, "messages": [{"role": "usr", "content": "y"}]}, "messages.0.role.*did you mean 'user'"),
        ({"prompt": None, "messages": [{"rol": "user", "content": "y"}]}, "messages.0.role is missing"),
        ({"exect": {}}, "unknown field 'exect'.*did you mean 'expect'"),
        ({"expect": {"acton": "refuse"}}, "unknown field 'expect.acton'.*did you mean 'action'"),
        ({"expect": {"action": "refusee"}}, "expect.action.0: unknown value 'refusee'.*did you mean 'refuse'"),
        ({"expect": {"action": []}}, "expect.action.*at least 1"),
        ({"expect": {"includes": [{"regex": "("}]}}, "expect.includes.0.regex: is not a regular expression"),
        ({"expect": {"includes": [{"regexp": "x"}]}}, "unknown field 'expect.includes.0.regexp'.*'regex'"),
        ({"expect": {"excludes": "text"}}, "expect.excludes: .*list"),
        ({"expect": {"json_schema": {"type": "objct"}}}, "expect.json_schema: is not a JSON schema"),
        ({"expect": {"words": "many"}}, "expect.words.*found \"many\""),
        ({"expect": {"words": {"min": 4, "max": 2}}}, "expect.words: has min 4 above max 2"),
        ({"expect": {"words": {"mim": 4}}}, "unknown field 'expect.words.mim'.*did you mean 'min'"),
        ({"expect": {"words": {}}}, "needs min, max or both"),
        ({"expect": {"min_tokens": 9, "max_tokens": 3}}, "min_tokens 9 above max_tokens 3"),
        ({"expect": {"max_tokens": 900}}, "expects at most 900 tokens, but no more than 128 are generated"),
        ({"expect": {"language": "english"}}, "expect.language"),
        ({"expect": {"case": "title"}}, "expect.case: unknown value 'title'"),
        ({"chosen": "y"}, "both chosen and rejected"),
        ({"tags": ["Bad Tag"]}, "tags.0"),
        ({"tags": "refund"}, "tags"),
        ({"max_new_tokens": 0}, "max_new_tokens.*found 0"),
        ({"samples": -1}, "samples.*found -1"),
        ({"temperature": 0}, "temperature.*found 0"),
        ({"context": [{"text": "no id"}]}, "context.0.id is missing"),
    ],
)  # fmt: skip
def test_a_wrong_anchor_is_one_line(change: dict[str, Any], message: str) -> None:
    with pytest.raises(AnchorSetError, match=message) as error:
        load([{**ANCHOR, **change}])
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "name", "message"),
    [
        ("", "empty.yaml", "empty.yaml: an anchor set is a mapping.*found nothing"),
        ("- a\n- b\n", "list.yaml", "found list"),
        ("name: x\nanchors: [\n", "broken.yaml", "broken.yaml: line 3, column 1: is not YAML"),
        ("name: x\n", "none.yaml", "the set: anchors is missing"),
        ("name: x\nanchors: []\n", "none.yaml", "the set: has no anchors"),
        ("name: x\nanchors: {a: 1}\n", "map.yaml", "the set: anchors"),
        ("name: x\nversion: 0\nanchors: [{id: a, kind: core, prompt: x}]\n", "v.yaml", "version.*found 0"),
        ("anchors: [{id: a, kind: core, prompt: x}]\n", "noname.yaml", "the set: name is missing"),
        ("name: x\nanchor: []\nanchors: [{id: a, kind: core, prompt: x}]\n", "k.yaml", "'anchor'.*'anchors'"),
        ("name: x\ndefaults: {max_token: 3}\nanchors: [{id: a, kind: core, prompt: x}]\n", "d.yaml", "max_token"),
        ("name: x\nanchors: [{id: a, kind: core, prompt: x}, {id: a, kind: core, prompt: y}]\n", "dup.yaml", "once"),
        ('{"id": "a"\n', "broken.jsonl", "broken.jsonl: line 1"),
        ("[1, 2]\n", "list.jsonl", "line 1: an anchor is a mapping of fields; found list"),
        ("x", "notes.txt", "no anchor set|ends in"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_one_line(text: str, name: str, message: str) -> None:
    with pytest.raises(AnchorSetError, match=message) as error:
        load(f"./{_file(text, name)}")
    assert "\n" not in str(error.value)


def test_bytes_that_are_no_text_are_one_line() -> None:
    Path("latin.yaml").write_bytes(b"name: caf\xe9\n")
    with pytest.raises(AnchorSetError, match=r"latin\.yaml: is not UTF-8"):
        load("latin.yaml")
