from __future__ import annotations

from collections.abc import Iterator

import pytest
from store_samples import ANCHORS, run_info

from anchorwatch.store import Store


@pytest.fixture
def store() -> Iterator[Store]:
    """An empty store in the test's own folder."""
    with Store() as store:
        yield store


@pytest.fixture
def run_id(store: Store) -> str:
    """A run in the store, training from step 0."""
    store.begin_run(run_info("r1"), ANCHORS)
    store.begin_attempt("r1", 0)
    return "r1"
