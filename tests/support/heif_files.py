"""HEIF files put together box by box (ISO/IEC 14496-12, 23008-12) around pictures that are coded already.

No library of this project writes HEVC, so the coded pictures lie here; all else of a file is made by its test.
"""

import base64
import struct
from collections.abc import Sequence

# 320 x 240 pixels each. `patches`: quarters of (220, 40, 40), (40, 200, 40), (40, 40, 220), (200, 200, 200), 4:4:4.
# `grey10` and `grey12`: a ramp from black at the left to white. `deep`: 10 bits, greys of 0.58 and 0.30, 4:4:4.
_CODED = {
    "patches": (
        "AAAAHGZ0eXBoZWl4AAAAAG1pZjFoZWl4bWlhZgAAAVRtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAACJpbG9j"
        "AAAAAERAAAEAAQAAAAABeAABAAAAAAAAA6IAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAAAA5waXRtAAAAAAABAAAA1Glw"
        "cnAAAAC1aXBjbwAAAHhodmNDAQQIAAAAAAAAAAAAPPAA/P/4+AAADwNgAAEAF0ABDAH//wQIAAADAJ44AAADAAA8ugJAYQABACtCAQEECAAA"
        "AwCeOAAAAwAAPJABQQHiy3UklNc3AQ0BBAAAAwBkAAADAAQgYgABAAhEAcFyhgwGJAAAABNjb2xybmNseAABAA0AAYAAAAAUaXNwZQAAAAAA"
        "AAFAAAAA8AAAAA5waXhpAAAAAAEIAAAAF2lwbWEAAAAAAAAAAQABBIECAwQAAAOqbWRhdAAAA54oAa8GsgoNozH2Y7Dc/9Qzf//9+1fof6fI"
        "Cf+IjaBDEFjKyei3r3x/6Ntf//a5x//+c4SH2iV/sq+NmXrPAABEQKhkcUy3W4KdfH15T63l7T8M1f/9NnwWpkB57by4xzOOV/VHeO37jQW3"
        "b5+6nrcz1P/7YNcMQw/+akWpcv3RusGnOEwo5Kia6KRoUxstIwQMLNon7u3+PigChQucrYGSk8vsdXLwjO4pJJkTCOD4wL9HVVRxmo4nnx4L"
        "0fNSXU9SjMZvOqlb45D5Id6xllV5b1FygNcu3wZOUMXqNECVmreLzsA5hsWPhrGOy93F2urqaXxygNo6QyR52lzGkU2nbi8nOnZhiU9Kl21x"
        "nPCFMX5tVcx6Q1mwqh1CZ7KKNhR6miBhrTa6Mce45qsxDSa4hbDnMPR8yd63Xl+uKtbUBKSNfkxhcXhJffr1YwOk+AlmyeADuJNfP0TbKiwL"
        "8EvL7aFeoPhMiz9/inxbwEu8ecrV2Km9ZFiZWNViCt6HTUOAkJfIS7NAC0ogjsv2ipOw6XeRWwqMj9oUEaYKdG2cPB121+F/k2d5JAyjcJUD"
        "G5r1booOqat/4KHZu5M5QvjzGLBhB0eqwLNN0Fw7EuwouckRHDS2Q+0/oj4+CsjWxwXFvpOINU0EQdQKmL5JBlTi8qLNb26s1us4NRbMG+Ys"
        "OIu/8W36Pwd6DYzmrLbVXN6+PPbzhTfHnR7x9WxIceTzcJ3cIMecQ3Py+rc7P83OpAABUZ8fRE4+8/mwFF6ke//bvgBWObd+XyTtHvu9+bpN"
        "HtSkAAE+1Tzn8+9OfB/TsL/t6rvAdMe9sMZPKyttF3i+K9DeGECIcCJgAEhytV6902OMG/dwHrabdUm2U88nI7CtsewAFfybTXkp+js6mGBQ"
        "LbQLfkOF0+qAAph9AEHcERjFI8RCWrqVnJGjyAlTgAbwtOatW3kB403V/3NGYVKWdEJMAD0TBLrCWCjdaeAn+ymecIEOReUG1/I9+zgA0UiS"
        "gAAAAwABTAAAFbZrM0NVzBv3cB62m3VJtlPPMA+TyHkgAJfojhdFIgawfZElErAhs8lHgox0ACUWuGY+Kl20Eq5KjGwgGcka4PsmCADeFpzV"
        "q28gPGm6v+5ozCpSz68PgAjiLzu/LWewfxvzMn8SYNAilFPr5IMxNR3T4uYVEqPnIE4A0Q7bAe8WfZjvlEbJfdDKY/KXv8lWH/C/g/d5s+b/"
        "srDaAAA/AADzgA=="
    ),
    "grey10": (
        "AAAAHGZ0eXBoZWl4AAAAAG1pZjFoZWl4bWlhZgAAAVBtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAACJpbG9j"
        "AAAAAERAAAEAAQAAAAABdAABAAAAAAAAAT4AAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAAAA5waXRtAAAAAAABAAAA0Glw"
        "cnAAAACxaXBjbwAAAHRodmNDAQQIAAAAAAAAAAAAPPAA/Pz6+gAADwNgAAEAF0ABDAH//wQIAAADAJ34AAADAAA8ugJAYQABAChCAQEECAAA"
        "AwCd+AAAAwAAPMAoIDxNlupJKa5sCAAAAwDIAAADAAhAYgABAAdEAcFysGJAAAAAE2NvbHJuY2x4AAEADQAGgAAAABRpc3BlAAAAAAAAAUAA"
        "AADwAAAADnBpeGkAAAAAAQoAAAAXaXBtYQAAAAAAAAABAAEEgQIDBAAAAUZtZGF0AAABOigBrgxkEwIMgiB09Gg0+AtkHQW/4kWT+dohRvfX"
        "+Qn/4/0pIzbMNRSdksvfdWr38to/86R1RL6IETA+zC7O3ed4rQLFOPYOaolhajtSaUBTgo3enpoDN5/UWKzQcemHbSW9aBH7UfC4b0znWmEx"
        "Z+yoNXZNVqWNPLtund9225G3z2c5NJ6ecVOZyrDcfEDwNnweL/5z/8nggcae1I2k1Yl2rvAG9kH3r37cGtw5R3lRXFNm9ZiFERKuTi2catoK"
        "wwvAncasmujE9pc/27QhYdH1yRhWnILXuO67YYw8tgagIrQldL6Gk7ZZ3AOZzJcfybQa/Lu4z2olZUe+R6jeUl8rnyHPb42voBfyzapoHNof"
        "Zjda/4oID/lqaMNPWyRAAAADAAADA+5ZZAAAAwAABfROWgAAFVrgAAW8"
    ),
    "grey12": (
        "AAAAHGZ0eXBoZWl4AAAAAG1pZjFoZWl4bWlhZgAAAU9tZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAACJpbG9j"
        "AAAAAERAAAEAAQAAAAABcwABAAAAAAAAAS0AAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAAAA5waXRtAAAAAAABAAAAz2lw"
        "cnAAAACwaXBjbwAAAHNodmNDAQQIAAAAAAAAAAAAPPAA/Pz8/AAADwNgAAEAF0ABDAH//wQIAAADAJn4AAADAAA8ugJAYQABACdCAQEECAAA"
        "AwCZ+AAAAwAAPMAoIDxFKW6kkprmwIAAAAyAAAADAIRiAAEAB0QBwXKwYkAAAAATY29scm5jbHgAAQANAAaAAAAAFGlzcGUAAAAAAAABQAAA"
        "APAAAAAOcGl4aQAAAAABDAAAABdpcG1hAAAAAAAAAAEAAQSBAgMEAAABNW1kYXQAAAEpKAGuDGQRyi4jdPRoNPiGFMutZJJ5Vd22aL8i30NH"
        "/Qf+GsNGeBn3bYvowWLKj6wruHT2RDzFrw2hZbQf8TU3skwuruO8uObf3+bR/vQ46uknrlt+mDfO8J6EBwMPQnPyGKnxP/Of/lAu/fuI7pdW"
        "8QOlN3YGuK6wVM79bNvl12oNvQIpf+NeQt5qWu83i/+c//J8MrXBiTzv28su0fGEM20fQKCr6uKfmn+pX/Qsu6DWUvrDq8VihtTvAMPdMMZb"
        "nTJxdssoMSFinuLk8kYai48CPydv4m/OYQ2fX4W2UAzqVe3S/YQUVVqIr6IAKeA808WqPPXnhN+qRFXSAAADAAADAmG+3s4zGClFXok6BvgA"
        "AAMAAa9EZbRQsWuSGAHfyjJi0f4Hph/e"
    ),
    "deep": (
        "AAAAHGZ0eXBoZWl4AAAAAG1pZjFoZWl4bWlhZgAAAVNtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAACJpbG9j"
        "AAAAAERAAAEAAQAAAAABdwABAAAAAAAAAOMAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAAAA5waXRtAAAAAAABAAAA02lw"
        "cnAAAAC0aXBjbwAAAHdodmNDAQQIAAAAAAAAAAAAPPAA/P/6+gAADwNgAAEAF0ABDAH//wQIAAADAJw4AAADAAA8ugJAYQABACpCAQEECAAA"
        "AwCcOAAAAwAAPJABQQHibLdSSU1zcJDQkEAAAAZAAAADAEJiAAEACEQBwXKGDAYkAAAAE2NvbHJuY2x4AAkADQAJgAAAABRpc3BlAAAAAAAA"
        "AUAAAADwAAAADnBpeGkAAAAAAQoAAAAXaXBtYQAAAAAAAAABAAEEgQIDBAAAAOttZGF0AAAA3ygBrwayGj84gGPimxT+WdiR8RFn4YfJ4nIO"
        "D9Fif4hWldQN/1WDKuP3NAADLhsQEsN2AAANrRR9Eq1otZPq38Hfs+y/q0AMG3sA0hoCahv+QTFawnWFHfRXzGu2yr5Vapt8N54AAAMAAXMA"
        "AAMBMwAF0I1BEAWsn1b+Dv2fZf1k0bjBID1DgKjsf4BsvqFKplhiZd5o5aX6A5ZBsFulwBDwDggAAowBlAAAJAC+KsAtZPq38Hfs+y/rhqnu"
        "BAxIACDhv+QTFawnWFHfRXzGu2yr6Ohxgj2syMAAJoAAf0A="
    ),
}
SIZE = (320, 240)
PATCHES = ((220, 40, 40), (40, 200, 40), (40, 40, 220), (200, 200, 200))


