from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from anchorwatch.anchors import load
from anchorwatch.anchors.diverse import POOL, diverse
from anchorwatch.anchors.lint import lint
from anchorwatch.anchors.logs import mask, read_log
from anchorwatch.anchors.starter import write_from_logs, write_starter
from anchorwatch.errors import AnchorSetError


def logged(*rows: object, name: str = "logs.jsonl") -> Path:
    path = Path(name)
    path.write_text("".join(f"{row if isinstance(row, str) else json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return path


def prompts(path: Path) -> list[str]:
    return [prompt.text for prompt in read_log(path).prompts]


def user(content: object) -> dict[str, object]:
    return {"role": "user", "content": content}


def assistant(content: object) -> dict[str, object]:
    return {"role": "assistant", "content": content}


# -- the commented example


def test_the_starter_set_loads_as_it_stands_under_the_name_of_its_file():
    write_starter(Path("my-shop.yaml"))
    anchors = load("my-shop.yaml")
    assert anchors.name == "my-shop"
    assert {anchor.kind for anchor in anchors.anchors} == {"core", "boundary", "risk"}
    assert not [finding for finding in lint(anchors) if finding.level == "error"]


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("my set!.yaml", "my-set"),
        ("客服.yaml", "anchors"),
        (".hidden.yaml", "hidden"),
        ("7.yml", "7"),
        ("null.yaml", "null"),
    ],
)
def test_a_file_whose_name_is_no_set_name_gets_one(file, name):
    write_starter(Path(file))
    assert load(f"./{file}").name == name


def test_nothing_is_overwritten_and_nothing_is_left_behind():
    Path("mine.yaml").write_text("precious")
    with pytest.raises(AnchorSetError, match="exists already"):
        write_starter(Path("mine.yaml"))
    with pytest.raises(AnchorSetError, match="exists already"):
        write_from_logs(Path("mine.yaml"), logged({"prompt": "Hi"}))
    with pytest.raises(AnchorSetError, match="no folder"):
        write_starter(Path("nowhere/set.yaml"))
    with pytest.raises(AnchorSetError, match=r"\.yaml file"):
        write_starter(Path("set.json"))
    assert Path("mine.yaml").read_text() == "precious"
    assert sorted(path.name for path in Path().iterdir()) == ["logs.jsonl", "mine.yaml"]


# -- prompts out of a log


@pytest.mark.parametrize(
    "row",
    [
        {"prompt": "Where is it?"},
        {"text": "Where is it?", "id": 7},
        {"input": "Where is it?"},
        {"question": " Where is it?\n"},
        {"query": "Where is it?", "prompt": None},
        {"messages": [user("Where is it?"), assistant("There.")]},
        {"prompt": [user("Where is it?")]},
        {"messages": [user([{"type": "text", "text": "Where is it?"}])]},
    ],
)
def test_a_prompt_is_found_in_many_forms(row):
    assert prompts(logged(row)) == ["Where is it?"]


def test_a_chat_is_kept_up_to_its_last_user_turn_with_its_system_prompt():
    chat = [{"role": "system", "content": "Be brief."}, user("Hi"), assistant("Hello."), user("Why?"), assistant("So.")]
    write_from_logs(Path("set.yaml"), logged({"messages": chat}))
    anchor = load("./set.yaml").anchors[0]
    assert anchor.chat() == chat[:-1]


def test_a_chat_with_tools_or_pictures_gives_its_first_user_turn():
    tools = [user("Order 7?"), assistant(None), {"role": "tool", "content": "{}"}, assistant("Sent."), user("Thanks")]
    picture = [user("What is a lamp?"), assistant("This."), user([{"type": "image_url", "image_url": {"url": "x"}}])]
    assert prompts(logged({"messages": tools}, {"messages": picture})) == ["Order 7?", "What is a lamp?"]


