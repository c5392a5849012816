"""Contracts: which of an anchor's expectations an output meets, and the metrics read off them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from anchorwatch.anchors import Anchor, AnchorSet, Bounds, Pattern
from anchorwatch.errors import AnchorSetError, unknown
from anchorwatch.metrics.format import FORM, Checked, span
from anchorwatch.metrics.language import LANGUAGES
from anchorwatch.metrics.metric import Measured, Metric
from anchorwatch.records import ContractResult, Output, Value


def check_names(anchors: AnchorSet, metrics: Iterable[Metric]) -> None:
    """Makes sure, before the run, that every expectation of the set can be checked with these metrics.

    Raises:
        AnchorSetError: an anchor expects an action, a language or bounds on a metric that the run does not have, or a
            language that cannot be detected.
    """
    names = {metric.name for metric in metrics}
    for anchor in anchors.anchors:
        expect = anchor.expect
        for name in ("action", "language"):
            if getattr(expect, name) is not None and name not in names:
                raise AnchorSetError(
                    f"anchor {anchor.id!r}: expect.{name} needs the metric {name!r}, which the run leaves out"
                )
        for name in expect.metrics or ():
            if name not in names - FROM_CONTRACTS.keys():
                raise AnchorSetError(
                    f"anchor {anchor.id!r}: expect.metrics: {unknown('metric', name, names - FROM_CONTRACTS.keys())}"
                )
        if expect.language is not None and expect.language not in LANGUAGES:
            raise AnchorSetError(
                f"anchor {anchor.id!r}: expect.language: {unknown('language', expect.language, LANGUAGES)}"
            )


def stated(anchor: Anchor) -> tuple[str, ...]:
    """The anchor's contracts by name: the fields of `expect`, and "metrics.NAME" for each metric it bounds."""
    names = (name for name in anchor.expect.names() if name != "metrics")
    return (*names, *(f"metrics.{name}" for name in anchor.expect.metrics or ()))


def evaluate(anchor: Anchor, output: Output, values: Mapping[str, Value]) -> tuple[ContractResult, ...]:
    """One result per contract stated, in the order of `stated`; empty if the anchor states none.

    `values` holds the output's scores by metric: "action", "language" and bounded metrics are read from it. Where
    such a score is missing, or a regular expression takes more than a second, the contract cannot be checked, and has
    no result: what could not be measured is neither held nor broken.
    """
    results = []
    for name in stated(anchor):
        checked = _check(name, anchor, output, values)
        if checked is not None:
            results.append(ContractResult(anchor.id, name, checked.held, checked.reason))
    return tuple(results)


def _check(name: str, anchor: Anchor, output: Output, values: Mapping[str, Value]) -> Checked | None:
    expect = anchor.expect
    if name in FORM:
        return FORM[name](getattr(expect, name), output)
    if name in _TEXT:
        try:
            return _TEXT[name](getattr(expect, name), output.text)
        except TimeoutError:
            return None
    metric = name.removeprefix("metrics.")
    found = values.get(metric)
    if found is None:
        return None
    if name == "action":
        wanted: Sequence[str] = expect.action or ()
        return Checked(found in wanted, f"found action {found}; expected {' or '.join(wanted)}")
    if name == "language":
        return Checked(found == expect.language, f"found language {found}; expected {expect.language}")
    return _bounded(metric, found, (expect.metrics or {})[metric])


def _bounded(metric: str, found: bool | float | str, bounds: Bounds) -> Checked:
    if isinstance(found, str):
        return Checked(False, f"{metric} is the label {found!r}, which cannot be {span(bounds)}")
    return Checked(bounds.hold(found), f"{metric} is {float(found):.4g}; expected {span(bounds)}")


def _includes(patterns: Sequence[Pattern], text: str) -> Checked:
    absent = [str(pattern) for pattern in patterns if not pattern.found_in(text)]
    return Checked(not absent, f"does not contain {', '.join(absent)}" if absent else "contains all that is expected")


def _includes_any(patterns: Sequence[Pattern], text: str) -> Checked:
    present = [str(pattern) for pattern in patterns if pattern.found_in(text)]
    listed = ", ".join(present or map(str, patterns))
    return Checked(bool(present), f"contains {listed}" if present else f"contains none of {listed}")


def _excludes(patterns: Sequence[Pattern], text: str) -> Checked:
    present = [str(pattern) for pattern in patterns if pattern.found_in(text)]
    return Checked(not present, f"contains {', '.join(present)}" if present else "contains nothing that is excluded")


_TEXT: dict[str, Callable[[Sequence[Pattern], str], Checked]] = {
    "includes": _includes,
    "includes_any": _includes_any,
    "excludes": _excludes,
}


def contract_pass(anchor: Anchor, results: Sequence[ContractResult]) -> Measured:
    """Whether all contracts of the anchor hold. No score if it states none, or if none broke and one is unchecked."""
    return _all_held(stated(anchor), results)


def form(anchor: Anchor, results: Sequence[ContractResult]) -> Measured:
    """Whether all expectations of form hold (`FORM`: JSON, wording, counts, case). No score if it states none."""
    return _all_held([name for name in stated(anchor) if name in FORM], results)


def schema(anchor: Anchor, results: Sequence[ContractResult]) -> Measured:
    """Whether the output is JSON by the anchor's schema. No score if it states none."""
    return _all_held([name for name in stated(anchor) if name == "json_schema"], results)


def _all_held(names: Sequence[str], results: Sequence[ContractResult]) -> Measured:
    if not names:
        return Measured(None, "the anchor expects nothing of this")
    of = {result.name: result for result in results if result.name in names}
    if broken := [result for result in of.values() if not result.held]:
        return Measured(False, "; ".join(f"{result.name}: {result.reason}" for result in broken))
    if unchecked := [name for name in names if name not in of]:
        return Measured(None, f"could not be checked: {', '.join(unchecked)}")
    return Measured(True)


FROM_CONTRACTS: dict[str, Callable[[Anchor, Sequence[ContractResult]], Measured]] = {
    "json_schema": schema,
    "format": form,
    "contract_pass": contract_pass,
}
"""Metrics that are read off the contracts of an output instead of the output itself."""
