"""Models that an OpenAI-compatible server offers as something to replay: texts, and nothing of what made them."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from anchorwatch.anchors import Anchor, AnchorSet
from anchorwatch.errors import ConfigurationError, MissingDependencyError, nearest
from anchorwatch.factors import factors
from anchorwatch.metrics import Metric
from anchorwatch.records import Check, Cost, Finish, Output, Trigger
from anchorwatch.replay.plan import Target, first_is_baseline, in_order
from anchorwatch.text import visible

_KEY = "OPENAI_API_KEY"
_RETRIES = 3
"""After a connection error, a timeout, 408, 409, 429 or 5xx; the client waits longer before each."""
_LISTED = 12
"""Models named in an error."""


class Endpoint:
    """Models by their names at one server. See `replay.run.Source`.

    Raises:
        ConfigurationError: no server answers there, it refuses the key, or it has no such model.
        MissingDependencyError: openai is not installed.
    """

    def __init__(
        self,
        url: str,
        models: Sequence[str],
        anchor_set: AnchorSet,
        *,
        base: str | None,
        at_once: int,
        baseline_samples: int | None,
    ) -> None:
        """`models` are asked in this order, or in that of the steps in their names; `base` is the baseline.

        Without `base` that is the first model. `at_once` is how many requests are under way at a time. No answers are
        sampled for a noise floor unless `baseline_samples` asks for them: each is a request.
        """
        if twice := next((name for name in models if models.count(name) > 1), None):
            raise ConfigurationError(f"the model {twice!r} is given twice")
        if base in models:
            raise ConfigurationError(f"--base {base!r} is the baseline already: leave it out of the models to ask")
        self.baseline_samples = baseline_samples or 0
        self.asker = _Server(url, anchor_set, at_once, self.baseline_samples)
        targets, notes = in_order(models, models)
        if base is not None:
            targets.insert(0, Target(0, base, base))
        else:
            notes.append(first_is_baseline(targets[0].name, "another model of the server"))
        for target in targets:
            self.asker.require(target.of)
        self.targets: Sequence[Target[Any]] = targets
        self.notes = (*notes, "a server gives texts alone: scores of tokens and of drift are missing")
        self.name, self.where = models[-1], url
        self.log_rows: list[dict[str, Any]] = []
        self.identity: Any = [url, [[target.step, target.of] for target in targets]]
        self._base, self._anchor_set = base, anchor_set

    @contextmanager
    def opened(self, target: Target[Any]) -> Iterator[str]:
        """The name by which the server knows the model."""
        yield target.of

    def factors(self, opened: str, metrics: tuple[Metric, ...]) -> dict[str, Any]:
        """What the anchors are, and the base model's name if it was given; the server's own software is not known."""
        found = factors(arguments=None, model=None, dataset=None, anchor_set=self._anchor_set, metrics=metrics)
        known = {name: value for name, value in found.items() if not name.startswith(("code.", "version."))}
        return known | ({"model.id": self._base} if self._base else {})


@dataclass(frozen=True)
class _Answer:
    text: str
    finish: Finish
    prompt_tokens: int
    new_tokens: int


class _Server:
    """Asks by requests for chat completions, several at once."""

    def __init__(self, url: str, anchor_set: AnchorSet, at_once: int, baseline_samples: int) -> None:
        self.floor_seconds = 0.0
        self.advance: Callable[[int], object] = lambda asked: None
        self._url, self._anchor_set, self._at_once = url, anchor_set, at_once
        self._baseline_samples = baseline_samples
        self._client = _client(url)
        self._offered = self._models()

    def wait(self) -> None:
        """Nothing is under way between checks."""

    def require(self, model: str) -> None:
        """Make sure that the server has the model; one that it does not list is tried.

        Raises:
            ConfigurationError: it has not.
        """
        if model in self._offered:
            return
        import openai

        try:
            self._client.with_options(max_retries=0).chat.completions.create(
                model=model, messages=[{"role": "user", "content": "Hi"}], max_tokens=1, temperature=0
            )
        except openai.APIStatusError as error:
            shown = ", ".join(self._offered[:_LISTED]) or "none that it lists"
            more = f" and {len(self._offered) - _LISTED} more" if len(self._offered) > _LISTED else ""
            no_such_path = error.status_code == 404 and not self._url.rstrip("/").endswith("/v1")
            hint = "; most servers want a URL that ends in /v1" if no_such_path else ""
            raise ConfigurationError(
                f"the server at {self._url} does not answer as {model!r}{nearest(model, self._offered)}; "
                f"it offers {shown}{more}; it says: {_said(error)}{hint}"
            ) from error
        except openai.APIError as error:
            raise ConfigurationError(f"the server at {self._url} does not answer: {_said(error)}") from error

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
            ConfigurationError: the server does not answer any more, or refuses a request.
        """
        started = perf_counter()
        answers = asyncio.run(self._answers(model, step, self._baseline_samples if baseline is None else 0))
        every = [answer for one, drawn in answers for answer in (one, *drawn)]
        outputs = tuple(
            Output(anchor.id, one.text, (), one.finish, samples=tuple(each.text for each in drawn))
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

    async def _answers(self, model: str, step: int, at_least: int) -> list[tuple[_Answer, list[_Answer]]]:
        """The greedy answer to each anchor and the sampled ones. Nothing is under way any more after an error."""
        from openai import AsyncOpenAI

        room = asyncio.Semaphore(self._at_once)
        async with AsyncOpenAI(**_settings(self._url)) as client:

            async def ask(anchor: Anchor, **decoding: Any) -> _Answer:
                async with room:
                    return await self._ask(client, model, anchor, **decoding)

            async def greedy(anchor: Anchor) -> _Answer:
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

    async def _ask(self, client: Any, model: str, anchor: Anchor, **decoding: Any) -> _Answer:
        import openai

        try:
            given = await client.chat.completions.create(
                model=model, messages=anchor.chat(), max_tokens=anchor.max_new_tokens, **decoding
            )
        except openai.APIStatusError as error:
            raise ConfigurationError(
                f"the server at {self._url} refuses the anchor {anchor.id!r} for {model!r}: {_said(error)}"
            ) from error
        except openai.APIError as error:
            raise ConfigurationError(f"the server at {self._url} does not answer any more: {_said(error)}") from error
        if not getattr(given, "choices", None):
            raise ConfigurationError(f"the server at {self._url} gives no answer to the anchor {anchor.id!r}")
        choice, usage = given.choices[0], given.usage
        return _Answer(
            text=choice.message.content or "",
            finish="length" if choice.finish_reason == "length" else "stop",
            prompt_tokens=usage.prompt_tokens if usage else 0,
            new_tokens=usage.completion_tokens if usage else 0,
        )

    def _models(self) -> list[str]:
        """The names that the server lists; empty where it has no list."""
        import openai

        try:
            return sorted(model.id for model in self._client.models.list())
        except (openai.AuthenticationError, openai.PermissionDeniedError) as error:
            given = f"refuses the key in ${_KEY}" if os.environ.get(_KEY) else f"wants a key: set ${_KEY}"
            raise ConfigurationError(f"the server at {self._url} {given}; it says: {_said(error)}") from error
        except openai.APIStatusError:
            return []
        except openai.APIError as error:
            raise ConfigurationError(f"no server answers at {self._url}: {_said(error)}") from error
        except (AttributeError, TypeError, ValueError) as error:  # what the client makes of a web page
            raise ConfigurationError(
                f"what answers at {self._url} is no OpenAI-compatible server; most have a URL that ends in /v1"
            ) from error


def _settings(url: str) -> dict[str, Any]:
    # Servers on one's own machine mostly want no key, and the client insists on one.
    return {"base_url": url, "api_key": os.environ.get(_KEY) or "none", "max_retries": _RETRIES}


def _client(url: str) -> Any:
    try:
        from openai import OpenAI
    except ImportError as error:
        raise MissingDependencyError(
            "a server is asked with openai, which is not installed: pip install 'anchorwatch[replay]'"
        ) from error
    if not url.startswith(("http://", "https://")):
        raise ConfigurationError(f"an endpoint is a URL like http://localhost:8000/v1; found {url!r}")
    return OpenAI(**_settings(url))


def _said(error: Exception) -> str:
    """What went wrong in one line, the cause of a connection error included."""
    cause = error.__cause__
    words = f"{error} {cause}" if cause is not None and str(cause) not in str(error) else str(error)
    return visible(" ".join(words.split()), 300)


def _seed(anchor: Anchor, number: int, step: int) -> int:
    """New luck at every check, and the same one when the check is made again."""
    digest = hashlib.sha256(f"{anchor.id} {number} {step}".encode()).digest()
    return int.from_bytes(digest[:4], "big") >> 1
