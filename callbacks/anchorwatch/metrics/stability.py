"""Whether sampled answers to one prompt agree with each other."""

from __future__ import annotations

from itertools import combinations
from statistics import fmean

from anchorwatch.anchors import Anchor
from anchorwatch.metrics.change import edit_similarity
from anchorwatch.metrics.metric import Measured
from anchorwatch.records import Output


def sample_agreement(anchor: Anchor, output: Output, compared: Output | None) -> Measured:
    """Mean edit similarity over all pairs of the sampled answers. 0 (nothing in common) to 1 (all the same).

    Says little alone (answers of one meaning differ in words) and much against its own value at baseline. No score for
    an anchor that does not ask for two samples: at the baseline every anchor has some, for the noise floor.
    Source: lexical similarity of Fomicheva et al. 2020, as in Kuhn et al. 2023 ("Semantic Uncertainty"), with edit
    similarity in the place of METEOR and ROUGE.
    """
    if min(anchor.samples, len(output.samples)) < 2:
        return Measured(None, f"asks for {anchor.samples} samples; a pair needs two")
    pairs = [edit_similarity(one.text, other.text) for one, other in combinations(output.samples, 2)]
    return Measured(fmean(pairs), f"{len(pairs)} pairs of {len(output.samples)} samples")
