"""From an anchor to token ids: the chat template once, the tokenizer once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jinja2 import TemplateError

from anchorwatch.anchors import Anchor, AnchorSet
from anchorwatch.errors import AnchorSetError, ConfigurationError

_ANSWERS = ("reference", "chosen", "rejected")


@dataclass(frozen=True)
class Prompt:
    """One anchor as the model will see it. `answers` are the ids of its reference, chosen and rejected answers."""

    anchor: Anchor
    ids: tuple[int, ...]
    answers: dict[str, tuple[int, ...]]


def text_tokenizer(processing_class: Any) -> Any:
    """The tokenizer itself, also where the trainer carries a multimodal processor.

    Raises:
        ConfigurationError: the trainer has no tokenizer.
    """
    # Some tokenizers have an attribute of that name too, for the engine behind them.
    is_tokenizer = hasattr(processing_class, "convert_tokens_to_ids")
    tokenizer = processing_class if is_tokenizer else getattr(processing_class, "tokenizer", processing_class)
    if tokenizer is None or not callable(getattr(tokenizer, "apply_chat_template", None)):
        raise ConfigurationError(
            "anchorwatch needs the trainer's tokenizer: pass processing_class=tokenizer to the Trainer, "
            f"or tokenizer=… to AnchorWatch; found {type(processing_class).__name__}"
        )
    return tokenizer


def render(anchor_set: AnchorSet, tokenizer: Any, context_length: int | None, end: int | None) -> tuple[Prompt, ...]:
    """Every anchor's prompt, in the order of the set. Given answers end with the token `end`, as generated ones do.

    `context_length` is the model's; None means unlimited.

    Raises:
        ConfigurationError: the tokenizer has no chat template, or it fails on an anchor or leaves its question out.
        AnchorSetError: a prompt and its answer do not fit in the context.
    """
    if not getattr(tokenizer, "chat_template", None):
        raise ConfigurationError(
            f"the tokenizer {getattr(tokenizer, 'name_or_path', '')!r} has no chat template, so anchors cannot "
            "be asked as chats; set tokenizer.chat_template to the one your training data uses"
        )
    return tuple(_prompt(anchor, tokenizer, context_length, end) for anchor in anchor_set.anchors)


def _prompt(anchor: Anchor, tokenizer: Any, context_length: int | None, end: int | None) -> Prompt:
    # Tokenised without special tokens, since the template has written them: twice would make two BOS.
    ids = _ids(tokenizer, _template(anchor, tokenizer))
    if context_length is not None and len(ids) + anchor.max_new_tokens > context_length:
        raise AnchorSetError(
            f"anchor {anchor.id!r}: its prompt of {len(ids)} tokens and max_new_tokens {anchor.max_new_tokens} "
            f"do not fit in the model's context of {context_length} tokens"
        )
    given = {name: getattr(anchor, name) for name in _ANSWERS}
    tail = () if end is None else (end,)
    answers = {name: (*_ids(tokenizer, text), *tail) for name, text in given.items() if text is not None}
    longest = max((len(answer) for answer in answers.values()), default=0)
    if context_length is not None and len(ids) + longest > context_length:
        raise AnchorSetError(
            f"anchor {anchor.id!r}: its prompt of {len(ids)} tokens and its longest given answer of {longest} "
            f"do not fit in the model's context of {context_length} tokens"
        )
    return Prompt(anchor, ids, answers)


def _ids(tokenizer: Any, text: str) -> tuple[int, ...]:
    # verbose=False: the model's own limit is checked above, with the anchor's name.
    return tuple(tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"])


def _template(anchor: Anchor, tokenizer: Any) -> str:
    """The anchor's chat as text, in the first form that the template takes and that has the question in it."""
    chat = anchor.chat()
    question = chat[-1]["content"].strip()
    forms: list[list[dict[str, Any]]] = [list(chat)]
    if chat[0]["role"] == "system" and len(chat) > 1:
        # Some templates (Gemma's, for instance) refuse a system turn; its customary place is the first user turn.
        forms.append([{"role": "user", "content": f"{chat[0]['content']}\n\n{chat[1]['content']}"}, *chat[2:]])
    # Templates of multimodal models may want a list of parts, and render a plain text as nothing, without complaint.
    forms += [[{**turn, "content": [{"type": "text", "text": turn["content"]}]} for turn in form] for form in forms]
    error: Exception | None = None
    for form in forms:
        try:
            text = str(tokenizer.apply_chat_template(form, tokenize=False, add_generation_prompt=True))
        except (TemplateError, TypeError) as failure:
            error = error or failure
        else:
            if question in text:
                return text
    if error is None:
        raise ConfigurationError(f"the chat template leaves out the question of anchor {anchor.id!r}")
    reason = " ".join(str(error).split())
    raise ConfigurationError(f"the chat template fails on anchor {anchor.id!r}: {reason}") from error
