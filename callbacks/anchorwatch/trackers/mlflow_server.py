"""An MLflow tracking server, asked whether it is there and which version it has."""

from __future__ import annotations

import re
import ssl
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

from anchorwatch.mlflow_address import without_password

_TIMEOUT = 3.0


def is_server(uri: str) -> bool:
    """Whether `uri` is that of a server, not of a database or a folder."""
    return urlsplit(uri).scheme in ("http", "https")


def ask(uri: str) -> None:
    """Raise ConnectionError if the tracking server gives no sign of life within three seconds.

    What is no server is not asked.
    """
    if not is_server(uri):
        return
    server = without_password(uri).rstrip("/")
    try:
        urlopen(f"{server}/health", timeout=_TIMEOUT).close()
    except HTTPError as error:
        # A proxy answers 502 to 504 for a dead server; a server that has no such page is alive.
        if error.code >= 500:
            raise ConnectionError(f"the tracking server {server} answers {error.code}") from error
    except OSError as error:
        # How certificates are checked is MLflow's own affair; a server that shows one is alive.
        if not (isinstance(error, URLError) and isinstance(error.reason, ssl.SSLError)):
            raise ConnectionError(f"the tracking server {server} does not answer") from error


def page_version(uri: str) -> tuple[int, int] | None:
    """(major, minor) of the MLflow whose web page shows what is at `uri`: the server's, or else the one installed.

    None where that cannot be found out, as with a service that only speaks MLflow's protocol.
    """
    from mlflow.utils.credentials import get_default_host_creds
    from mlflow.utils.rest_utils import http_request

    if uri.startswith(("databricks", "uc:")):
        return None
    if not is_server(uri):
        return installed_version()
    host = get_default_host_creds(uri)
    answer = http_request(host, "/version", "GET", timeout=_TIMEOUT, max_retries=0, raise_on_status=False)
    return _parsed(answer.text) if answer.status_code == 200 else None


def installed_version() -> tuple[int, int] | None:
    """(major, minor) of the MLflow in this process."""
    import mlflow

    return _parsed(mlflow.__version__)


def _parsed(version: str) -> tuple[int, int] | None:
    found = re.match(r"(\d+)\.(\d+)\.", version)
    return (int(found[1]), int(found[2])) if found else None