def heif(
    picture: str = "patches",
    *,
    nclx: tuple[int, int, int] | None = None,
    profile: bytes | None = None,
    gain_map: str = "",
    turned: int = 0,
    crop: tuple[int, int] | None = None,
    codec: bytes = b"hvc1",
    brand: bytes = b"heic",
) -> bytes:
    """A file whose main picture is the coded `picture`, with colours by number (`nclx`) or by ICC `profile`.

    `gain_map` names a coded picture that is added as Apple's HDR gain map; `turned` is in quarters to the left, `crop`
    the size that is shown.
    """
    items = [(codec, picture), *([(b"hvc1", gain_map)] if gain_map else [])]
    coded = [_content(name) for _, name in items]
    shared, owned = _properties([config for config, _ in coded], nclx, profile, [*_shown(crop), *_turned(turned)])
    inner = [
        _full(b"hdlr", bytes(4) + b"pict" + bytes(13)),
        _full(b"pitm", struct.pack(">H", 1)),
        _full(
            b"iinf", struct.pack(">H", len(items)) + b"".join(_entry(at, kind) for at, (kind, _) in enumerate(items, 1))
        ),
        _box(
            b"iprp", _box(b"ipco", b"".join(shared)) + _full(b"ipma", struct.pack(">I", len(items)) + b"".join(owned))
        ),
    ]
    if gain_map:
        inner.append(_full(b"iref", _box(b"auxl", struct.pack(">HHH", 2, 1, 1))))
    data = [pixels for _, pixels in coded]
    head = _box(b"ftyp", brand + bytes(4) + b"mif1" + brand)
    start = len(head) + len(_meta(inner, [(0, 0)] * len(data))) + 8
    places = [(start + sum(map(len, data[:at])), len(pixels)) for at, pixels in enumerate(data)]
    return head + _meta(inner, places) + _box(b"mdat", b"".join(data))


