"""What an anchor set is: the fields people write, validated, with defaults and the system prompt filled in."""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Any, Literal

import regex
from jsonschema.exceptions import SchemaError
from jsonschema.validators import validator_for
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

Kind = Literal["core", "boundary", "risk"]
KINDS: tuple[Kind, ...] = ("core", "boundary", "risk")
Action = Literal["answer", "refuse", "hand_off", "cannot_know", "correct", "caution", "degenerate"]
ACTIONS: tuple[Action, ...] = ("answer", "refuse", "hand_off", "cannot_know", "correct", "caution", "degenerate")

_Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=100)]
# Tags become part of metric names, for which the trackers agree on little more than this.
_Tag = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_]*$", max_length=40)]
_NonBlank = Annotated[str, StringConstraints(pattern=r"\S")]


_REGEX_SECONDS = 1.0


def _compiles(pattern: str) -> str:
    try:
        regex.compile(pattern)
    except regex.error as error:
        raise ValueError(f"is not a regular expression: {error}") from error
    return pattern


def _is_schema(schema: dict[str, Any]) -> dict[str, Any]:
    try:
        validator_for(schema).check_schema(schema)
    except SchemaError as error:
        raise ValueError(f"is not a JSON schema: {error.message}") from error
    return schema


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Pattern(_Strict):
    """What is looked for in a text, without regard to case: plain `text`, or a `regex` (searched, MULTILINE)."""

    text: _NonBlank | None = None
    regex: Annotated[_NonBlank, AfterValidator(_compiles)] | None = None

    @model_validator(mode="after")
    def _one(self) -> Pattern:
        if (self.text is None) == (self.regex is None):
            raise ValueError("needs either plain text or {regex: ...}")
        return self

    def found_in(self, text: str) -> bool:
        """Whether it occurs in `text`.

        Raises:
            TimeoutError: the regular expression takes more than a second on this text; `re` itself would never end.
        """
        if self.regex is not None:
            flags = regex.IGNORECASE | regex.MULTILINE
            return regex.search(self.regex, text, flags=flags, timeout=_REGEX_SECONDS) is not None
        return (self.text or "").casefold() in text.casefold()

    def __str__(self) -> str:
        return f"/{self.regex}/" if self.regex is not None else repr(self.text)


class Bounds(_Strict):
    """A closed range; at least one end is given."""

    min: float | None = None
    max: float | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Bounds:
        if self.min is None and self.max is None:
            raise ValueError("needs min, max or both")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"has min {self.min:g} above max {self.max:g}")
        return self

    def hold(self, value: float) -> bool:
        """Whether `value` lies in the range, ends included."""
        return (self.min is None or value >= self.min) and (self.max is None or value <= self.max)


def _exactly(value: Any) -> Any:
    return {"min": value, "max": value} if isinstance(value, int) and not isinstance(value, bool) else value


def _plain(value: Any) -> Any:
    return {"text": value} if isinstance(value, str) else value


Count = Annotated[Bounds, BeforeValidator(_exactly)]
"""Written as a number (exactly so many) or as a range."""
Text = Annotated[Pattern, BeforeValidator(_plain)]
"""Written as plain text or as {regex: ...}."""


class Expect(_Strict):
    """What an output must be. Every field given is one contract: it holds or it is broken."""

    action: Annotated[list[Action], Field(min_length=1)] | None = None
    """The output does one of these."""
    includes: list[Text] | None = None
    """All of these occur."""
    includes_any: Annotated[list[Text], Field(min_length=1)] | None = None
    """At least one of these occurs."""
    excludes: list[Text] | None = None
    """None of these occurs."""
    exact: str | None = None
    """The whole output, white space at the ends aside."""
    starts_with: _NonBlank | None = None
    ends_with: _NonBlank | None = None
    json_schema: Annotated[dict[str, Any], AfterValidator(_is_schema)] | None = None
    """The whole output (one code fence around it is allowed) is JSON that validates."""
    min_tokens: Annotated[int, Field(ge=0)] | None = None
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    words: Count | None = None
    chars: Count | None = None
    sentences: Count | None = None
    lines: Count | None = None
    """Non-empty lines."""
    paragraphs: Count | None = None
    """Blocks between empty lines."""
    items: Count | None = None
    """Items of a bulleted or numbered list."""
    case: Literal["upper", "lower"] | None = None
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")] | None = None
    """ISO 639-1 code of the language detected."""
    metrics: dict[str, Bounds] | None = None
    """Bounds on any metric of the run, by name."""

    @model_validator(mode="before")
    @classmethod
    def _one_action_is_a_list(cls, data: Any) -> Any:
        if isinstance(data, dict) and isinstance(data.get("action"), str):
            return {**data, "action": [data["action"]]}
        return data

    @model_validator(mode="after")
    def _possible(self) -> Expect:
        if self.min_tokens is not None and self.max_tokens is not None and self.min_tokens > self.max_tokens:
            raise ValueError(f"has min_tokens {self.min_tokens} above max_tokens {self.max_tokens}")
        return self

    def names(self) -> tuple[str, ...]:
        """The contracts stated, in the order of the fields above; empty if none."""
        return tuple(name for name in type(self).model_fields if getattr(self, name) is not None)


