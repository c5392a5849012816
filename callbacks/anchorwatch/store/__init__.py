"""The local store: every run, check and loss point, committed to a database before anyone else hears of it."""

from anchorwatch.store.database import check_url, default_url, file_behind
from anchorwatch.store.runs import Status, StoredRun
from anchorwatch.store.store import Store

__all__ = ["Status", "Store", "StoredRun", "check_url", "default_url", "file_behind"]
