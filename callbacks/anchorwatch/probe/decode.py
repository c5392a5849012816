"""Greedy decoding of the answers that departed from what was expected, several tokens a forward call where it pays."""

from __future__ import annotations

from collections.abc import Sequence

from anchorwatch.probe.drafts import Draft, Drafts, best_length
from anchorwatch.probe.generate import Decoding
from anchorwatch.probe.greedy import choose
from anchorwatch.probe.keyvalues import KeyValues
from anchorwatch.probe.verify import Answer, Row, accept


def finish(
    keyvalues: KeyValues,
    rows: Sequence[Row],
    answers: Sequence[Answer],
    drafts: Drafts,
    rule: Decoding,
    tie_margin: float,
    window: int | None = None,
) -> None:
    """Decode until every answer is finished; those that are already are left alone.

    `keyvalues` holds each row's prompt and answer but the last token; its rows are dropped as they finish. Tokens are
    drafted (see `Drafts`) and verified together, and where drafting does not pay this is plain greedy decoding. With
    a `window`, no more than so many slots are filled as long as each row's answer fits in it twice.
    """
    active = list(range(len(rows)))
    while True:
        going = [index for index in active if not answers[index].finished(rows[index], rule)]
        for index in set(active) - set(going):
            drafts.learn(answers[index].tokens)
        if not going:
            return
        if len(going) < len(active):
            keyvalues.keep([active.index(index) for index in going])
        active = going

        left = [rows[index].limit - len(answers[index].tokens) for index in active]
        room = max(left) if window is None else window - keyvalues.slots - max(left)
        on_draft = [answers[index].on_draft(rows[index]) for index in active]
        offers = [
            drafts.rest(rows[index].draft, answers[index].tokens)
            if same
            else drafts.next(rows[index].anchor_id, answers[index].tokens)
            for index, same in zip(active, on_draft, strict=True)
        ]
        offers = [Draft(offer.tokens[:most], offer.match) for offer, most in zip(offers, left, strict=True)]
        length = max(0, min(best_length(offers, drafts, keyvalues.call_cost), room))
        texts = [
            (answers[index].tokens[-1], *offer.tokens[:length]) for index, offer in zip(active, offers, strict=True)
        ]
        width = max(map(len, texts))
        logits = keyvalues.extend(texts, rule.pad, logits=width)
        chosen = choose(logits, [text[1:] for text in texts])
        for number, (index, text) in enumerate(zip(active, texts, strict=True)):
            answer, drafted = answers[index], text[1:]
            before = len(answer.tokens)
            accept(rows[index], answer, drafted, chosen[number], rule, tie_margin, keep_ties=on_draft[number])
            gained = len(answer.tokens) - before
            if drafted:
                right = sum(one == other for one, other in zip(answer.tokens[before:], drafted, strict=False))
                drafts.was_right(offers[number].match, right, len(drafted))
            # In the cache now: the token before, and the draft. All but the answer's last token belong there.
            keyvalues.forget(number, range(gained - width, len(text) - width))
