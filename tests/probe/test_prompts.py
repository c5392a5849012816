"""Templates and tokenizers of other kinds than the usual."""

from __future__ import annotations

import pytest

from anchorwatch.anchors import AnchorSet, load
from anchorwatch.errors import ConfigurationError
from anchorwatch.probe.prompts import render, text_tokenizer
from anchorwatch.testing import tiny_tokenizer

PARTS = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{% for part in m['content'] %}"
    "{% if part['type'] == 'text' %}{{ part['text'] }}{% endif %}{% endfor %}<|im_end|>\n{% endfor %}"
    "<|im_start|>assistant\n\n"  # jinja drops the last line break of a template
)
REFUSES_TEXT = "{{ raise_exception('parts!') if messages[0]['content'] is string }}" + PARTS
REFUSES_SYSTEM = "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system') }}{% endif %}" + PARTS


@pytest.mark.parametrize("template", [PARTS, REFUSES_TEXT])
def test_a_template_that_wants_parts_gets_them(template: str, anchor_set: AnchorSet) -> None:
    usual, tokenizer = tiny_tokenizer(), tiny_tokenizer()
    tokenizer.chat_template = template
    texts = [tokenizer.decode(list(prompt.ids)) for prompt in render(anchor_set, tokenizer, None, None)]
    expected = [usual.decode(list(prompt.ids)) for prompt in render(anchor_set, usual, None, None)]
    assert texts == expected


def test_parts_and_no_system_turn(anchor_set: AnchorSet) -> None:
    tokenizer = tiny_tokenizer()
    tokenizer.chat_template = REFUSES_SYSTEM
    prompt = render(anchor_set, tokenizer, None, None)[3]
    assert tokenizer.decode(list(prompt.ids)).startswith("<|im_start|>user\nYou are brief.\n\nHi<|im_end|>\n")


def test_a_template_that_leaves_the_question_out_is_an_error(anchor_set: AnchorSet) -> None:
    tokenizer = tiny_tokenizer()
    tokenizer.chat_template = "{% for m in messages[:-1] %}{{ m['content'] }}{% endfor %}Assistant:"
    with pytest.raises(ConfigurationError, match="leaves out the question of anchor 'hours'") as error:
        render(anchor_set, tokenizer, None, None)
    assert "\n" not in str(error.value)


def test_a_template_may_trim() -> None:
    tokenizer = tiny_tokenizer()
    tokenizer.chat_template = "{% for m in messages %}{{ m['content'] | trim }}{% endfor %}"
    (prompt,) = render(load([{"id": "a", "kind": "core", "prompt": "  Why?\n"}]), tokenizer, None, None)
    assert tokenizer.decode(list(prompt.ids)) == "Why?"


def test_a_tokenizer_with_an_engine_of_its_own_is_taken_itself() -> None:
    tokenizer = tiny_tokenizer()
    tokenizer.tokenizer = object()
    assert text_tokenizer(tokenizer) is tokenizer


def test_a_processor_gives_its_tokenizer() -> None:
    class Processor:
        tokenizer = tiny_tokenizer()

        def apply_chat_template(self) -> str:
            return ""

    assert text_tokenizer(Processor()) is Processor.tokenizer
