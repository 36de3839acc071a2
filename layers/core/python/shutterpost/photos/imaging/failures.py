"""Translates decoder failures into refusals without paths or function names."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyvips

from shutterpost.photos.formats.signatures import Format, ends_early
from shutterpost.photos.unusable import Reason, Unusable

# libheif's and Pillow's bindings meet bytes their authors did not foresee, and raise what their code happens to raise.
_BINDING_ERRORS = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
)


class DecoderFailed(Exception):
    """A failure of libheif or Pillow, with its message."""


# pyvips cannot decode a decoder's message that is not UTF-8.
DECODER_ERRORS = (pyvips.Error, DecoderFailed, MemoryError, UnicodeDecodeError)
_HARMLESS = re.compile(
    r"Corrupt JPEG data: \d{1,2} extraneous bytes before marker 0xd9|unknown JFIF revision|Adobe color transform code"
    r"|Inconsistent progression sequence"
)
_CUT_SHORT = re.compile(
    r"premature end|unexpected end|end of file|end of input|truncat|not enough data|EOF|bad seek"
    r"|got \d+ bytes, expected",
    re.IGNORECASE,
)
_NOT_READ = re.compile(
    r"not configured|unsupported|not implemented|samples out of range|not a whole number of bytes"
    r"|no decoding plugin|unknown raw mode|cannot identify image file|security limit",
    re.IGNORECASE,
)
_TOO_LARGE = re.compile(r"cumulated byte limit|tile size out of range", re.IGNORECASE)
# Values that libtiff reports and leaves out, with the default in their place.
_LEFT_OUT = re.compile(r'Bad value \d+ for "(Orientation|ResolutionUnit)" tag')
_CALLS = re.compile(r"^(unable to .*|(\w+): (?=\S))")
_UNPRINTABLE = re.compile(r"[^\n\x20-\x7e\u00a0-\ufeff]")
_LONGEST = 200


@contextmanager
def other_decoder() -> Iterator[None]:
    """Turn any failure of libheif or Pillow into `DecoderFailed`."""
    try:
        yield
    except _BINDING_ERRORS as error:
        raise DecoderFailed(f"{error}" or type(error).__name__) from error


def damaged(error: Exception, path: Path, kind: Format) -> Unusable:
    """The refusal for a decoder's `error` on the file at `path`."""
    text = _words(error, path)
    suffix = f" ({text})" if text else ""
    with path.open("rb") as file:
        cut = ends_early(file, kind)
    if _TOO_LARGE.search(text):
        detail = f"The {kind.upper()} keeps its pixels in strips or tiles that are too large to hold{suffix}."
        return Unusable(Reason.TOO_MANY_PIXELS, detail, "Save it with smaller strips or export it as JPEG.")
    if cut or (_CUT_SHORT.search(text) and "premature end of data segment" not in text):
        return Unusable(Reason.TRUNCATED, f"The picture ends too early{suffix}.")
    if _NOT_READ.search(text):
        return Unusable(Reason.UNSUPPORTED_FORMAT, f"This kind of {kind.upper()} is not read{suffix}.")
    return Unusable(Reason.CORRUPT, f"The picture cannot be decoded{suffix}.")


def harmless(error: Exception) -> bool:
    """Whether a JPEG decoder met only defects that all viewers ignore."""
    lines = [line for line in str(error).splitlines() if "VipsJpeg" in line]
    return bool(lines) and all(_HARMLESS.search(line) for line in lines)


def forget_failures() -> None:
    """Clear libvips' error buffer, which would add to the next file's error."""
    pyvips.vips_lib.vips_error_clear()


def refuse_reported() -> None:
    """Raise `DecoderFailed` if libtiff reported errors that libvips decoded past, since libvips' last operation."""
    text = pyvips.ffi.string(pyvips.vips_lib.vips_error_buffer()).decode("utf-8", "replace")
    errors = [line for line in text.splitlines() if line and not _LEFT_OUT.search(line)]
    if errors:
        raise DecoderFailed("\n".join(errors))


def _words(error: Exception, path: Path) -> str:
    text = error.object.decode("utf-8", "replace") if isinstance(error, UnicodeDecodeError) else str(error)
    text = text.replace(str(path), "the file").replace(path.name, "the file")
    lines = (" ".join(_CALLS.sub("", line.strip()).split()) for line in _UNPRINTABLE.sub("", text).splitlines())
    return "; ".join(dict.fromkeys(line for line in lines if line))[:_LONGEST]