class Message(_Strict):
    """One turn of a chat."""

    role: Literal["system", "user", "assistant"]
    content: _NonBlank


class Chunk(_Strict):
    """One retrieved passage."""

    id: _Name
    text: _NonBlank


class Anchor(_Strict):
    """One fixed prompt. Set-level `system` and `defaults` are already filled in."""

    id: _Name
    kind: Kind
    tags: tuple[_Tag, ...] = ()
    prompt: _NonBlank | None = None
    messages: tuple[Message, ...] | None = None
    system: _NonBlank | None = None
    context: tuple[Chunk, ...] = ()
    reference: _NonBlank | None = None
    """A good answer."""
    chosen: _NonBlank | None = None
    rejected: _NonBlank | None = None
    """The answer wanted and the answer not wanted; both or neither."""
    expect: Expect = Expect()
    why: str = ""
    max_new_tokens: Annotated[int, Field(ge=1, le=8192)] = 128
    samples: Annotated[int, Field(ge=0, le=64)] = 0
    """How many sampled answers to take beside the greedy one."""
    temperature: Annotated[float, Field(gt=0, le=10)] = 0.7
    """Of all sampled answers, the noise floor too: the default is about where they differ from greedy ones as often as
    harmless training makes greedy ones differ (docs/benchmarks.md). At 1 a small model is hardly itself."""

    @model_validator(mode="after")
    def _consistent(self) -> Anchor:
        if self.messages == ():
            raise ValueError("needs at least one message")
        if (self.prompt is None) == (self.messages is None):
            raise ValueError("needs either prompt or messages, not both")
        if self.messages is not None and self.messages[-1].role != "user":
            raise ValueError(f"needs a user turn as its last message, found {self.messages[-1].role!r}")
        if self.messages is not None and any(message.role == "system" for message in self.messages[1:]):
            raise ValueError("has a system message that is not the first one")
        if (self.chosen is None) != (self.rejected is None):
            raise ValueError("needs both chosen and rejected, or neither")
        if self.expect.max_tokens is not None and self.expect.max_tokens > self.max_new_tokens:
            raise ValueError(
                f"expects at most {self.expect.max_tokens} tokens, but no more than {self.max_new_tokens} are generated"
            )
        return self

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups its scores are aggregated in: "all", its kind, "tag_" and each tag."""
        return ("all", self.kind, *(f"tag_{tag}" for tag in self.tags))

    @property
    def question(self) -> str:
        """The last user turn as it was written, without the retrieved context."""
        return self.messages[-1].content if self.messages else self.prompt or ""

    def chat(self) -> list[dict[str, str]]:
        """The messages to ask, with the system prompt first and the retrieved context before the last user turn."""
        turns = list(self.messages or (Message(role="user", content=self.prompt or ""),))
        if self.system and turns[0].role != "system":
            turns.insert(0, Message(role="system", content=self.system))
        chat = [{"role": turn.role, "content": turn.content} for turn in turns]
        if self.context:
            passages = "\n\n".join(f"[{chunk.id}] {chunk.text}" for chunk in self.context)
            chat[-1]["content"] = f"{passages}\n\n{chat[-1]['content']}"
        return chat

    @property
    def digest(self) -> str:
        """16 hex digits over what the model is asked and how it is decoded; expectations and notes do not count."""
        return _digest([self.chat(), self.max_new_tokens, self.samples, self.temperature])


class AnchorSet(_Strict):
    """A named, versioned list of anchors."""

    name: _Name
    version: Annotated[int, Field(ge=1)] = 1
    anchors: tuple[Anchor, ...]

    @model_validator(mode="before")
    @classmethod
    def _fill_in(cls, data: Any) -> Any:
        if not isinstance(data, dict) or not isinstance(data.get("anchors"), list):
            return data
        data = dict(data)
        defaults = _Defaults.model_validate(data.pop("defaults", None) or {}).model_dump(exclude_none=True)
        if (system := data.pop("system", None)) is not None:
            defaults["system"] = system
        data["anchors"] = [{**defaults, **anchor} if isinstance(anchor, dict) else anchor for anchor in data["anchors"]]
        return data

    @model_validator(mode="after")
    def _unique(self) -> AnchorSet:
        if not self.anchors:
            raise ValueError("has no anchors")
        seen: set[str] = set()
        for anchor in self.anchors:
            if anchor.id in seen:
                raise ValueError(f"anchor id {anchor.id!r} is used more than once")
            seen.add(anchor.id)
        return self

    @property
    def digest(self) -> str:
        """16 hex digits over all content, expectations included; the same file read again has the same digest."""
        return _digest([anchor.model_dump(mode="json", exclude_defaults=True) for anchor in self.anchors])

    def __len__(self) -> int:
        return len(self.anchors)

    def __getitem__(self, anchor_id: str) -> Anchor:
        """The anchor with that id; KeyError if there is none."""
        for anchor in self.anchors:
            if anchor.id == anchor_id:
                return anchor
        raise KeyError(anchor_id)


class _Defaults(_Strict):
    """What a set may state once for all its anchors."""

    kind: Kind | None = None
    max_new_tokens: int | None = None
    samples: int | None = None
    temperature: float | None = None


def _digest(content: Any) -> str:
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]
