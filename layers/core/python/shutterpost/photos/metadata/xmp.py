"""Reads rating, caption, keywords, credit and alt text from XMP (ISO 16684-1) with expat, and writes a credit."""

from contextlib import suppress
from typing import Any
from xml.parsers import expat
from xml.sax.saxutils import escape

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_XMP = "http://ns.adobe.com/xap/1.0/"
_DC = "http://purl.org/dc/elements/1.1/"
_PHOTOSHOP = "http://ns.adobe.com/photoshop/1.0/"
# By name in the packet; of a caption's or credit's several properties the first in this order is taken.
_CAPTION = (f"{_DC} description", f"{_PHOTOSHOP} Headline", f"{_DC} title")
_CREDIT = (f"{_PHOTOSHOP} Credit", f"{_DC} creator", f"{_DC} rights")
# Of IPTC's photo metadata standard.
_ALT_TEXT = ("http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/ AltTextAccessibility",)
_KEYWORDS, _RATING = f"{_DC} subject", f"{_XMP} Rating"
_WANTED = {*_CAPTION, *_CREDIT, *_ALT_TEXT, _KEYWORDS, _RATING}
_ITEM, _ALTERNATIVES = f"{_RDF} li", f"{_RDF} Alt"
_LANGUAGE = "http://www.w3.org/XML/1998/namespace lang"
# Encodings with more than one byte a character, by how a packet begins (XML 1.0, appendix F).
_WIDE = (
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\x00<", "utf-32-be"),
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\xfe\xff", "utf-16-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\x00<", "utf-16-be"),
    (b"<\x00", "utf-16-le"),
)
_DEEPEST, _MOST_ITEMS, _LONGEST = 64, 500, 20_000


class BrokenXmp(ValueError):
    """Not an XMP packet; the message says why."""


def read_xmp(data: bytes) -> dict[str, Any]:
    """`caption`, `rating`, `keywords`, `credit` and `alt_text` of a packet. Raises `BrokenXmp`."""
    reader = _Reader()
    wide = next((encoding for start, encoding in _WIDE if data.startswith(start)), None)
    if wide:
        data = data.decode(wide, "replace").strip("\ufeff").encode()
    parser = expat.ParserCreate("utf-8" if wide else None, namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(data.strip(b"\x00 \r\n\t"), True)  # noqa: FBT003 - expat takes it by position
    except expat.ExpatError as error:
        # Some programs leave the rest of an older, longer packet behind a new one.
        if not reader.has_ended:
            raise BrokenXmp(f"This is no XML ({error}).") from error
    except (LookupError, UnicodeError) as error:
        raise BrokenXmp(f"Its encoding is not known ({error}).") from error
    if not reader.is_rdf:
        raise BrokenXmp("This XML holds no RDF, so it is no XMP.")
    return _facts(reader.properties)


def credit_packet(credit: str) -> bytes:
    return (
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{_RDF}"><rdf:Description rdf:about=""'
        f' xmlns:photoshop="{_PHOTOSHOP}"><photoshop:Credit>{escape(credit)}</photoshop:Credit>'
        "</rdf:Description></rdf:RDF></x:xmpmeta>"
    ).encode()


def _refuse_doctype(*_: object) -> None:
    raise BrokenXmp("It declares a document type, which no XMP does.")


class _Reader:
    def __init__(self) -> None:
        self.properties: dict[str, list[str]] = {}
        self.is_rdf = self.has_ended = False
        self._depth = self._rdf_depth = 0
        self._property: tuple[str, int] | None = None
        self._pieces: list[str] = []
        self._items: list[tuple[bool, str]] = []
        self._alternatives = self._default = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise BrokenXmp(f"It is nested deeper than {_DEEPEST}.")
        if name == f"{_RDF} RDF" and not self.is_rdf:
            self.is_rdf, self._rdf_depth = True, self._depth
        # Deeper properties describe other pictures, such as those that a collage was made of.
        level = self._depth - self._rdf_depth
        for key, value in attributes.items():
            if key in _WANTED and name == f"{_RDF} Description" and level == 1:
                self._add(key, [value])
        if self._property is None and name in _WANTED and level == 2:  # noqa: PLR2004 - in a description
            self._property, self._items, self._alternatives = (name, self._depth), [], False
        self._alternatives |= name == _ALTERNATIVES
        if name == _ITEM or (self._property and self._property[1] == self._depth):
            self._pieces = []
            self._default = attributes.get(_LANGUAGE) == "x-default"

    def text(self, text: str) -> None:
        if self._property is not None:
            self._pieces.append(text)

    def end(self, name: str) -> None:
        if self._property is not None:
            ends = self._property[1] == self._depth
            if (name == _ITEM or ends) and len(self._items) < _MOST_ITEMS:
                self._items.append((self._default, "".join(self._pieces).strip()))
                self._pieces, self._default = [], False
            if ends:
                self._add(self._property[0], self._chosen())
                self._property = None
        self.has_ended |= name == f"{_RDF} RDF" and self._depth == self._rdf_depth
        self._depth -= 1

    def _chosen(self) -> list[str]:
        texts = [(default, text) for default, text in self._items if text]
        if self._alternatives:
            texts = sorted(texts, key=lambda item: not item[0])[:1]
        return [text for _, text in texts]

    def _add(self, name: str, texts: list[str]) -> None:
        values = self.properties.setdefault(name, [])
        values += [text.strip()[:_LONGEST] for text in texts if text.strip()][: _MOST_ITEMS - len(values)]


def _facts(properties: dict[str, list[str]]) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    for field, names in (("caption", _CAPTION), ("credit", _CREDIT), ("alt_text", _ALT_TEXT)):
        text = next((properties[name] for name in names if properties.get(name)), None)
        if text:
            facts[field] = ", ".join(text) if names is _CREDIT else text[0]
    if properties.get(_KEYWORDS):
        facts["keywords"] = tuple(properties[_KEYWORDS])
    with suppress(KeyError, IndexError, ValueError, OverflowError):
        facts["rating"] = round(float(properties[_RATING][0]))
    return facts
