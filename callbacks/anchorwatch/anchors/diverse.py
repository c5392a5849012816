"""A few texts that stand for many: as unlike each other as can be."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

POOL = 5_000
"""From more texts than this, that many are drawn at random first, so that memory and time stay bounded."""

_DIMENSIONS = 2_048
_COMPARED = 500
"""Characters of a text that are compared."""


def diverse(texts: Sequence[str], size: int, seed: int = 0) -> list[int]:
    """The indices, ascending, of `size` texts that cover the variety of all; every index if there are no more.

    Greedy k-center (Gonzalez 1985) on the cosine distance of hashed TF-IDF vectors of two and three characters, in any
    script: the most typical text first, then each time the one least like those taken. The same texts, size and
    seed give the same indices.
    """
    if len(texts) <= size:
        return list(range(len(texts)))
    pool = list(range(len(texts)))
    if len(pool) > POOL:
        pool = sorted(random.Random(seed).sample(pool, max(POOL, size)))
    vectors = _tf_idf([texts[i] for i in pool])
    taken = [int(np.argmax(vectors @ vectors.mean(axis=0)))]
    nearest = vectors @ vectors[taken[0]]
    while len(taken) < size:
        nearest[taken] = np.inf
        taken.append(int(np.argmin(nearest)))
        nearest = np.maximum(nearest, vectors @ vectors[taken[-1]])
    return sorted(pool[i] for i in taken)


def _tf_idf(texts: Sequence[str]) -> NDArray[np.float32]:
    """Rows of length 1 (0 for an empty text) and `_DIMENSIONS` columns."""
    counts = np.stack([np.bincount(_ngrams(text), minlength=_DIMENSIONS) for text in texts]).astype(np.float32)
    # Plus one: what nearly all texts share still counts, else their smallest difference would be all there is.
    idf = 1 + np.log((1 + len(texts)) / (1 + np.count_nonzero(counts, axis=0))).astype(np.float32)
    weights = np.log1p(counts) * idf
    norms = np.linalg.norm(weights, axis=1, keepdims=True)
    vectors: NDArray[np.float32] = weights / np.maximum(norms, np.finfo(np.float32).tiny)
    return vectors


def _ngrams(text: str) -> NDArray[np.intp]:
    """The hash in [0, `_DIMENSIONS`) of every two and three neighbouring characters."""
    text = f" {' '.join(text[:_COMPARED].casefold().split())} "
    codes = np.frombuffer(text.encode("utf-32-le", "replace"), dtype="<u4").astype(np.uint64)
    pairs = codes[:-1] * np.uint64(0x9E3779B97F4A7C15) + codes[1:]
    triples = pairs[:-1] * np.uint64(0xC2B2AE3D27D4EB4F) + codes[2:]
    hashed = np.concatenate([pairs, triples]) * np.uint64(0xFF51AFD7ED558CCD)
    return (hashed >> np.uint64(53)).astype(np.intp)