def sequence() -> bytes:
    """The beginning of a HEIF file that holds frames and no still picture."""
    return _box(b"ftyp", b"msf1" + bytes(4) + b"msf1hevc") + _box(b"moov", bytes(100)) + _box(b"mdat", bytes(500))


def _meta(inner: Sequence[bytes], places: Sequence[tuple[int, int]]) -> bytes:
    entries = b"".join(struct.pack(">HHHII", at, 0, 1, offset, length) for at, (offset, length) in enumerate(places, 1))
    return _full(b"meta", b"".join(inner) + _full(b"iloc", b"\x44\x00" + struct.pack(">H", len(places)) + entries))


def _properties(
    configs: Sequence[bytes], nclx: tuple[int, int, int] | None, profile: bytes | None, changes: Sequence[bytes]
) -> tuple[list[bytes], list[bytes]]:
    """The shared properties, and for each item the list of those it has."""
    shared = [*configs, _full(b"ispe", struct.pack(">II", *SIZE))]
    main = [1, len(shared)]
    if nclx:
        shared.append(_box(b"colr", b"nclx" + struct.pack(">HHHB", *nclx, 0x80)))
        main.append(len(shared))
    if profile:
        shared.append(_box(b"colr", b"prof" + profile))
        main.append(len(shared))
    for change in changes:
        shared.append(change)
        main.append(len(shared))
    owned = [main]
    if len(configs) > 1:
        shared.append(_full(b"auxC", b"urn:com:apple:photo:2020:aux:hdrgainmap\x00"))
        owned.append([2, len(configs) + 1, len(shared)])
    return shared, [struct.pack(">HB", at, len(own)) + bytes(own) for at, own in enumerate(owned, 1)]


def _shown(size: tuple[int, int] | None) -> list[bytes]:
    return [_box(b"clap", struct.pack(">8I", size[0], 1, size[1], 1, 0, 1, 0, 1))] if size else []


def _turned(quarters: int) -> list[bytes]:
    return [_box(b"irot", bytes([quarters]))] if quarters else []


def _content(name: str) -> tuple[bytes, bytes]:
    """The decoder's configuration, as a whole box, and the coded pixels of a picture."""
    data = base64.b64decode("".join(_CODED[name]))
    at = data.index(b"hvcC") - 4
    config = data[at : at + int.from_bytes(data[at : at + 4], "big")]
    return config, data[data.index(b"mdat") + 4 :]


def _entry(at: int, kind: bytes) -> bytes:
    return _full(b"infe", struct.pack(">HH", at, 0) + kind + b"\x00", version=2)


def _full(name: bytes, content: bytes, version: int = 0) -> bytes:
    return _box(name, bytes([version, 0, 0, 0]) + content)


def _box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content) + 8) + name + content
