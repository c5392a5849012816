"""Drift token by token, small enough to keep for every answer of a run."""

from __future__ import annotations

import base64
from collections.abc import Sequence

import numpy as np

SCALE = 32
"""A loss x is kept as the whole number nearest to ± SCALE·√|x|, in a signed byte: exact to √|x| / SCALE, which is 0.003
nats at 0.01, 0.03 at 1 and 0.1 at 10. What is above 15.7 nats counts as 15.7."""


def heat(before: Sequence[float], now: Sequence[float]) -> str | None:
    """Log-probability lost per token (`before` − `now`), positive where less probable: base64 of a signed byte a token.

    None where there is nothing to compare: no tokens, another number of them, or a value that is not finite.
    """
    if not before or len(before) != len(now):
        return None
    values = np.array([before, now], dtype=np.float64)
    if not np.isfinite(values).all():
        return None
    lost = values[0] - values[1]
    levels = np.rint(np.copysign(np.minimum(SCALE * np.sqrt(np.abs(lost)), 127), lost))
    return base64.b64encode(levels.astype(np.int8).tobytes()).decode()
