"""Two answers under each other with the differing words marked, safe to print whatever the model wrote."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from anchorwatch.records import ContractResult, Output
from anchorwatch.report import words
from anchorwatch.report.changes import Pair
from anchorwatch.report.diff import Op, Segment, diff
from anchorwatch.text import visible

LIMIT = 600
"""Characters of an answer on screen, unless asked for all of it."""

_KEPT = 60
"""Characters shown on either side of an unchanged stretch that is left out."""

_MARKS: dict[Op, tuple[str, str, str]] = {
    "equal": ("", "", ""),
    "delete": ("red strike", "[-", "-]"),
    "insert": ("green bold", "{+", "+}"),
}
"""Per operation the style, and the brackets where there is no colour."""

_SPACES = str.maketrans({" ": "·", "\t": "⇥\t", "\n": "⏎\n"})


def safe(text: str, style: str = "", limit: int | None = None) -> Text:
    """`text` for printing: nothing in it is markup or an escape sequence; cut at `limit` characters with a note."""
    return Text(visible(text, limit), style)


def block(pair: Pair, console: Console, limit: int | None = LIMIT) -> Padding:
    """What was asked, the contracts that switched, and both answers with the words marked that only one of them has.

    Each text is cut at `limit` characters with a note; None shows all of it.
    """
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row("asked", safe(pair.anchor.question, limit=limit))
    if pair.broken:
        grid.add_row("broken", _contracts(pair, pair.broken, "red"))
    if pair.mended:
        grid.add_row("mended", _contracts(pair, pair.mended, "green"))
    if pair.broken and pair.anchor.why:
        grid.add_row("why", safe(pair.anchor.why))
    segments = diff(pair.before.text, pair.now.text)
    if pair.changed:
        grid.add_row("before", _answer(pair.before, segments, "delete", console, limit))
        grid.add_row("now", _answer(pair.now, segments, "insert", console, limit))
    else:
        grid.add_row("same", _answer(pair.now, segments, "equal", console, limit))
    return Padding(grid, (0, 0, 1, 2))


def title(pair: Pair) -> Text:
    """One line: the anchor, its kind, since when it is broken, and what the answer does now if that changed."""
    parts: list[str] = [pair.anchor.kind]
    if pair.since is not None:
        parts.append(f"since step {pair.since}")
    if pair.actions is not None and pair.actions[0] != pair.actions[1]:
        parts.append(" → ".join(words.action(action) for action in pair.actions))
    return safe(pair.anchor.id, "bold").append_text(safe(f"  {' · '.join(parts)}", "not bold dim"))


def _contracts(pair: Pair, results: Iterable[ContractResult], style: str) -> Text:
    return Text("\n").join(
        safe(words.contract(result.name), style).append_text(safe(f": {_reason(pair, result)}", limit=300))
        for result in results
    )


def _reason(pair: Pair, result: ContractResult) -> str:
    expected = pair.anchor.expect.action
    if result.name != "action" or pair.actions is None or expected is None:
        return result.reason
    return f"{words.action(pair.actions[1])}; expected: {' or '.join(map(words.action, expected))}"


def _answer(output: Output, segments: Sequence[Segment], side: Op, console: Console, limit: int | None) -> Text:
    """The segments of one side; unchanged stretches of a text over `limit` are left out before anything is cut."""
    own = [segment for segment in segments if segment.op in ("equal", side)]
    colour = console.color_system is not None and not console.no_color
    text, left = Text(), len(output.text) if limit is None else limit
    for position, (op, whole) in enumerate(own):
        shown = whole
        if op == "equal" and limit is not None and len(output.text) > limit and len(own) > 1:
            shown = _elided(whole, head=position > 0, tail=position < len(own) - 1)
        text.append_text(_marked(op, shown[:left], colour))
        left -= len(shown)
        if left < 0:
            text.append(f"… (cut here; {len(output.text):,} characters in all)", "dim")
            break
    if not output.text:
        text.append("(empty)", "dim")
    if output.finish == "length":
        tokens = f" of {len(output.tokens)} tokens" if output.tokens else ""
        text.append(f" (stopped at the limit{tokens})", "dim")
    return text


def _elided(text: str, *, head: bool, tail: bool) -> str:
    start, end = text[:_KEPT] if head else "", text[-_KEPT:] if tail else ""
    left_out = len(text) - len(start) - len(end)
    return f"{start}[… {left_out:,} unchanged characters …]{end}" if left_out > _KEPT else text


def _marked(op: Op, text: str, colour: bool) -> Text:
    style, opening, closing = _MARKS[op]
    if op != "equal" and text.isspace():
        text = text.translate(_SPACES)  # a change that is nothing but white space could not be seen
    shown = visible(text)
    return Text(shown, style) if colour or not shown else Text(f"{opening}{shown}{closing}")
