"""Column types: what a Python value becomes in SQL, the same in SQLite and PostgreSQL, and what comes back.

Text is scrubbed (`anchorwatch.text.scrub`): lone surrogates and NUL become U+FFFD, everything else survives.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from sqlalchemy import DateTime, Dialect, Double, Text, TypeDecorator
from typing_extensions import override

from anchorwatch.records import Likelihood, Sample
from anchorwatch.text import scrub


class String(TypeDecorator[str]):
    """Text of any length, scrubbed."""

    impl = Text
    cache_ok = True

    @override
    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else scrub(value)


class Real(TypeDecorator[float]):
    """A double. Infinities survive; NaN is stored as NULL, which is all SQLite can do, and comes back as None."""

    impl = Double
    cache_ok = True

    @override
    def process_bind_param(self, value: float | None, dialect: Dialect) -> float | None:
        return None if value is None or math.isnan(value) else float(value)


class Time(TypeDecorator[datetime]):
    """A moment: stored in UTC without a zone, given and returned aware, in UTC."""

    impl = DateTime
    cache_ok = True

    @override
    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(timezone.utc).replace(tzinfo=None)

    @override
    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=timezone.utc)


class Json(TypeDecorator[Any]):
    """Any JSON value, as text that is strictly JSON; Python's None is the JSON value null.

    Numbers that JSON lacks are written {"$float": "nan"}, "inf" or "-inf", and come back as numbers. Text is
    scrubbed, keys included. As in JSON, a tuple comes back as a list and a key as a string.
    """

    # Not the databases' own JSON types: SQLite gives those NUMERIC affinity, which rewrites plain numbers.
    impl = Text
    cache_ok = True
    should_evaluate_none = True

    @override
    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        return _ENCODER.encode(_strict(value))

    @override
    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else _DECODER.decode(value)


class JsonTuple(Json):
    """A tuple of JSON values."""

    cache_ok = True

    @override
    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return tuple(super().process_result_value(value, dialect))


class Samples(Json):
    """`Output.samples`, each as a list of its text, tokens and finish."""

    cache_ok = True

    @override
    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        return super().process_bind_param([(each.text, each.tokens, each.finish) for each in value], dialect)

    @override
    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[Sample, ...]:
        stored = super().process_result_value(value, dialect)
        return tuple(Sample(text, tuple(tokens), finish) for text, tokens, finish in stored)


class Likelihoods(Json):
    """`Output.likelihoods`: answer name to `Likelihood`, of which only the fields that hold something are stored."""

    cache_ok = True

    @override
    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        return super().process_bind_param({name: _measured(likelihood) for name, likelihood in value.items()}, dialect)

    @override
    def process_result_value(self, value: str | None, dialect: Dialect) -> dict[str, Likelihood]:
        stored = super().process_result_value(value, dialect)
        return {
            name: Likelihood(**{field: _tuples(content) for field, content in fields.items()})
            for name, fields in stored.items()
        }


def _measured(likelihood: Likelihood) -> dict[str, Any]:
    return {
        field: content
        for field, content in vars(likelihood).items()
        if field == "token_logprobs" or content not in ((), None)
    }


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def _strict(value: Any) -> Any:
    if isinstance(value, str):
        return scrub(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else {"$float": str(float(value))}
    if isinstance(value, Mapping):
        return {scrub(str(key)): _strict(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_strict(item) for item in value]
    return value


def _number(value: dict[str, Any]) -> Any:
    if value.keys() == {"$float"} and value["$float"] in ("nan", "inf", "-inf"):
        return float(value["$float"])
    return value


# Made once: a list of runs decodes a value for every factor.
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))
_DECODER = json.JSONDecoder(object_hook=_number)
