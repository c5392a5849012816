"""The probe: anchors + model to outputs. Torch lives here and only here."""

from anchorwatch.probe.probe import Probe
from anchorwatch.probe.undisturbed import undisturbed
from anchorwatch.probe.watchable import autocast_dtype

__all__ = ["Probe", "autocast_dtype", "undisturbed"]
