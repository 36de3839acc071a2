"""Picking: the choice of a photo for a slot, forecasts and explanations."""
