"""Replay: the anchors asked of checkpoints that were saved, or of models that a server offers, recorded as a run."""
