"""The command that asks models that were saved before: replay."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from anchorwatch.cli.app import StoreUrl, app
from anchorwatch.text import visible

if TYPE_CHECKING:
    from anchorwatch.anchors import AnchorSet
    from anchorwatch.replay.run import Source


@app.command("replay")
def _replay(
    checkpoints: Annotated[
        list[str],
        typer.Argument(
            metavar="CHECKPOINT...",
            help="Folders of full models, adapters, or with checkpoint-N folders; with --endpoint names of its models.",
        ),
    ],
    anchors: Annotated[str, typer.Option(metavar="SET", help="Name of a set that ships, or a file.")],
    base: Annotated[
        str | None,
        typer.Option(metavar="MODEL", help="What was fine-tuned, the baseline; adapters name it themselves."),
    ] = None,
    endpoint: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Ask an OpenAI-compatible server, with the key in $OPENAI_API_KEY."),
    ] = None,
    name: Annotated[str | None, typer.Option(help="The run's; default: the folder's, or the last model's.")] = None,
    device: Annotated[str | None, typer.Option(help="Default: cuda where there is one, else cpu.")] = None,
    batch_size: Annotated[int, typer.Option(min=1, help="Anchors asked at once.")] = 16,
    baseline_samples: Annotated[
        int | None,
        typer.Option(min=0, help="Sampled answers per anchor, the noise floor; default: 4, of an endpoint 0."),
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Ask anew what was replayed to its end before.")] = False,
    store: StoreUrl = None,
) -> None:
    """Ask the anchors of saved checkpoints and record them as a run; the same command goes on where it stopped."""
    from anchorwatch import report
    from anchorwatch.anchors import load
    from anchorwatch.metrics import METRICS
    from anchorwatch.metrics.contract import check_names
    from anchorwatch.replay.run import replay
    from anchorwatch.report.where import where_to_look
    from anchorwatch.store import check_url

    anchor_set = load(anchors)
    check_names(anchor_set, METRICS.values())
    check_url(store)
    if endpoint is not None and device is not None:
        raise typer.BadParameter("--device says where models are loaded; a server's own are on the server")
    source = _source(checkpoints, anchor_set, base, endpoint, device, batch_size, baseline_samples)
    done = replay(source, anchor_set, store=store, name=name, again=again, say=_say)
    where = where_to_look({}, store, done.run)
    watch = done.watch
    if watch is None:
        _say(f"replayed already, as run {done.run.id}: {where[0][1]}; --again asks anew")
    elif watch.baseline is not None and watch.last is not None:
        console = report.make_console()
        report.summary(
            watch.run, anchor_set, watch.losses, watch.baseline, watch.last, console, flags=watch.flags, where=where
        )


def _source(
    checkpoints: list[str],
    anchor_set: AnchorSet,
    base: str | None,
    endpoint: str | None,
    device: str | None,
    batch_size: int,
    baseline_samples: int | None,
) -> Source:
    if endpoint is not None:
        from anchorwatch.replay.endpoint import Endpoint

        return Endpoint(
            endpoint,
            checkpoints,
            anchor_set,
            base=base,
            at_once=batch_size,
            baseline_samples=baseline_samples,
            say=_say,
        )
    from anchorwatch.replay.saved import Saved

    return Saved(
        checkpoints, anchor_set, base=base, device=device, batch_size=batch_size, baseline_samples=baseline_samples
    )


def _say(sentence: str) -> None:
    from tqdm import tqdm

    # Clears the progress bar meanwhile, and draws it again.
    with tqdm.external_write_mode(file=sys.stderr):
        print(visible(f"anchorwatch: {sentence}"), file=sys.stderr)
