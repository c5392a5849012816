"""Which flags are news: a flag stands from check to check, and the bell rings once."""

from __future__ import annotations

from collections.abc import Iterable

from anchorwatch.judge.whole_run import WINDOW
from anchorwatch.records import Flag


class Standing:
    """The flags of a run that have rung. One that is gone for `WINDOW` checks in a row may ring again."""

    def __init__(self, flags: Iterable[Flag] = ()) -> None:
        """`flags` are those that have rung already."""
        self._check = 0
        self._rung = {flag.key: (flag.level, 0) for flag in flags}

    def news(self, flags: Iterable[Flag]) -> tuple[Flag, ...]:
        """Those of the next check's `flags` that have not rung, or rang as "watch" and are an alarm now; in order."""
        self._check += 1
        self._rung = {key: rung for key, rung in self._rung.items() if self._check - rung[1] <= WINDOW}
        found = []
        for flag in flags:
            level, _ = self._rung.get(flag.key, (None, 0))
            if level not in ("alarm", flag.level):
                found.append(flag)
            self._rung[flag.key] = ("alarm" if level == "alarm" else flag.level, self._check)
        return tuple(found)
