"""Templates and tokenizers of other kinds than the usual."""

from __future__ import annotations

from typing import Any

import pytest
from tokenizers.processors import TemplateProcessing

from anchorwatch.anchors import AnchorSet, load
from anchorwatch.errors import AnchorSetError, ConfigurationError
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


def _seq2seq_tokenizer(single: str = "$A <|im_end|>") -> Any:
    """A tokenizer without a chat template that adds special tokens of its own, as those of T5 and BART do."""
    tokenizer = tiny_tokenizer()
    tokenizer.chat_template = None
    tokenizer.backend_tokenizer.post_processor = TemplateProcessing(
        single=single, special_tokens=[("<|im_start|>", 1), ("<|im_end|>", 2)]
    )
    return tokenizer


@pytest.mark.parametrize(
    ("single", "around"),
    [("$A <|im_end|>", ((), (2,))), ("<|im_start|> $A <|im_end|>", ((1,), (2,))), ("$A", ((), ()))],
)
def test_an_encoder_reads_the_contents_in_the_tokenizers_own_format(
    single: str, around: tuple[tuple[int, ...], tuple[int, ...]], anchor_set: AnchorSet
) -> None:
    tokenizer = _seq2seq_tokenizer(single)
    prompts = render(anchor_set, tokenizer, None, 2, encoder_decoder=True)
    begin, end = around
    chat = tokenizer("You are brief.\n\nHi\n\nHello.\n\nOrder 7?", add_special_tokens=False)["input_ids"]
    assert prompts[3].ids == (*begin, *chat, *end)
    reference = tokenizer("At nine.", add_special_tokens=False)["input_ids"]
    assert prompts[0].answers["reference"] == (*begin, *reference, 2), "the end token once, whoever adds it"


def test_an_encoder_decoder_model_with_a_chat_template_is_asked_by_it(anchor_set: AnchorSet) -> None:
    tokenizer = tiny_tokenizer()
    expected = render(anchor_set, tokenizer, None, 2)
    assert render(anchor_set, tokenizer, None, 2, encoder_decoder=True) == expected


def test_without_a_template_only_an_encoder_can_be_asked(anchor_set: AnchorSet) -> None:
    with pytest.raises(ConfigurationError, match="no chat template"):
        render(anchor_set, _seq2seq_tokenizer(), None, 2)


@pytest.mark.parametrize(
    ("context", "anchor"), [(5, {}), (6, {"max_new_tokens": 7}), (6, {"reference": "123456"})], ids=str
)
def test_the_context_of_an_encoder_decoder_model_holds_for_prompt_and_answer_each(
    context: int, anchor: dict[str, Any]
) -> None:
    row = {"id": "a", "kind": "core", "prompt": "12345", "max_new_tokens": 4}
    render(load([row]), _seq2seq_tokenizer(), 6, 2, encoder_decoder=True)
    with pytest.raises(AnchorSetError, match="anchor 'a': its prompt of 6 tokens"):
        render(load([{**row, **anchor}]), _seq2seq_tokenizer(), context, 2, encoder_decoder=True)
