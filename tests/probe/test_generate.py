"""What `generate` is asked for, and what it is kept from adding of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from peft import PromptTuningConfig, get_peft_model
from transformers import GenerationConfig

from anchorwatch.anchors import AnchorSet
from anchorwatch.probe.batches import left_pad
from anchorwatch.probe.generate import Draw, Generated, decoding, greedy, samples
from anchorwatch.probe.prompts import Prompt, render
from anchorwatch.testing import tiny_model, tiny_tokenizer


def _prompts(anchor_set: AnchorSet) -> tuple[Prompt, ...]:
    return render(anchor_set, tiny_tokenizer(), None, None)


def _greedy(model: Any, prompts: tuple[Prompt, ...]) -> list[Generated]:
    with torch.no_grad():
        return greedy(model.eval(), prompts, decoding(model, tiny_tokenizer()))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_gaps_are_those_of_the_models_own_logits(dtype: torch.dtype, anchor_set: AnchorSet) -> None:
    model, prompts = tiny_model().to(dtype), _prompts(anchor_set)
    answers = _greedy(model, prompts)
    ids, mask = left_pad([prompt.ids for prompt in prompts], 0, model.device)
    steps = model.generate(
        input_ids=ids, attention_mask=mask, do_sample=False, max_new_tokens=12, eos_token_id=2, pad_token_id=0,
        return_dict_in_generate=True, output_logits=True,
    ).logits  # fmt: skip
    for row, answer in enumerate(answers):
        own = torch.stack([logits[row].float() for logits in steps])
        best = own.topk(2).values
        expected = ((best[:, 0] - best[:, 1]) / own.abs().amax(dim=-1)).tolist()[: len(answer.tokens)]
        assert list(answer.gaps) == pytest.approx(expected, rel=1e-6)
        assert all(gap >= 0 for gap in expected)


def test_gaps_end_with_the_answer(anchor_set: AnchorSet) -> None:
    model, prompts = tiny_model(), _prompts(anchor_set)
    whole = _greedy(model, prompts)
    model.generation_config.eos_token_id = whole[0].tokens[1]
    cut = _greedy(model, prompts)[0]
    assert cut.finish == "stop"
    assert (cut.tokens, cut.gaps) == (whole[0].tokens[:2], whole[0].gaps[:2])


def test_sampled_answers_have_no_gaps(anchor_set: AnchorSet) -> None:
    model = tiny_model()
    prompt = _prompts(anchor_set)[0]
    drawn = samples(model, [Draw(prompt, 0, 0), Draw(prompt, 1, 0)], decoding(model, tiny_tokenizer()))
    assert [answer and answer.gaps for answer in drawn] == [(), ()]


def test_a_sampled_answer_does_not_depend_on_what_else_is_drawn(anchor_set: AnchorSet) -> None:
    model, rule = tiny_model(), decoding(tiny_model(), tiny_tokenizer())
    draws = [Draw(prompt, number, 7) for prompt in _prompts(anchor_set) for number in range(3)]
    together = samples(model, draws, rule)
    assert [samples(model, [draw], rule)[0] for draw in draws] == together
    assert len({answer.tokens for answer in together if answer}) > len(draws) / 2
    later = samples(model, [draw._replace(step=8) for draw in draws], rule)
    assert sum(one != other for one, other in zip(together, later, strict=True)) > len(draws) / 2, "with new luck"


def test_sampled_tokens_come_as_often_as_the_model_says(anchor_set: AnchorSet) -> None:
    model, rule = tiny_model(), decoding(tiny_model(), tiny_tokenizer())
    warm = _prompts(anchor_set)[0]
    prompt = replace(warm, anchor=warm.anchor.model_copy(update={"temperature": 0.5, "max_new_tokens": 1}))
    drawn = [samples(model, [Draw(prompt, 100 * part + n, 0) for n in range(100)], rule) for part in range(30)]
    seen = torch.bincount(
        torch.tensor([answer.tokens[0] for part in drawn for answer in part if answer]),
        minlength=model.config.vocab_size,
    )
    with torch.no_grad():
        expected = (model(torch.tensor([prompt.ids])).logits[0, -1] / 0.5).softmax(-1) * 3000
    often = expected >= 5
    chi_square = ((seen - expected)[often] ** 2 / expected[often]).sum().item()
    assert chi_square < often.sum().item() + 4 * (2 * often.sum().item()) ** 0.5


@pytest.mark.parametrize("architecture", ["llama", "gpt2", "bart"])
@pytest.mark.parametrize("adapter", [True, False])
def test_the_models_own_settings_change_nothing_and_stay(
    adapter: bool, architecture: Any, anchor_set: AnchorSet
) -> None:
    def model() -> Any:
        made = tiny_model(architecture)
        if not adapter:
            return made
        task = "SEQ_2_SEQ_LM" if made.config.is_encoder_decoder else "CAUSAL_LM"
        torch.manual_seed(0)
        return get_peft_model(made, PromptTuningConfig(num_virtual_tokens=4, task_type=task))

    plain, odd = model(), model()
    inner = odd.get_base_model() if adapter else odd
    plain.generation_config = GenerationConfig(eos_token_id=2)
    inner.generation_config = own = GenerationConfig(eos_token_id=2, repetition_penalty=5.0, forced_eos_token_id=7)
    prompts = _prompts(anchor_set)[:1]
    assert _greedy(odd, prompts) == _greedy(plain, prompts)
    assert inner.generation_config is own
