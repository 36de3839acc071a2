"""Picking: which photo a slot is given, and why."""
