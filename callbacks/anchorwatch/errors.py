"""What can go wrong, as a tree:

    AnchorWatchError                    everything this package raises on purpose
    ├── ConfigurationError              an argument, an environment or a model that cannot be watched
    │   ├── AnchorSetError              an anchor set that cannot be found, read or used
    │   └── MissingDependencyError      an optional package that is not installed
    └── StoreError                      the local store cannot be opened, or does not hold what was asked for

A message is one line: what was wrong, what was given, what is allowed, and the nearest valid name.
"""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz import process


class AnchorWatchError(Exception):
    """Base of every error that anchorwatch raises on purpose."""


class ConfigurationError(AnchorWatchError, ValueError):
    """Something given to anchorwatch cannot work; raised before the first training step."""


class AnchorSetError(ConfigurationError):
    """An anchor set cannot be found, read or used."""


class MissingDependencyError(ConfigurationError, ImportError):
    """An optional package is missing; the message names the extra to install."""


class StoreError(AnchorWatchError):
    """The local store cannot be opened, or does not hold what was asked for."""


def nearest(name: object, allowed: Iterable[str]) -> str:
    """` (did you mean 'x'?)` for the closest allowed name, or an empty string when none is close."""
    match = process.extractOne(str(name), list(allowed), score_cutoff=60)
    return f" (did you mean {match[0]!r}?)" if match else ""


def unknown(what: str, given: object, allowed: Iterable[str]) -> str:
    """One line for an unknown name: what it was, what was given, what is allowed, the nearest name."""
    names = sorted(allowed)
    return f"unknown {what} {given!r}; allowed: {', '.join(names)}{nearest(given, names)}"
