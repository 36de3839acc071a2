"""XMP, IPTC and text sidecars, as software writes them and malformed."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shutterpost.photos.metadata.exif import read_exif
from shutterpost.photos.metadata.iptc import read_iptc
from shutterpost.photos.metadata.statements import (
    Statement,
    StatementSource,
    embedded_statements,
    merge_statements,
    read_sidecar,
)
from shutterpost.photos.metadata.xmp import BrokenXmp, credit_packet, read_xmp
from shutterpost.photos.unusable import Unusable
from tests.support.awkward import xmp


def dataset(number: int, value: bytes, record: int = 2) -> bytes:
    return bytes((0x1C, record, number)) + len(value).to_bytes(2, "big") + value


IPTC = dataset(120, "Hafen bei Nacht – Köln".encode()) + dataset(25, b"harbour") + dataset(25, b"night")
IPTC += dataset(80, b"B. Line") + dataset(110, b"C. Redit")


def test_xmp_is_read_from_attributes_elements_and_lists():
    assert read_xmp(xmp("A harbour", rating=3)) == {
        "caption": "A harbour",
        "rating": 3,
        "keywords": ("harbour", "evening"),
        "credit": "A. Painter",
    }


def test_the_alt_text_of_xmp_is_that_of_iptc() -> None:
    prefix = b'<Iptc4xmpCore:AltTextAccessibility xmlns:Iptc4xmpCore="http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/">'
    alternatives = (
        b'<rdf:Alt><rdf:li xml:lang="x-default">A quay.</rdf:li></rdf:Alt></Iptc4xmpCore:AltTextAccessibility>'
    )
    packet = xmp("A harbour").replace(b"<dc:subject>", prefix + alternatives + b"<dc:subject>", 1)

    stated = read_sidecar(StatementSource.XMP_SIDECAR, packet)

    assert (stated.caption, stated.alt_text) == ("A harbour", "A quay.")


def test_an_alt_text_that_a_person_states_comes_before_the_analysis() -> None:
    statements = {
        StatementSource.ANNOTATION: Statement(keywords=("quay",)),
        StatementSource.XMP_SIDECAR: Statement(alt_text="A quay."),
    }

    assert merge_statements(statements, "Boats.", "Boats.")["alt_text"] == "A quay."
    assert merge_statements({}, "Boats.", "Boats.")["alt_text"] == "Boats."


def test_xmp_written_as_elements_takes_the_default_language():
    packet = xmp("x").replace(
        b'<rdf:li xml:lang="x-default">x</rdf:li>',
        b'<rdf:li xml:lang="de">Hafen</rdf:li><rdf:li xml:lang="x-default">Harbour</rdf:li>',
    )
    packet = packet.replace(b' xmp:Rating="4"', b"").replace(
        b"<dc:subject>", b"<xmp:Rating>2.0</xmp:Rating><dc:subject>"
    )
    report = read_xmp(b"<?xpacket begin='' id='x'?>" + packet + b"  \n<?xpacket end='w'?>\x00")
    assert (report["caption"], report["rating"]) == ("Harbour", 2)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"plain",
        b"<a/>",
        b"<!DOCTYPE lolz [<!ENTITY lol 'lol'>]><rdf:RDF/>",
        b"<?xml version='1.0' encoding='no-such'?><a/>",
        b"<a>" * 100,
        xmp()[:-20],
    ],
)
def test_what_is_no_xmp_is_refused(data):
    with pytest.raises(BrokenXmp):
        read_xmp(data)


@given(st.binary(max_size=200), st.integers(0, 600))
def test_a_damaged_packet_is_read_or_refused_and_nothing_else(noise, at):
    whole = xmp()
    statements = embedded_statements(whole[:at] + noise + whole[at + len(noise) :], IPTC[: at % len(IPTC)] + noise)
    assert set(statements) <= {StatementSource.EMBEDDED_XMP, StatementSource.EMBEDDED_IPTC}


def test_a_credit_packet_holds_the_credit_only():
    assert read_xmp(credit_packet("Ann & <Co>")) == {"credit": "Ann & <Co>"}


def test_iptc_is_read_bare_and_in_photoshops_blocks():
    report = {"caption": "Hafen bei Nacht – Köln", "keywords": ("harbour", "night"), "credit": "C. Redit"}
    assert read_iptc(IPTC) == report
    other = b"8BIM\x04\x25\x00\x00\x00\x00\x00\x03abc\x00"
    block = b"8BIM\x04\x04\x00\x00" + len(IPTC).to_bytes(4, "big") + IPTC
    assert read_iptc(b"Photoshop 3.0\x00" + other + block) == report


def test_iptc_without_a_character_set_may_be_western():
    assert read_iptc(dataset(120, "Café".encode("cp1252")))["caption"] == "Café"
    assert read_iptc(dataset(90, b"\x1b%G", record=1) + dataset(120, "Café".encode()))["caption"] == "Café"


@pytest.mark.parametrize(
    "text",
    [
        "Café am Markt",
        "München im Herbst",
        "Das Mädchen",
        "naïve façade",
        "Bjørn Åse",
        "Große Straße",
        "à la carte",
        "Größe",
    ],
)
def test_iptc_without_a_character_set_may_be_a_macs(text):
    assert read_iptc(dataset(120, text.encode("mac-roman")))["caption"] == text
    assert read_iptc(dataset(120, text.encode("cp1252")))["caption"] == text


def test_iptc_keeps_a_macs_apostrophes():
    assert read_iptc(dataset(120, "it\u2019s now".encode("mac-roman")))["caption"] == "it\u2019s now"


@pytest.mark.parametrize(("kept", "cut"), [("Käfer", "Caf"), ("naïve", "")])
def test_a_character_that_was_cut_at_the_end_of_a_field_is_left_out(kept, cut):
    data = dataset(120, kept.encode()) + dataset(110, f"{cut}é".encode()[:-1])
    assert read_iptc(data) == {"caption": kept, **({"credit": cut} if cut else {})}


def test_iptc_that_declares_utf_8_and_is_none_is_read_as_what_it_is():
    assert read_iptc(dataset(90, b"\x1b%G", record=1) + dataset(120, "Café".encode("cp1252")))["caption"] == "Café"


def test_iptc_whose_bytes_were_swapped_is_read():
    whole = IPTC + bytes(-len(IPTC) % 4)
    swapped = b"".join(whole[at : at + 4][::-1] for at in range(0, len(whole), 4))
    assert read_iptc(swapped) == read_iptc(IPTC)


@pytest.mark.parametrize("text", ["“Now” – he said…", "Škoda Žižkov", "50 € für Köln", "MILOŠ in KRANJ"])
def test_iptc_from_windows_stays_what_it_was(text):
    assert read_iptc(dataset(120, text.encode("cp1252")))["caption"] == text


def test_an_empty_iptc_credit_hides_no_other_credit():
    assert (
        read_iptc(dataset(110, b"") + dataset(80, b"\x00 ") + dataset(116, b"(c) C. Holder"))["credit"]
        == "(c) C. Holder"
    )
    assert "caption" not in read_iptc(dataset(120, b"  "))


RIGHTS = b"<dc:rights><rdf:Alt>%s</rdf:Alt></dc:rights>"
GERMAN, DEFAULT = b'<rdf:li xml:lang="de">Alle Rechte</rdf:li>', b'<rdf:li xml:lang="x-default">All rights</rdf:li>'


@pytest.mark.parametrize(
    ("items", "chosen"), [(GERMAN + DEFAULT, "All rights"), (DEFAULT + GERMAN, "All rights"), (GERMAN, "Alle Rechte")]
)
def test_rights_in_several_languages_are_chosen_and_not_joined(items, chosen):
    packet = xmp(credit="").replace(b"<dc:subject>", RIGHTS % items + b"<dc:subject>")
    assert read_xmp(packet)["credit"] == chosen


def test_a_packet_speaks_of_its_own_picture_and_not_of_those_it_was_made_of():
    ingredient = b'<rdf:Description photoshop:Credit="Another" xmp:Rating="1"><dc:description>Another</dc:description>'
    history = b"<xmp:Pantry><rdf:Bag><rdf:li>%s</rdf:Description></rdf:li></rdf:Bag></xmp:Pantry><dc:subject>"
    packet = xmp("Mine", credit="").replace(b"<dc:subject>", history % ingredient)
    assert b"Another" in packet
    read = read_xmp(packet)
    assert (read["caption"], read["rating"]) == ("Mine", 4)
    assert "credit" not in read


@pytest.mark.parametrize("rest", [b"\x00\x00</rdf:RDF>", b"<x:xmpmeta>", xmp("Older")])
def test_the_rest_of_an_older_packet_is_left_out(rest):
    assert read_xmp(xmp("Newer") + rest)["caption"] == "Newer"


def test_several_creators_are_joined():
    creators = b"<dc:creator><rdf:Seq><rdf:li>A. One</rdf:li><rdf:li>B. Two</rdf:li></rdf:Seq></dc:creator><dc:subject>"
    assert read_xmp(xmp(credit="").replace(b"<dc:subject>", creators))["credit"] == "A. One, B. Two"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"])
def test_xmp_is_read_in_wide_encodings(encoding):
    packet = "<?xpacket begin='\ufeff' id='x'?>" + xmp("Käfer – 東京").decode() + "<?xpacket end='w'?>"
    assert read_xmp(packet.encode(encoding))["caption"] == "Käfer – 東京"


def test_what_software_writes_out_of_bounds_is_left_out():
    packet = xmp("c" * 6000, rating=99).replace(b"harbour", b"k" * 150)
    output = embedded_statements(packet, None)[StatementSource.EMBEDDED_XMP]
    assert (len(output.caption), output.rating, len(output.keywords[0])) == (5000, None, 100)


@pytest.mark.parametrize(
    "data",
    ["Café".encode(), "Café\n".encode("utf-16"), b"\xef\xbb\xbf" + "Café".encode(), "Café".encode("cp1252")],
)
def test_text_sidecars_are_read_in_the_usual_encodings(data):
    assert read_sidecar(StatementSource.TEXT_SIDECAR, data).caption == "Café"


def test_fields_are_believed_one_by_one():
    statements = {
        StatementSource.EMBEDDED_IPTC: Statement(credit="I", caption="iptc"),
        StatementSource.TEXT_SIDECAR: Statement(caption="text"),
        StatementSource.EMBEDDED_XMP: Statement(rating=0, caption="xmp"),
    }
    assert merge_statements(statements, "analysis") == {
        "caption": "text",
        "caption_source": "text_sidecar",
        "rating": 0,
        "keywords": (),
        "credit": "I",
        "alt_text": "",
        "focus": None,
    }
    assert merge_statements({}, "analysis")["caption_source"] == "analysis"
    assert merge_statements({}, "")["caption_source"] == ""


def test_an_xmp_sidecar_beyond_its_cap_is_refused():
    with pytest.raises(Unusable, match="4,000,000"):
        read_sidecar(StatementSource.XMP_SIDECAR, b" " * 4_000_001)


def test_exif_names_the_camera_once():
    def block(make: bytes, model: bytes) -> bytes:
        texts = make + b"\x00" + model + b"\x00"
        first = 8 + 2 + 24 + 4
        head = b"II*\x00\x08\x00\x00\x00\x02\x00"
        entries = b""
        for tag, text, at in ((0x010F, make, first), (0x0110, model, first + len(make) + 1)):
            where = at.to_bytes(4, "little")
            entries += tag.to_bytes(2, "little") + b"\x02\x00" + (len(text) + 1).to_bytes(4, "little") + where
        return head + entries + bytes(4) + texts

    zone = ZoneInfo("UTC")
    assert read_exif(block(b"NIKON CORPORATION", b"NIKON D850"), zone).camera == "NIKON D850"
    assert read_exif(block(b"Maker Inc.", b"Model 7"), zone).camera == "Maker Inc. Model 7"
