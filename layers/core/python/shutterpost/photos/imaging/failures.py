"""What a decoder's failure says of the file, in words that name neither this program's paths nor its calls."""

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
    """A decoder other than libvips could not read a file; the message is its own."""


DECODER_ERRORS = (pyvips.Error, DecoderFailed, MemoryError)
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
    r"|no decoding plugin",
    re.IGNORECASE,
)
_TOO_LARGE = re.compile(r"cumulated byte limit|tile size out of range", re.IGNORECASE)
_CALLS = re.compile(r"^(unable to .*|(\w+): (?=\S))")
_LONGEST = 200


@contextmanager
def other_decoder() -> Iterator[None]:
    """Any failure of libheif or Pillow inside is `DecoderFailed`."""
    try:
        yield
    except _BINDING_ERRORS as error:
        raise DecoderFailed(f"{error}" or type(error).__name__) from error


def damaged(error: Exception, path: Path, kind: Format) -> Unusable:
    """The refusal of the file of `kind` at `path` that a decoder's `error` amounts to."""
    text = _words(error, path)
    said = f" ({text})" if text else ""
    with path.open("rb") as file:
        cut = ends_early(file, kind)
    if _TOO_LARGE.search(text):
        detail = f"The {kind.upper()} keeps its pixels in strips or tiles that are too large to hold{said}."
        return Unusable(Reason.TOO_MANY_PIXELS, detail, "Save it with smaller strips or export it as JPEG.")
    if cut or (_CUT_SHORT.search(text) and "premature end of data segment" not in text):
        return Unusable(Reason.TRUNCATED, f"The picture ends too early{said}.")
    if _NOT_READ.search(text):
        return Unusable(Reason.UNSUPPORTED_FORMAT, f"This kind of {kind.upper()} is not read{said}.")
    return Unusable(Reason.CORRUPT, f"The picture cannot be decoded{said}.")


def harmless(error: Exception) -> bool:
    """Whether a JPEG decoder only met what many cameras write and every viewer overlooks."""
    lines = [line for line in str(error).splitlines() if "VipsJpeg" in line]
    return bool(lines) and all(_HARMLESS.search(line) for line in lines)


def forget_failures() -> None:
    """Empty libvips' error buffer, which otherwise adds to the next file's failure what this one left there."""
    pyvips.vips_lib.vips_error_clear()


def _words(error: Exception, path: Path) -> str:
    """The decoder's own words, each once, without calls and paths."""
    text = str(error).replace(str(path), "the file").replace(path.name, "the file")
    lines = (" ".join(_CALLS.sub("", line.strip()).split()) for line in text.splitlines())
    return "; ".join(dict.fromkeys(line for line in lines if line))[:_LONGEST]
