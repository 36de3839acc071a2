"""Graph API errors: codes, envelope and the user's language."""

import json
import secrets
from typing import Any, NamedTuple

from starlette.responses import JSONResponse, Response

from infra.local.simulators.faults import Fault
from infra.local.simulators.images import Flaw

SPAM_SUSPICION = (4, 2207051)
SERVER_ERROR = (-1, 2207001)
DOWNLOAD_TIMED_OUT = (-2, 2207003)
CREATE_FAILED = (-1, 2207032)
QUOTA_USED_UP = (9, 2207042)
CONTAINER_UNKNOWN = (24, 2207008)
CAROUSEL_SIZE = (100, 2207028)
NOT_FOUND = (100, 33)
NOT_FETCHED = (9004, 2207052)
NOT_READY = (9007, 2207027)
TOO_LARGE = (36000, 2207004)
FORMAT = (36001, 2207005)
ASPECT = (36003, 2207009)
CAPTION_TOO_LONG = (36004, 2207010)
TOKEN_EXPIRED = (190, 463)
TOKEN_INVALID = (190, None)
PERMISSION = (10, None)
BAD_PARAMETER = (100, None)
RATE_LIMITED = (4, None)
UNKNOWN_PATH = (2500, None)

Kind = tuple[int, int | None]

MESSAGES: dict[Kind, str] = {
    SPAM_SUSPICION: "Application request limit reached",
    SERVER_ERROR: "Fatal",
    DOWNLOAD_TIMED_OUT: "Timeout",
    CREATE_FAILED: "Fatal",
    QUOTA_USED_UP: "Application request limit reached",
    CONTAINER_UNKNOWN: "The requested resource does not exist",
    CAROUSEL_SIZE: "Invalid parameter",
    NOT_FOUND: "Unsupported request. Object does not exist, cannot be loaded due to missing permissions, or does not "
    "support this operation",
    NOT_FETCHED: "Only photo or video can be accepted as media type.",
    NOT_READY: "Media ID is not available",
    TOO_LARGE: "The image size is too large.",
    FORMAT: "The image format is not supported.",
    ASPECT: "The submitted image with aspect ratio cannot be published.",
    CAPTION_TOO_LONG: "The caption was too long.",
    TOKEN_EXPIRED: "Error validating access token: Session has expired",
    TOKEN_INVALID: "Invalid OAuth access token - Cannot parse access token",
    PERMISSION: "(#10) Application does not have permission for this action",
    RATE_LIMITED: "(#4) Application request limit reached",
    UNKNOWN_PATH: "Unknown path components",
}

TRANSIENT = {SERVER_ERROR, RATE_LIMITED, DOWNLOAD_TIMED_OUT}

# Title and sentence for the person behind the account, per subcode and language; English where a language lacks one.
FOR_USERS: dict[int, dict[str, tuple[str, str]]] = {
    2207051: {
        "en": ("Action is blocked", "We restrict certain activity to protect our community."),
        "id": ("Tindakan diblokir", "Kami membatasi aktivitas tertentu untuk melindungi komunitas."),
        "th": ("การดำเนินการถูกบล็อก", "เราจำกัดกิจกรรมบางอย่างเพื่อปกป้องชุมชน"),
    },
    2207042: {
        "en": ("Posting limit reached", "The account has made the most posts it may publish in a day."),
        "id": ("Batas posting tercapai", "Akun ini sudah mencapai jumlah posting maksimum dalam sehari."),
    },
    2207027: {
        "en": ("Media is not ready", "The media is not ready to be published, please wait a moment."),
        "id": ("Media belum siap", "Media belum siap dipublikasikan, harap tunggu sebentar."),
        "th": ("สื่อยังไม่พร้อม", "สื่อยังไม่พร้อมเผยแพร่ โปรดรอสักครู่"),
    },
    2207052: {
        "en": ("Media download failed", "The media could not be fetched from this address."),
        "id": ("Gagal mengunduh media", "Media tidak dapat diambil dari alamat ini."),
    },
    2207004: {
        "en": ("Image size too large", "The image is too large to download. It should be less than 8 MiB."),
        "id": ("Gambar terlalu besar", "Gambar terlalu besar untuk diunduh. Ukurannya harus kurang dari 8 MiB."),
    },
    2207005: {
        "en": ("Image format not supported", "This image format is not supported."),
        "id": ("Format gambar tidak didukung", "Format gambar ini tidak didukung."),
    },
    2207009: {
        "en": ("Invalid aspect ratio", "The image's aspect ratio is outside the range 4:5 to 1.91:1."),
        "id": ("Rasio aspek tidak valid", "Rasio aspek gambar di luar rentang 4:5 hingga 1,91:1."),
    },
    2207010: {
        "en": ("Caption too long", "The caption has too many characters, hashtags or mentions."),
        "id": ("Keterangan terlalu panjang", "Keterangan memuat terlalu banyak karakter, tagar, atau sebutan."),
    },
    2207008: {
        "en": ("Media not found", "The media builder does not exist or has expired."),
        "id": ("Media tidak ditemukan", "Pembuat media tidak ada atau sudah kedaluwarsa."),
    },
    2207001: {
        "en": ("Something went wrong", "Instagram could not handle this request, please try again later."),
        "id": ("Terjadi kesalahan", "Instagram tidak dapat memproses permintaan ini, coba lagi nanti."),
    },
}