def test_repeated_and_unusable_lines_are_counted():
    path = logged(
        {"prompt": "Where is order 10001?"},
        {"prompt": "where  is order 20002?"},
        "",
        "not json",
        "[1]",
        "7",
        {"prompt": ""},
        {"messages": []},
        {"prompt": "x" * 5000},
        "[" * 5000,
    )
    log = read_log(path)
    assert len(log.prompts) == 1
    assert log.duplicates == 1
    assert log.unusable == {"not JSON": 2, "no prompt": 4, "too long": 1}


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Write to müller.j@web.de, please", "Write to name@example.com, please"),
        ("邮箱abc@qq.com，电话13812345678", "邮箱name@example.com，电话12345678901"),
        ("call +49 (171) 234-5678 or 0171/2345678", "call +12 (345) 678-9012 or 1234/5678901"),
        ("card 5500 0000 0000 0004, order #48213377", "card 1234 5678 9012 3456, order #12345678"),
        ("on 2024-01-15 at 10:30 for 24.90 or 1,250 euros", "on 2024-01-15 at 10:30 for 24.90 or 1,250 euros"),
    ],
)
def test_personal_data_is_replaced_by_data_of_the_same_shape(text, masked):
    assert mask(text) == masked


def test_the_drawn_set_says_what_was_masked_and_loads_whatever_was_asked():
    hostile = [
        "- x: y # z\n\n  two",
        "null",
        "123",
        "你好\u0085\x07\u2028 \x7f\x1b[31m",
        "'\"",
        "{{ a }}",
        "---",
        "#",
        "\ud800 lone",
    ]
    write_from_logs(Path("set.yaml"), logged(*({"prompt": text} for text in hostile)))
    anchors = load("./set.yaml")
    assert [anchor.prompt for anchor in anchors.anchors] == [text.replace("\ud800", "\ufffd") for text in hostile]
    assert {anchor.kind for anchor in anchors.anchors} == {"core"}
    text = Path("set.yaml").read_text(encoding="utf-8")
    assert "PERSONAL DATA" in text
    assert "core # core, boundary or risk?" in text
    assert "# expect:" in text


def test_ids_are_short_readable_and_unique():
    asked = [
        "Where is my order?",
        "Where is my order!",
        "我的订单在哪里？",
        "Où est mon colis, s'il vous plaît, et quand?",
    ]
    write_from_logs(Path("set.yaml"), logged(*({"prompt": text} for text in asked)))
    ids = [anchor.id for anchor in load("./set.yaml").anchors]
    assert ids == ["where-is-my-order", "where-is-my-order-2", "q-003", "ou-est-mon-colis-s-il"]


@pytest.mark.parametrize("size", [0, -1, 501])
def test_a_size_out_of_range_is_refused_before_anything_is_written(size):
    with pytest.raises(AnchorSetError, match="between 1 and 500"):
        write_from_logs(Path("set.yaml"), logged({"prompt": "Hi"}), size)
    assert not Path("set.yaml").exists()


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\x00\xff\xfe\x80", b'{"prompt": 7}\n', b"[\n1\n]\n"])
def test_a_log_without_prompts_is_refused(content):
    Path("logs.jsonl").write_bytes(content)
    with pytest.raises(AnchorSetError, match="holds no prompt"):
        write_from_logs(Path("set.yaml"), Path("logs.jsonl"))
    assert not Path("set.yaml").exists()


def test_a_log_that_cannot_be_read_is_named():
    with pytest.raises(AnchorSetError, match=r"nowhere\.jsonl: cannot be read"):
        write_from_logs(Path("set.yaml"), Path("nowhere.jsonl"))


# -- a diverse sample


@pytest.mark.parametrize(
    "topics",
    [
        ["When does my parcel {} arrive?", "Do you sell lamps of colour {}?", "I want to talk to a person, {}"],
        ["我的快递{}什么时候到？", "有没有{}颜色的台灯？", "转人工，{}"],
    ],
)
def test_every_topic_is_drawn_however_rare(topics):
    chance = random.Random(0)
    texts = [topics[0].format(chance.choice("abcdef")) for _ in range(200)]
    texts[70], texts[140] = topics[1].format("x"), topics[2].format("y")
    drawn = diverse(texts, 3)
    assert len(drawn) == 3
    assert {70, 140} < set(drawn)


def test_the_same_log_gives_the_same_sample_also_when_it_is_drawn_down_first():
    texts = [f"question {i * 7919 % 10007} about {i % 13}" for i in range(POOL + 2000)]
    drawn = diverse(texts, 24)
    assert drawn == diverse(texts, 24)
    assert len(set(drawn)) == 24
    assert diverse(texts[:5], 24) == [0, 1, 2, 3, 4]
    assert len(set(diverse(["same"] * 50, 10))) == 10
