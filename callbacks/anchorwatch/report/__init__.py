"""What people see of a run in a terminal, and the same as JSON. `diff` says word by word what changed in an answer."""

from anchorwatch.report.check_line import check_line
from anchorwatch.report.console import WatchCost, make_console, show, show_anchor, summary
from anchorwatch.report.diff import Segment, diff
from anchorwatch.report.runs import show_end, show_head, show_runs
from anchorwatch.report.where import where_to_look

__all__ = [
    "Segment",
    "WatchCost",
    "check_line",
    "diff",
    "make_console",
    "show",
    "show_anchor",
    "show_end",
    "show_head",
    "show_runs",
    "summary",
    "where_to_look",
]