FLAWS: dict[Flaw, Kind] = {
    "timeout": DOWNLOAD_TIMED_OUT,
    "unreachable": NOT_FETCHED,
    "not_an_image": NOT_FETCHED,
    "format": FORMAT,
    "too_large": TOO_LARGE,
    "width": FORMAT,
    "aspect": ASPECT,
}


class GraphRefusal(Exception):
    """A Graph API error; `violation` names a rule that the client broke."""

    def __init__(
        self, kind: Kind, message: str | None = None, *, status: int = 400, violation: str | None = None
    ) -> None:
        super().__init__(message or MESSAGES.get(kind, "An unknown error occurred"))
        self.kind = kind
        self.status = status
        self.violation = violation


class Usage(NamedTuple):
    """The used share of the quota in per cent, and the minutes until access returns."""

    ig_user_id: str
    percent: int
    regain_minutes: int = 0

    def headers(self) -> dict[str, str]:
        share = {"call_count": self.percent, "total_cputime": self.percent, "total_time": self.percent}
        account = {"type": "instagram", **share, "estimated_time_to_regain_access": self.regain_minutes}
        return {
            "X-App-Usage": json.dumps(share),
            "X-Business-Use-Case-Usage": json.dumps({self.ig_user_id: [account]}),
        }


def envelope(refusal: GraphRefusal, locale: str) -> dict[str, Any]:
    """The error body; sentences for users follow `locale` (`th_TH`)."""
    code, subcode = refusal.kind
    error: dict[str, Any] = {
        "message": str(refusal),
        "type": "GraphMethodException" if refusal.kind == NOT_FOUND else "OAuthException",
        "code": code,
    }
    if subcode is not None:
        error["error_subcode"] = subcode
    error["is_transient"] = refusal.kind in TRANSIENT
    texts = FOR_USERS.get(subcode or 0)
    if texts:
        error["error_user_title"], error["error_user_msg"] = texts.get(locale[:2], texts["en"])
    error["fbtrace_id"] = "A" + secrets.token_urlsafe(16)
    return {"error": error}


def refusal_answer(refusal: GraphRefusal, *, locale: str, usage: Usage) -> Response:
    return JSONResponse(envelope(refusal, locale), status_code=refusal.status, headers=usage.headers())


def refusal_of(fault: Fault, operation: str) -> GraphRefusal:
    """The fault's refusal, by default the most frequent one of `operation`."""
    if fault.kind == "throttle":
        kind: Kind = RATE_LIMITED
    elif fault.code is not None:
        kind = (int(fault.code), fault.subcode)
    else:
        published = fault.kind == "effect_then_error" and operation == "media_publish"
        kind = SPAM_SUSPICION if published else SERVER_ERROR
    return GraphRefusal(kind, fault.message, status=fault.status or 400)
