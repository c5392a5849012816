"""The tables of bench_probe.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from probe_bench_contest import CHECK, GENERATE, PLAIN, TRL, VERIFY, Result

Table = tuple[str, list[str], list[list[str]]]
"""Title, columns and rows."""
COLUMNS = (
    "contender", "z", "checks", "calls", "positions", "CPU s", "wall s", "peak MB", "rows equal", "at ties", "ties",
    "departed", "calls ÷", "CPU ÷", "wall ÷",
)  # fmt: skip
"""Calls, positions and seconds are means per check; "÷" is how many times more the first contender takes."""
TEXTS, WHOLE = (GENERATE, TRL, VERIFY), (PLAIN, CHECK)


def compared(results: Mapping[str, Result], contenders: Sequence[str], head: Sequence[str]) -> list[list[str]]:
    """A row for each contender that took part, `head` first; the plain way leads."""
    plain = results[contenders[0]]
    return [[*head, name, *_cells(results[name], plain)] for name in contenders if name in results]


def _cells(result: Result, plain: Result) -> list[str]:
    n, m = result.checks, plain.checks
    return [
        f"{result.z:.3f}",
        str(n),
        f"{result.calls / n:.1f}",
        f"{result.positions / n:.0f}",
        f"{result.cpu / n:.2f}",
        f"{result.wall / n:.2f}",
        megabytes(result.memory),
        share(result.equal, result.rows),
        share(result.tied, result.rows - result.equal),
        str(result.ties),
        share(result.departed, result.rows),
        times(plain.calls / m, result.calls / n),
        times(plain.cpu / m, result.cpu / n),
        times(plain.wall / m, result.wall / n),
    ]


def add(totals: dict[str, Result], results: Mapping[str, Result]) -> None:
    for name, result in results.items():
        totals[name] = totals.get(name, Result()) + result


def times(plain: float, other: float) -> str:
    return f"{plain / other:.2f}" if other else "-"


def share(part: int, whole: int) -> str:
    return f"{part}/{whole}" if whole else "-"


def megabytes(size: float) -> str:
    return f"{size / 2**20:.0f}"
