"""Decodes and encodes pictures. Needs the imaging layer (libvips, libheif, Pillow); import it late."""

from shutterpost.photos.imaging.normalise import normalise

__all__ = ["normalise"]
