"""Which flags are news: a flag stands from check to check, and the bell rings once."""

from __future__ import annotations

from collections.abc import Iterable

from anchorwatch.records import Flag


def newly_raised(flags: Iterable[Flag], before: Iterable[Flag]) -> tuple[Flag, ...]:
    """Those of `flags` that did not stand `before`, or stood as "watch" and are an alarm now; in their order."""
    standing = {flag.key: flag.level for flag in before}
    return tuple(flag for flag in flags if standing.get(flag.key) not in ("alarm", flag.level))
