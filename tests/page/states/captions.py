"""Texts that are hard to lay out: one without spaces, and one that is written from right to left."""

UNBROKEN = "https://shutterpost.example/" + "fog-over-the-valley-" * 12
RIGHT_TO_LEFT = "ضباب الصباح فوق الوادي، ثم فوق الوادي التالي أيضا. " * 8
