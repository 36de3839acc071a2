"""Decoding and encoding; needs libvips and libheif, which lie in import_photos' layer alone. Import it late."""

from shutterpost.photos.imaging.normalise import normalise

__all__ = ["normalise"]
