"""Whether an output has the form asked for: JSON by schema, exact wording, counts, case.

Each check takes what is expected and the output, and gives whether it holds and what was found. White space at the
ends of an output never counts; upper and lower case do. In the manner of IFEval (Zhou et al. 2023): verifiable
instructions only.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, NamedTuple

from anchorwatch.anchors import Bounds
from anchorwatch.metrics import counts, length
from anchorwatch.records import Output


class Checked(NamedTuple):
    """Whether one expectation holds, and what was found."""

    held: bool
    reason: str


_FENCED = re.compile(r"```[A-Za-z0-9]*[ \t]*\n(.*)\n[ \t]*```", re.DOTALL)


def json_schema(schema: dict[str, Any], output: Output) -> Checked:
    """The whole output, or the one code block it consists of, is JSON that validates. NaN and Infinity are not JSON.

    A `$ref` is looked up within the schema only, never fetched.
    """
    # Not at the top: they take a moment to import, and few sets ask for a schema.
    from jsonschema.exceptions import best_match
    from jsonschema.validators import validator_for
    from referencing import Registry
    from referencing.exceptions import Unresolvable

    text = output.text.strip()
    fenced = _FENCED.fullmatch(text)
    try:
        value = json.loads(fenced[1] if fenced else text, parse_constant=_not_json)
        registry: Registry[Any] = Registry()
        error = best_match(validator_for(schema)(schema, registry=registry).iter_errors(value))
    except RecursionError:
        return Checked(False, "JSON nested too deeply to validate")
    except Unresolvable as unresolvable:
        return Checked(False, f"the schema refers to {unresolvable.ref!r}, which it does not define")
    except ValueError as invalid:
        return Checked(False, f"not JSON: {invalid}" if text else "found nothing; expected JSON")
    if error is not None:
        return Checked(False, f"at {error.json_path}: {error.message:.200}")
    return Checked(True, "validates")


def _not_json(constant: str) -> None:
    raise ValueError(f"{constant} is not a JSON value")


def exact(wanted: str, output: Output) -> Checked:
    """The output is the wanted text."""
    return Checked(output.text.strip() == wanted.strip(), f"found {_start(output)}; expected {wanted.strip()!r:.80}")


def starts_with(wanted: str, output: Output) -> Checked:
    """The output begins with the wanted text."""
    return Checked(output.text.strip().startswith(wanted.strip()), f"begins {_start(output)}; expected {wanted!r:.80}")


def ends_with(wanted: str, output: Output) -> Checked:
    """The output ends with the wanted text."""
    return Checked(
        output.text.strip().endswith(wanted.strip()), f"ends {output.text.strip()[-40:]!r}; expected {wanted!r:.80}"
    )


def case(wanted: str, output: Output) -> Checked:
    """All letters are upper or all lower case, and there is at least one that has a case."""
    held = output.text.isupper() if wanted == "upper" else output.text.islower()
    return Checked(held, f"found {_start(output)}; expected {wanted} case")


def _start(output: Output) -> str:
    return repr(output.text.strip()[:40])


def _counted(what: str, count: Callable[[Output], int | None]) -> Callable[[Any, Output], Checked | None]:
    def check(bounds: Bounds, output: Output) -> Checked | None:
        number = count(output)
        return None if number is None else Checked(bounds.hold(number), f"{number} {what}; expected {span(bounds)}")

    return check


def span(bounds: Bounds) -> str:
    """The range in words: "exactly 3", "at least 2", "at most 10", "2 to 10"."""
    if bounds.min is None or bounds.max is None:
        return f"at most {bounds.max:g}" if bounds.min is None else f"at least {bounds.min:g}"
    return f"exactly {bounds.min:g}" if bounds.min == bounds.max else f"{bounds.min:g} to {bounds.max:g}"


_tokens = _counted("tokens", length.count)

FORM: dict[str, Callable[[Any, Output], Checked | None]] = {
    "exact": exact,
    "starts_with": starts_with,
    "ends_with": ends_with,
    "json_schema": json_schema,
    "min_tokens": lambda least, output: _tokens(Bounds(min=least), output),
    "max_tokens": lambda most, output: _tokens(Bounds(max=most), output),
    "words": _counted("words", lambda output: len(counts.words(output.text))),
    "chars": _counted("characters", lambda output: len(output.text.strip())),
    "sentences": _counted("sentences", lambda output: counts.sentences(output.text)),
    "lines": _counted("lines", lambda output: counts.lines(output.text)),
    "paragraphs": _counted("paragraphs", lambda output: counts.paragraphs(output.text)),
    "items": _counted("list items", lambda output: counts.items(output.text)),
    "case": case,
}
"""Expectation of form (a field of `Expect`) to its check, which gives None where it cannot be checked."""
