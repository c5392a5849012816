"""Texts of a batch with the keys and values that the model has computed for them; what was rejected becomes a hole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import torch
from torch.nn.functional import pad as padded
from transformers import DynamicCache

_CALL_COST = {"cpu": 32.0}
"""What a forward call costs beside its positions, in positions, by device type: reading each weight once, against two
operations for each weight and position. So it is a ratio of the machine's, not of the model's; measured on a CPU."""
_CALL_COST_ELSEWHERE = 256.0


def call_cost(device: torch.device) -> float:
    """What a forward call costs beside its token positions, in positions."""
    return _CALL_COST.get(device.type, _CALL_COST_ELSEWHERE)


class KeyValues:
    """A cache whose rows may have different texts of different lengths, padded anywhere.

    A slot that holds no token of its row's text (padding, a token that was rejected) is a hole: 0 in the attention
    mask. Positions are given explicitly, so holes shift nothing, and nothing is ever cut out of the cache.
    """

    def __init__(self, model: Any, rows: int) -> None:
        """`rows` empty texts for `model`, whose every layer attends to the whole text."""
        self._model = model
        # Without the model's config: full layers also where windows are configured, which here are never reached.
        self._cache = DynamicCache()
        # Kept on the CPU, where single holes are made at no cost, and sent along with every call.
        self._mask = torch.zeros((rows, 0), dtype=torch.long)
        self.lengths = [0] * rows
        """Tokens of each row's text."""

    @property
    def call_cost(self) -> float:
        """As `call_cost` of the device."""
        return call_cost(self._model.device)

    @property
    def slots(self) -> int:
        """Slots of each row, holes included."""
        return int(self._mask.shape[1])

    def extend(
        self, texts: Sequence[Sequence[int]], pad: int, *, logits: int, align: Literal["left", "right"] = "left"
    ) -> torch.Tensor:
        """Append a text, not empty, to each row in one forward call; the logits of the last `logits` columns.

        With `align` "left" the new texts begin in the same column and the shorter ones are padded behind, with "right"
        they end in the same. Returns (rows, logits, vocabulary), in the model's dtype.
        """
        width = max(len(text) for text in texts)
        ids = torch.full((len(texts), width), pad, dtype=torch.long)
        mask = torch.zeros((len(texts), width), dtype=torch.long)
        positions = torch.zeros((len(texts), width), dtype=torch.long)
        for row, text in enumerate(texts):
            begin = 0 if align == "left" else width - len(text)
            at, length = slice(begin, begin + len(text)), self.lengths[row]
            ids[row, at] = torch.tensor(text, dtype=torch.long)
            mask[row, at] = 1
            positions[row, at] = torch.arange(length, length + len(text))
            self.lengths[row] += len(text)
        device = self._model.device
        self._mask = torch.cat([self._mask, mask], dim=1)
        out = self._model(
            input_ids=ids.to(device),
            attention_mask=self._mask.to(device),
            position_ids=positions.to(device),
            past_key_values=self._cache,
            use_cache=True,
            logits_to_keep=logits,
        )
        self._cache = out.past_key_values
        last: torch.Tensor = out.logits[:, -logits:]
        return last

    def forget(self, row: int, columns: Sequence[int]) -> None:
        """Make holes of these columns of a row, which all hold tokens of its text; -1 is the last column."""
        for column in columns:
            self._mask[row, column] = 0
        self.lengths[row] -= len(columns)

    def keep(self, rows: Sequence[int]) -> None:
        """Drop all other rows."""
        index = torch.tensor(rows, dtype=torch.long)
        self._cache.batch_select_indices(index.to(self._model.device))
        self._mask = self._mask[index]
        self.lengths = [self.lengths[row] for row in rows]

    def copy(self, rows: Sequence[int], lengths: Sequence[int] | None = None) -> KeyValues:
        """A copy of these rows, each as often as it is named; cut to the first `lengths` tokens of their texts."""
        other = KeyValues(self._model, 0)
        index = torch.tensor(rows, dtype=torch.long)
        on_device = index.to(self._model.device)
        for number, layer in enumerate(self._cache.layers):
            if layer.keys is not None:  # layers that share the keys of another have none
                other._cache.update(layer.keys[on_device], layer.values[on_device], number)
        other._mask = self._mask[index]
        other.lengths = [self.lengths[row] for row in rows]
        if lengths is not None:
            order = other._mask.cumsum(dim=1)
            other._mask = other._mask * (order <= torch.tensor(lengths).unsqueeze(1))
            other.lengths = list(lengths)
        return other

    @staticmethod
    def join(parts: Sequence[KeyValues]) -> KeyValues:
        """One batch of the rows of all `parts`, at least one, of the same model."""
        slots = max(part.slots for part in parts)
        joined = KeyValues(parts[0]._model, 0)
        for number, layer in enumerate(parts[0]._cache.layers):
            if layer.keys is not None:
                layers = [part._cache.layers[number] for part in parts]
                keys = [padded(one.keys, (0, 0, slots - one.keys.shape[-2], 0)) for one in layers]
                values = [padded(one.values, (0, 0, slots - one.values.shape[-2], 0)) for one in layers]
                joined._cache.update(torch.cat(keys), torch.cat(values), number)
        joined._mask = torch.cat([padded(part._mask, (slots - part.slots, 0)) for part in parts])
        joined.lengths = [length for part in parts for length in part.lengths]
        return joined
