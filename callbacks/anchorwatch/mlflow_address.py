"""Where MLflow keeps a watched run, as one line of text: what the local store remembers, and links are made from."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit

_RUN = "#/experiments/"


@dataclass(frozen=True)
class Address:
    """A run, and what of it the web page can show. As text: `URI#/experiments/ID/runs/ID?view=KEY&…`."""

    run_id: str
    uri: str = ""
    """Of the tracking server or database, without a password. Empty where only the run was recorded."""
    experiment_id: str = ""
    view: str = ""
    """Key of the view "behaviour vs loss" of the experiment; empty where none was written."""
    last: str = ""
    """The nested run that holds the traces of the last check; empty where there are none."""
    baseline: str = ""
    """The nested run that holds the traces of the baseline; empty where there are none."""

    def __str__(self) -> str:
        shows = {"view": self.view, "last": self.last, "baseline": self.baseline}
        query = urlencode({name: value for name, value in shows.items() if value})
        return f"{self.uri}{_RUN}{self.experiment_id}/runs/{self.run_id}{'?' if query else ''}{query}"

    @classmethod
    def parse(cls, text: str) -> Address:
        """The address that `text` is; a text of another form is the id of a run."""
        uri, separator, path = text.rpartition(_RUN)
        place, _, query = path.partition("?")
        experiment_id, runs, run_id = place.partition("/runs/")
        if not (separator and runs):
            return cls(text)
        shows = {name: values[0] for name, values in parse_qs(query).items() if name in ("view", "last", "baseline")}
        return cls(run_id, uri, experiment_id, **shows)


def without_password(uri: str) -> str:
    """A tracking URI that may be stored and shown: of a server without user and password, of a database with ***."""
    parts = urlsplit(uri)
    if parts.password is None and not parts.username:
        return uri
    if parts.scheme in ("http", "https"):
        return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    return uri if parts.password is None else uri.replace(f":{parts.password}@", ":***@", 1)
