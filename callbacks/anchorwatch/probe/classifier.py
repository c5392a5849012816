"""A text-classification model in place of the rules that decide an output's action."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from anchorwatch.anchors import ACTIONS, Action
from anchorwatch.errors import ConfigurationError, unknown
from anchorwatch.metrics.action import Classification
from anchorwatch.probe.undisturbed import random_states_kept

_LONGEST = 4000
"""Characters of a response that are classified; what an answer does shows early, and models have short contexts."""


def hf_classifier(name: str) -> Callable[[str, str | None], Classification]:
    """A function (response, prompt) that asks the text-classification model `name` (hub id or folder), on the CPU.

    The model's labels must be actions (see `anchors.ACTIONS`); it sees the response alone. An empty response is
    "degenerate" without asking.

    Raises:
        ConfigurationError: the model cannot be loaded, or has labels that are no actions.
    """
    from transformers import pipeline

    try:
        with random_states_kept():
            classify = pipeline("text-classification", model=name, device="cpu")
    except Exception as error:  # Hub, file and format errors of many classes.
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ConfigurationError(f"action='hf:{name}' cannot be loaded: {first}") from error
    for label in classify.model.config.id2label.values():
        if label not in ACTIONS:
            raise ConfigurationError(
                f"action='hf:{name}' has a label that is no action: {unknown('action', label, ACTIONS)}"
            )

    def decide(response: str, prompt: str | None = None) -> Classification:
        if not response.strip():
            return Classification("degenerate", "degenerate: empty")
        best: dict[str, Any] = classify(response[:_LONGEST], truncation=True)[0]
        return Classification(cast("Action", best["label"]), f"{best['label']}: {name} at {best['score']:.2f}")

    return decide
