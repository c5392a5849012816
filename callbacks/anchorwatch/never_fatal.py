"""An event of ours never ends a training by accident."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial, wraps
from typing import Any, TypeVar, cast

logger = logging.getLogger("anchorwatch")

Event = TypeVar("Event", bound=Callable[..., None])


def never_fatal(event: Event) -> Event:
    """`event` of an object with a `_watch` (a Watch or None), such that what fails in it costs one warning."""

    @wraps(event)
    def guarded(self: Any, *arguments: Any, **kwargs: Any) -> None:
        try:
            event(self, *arguments, **kwargs)
        except Exception as error:
            warn = partial(self._watch.warn_once, event.__name__) if self._watch else logger.warning
            warn("%s failed (%s: %s); training goes on", event.__name__, type(error).__name__, error)

    return cast("Event", guarded)
