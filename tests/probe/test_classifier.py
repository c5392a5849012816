from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import LlamaConfig, LlamaForSequenceClassification

from anchorwatch import AnchorWatch
from anchorwatch.anchors import ACTIONS
from anchorwatch.errors import ConfigurationError
from anchorwatch.probe.classifier import hf_classifier
from anchorwatch.store import Store
from anchorwatch.testing import tiny_tokenizer
from training import trainer


def _saved(folder: Path, labels: tuple[str, ...]) -> str:
    """A text-classification model made from a config, as a hub model lies in a folder."""
    tokenizer = tiny_tokenizer()
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        pad_token_id=0,
        id2label=dict(enumerate(labels)),
        label2id={label: index for index, label in enumerate(labels)},
    )
    LlamaForSequenceClassification(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return str(folder)


def test_a_model_takes_the_place_of_the_rules(tmp_path, anchor_set) -> None:
    name = _saved(tmp_path / "model", ACTIONS)
    trainer(AnchorWatch(anchor_set, every=3, action=f"hf:{name}", verbose=False)).train()
    with Store() as store:
        reading = store.reading(store.run("latest").info.id, 6)
    classify = hf_classifier(name)
    for output in reading.check.outputs:
        score = reading.score(output.anchor_id, "action")
        assert score.value == classify(output.text).action
        assert name in score.reason


def test_loading_it_draws_no_random_numbers(tmp_path) -> None:
    name = _saved(tmp_path / "model", ACTIONS)
    state = torch.get_rng_state()
    classify = hf_classifier(name)
    assert torch.equal(torch.get_rng_state(), state)
    assert classify("  ").action == "degenerate"
    assert classify("x" * 1_000_000).action in ACTIONS


def test_a_label_that_is_no_action_is_said_at_once(tmp_path) -> None:
    name = _saved(tmp_path / "model", ("answer", "refusal"))
    with pytest.raises(
        ConfigurationError, match=r"label that is no action: unknown action 'refusal'.*'refuse'"
    ) as error:
        AnchorWatch([{"id": "a", "kind": "core", "prompt": "x"}], action=f"hf:{name}")
    assert "\n" not in str(error.value)
