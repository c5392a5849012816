"""Batches that we pad ourselves, made smaller when memory runs out."""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import torch

logger = logging.getLogger("anchorwatch")
Row = TypeVar("Row")
Result = TypeVar("Result")


def left_pad(rows: Sequence[Sequence[int]], pad: int, device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    """(ids, mask), both int64 of shape (rows, longest row): the tokens at the right end, `pad` and 0 before them."""
    width = max(len(row) for row in rows)
    ids = torch.full((len(rows), width), pad, dtype=torch.long)
    mask = torch.zeros((len(rows), width), dtype=torch.long)
    for index, row in enumerate(rows):
        ids[index, width - len(row) :] = torch.tensor(row, dtype=torch.long)
        mask[index, width - len(row) :] = 1
    return ids.to(device), mask.to(device)


def right_pad(rows: Sequence[Sequence[int]], pad: int, device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    """(ids, mask) as of `left_pad`, with the tokens at the left end."""
    ids, mask = left_pad([row[::-1] for row in rows], pad, device)
    return ids.flip(1), mask.flip(1)


class Batches:
    """Runs a function over rows in batches of similar length, halving the batch size when memory runs out.

    The size that went through is kept for the batches and checks that follow.
    """

    def __init__(self, size: int) -> None:
        self.size = size

    def map(
        self, rows: Sequence[Row], length: Callable[[Row], int], run: Callable[[list[Row]], Sequence[Result]]
    ) -> list[Result]:
        """`run`'s results in the order of `rows`; `run` gets a list of at most `size` rows, the longest first.

        Raises:
            torch.OutOfMemoryError: not even a single row went through.
        """
        results: dict[int, Result] = {}
        for indices, batch in self.each(rows, length, lambda chosen: list(run(chosen))):
            results.update(zip(indices, batch, strict=True))
        return [results[index] for index in range(len(rows))]

    def each(
        self, rows: Sequence[Row], length: Callable[[Row], int], run: Callable[[list[Row]], Result]
    ) -> Iterator[tuple[list[int], Result]]:
        """As `map`, batch by batch: the indices of its rows and what `run` returned."""
        # The longest first: if memory runs out, it does so at once, and padding is least among neighbours.
        waiting = sorted(range(len(rows)), key=lambda index: -length(rows[index]))
        while waiting:
            indices = waiting[: self.size]
            try:
                result = run([rows[index] for index in indices])
            except torch.OutOfMemoryError:
                if len(indices) == 1:
                    raise
                self.size = len(indices) // 2
                logger.warning("out of memory while asking the anchors: going on with batches of %d", self.size)
            else:
                yield indices, result
                waiting = waiting[len(indices) :]
                continue
            # Outside the except clause, so that the traceback no longer holds the tensors.
            free_memory()


def in_batches(rows: Sequence[Row], length: Callable[[Row], int], size: int, call_cost: float) -> Iterator[list[Row]]:
    """The rows in batches of at most `size`, the longest first, cut where padding would cost more than another call.

    `call_cost` is what a call costs beside its token positions, in positions.
    """
    batch: list[Row] = []
    for row in sorted(rows, key=length, reverse=True):
        if batch:
            # What this row and those that may still join it would be padded by.
            padding = (length(batch[0]) - length(row)) * (size - len(batch))
            if len(batch) == size or padding > call_cost:
                yield batch
                batch = []
        batch.append(row)
    if batch:
        yield batch


def free_memory() -> None:
    """Give back to the device what nothing holds any more."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
