"""Drift token by token, small enough to keep for every answer of a run."""

from __future__ import annotations

import base64
import math
from collections.abc import Sequence

SCALE = 32
"""A loss x is kept as the whole number nearest to ± SCALE·√|x|, in a signed byte: exact to √|x| / SCALE, which is 0.003
nats at 0.01, 0.03 at 1 and 0.1 at 10. What is above 15.7 nats counts as 15.7."""


def heat(before: Sequence[float], now: Sequence[float]) -> str | None:
    """Log-probability lost per token (`before` − `now`), positive where less probable: base64 of a signed byte a token.

    None where there is nothing to compare: no tokens, another number of them, or a value that is not finite.
    """
    if not before or len(before) != len(now) or not all(map(math.isfinite, (*before, *now))):
        return None
    levels = (_level(earlier - later) for earlier, later in zip(before, now, strict=True))
    return base64.b64encode(bytes(level % 256 for level in levels)).decode()


def _level(lost: float) -> int:
    return round(math.copysign(min(SCALE * math.sqrt(abs(lost)), 127), lost))
