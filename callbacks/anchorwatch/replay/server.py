"""Asks the anchors of models at an OpenAI-compatible server, by requests for chat completions, several at once."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Callable
from time import perf_counter
from typing import Any

from anchorwatch.anchors import Anchor, AnchorSet
from anchorwatch.errors import ConfigurationError, nearest
from anchorwatch.records import Check, Cost, Output, Sample, Trigger
from anchorwatch.replay.client import KEY, Client, NoAnswerError, NoJsonError, answered, said
from anchorwatch.replay.completion import Answer, answer_in
from anchorwatch.replay.own_thread import finished

_LISTED = 12
"""Models named in an error."""


class Server:
    """See `replay.run.Asker`.

    Raises:
        ConfigurationError: see `Client`; no server answers there, or it refuses the key.
        MissingDependencyError: openai is not installed.
    """

    def __init__(
        self, url: str, anchor_set: AnchorSet, at_once: int, baseline_samples: int, say: Callable[[str], object]
    ) -> None:
        """`say` is told, once, that the server filters answers."""
        self.floor_seconds = 0.0
        self.advance: Callable[[int], object] = lambda asked: None
        self._anchor_set, self._at_once, self._baseline_samples = anchor_set, at_once, baseline_samples
        self._say, self._filter_told = say, False
        self._client = Client(url)
        self.url = self._client.shown
        """Without what may be secret in it."""
        self._offered = finished(self._models())

    def wait(self) -> None:
        """Nothing is under way between checks."""

    def require(self, model: str) -> None:
        """Make sure that the server has the model; one that it does not list is tried.

        Raises:
            ConfigurationError: it has not.
        """
        if model not in self._offered:
            finished(self._try(model))

    def check(
        self,
        model: str,
        *,
        step: int,
        trigger: Trigger,
        baseline: Check | None,
        previous: Check | None,
        epoch: float | None,
        optimizer: Any,
    ) -> Check:
        """Ask every anchor of `model`, greedily, and as many sampled answers as it asks for.

        Raises:
            ConfigurationError: the server does not answer any more, refuses a request, or answers with something else.
        """
        started = perf_counter()
        answers = finished(self._answers(model, step, self._baseline_samples if baseline is None else 0))
        self._tell_of_filter(model, answers)
        every = [answer for one, drawn in answers for answer in (one, *drawn)]
        outputs = tuple(
            Output(anchor.id, one.text, (), one.finish, tuple(Sample(each.text, (), each.finish) for each in drawn))
            for anchor, (one, drawn) in zip(self._anchor_set.anchors, answers, strict=True)
        )
        cost = Cost(
            seconds=perf_counter() - started,
            forward_calls=len(every),
            prompt_tokens=sum(answer.prompt_tokens for answer, _ in answers),
            new_tokens=sum(answer.new_tokens for answer in every),
            batch_size=self._at_once,
        )
        return Check(step, trigger, outputs, cost, epoch, generated_because="by a server")

    async def _answers(self, model: str, step: int, at_least: int) -> list[tuple[Answer, list[Answer]]]:
        """The greedy answer to each anchor and the sampled ones. Nothing is under way any more after an error."""
        room = asyncio.Semaphore(self._at_once)
        async with self._client.opened() as client:

            async def ask(anchor: Anchor, **decoding: Any) -> Answer:
                async with room:
                    return await self._ask(client, model, anchor, **decoding)

            async def greedy(anchor: Anchor) -> Answer:
                answer = await ask(anchor, temperature=0.0)
                self.advance(1)
                return answer

            every = []
            for anchor in self._anchor_set.anchors:
                seeds = [_seed(anchor, number, step) for number in range(max(anchor.samples, at_least))]
                drawn = [ask(anchor, temperature=anchor.temperature, seed=seed) for seed in seeds]
                every.append([asyncio.ensure_future(each) for each in (greedy(anchor), *drawn)])
            tasks = [task for of_one in every for task in of_one]
            try:
                await asyncio.gather(*tasks)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
        return [(of_one[0].result(), [task.result() for task in of_one[1:]]) for of_one in every]

    async def _ask(self, client: Any, model: str, anchor: Anchor, **decoding: Any) -> Answer:
        import openai

        request = client.chat.completions.with_raw_response.create(
            model=model, messages=anchor.chat(), max_tokens=anchor.max_new_tokens, **decoding
        )
        asked = f"the anchor {anchor.id!r} for {model!r}"
        try:
            return answer_in(await answered(request))
        except openai.APIStatusError as error:
            raise ConfigurationError(f"the server at {self.url} refuses {asked}: {said(error)}") from error
        except NoAnswerError as error:
            raise ConfigurationError(
                f"the server at {self.url} does not answer any more: {error}; asked was {asked}"
            ) from error
        except (NoJsonError, ValueError) as error:
            raise ConfigurationError(
                f"what the server at {self.url} sends for {asked} is no chat completion: {error}"
            ) from error

    async def _try(self, model: str) -> None:
        import openai

        try:
            async with self._client.opened() as client:
                await answered(
                    client.with_options(max_retries=0).chat.completions.with_raw_response.create(
                        model=model, messages=[{"role": "user", "content": "Hi"}], max_tokens=1, temperature=0
                    )
                )
        except openai.APIStatusError as error:
            shown = ", ".join(self._offered[:_LISTED]) or "none that it lists"
            more = f" and {len(self._offered) - _LISTED} more" if len(self._offered) > _LISTED else ""
            no_such_path = error.status_code == 404 and not self.url.rstrip("/").endswith("/v1")
            hint = "; most servers want a URL that ends in /v1" if no_such_path else ""
            raise ConfigurationError(
                f"the server at {self.url} does not answer as {model!r}{nearest(model, self._offered)}; "
                f"it offers {shown}{more}; it says: {said(error)}{hint}"
            ) from error
        except (NoAnswerError, NoJsonError) as error:
            raise ConfigurationError(f"the server at {self.url} does not answer as {model!r}: {error}") from error

    async def _models(self) -> list[str]:
        """The names that the server lists; empty where it has no list."""
        import openai

        try:
            async with self._client.opened() as client:
                listed = await answered(client.models.with_raw_response.list())
            return sorted(model["id"] for model in listed["data"] if isinstance(model["id"], str))
        except (openai.AuthenticationError, openai.PermissionDeniedError) as error:
            given = f"refuses the key in ${KEY}" if os.environ.get(KEY) else f"wants a key: set ${KEY}"
            raise ConfigurationError(f"the server at {self.url} {given}; it says: {said(error)}") from error
        except openai.APIStatusError:
            return []
        except NoAnswerError as error:
            raise ConfigurationError(f"no server answers at {self.url}: {error}") from error
        except (NoJsonError, LookupError, TypeError) as error:
            raise ConfigurationError(
                f"what answers at {self.url} is no OpenAI-compatible server; most have a URL that ends in /v1"
            ) from error

    def _tell_of_filter(self, model: str, answers: list[tuple[Answer, list[Answer]]]) -> None:
        pairs = zip(self._anchor_set.anchors, answers, strict=True)
        cut = [anchor.id for anchor, (one, drawn) in pairs if any(answer.filtered for answer in (one, *drawn))]
        if cut and not self._filter_told:
            self._filter_told = True
            self._say(
                f"the server's filter ended answers of {model!r} (content_filter; anchor {cut[0]!r}, {len(cut)} "
                f"of {len(answers)} in this check): what was left of them is recorded; further ones are not told"
            )


def _seed(anchor: Anchor, number: int, step: int) -> int:
    """New luck at every check, and the same one when the check is made again."""
    digest = hashlib.sha256(f"{anchor.id} {number} {step}".encode()).digest()
    return int.from_bytes(digest[:4], "big") >> 1
