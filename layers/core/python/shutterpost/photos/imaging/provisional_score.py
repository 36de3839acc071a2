"""Estimates the score of a photo without an analysis; pure."""

import math

from shutterpost.photos.ranking import HIGHEST_SCORE, LOWEST_SCORE


def provisional_score(sharpness: float, exposure: float, colourfulness: float) -> float:
    """An estimate of the aesthetic score, 1-10.

    `sharpness` is the variance of the Laplacian of 8-bit grey, `exposure` the mean brightness 0-1, `colourfulness`
    that of Hasler and Süsstrunk (2003), about 0-110.
    """
    sharp = 1 - math.exp(-max(0.0, sharpness) / 800)
    exposed = math.exp(-(((exposure - 0.5) / 0.28) ** 2))
    colourful = min(1.0, max(0.0, colourfulness) / 80)
    return round(LOWEST_SCORE + (HIGHEST_SCORE - LOWEST_SCORE) * (0.5 * sharp + 0.3 * exposed + 0.2 * colourful), 3)
