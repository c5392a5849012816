from __future__ import annotations

import pytest

from anchorwatch.probe.prefix import shared_prefix

SYSTEM = tuple(range(100, 120))


@pytest.mark.parametrize(
    ("prompts", "expected"),
    [
        ([], ()),
        ([(*SYSTEM, 1)], ()),
        ([(*SYSTEM, 1, 2), (*SYSTEM, 3), (*SYSTEM, 4, 2)], SYSTEM),
        ([(*SYSTEM, 1), (*SYSTEM, 2), (9, 8), (7,)], SYSTEM),
        ([(1, 2, 3), (1, 2, 4)], ()),
    ],
    ids=["no prompts", "one prompt", "all share it", "most share it", "too short to pay"],
)
def test_the_beginning_that_saves_most(prompts, expected) -> None:
    assert shared_prefix(prompts, 16.0) == expected


def test_every_prompt_keeps_a_token_of_its_own() -> None:
    assert shared_prefix([SYSTEM, SYSTEM, SYSTEM], 16.0) == SYSTEM[:-1]


def test_more_prompts_or_a_longer_beginning_whichever_saves_more() -> None:
    longer = (*SYSTEM, *range(200, 260))
    few = [(*longer, n) for n in range(2)]
    assert shared_prefix([*few, *[(*SYSTEM, n) for n in range(2)]], 16.0) == longer
    assert shared_prefix([*few, *[(*SYSTEM, n) for n in range(9)]], 16.0) == SYSTEM
