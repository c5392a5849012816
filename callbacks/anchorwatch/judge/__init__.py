"""Judgement: from contracts and scores over time to flags. Pure: no torch, no tracker, no clock, no chance."""
