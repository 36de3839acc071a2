"""Imported first by every function's package: what makes a start cheaper."""

import gc

# A start makes hundreds of thousands of objects and no garbage; looking for some takes a tenth of a cold start.
gc.set_threshold(50_000)
