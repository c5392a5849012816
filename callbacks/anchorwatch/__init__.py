"""anchorwatch: behaviour beside loss while a language model is fine-tuned.

from anchorwatch import AnchorWatch
trainer = SFTTrainer(..., callbacks=[AnchorWatch("support-en")])
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from anchorwatch.callback import AnchorWatch
    from anchorwatch.metrics.metric import Measured, Metric

__all__ = ["AnchorWatch", "Measured", "Metric", "__version__"]
__version__ = "0.1.0"

_HOMES = {
    "AnchorWatch": "anchorwatch.callback",
    "Measured": "anchorwatch.metrics.metric",
    "Metric": "anchorwatch.metrics.metric",
}


def __getattr__(name: str) -> Any:
    # The callback brings torch and transformers with it; the command line must start without them.
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
