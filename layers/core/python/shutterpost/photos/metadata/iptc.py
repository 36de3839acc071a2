"""Reads caption, keywords and credit from IPTC-IIM (version 4.2); malformed input is ignored."""

import codecs
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

# Application records (2:xx): keywords, byline, credit, copyright notice, caption.
_KEYWORD, _BYLINE, _CREDIT, _COPYRIGHT, _CAPTION = 25, 80, 110, 116, 120
_APPLICATION = 2
_MARK, _PHOTOSHOP, _IPTC_RESOURCE = 0x1C, b"Photoshop 3.0\x00", 0x0404
_EXTENDED, _MOST = 0x8000, 1000
_NO_WINDOWS = re.compile(
    rb"[\x81\x88\x8d\x8f\x90\x98\x9d]|[a-z][\x8a\x8c\x8e\x9f]|[A-Z][\x8a\x8c\x8e\x9f][a-z]"
    rb"|[A-Za-z][\x80\x82-\x84\x86\x87\x89\x8b\x95\x99\x9b\xd4\xd5][a-z]|[A-Za-z\x80-\x9f]\xa7[a-z]"
)


def read_iptc(data: bytes) -> dict[str, Any]:
    """`caption`, `keywords` and `credit` of bare records or of Photoshop's resource blocks."""
    records: dict[int, list[bytes]] = {}
    for record, dataset, value in _datasets(_resource(_unswapped(data))):
        if record == _APPLICATION:
            records.setdefault(dataset, []).append(value)
    encoding = _encoding([value for values in records.values() for value in values])
    texts = {dataset: _texts(values, encoding) for dataset, values in records.items()}
    facts: dict[str, Any] = {}
    if texts.get(_CAPTION):
        facts["caption"] = texts[_CAPTION][0]
    if texts.get(_KEYWORD):
        facts["keywords"] = texts[_KEYWORD]
    credit = next((texts[dataset][0] for dataset in (_CREDIT, _BYLINE, _COPYRIGHT) if texts.get(dataset)), "")
    if credit:
        facts["credit"] = credit
    return facts


def _texts(values: list[bytes], encoding: str) -> tuple[str, ...]:
    # A program that cuts at the longest length of a field may leave a part of the last character.
    texts = (codecs.getincrementaldecoder(encoding)("replace").decode(value).strip("\x00 ") for value in values)
    return tuple(text for text in texts if text)


def _encoding(values: list[bytes]) -> str:
    """UTF-8 if the records are valid UTF-8 beyond ASCII, else MacRoman or Windows-1252, whatever they declare."""
    with suppress(UnicodeDecodeError):
        texts = [codecs.getincrementaldecoder("utf-8")().decode(value) for value in values]
        if not "".join(texts).isascii():
            return "utf-8"
    return "mac-roman" if any(_NO_WINDOWS.search(value) for value in values) else "cp1252"


def _unswapped(data: bytes) -> bytes:
    """The records as they were written: a TIFF that calls them 32-bit numbers has them read in the other order."""
    if data[:1] == bytes([_MARK]) or data[3:4] != bytes([_MARK]):
        return data
    return b"".join(data[at : at + 4][::-1] for at in range(0, len(data), 4))


def _resource(data: bytes) -> bytes:
    at = data.find(b"8BIM") if data.startswith((_PHOTOSHOP, b"8BIM")) else -1
    while at >= 0 and data[at : at + 4] == b"8BIM" and at + 8 < len(data):
        kind = int.from_bytes(data[at + 4 : at + 6], "big")
        name = data[at + 6] + 1
        start = at + 6 + name + name % 2
        size = int.from_bytes(data[start : start + 4], "big")
        if kind == _IPTC_RESOURCE:
            return data[start + 4 : start + 4 + size]
        at = start + 4 + size + size % 2
    return data


def _datasets(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    at = 0
    for _ in range(_MOST):
        if at + 5 > len(data) or data[at] != _MARK:
            return
        size, start = int.from_bytes(data[at + 3 : at + 5], "big"), at + 5
        if size & _EXTENDED:
            count = size & ~_EXTENDED
            size, start = int.from_bytes(data[start : start + count], "big"), start + count
        yield data[at + 1], data[at + 2], data[start : start + size]
        at = start + size
