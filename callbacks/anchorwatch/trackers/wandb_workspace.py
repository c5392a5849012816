"""The saved workspace of a W&B project: behaviour beside loss, built from names alone, with no network and no key."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from anchorwatch.anchors import ACTIONS, KINDS
from anchorwatch.errors import ConfigurationError, MissingDependencyError
from anchorwatch.records import Reading
from anchorwatch.trackers import tables

LOSSES = ("train/loss", "eval/loss")
"""What a Trainer that evaluates logs to W&B."""
HEADLINES = ("contract_pass", "declines", "changed", "logprob_lost")
"""The behaviours that stand beside the loss and over it; all others have a panel further down."""

_STEP = "train/global_step"
_GROUPS = ("all", *KINDS)
_COUNTS = ("contracts_broken", "alarms", "flags")
_OTHERS = ("tokens", "length_ratio", "truncated", "rep_4", "similarity", "greedy_kept", "kl", "margin")
_FORBIDDEN = "/\\#?%:"
_LONGEST = 128

ANY_SET = (
    *(
        tables.scalar_name(group, metric)
        for metric in (*HEADLINES, *_OTHERS, *(f"action_{action}" for action in ACTIONS))
        for group in _GROUPS
    ),
    *(tables.scalar_name("all", count) for count in _COUNTS),
    *(tables.scalar_name("cost", count) for count in ("seconds", "forward_calls")),
)
"""The numbers that are logged with any set whose anchors of every kind have contracts and answers of a sentence."""


def parse_project(given: str) -> tuple[str, str]:
    """(entity, project) of "ENTITY/PROJECT".

    Raises:
        ConfigurationError: it is something else, or W&B allows no such name.
    """
    entity, _, project = given.partition("/")
    usable = given.isprintable() and entity.strip() and project.strip() and max(map(len, (entity, project))) <= _LONGEST
    if not usable or set(_FORBIDDEN).intersection(entity + project):
        raise ConfigurationError(
            f"a W&B project is given as ENTITY/PROJECT, such as my-team/support, neither with any of {_FORBIDDEN} "
            f"nor longer than {_LONGEST} characters; found {given!r}"
        )
    return entity, project


def logged_numbers(readings: Iterable[Reading]) -> set[str]:
    """The names under which the numbers of these checks stand in W&B."""
    return {name for reading in readings for name in tables.scalars(reading)}


def build(entity: str, project: str, numbers: Collection[str] = ANY_SET, losses: Sequence[str] = LOSSES) -> Any:
    """A `wandb_workspaces.workspaces.Workspace`, not saved yet.

    Its panels show `losses`, `numbers` (named as `tables.scalars` does) and the tables of `HistoryTracker`, and no
    other name: loss and behaviour over the step, behaviour over each evaluation loss, flags, the answers beside the
    baseline's, every other behaviour by kind, and the cost.

    Raises:
        MissingDependencyError: `wandb-workspaces` is not installed.
    """
    ws, wr = load_library()
    by_kind = {metric: names for metric in _metrics(numbers) if (names := _in_groups(metric, numbers))}
    counts = {metric: by_kind.pop(metric) for metric in _COUNTS if metric in by_kind}
    headlines = {metric: by_kind[metric] for metric in HEADLINES if metric in by_kind}
    costs = sorted(name for name in numbers if name.startswith(f"{tables.PREFIX}cost/"))
    evaluated = [loss for loss in losses if not loss.startswith("train/")]

    def line(title: str, y: Iterable[str], x: str = _STEP) -> Any:
        return wr.LinePlot(title=title, x=x, y=list(y), title_x=x)

    def last_of_runs(x: str, y: str) -> Any:
        return wr.ScatterPlot(title=f"{_words(y)} over {x}, the last of each run", x=x, y=y)

    def table(name: str) -> Any:
        return wr.WeavePanelSummaryTable(table_name=f"anchor_tables/{name}")

    def section(name: str, panels: Sequence[Any], *, columns: int = 3, rows: int = 2, is_open: bool = True) -> Any:
        layout = ws.SectionLayoutSettings(columns=columns, rows=rows)
        return ws.Section(name=name, panels=list(panels), is_open=is_open, layout_settings=layout)

    actions = {f"action_{action}" for action in ACTIONS}
    others = {
        **{f"what the model does, {group}": names for group, names in _by_action(numbers).items()},
        **{_words(metric): names for metric, names in by_kind.items() if metric not in {*headlines, *actions}},
        "contract pass, by tag": sorted(name for name in numbers if name.startswith(f"{tables.PREFIX}tag_")),
    }
    sections = [
        section(
            "loss and behaviour",
            [
                line("loss and behaviour, all anchors", [*losses, *(names[0] for names in headlines.values())]),
                line("loss", losses),
                *(line(f"{_words(metric)}, by kind", names) for metric, names in headlines.items()),
            ],
        ),
        section(
            "behaviour over eval loss",
            [
                *(line(f"{_words(metric)} over {x}", y, x) for x in evaluated for metric, y in headlines.items()),
                *(last_of_runs(x, names[0]) for x in evaluated for names in headlines.values()),
            ],
        ),
        section("flags", [*(line(_words(count), names) for count, names in counts.items()), table("flags")], columns=2),
        section("answers beside the baseline's", [table("outputs")], columns=1, rows=1),
        section("every other behaviour, by kind", [line(title, y) for title, y in others.items() if y], is_open=False),
        section("what the watch costs", [line(_words(y), [y]) for y in costs], is_open=False),
    ]
    return ws.Workspace(
        entity=entity,
        project=project,
        name="anchorwatch: behaviour beside loss",
        settings=ws.WorkspaceSettings(x_axis=_STEP),
        sections=[each for each in sections if each.panels],
    )


def specification(workspace: Any) -> str:
    """The workspace as JSON, which `from_specification` reads."""
    return str(workspace._to_model().model_dump_json(by_alias=True, exclude_none=True, indent=2))


def from_specification(text: str, entity: str, project: str) -> Any:
    """The workspace that a specification describes, for any project; not saved yet.

    Raises:
        ConfigurationError: it is no specification of a workspace.
        MissingDependencyError: `wandb-workspaces` is not installed.
    """
    ws, _ = load_library()
    from wandb_workspaces.workspaces.internal import View

    try:
        workspace = ws.Workspace._from_model(View.model_validate_json(text))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the text"
        raise ConfigurationError(f"no specification of a W&B workspace: {where}: {first['msg']}") from error
    workspace.entity, workspace.project = entity, project
    return workspace


def load_library() -> tuple[Any, Any]:
    """The modules `wandb_workspaces.workspaces` and `wandb_workspaces.reports.v2`.

    Raises:
        MissingDependencyError: the package is not installed.
    """
    try:
        import wandb_workspaces.reports.v2 as wr
        import wandb_workspaces.workspaces as ws
    except ImportError as error:
        raise MissingDependencyError(
            f"a W&B workspace needs wandb and wandb-workspaces ({error}): pip install 'anchorwatch[wandb]'"
        ) from error
    return ws, wr


def _metrics(numbers: Collection[str]) -> list[str]:
    """The metrics among `numbers`: first the headlines, then those of any set, then all others by name."""
    found = {name.rpartition("/")[2] for name in numbers}
    known = [metric for metric in (*HEADLINES, *_OTHERS) if metric in found]
    return known + sorted(found.difference(known))


def _in_groups(metric: str, numbers: Collection[str]) -> list[str]:
    """The names of a metric over all anchors and by kind, in this order."""
    return [name for group in _GROUPS if (name := tables.scalar_name(group, metric)) in numbers]


def _by_action(numbers: Collection[str]) -> Mapping[str, list[str]]:
    """The rates of all actions, by group."""
    names = [f"action_{action}" for action in ACTIONS]
    return {
        group: [name for each in names if (name := tables.scalar_name(group, each)) in numbers] for group in _GROUPS
    }


def _words(name: str) -> str:
    return name.rpartition("/")[2].replace("_", " ")
