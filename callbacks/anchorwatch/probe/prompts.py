"""From an anchor to token ids: the chat template once, the tokenizer once."""

from __future__ import annotations

from collections.abc import Iterator
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


def render(
    anchor_set: AnchorSet,
    tokenizer: Any,
    context_length: int | None,
    end: int | None,
    *,
    encoder_decoder: bool = False,
) -> tuple[Prompt, ...]:
    """Every anchor's prompt, in the order of the set. Given answers end with the token `end`, as generated ones do.

    `context_length` is the model's; None means unlimited. With `encoder_decoder` it holds for prompt and answer each,
    and a tokenizer without a chat template is used as seq2seq training uses it: a chat is its contents, joined by blank
    lines, and the tokenizer adds its special tokens to prompts and answers.

    Raises:
        ConfigurationError: the tokenizer has no chat template, or it fails on an anchor or leaves its question out.
        AnchorSetError: a prompt and its answer do not fit in the context.
    """
    template = bool(getattr(tokenizer, "chat_template", None))
    if not template and not encoder_decoder:
        raise ConfigurationError(
            f"the tokenizer {getattr(tokenizer, 'name_or_path', '')!r} has no chat template, so anchors cannot "
            "be asked as chats; set tokenizer.chat_template to the one your training data uses"
        )
    tokenize = _chat if template else _contents
    prompts = tuple(tokenize(anchor, tokenizer, end) for anchor in anchor_set.anchors)
    if context_length is not None:
        for prompt in prompts:
            _check_length(prompt, context_length, encoder_decoder)
    return prompts


def _chat(anchor: Anchor, tokenizer: Any, end: int | None) -> Prompt:
    # Tokenised without special tokens, since the template has written them: twice would make two BOS.
    ids = _ids(tokenizer, _template(anchor, tokenizer))
    tail = () if end is None else (end,)
    return Prompt(anchor, ids, {name: (*_ids(tokenizer, text), *tail) for name, text in _given(anchor)})


def _contents(anchor: Anchor, tokenizer: Any, end: int | None) -> Prompt:
    ids = tokenizer("\n\n".join(turn["content"] for turn in anchor.chat()), verbose=False)["input_ids"]
    answers = {}
    for name, text in _given(anchor):
        answer = tokenizer(text_target=text, verbose=False)["input_ids"]
        answers[name] = tuple(answer if end is None or end in answer else [*answer, end])
    return Prompt(anchor, tuple(ids), answers)


def _given(anchor: Anchor) -> Iterator[tuple[str, str]]:
    """Name and text of each answer that the anchor brings along."""
    for name in _ANSWERS:
        if (text := getattr(anchor, name)) is not None:
            yield name, text


def _check_length(prompt: Prompt, context_length: int, encoder_decoder: bool) -> None:
    anchor, length = prompt.anchor, len(prompt.ids)
    longest = max((len(answer) for answer in prompt.answers.values()), default=0)
    answers = {
        f"max_new_tokens {anchor.max_new_tokens}": anchor.max_new_tokens,
        f"its longest given answer of {longest}": longest,
    }
    for name, new in answers.items():
        if (max(length, new) if encoder_decoder else length + new) > context_length:
            raise AnchorSetError(
                f"anchor {anchor.id!r}: its prompt of {length} tokens and {name} "
                f"do not fit in the model's context of {context_length} tokens"
            )


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
