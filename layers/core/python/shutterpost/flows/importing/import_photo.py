"""Imports an uploaded object; events may be repeated, late or out of order, with the same result."""

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from itertools import islice
from typing import Any

from shutterpost.channels import ConnectionStore, catalogue
from shutterpost.flows.importing.renditions import RATIO_SKIPPED, Renditions, profiles_of
from shutterpost.personas import Persona, PersonaNotFound, Personas
from shutterpost.photos import (
    MAX_REPORTED_LINES,
    MAX_XMP_BYTES,
    Analysis,
    Annotation,
    BrokenAnalysis,
    BucketObject,
    FetchedFile,
    Label,
    Library,
    LineError,
    Normalised,
    ObjectGone,
    Photo,
    PhotoNotFound,
    Photos,
    Place,
    Reason,
    Rejection,
    RenditionProfile,
    Unusable,
    analysis_of,
    annotation_of,
    decode_json,
    is_annotation,
    is_label,
    label_of,
    place_of,
    read_sidecar,
    sidecar_source,
)
from shutterpost.runtime.clock import Clock
from shutterpost.runtime.values import Value

_WRITERS = 8
_WINDOW = 256
# A rendition takes a tenth of a second and more, a function has minutes: what is beyond this waits for a remake.
MAX_RENEWED = 100
Line = Analysis | Annotation | Label
Numbered = tuple[int, Line | LineError]


class Kind(StrEnum):
    IMPORTED = "imported"
    KNOWN = "known"
    RENEWED = "renewed"
    DESCRIBED = "described"
    ANALYSED = "analysed"
    REJECTED = "rejected"
    GONE = "gone"
    IGNORED = "ignored"


class ImportOutcome(Value):
    """Result of one object's import.

    `photo_id` is set for imported, known and renewed photos. `analyses` counts stored lines, `broken` invalid ones.
    `moved_to` is the key of the rejected object or of the report on invalid lines.
    """

    kind: Kind
    key: str
    photo_id: str | None = None
    analyses: int = 0
    broken: int = 0
    reason: Reason | None = None
    moved_to: str | None = None


class ImportPhoto:
    def __init__(
        self,
        *,
        personas: Personas,
        photos: Photos,
        library: Library,
        clock: Clock,
        profiles: Sequence[RenditionProfile] = (),
        connections: ConnectionStore | None = None,
    ) -> None:
        self._personas = personas
        self._photos = photos
        self._library = library
        self._clock = clock
        known = profiles or profiles_of(catalogue())
        self._renditions = Renditions(photos=photos, library=library, profiles=known, connections=connections)

    def __call__(self, key: str) -> ImportOutcome:
        """Import the object at `key` (decoded). Invalid input is an outcome; only AWS failures raise."""
        place = place_of(key)
        if place is None or place.is_folder:
            return ImportOutcome(kind=Kind.IGNORED, key=key)
        try:
            return self._import(place)
        except ObjectGone:
            return ImportOutcome(kind=Kind.GONE, key=key)

    def render(self, persona_id: str, photo_id: str) -> ImportOutcome:
        """Make the renditions that a photo of the library lacks for the persona's connections."""
        try:
            persona, photo = self._personas.get(persona_id), self._photos.get(persona_id, photo_id)
        except (PersonaNotFound, PhotoNotFound):
            return ImportOutcome(kind=Kind.GONE, key="", photo_id=photo_id)
        made = self._renditions.renew(persona, photo)
        return ImportOutcome(
            kind=Kind.RENEWED if made else Kind.KNOWN, key=next(iter(photo.keys), ""), photo_id=photo_id
        )

    def _import(self, place: Place) -> ImportOutcome:
        try:
            persona = self._personas.get(place.persona_id) if place.persona_id else None
        except PersonaNotFound:
            persona = None
        if persona is None:
            detail = f"There is no persona {place.persona_id!r}." if place.persona_id else "The key names no persona."
            return self._reject(place, Unusable(Reason.UNKNOWN_PERSONA, detail), self._library.etag(place.key))
        with self._library.open(place.key) as source:
            try:
                if place.kind == "sidecar":
                    return self._import_sidecar(place, persona, source)
                if place.kind == "photo":
                    return self._import_photo(place, persona, source)
                return self._import_analyses(place, persona, source)
            except Unusable as refusal:
                return self._reject(place, refusal, source.etag, byte_size=source.byte_size)

    def _import_photo(self, place: Place, persona: Persona, source: BucketObject) -> ImportOutcome:
        with source.fetched() as dropped:
            try:
                return self._take_in(place, persona, source, dropped)
            except Unusable as refusal:
                refusal.file_kind = dropped.kind
                raise

    def _import_sidecar(self, place: Place, persona: Persona, source: BucketObject) -> ImportOutcome:
        if source.byte_size == 0:
            return self._describe(place, persona, source, b"")
        with source.fetched() as dropped:
            if dropped.is_picture:
                return self._take_in(place, persona, source, dropped)
            return self._describe(place, persona, source, dropped.head(MAX_XMP_BYTES + 1))

    def _describe(self, place: Place, persona: Persona, source: BucketObject, data: bytes) -> ImportOutcome:
        statement = read_sidecar(sidecar_source(place.path), data)
        photo_ids = self._photos.record_sidecar(
            persona.persona_id, persona.owner, place, statement, stated_at=source.stored_at
        )
        if persona.keep_credit:
            for photo_id in photo_ids:
                self._renditions.renew(persona, self._photos.get(persona.persona_id, photo_id))
        return ImportOutcome(kind=Kind.DESCRIBED, key=place.key, photo_id=photo_ids[0] if len(photo_ids) == 1 else None)

    def _take_in(self, place: Place, persona: Persona, source: BucketObject, dropped: FetchedFile) -> ImportOutcome:
        known = self._known(persona, dropped.sha256)
        if known is not None:
            photo = known.model_copy(update={"names": (place.name,), "keys": (place.key,)})
        else:
            picture = self._renditions.picture(persona, dropped.path)
            photo = self._photo(place, persona, dropped.sha256, source.byte_size, picture)
        recorded = self._photos.record(photo)
        renewed = self._renditions.renew(persona, recorded.photo, dropped.path)
        kind = Kind.IMPORTED if recorded.created else Kind.RENEWED if renewed else Kind.KNOWN
        return ImportOutcome(kind=kind, key=place.key, photo_id=recorded.photo.photo_id)

    def _known(self, persona: Persona, photo_id: str) -> Photo | None:
        try:
            return self._photos.get(persona.persona_id, photo_id)
        except PhotoNotFound:
            return None

    def _photo(self, place: Place, persona: Persona, photo_id: str, byte_size: int, picture: Normalised) -> Photo:
        renditions = self._renditions.keep(persona, photo_id, picture)
        return Photo(
            persona_id=persona.persona_id,
            owner=persona.owner,
            photo_id=photo_id,
            names=(place.name,),
            keys=(place.key,),
            format=picture.format,
            width=picture.width,
            height=picture.height,
            byte_size=byte_size,
            captured_at=picture.captured_at,
            imported_at=self._clock.now(),
            score=picture.measured.score,
            provisional=True,
            sharpness=picture.measured.sharpness,
            exposure=picture.measured.exposure,
            dhash=picture.dhash,
            camera=picture.camera,
            statements=picture.statements,
            notes=picture.notes,
            renditions=renditions,
            **self._renditions.keep_look(persona, photo_id, picture),
            made_for=self._renditions.marks(persona, picture.credit),
            withheld=None if renditions else RATIO_SKIPPED,
            in_unposted=bool(renditions),
        )

    def _import_analyses(self, place: Place, persona: Persona, source: BucketObject) -> ImportOutcome:
        kept, broken, reported, restated = 0, 0, list[LineError](), set[str]()
        items = _lines(source) if place.key.lower().endswith(".jsonl") else _items(source, _sidecar_of(place))
        with ThreadPoolExecutor(_WRITERS) as pool:
            for window in _windows(items, _WINDOW):
                good = [(line, item) for line, item in window if not isinstance(item, LineError)]
                # The last of several lines about one picture applies, so only that one is written.
                latest = {(type(item), _named(item)): (line, item) for line, item in good}
                analyses = [item for _, item in latest.values() if isinstance(item, Analysis)]
                # Before lines are written in parallel, as one that is wrong could be the first.
                self._photos.settle_lengths(persona.persona_id, persona.owner, analyses)
                refused = pool.map(lambda pair: self._keep(persona, source, restated, *pair), latest.values())
                errors = [item for _, item in window if isinstance(item, LineError)]
                errors += [error for error in refused if error is not None]
                kept, broken = kept + len(window) - len(errors), broken + len(errors)
                reported += sorted(errors, key=lambda error: error.line)
                del reported[MAX_REPORTED_LINES:]
        # One after the other, as each holds a picture.
        for photo_id in sorted(restated)[:MAX_RENEWED]:
            self._renditions.renew(persona, self._photos.get(persona.persona_id, photo_id))
        return self._report(place, source, kept, broken, tuple(reported))

    def _keep(
        self, persona: Persona, source: BucketObject, restated: set[str], line: int, item: Line
    ) -> LineError | None:
        """Write one line down; photos whose renditions may now be other ones are added to `restated`."""
        owner, stated_at = (persona.persona_id, persona.owner), source.stored_at
        try:
            if isinstance(item, Label):
                self._photos.give_theme(persona.persona_id, item.sha256, item.theme)
            elif isinstance(item, Annotation):
                photo_ids = self._photos.record_annotation(*owner, item, stated_at=stated_at, line=line)
                restated.update(photo_ids if persona.keep_credit or item.focus else ())
            else:
                photo_ids = self._photos.record_analysis(*owner, item, stated_at=stated_at, line=line)
                restated.update(photo_ids if item.focus else ())
        except PhotoNotFound as refusal:
            return LineError(line, "sha256", refusal.detail)
        except BrokenAnalysis as refusal:
            return _line_error(line, refusal)
        return None

    def _report(
        self, place: Place, source: BucketObject, kept: int, broken: int, reported: tuple[LineError, ...]
    ) -> ImportOutcome:
        if not kept:
            detail = f"None of its {broken} analyses can be used." if broken else "It holds no analysis."
            refusal = Unusable(Reason.BROKEN_ANALYSIS, detail)
            rejected = self._reject(place, refusal, source.etag, reported, byte_size=source.byte_size)
            return rejected.model_copy(update={"broken": broken})
        outcome = ImportOutcome(kind=Kind.ANALYSED, key=place.key, analyses=kept, broken=broken)
        if not broken:
            self._library.clear_report(place)
            return outcome
        detail = f"{broken} of {kept + broken} analyses are broken; the others were kept."
        what_to_do = "Correct the lines that are named and drop the file, or those lines alone, again."
        rejection = Rejection(place, Reason.BROKEN_ANALYSIS, detail, what_to_do, reported)
        report = self._library.report(rejection, self._clock.now())
        return outcome.model_copy(update={"reason": Reason.BROKEN_ANALYSIS, "moved_to": report})

    def _reject(
        self,
        place: Place,
        refusal: Unusable,
        etag: str,
        errors: tuple[LineError, ...] = (),
        *,
        byte_size: int | None = None,
    ) -> ImportOutcome:
        rejection = Rejection(
            place, refusal.reason, refusal.detail, refusal.what_to_do, errors, refusal.file_kind, byte_size
        )
        target = self._library.reject(rejection, etag, self._clock.now())
        return ImportOutcome(kind=Kind.REJECTED, key=place.key, reason=refusal.reason, moved_to=target)


def _sidecar_of(place: Place) -> str | None:
    return place.name.rpartition(".")[0] or None


def _lines(source: BucketObject) -> Iterator[Numbered]:
    for number, text in source.lines():
        try:
            yield number, _line(decode_json(text))
        except BrokenAnalysis as refusal:
            yield number, _line_error(number, refusal)


def _items(source: BucketObject, photo: str | None) -> Iterator[Numbered]:
    try:
        document: Any = json.loads(source.document())
    except (ValueError, RecursionError) as error:
        yield 1, LineError(1, "", f"This is no JSON: {error}.")
        return
    for number, fields in enumerate(document if isinstance(document, list) else [document], start=1):
        try:
            yield number, _line(fields, photo=None if isinstance(document, list) else photo)
        except BrokenAnalysis as refusal:
            yield number, _line_error(number, refusal)


def _line(fields: Any, photo: str | None = None) -> Line:
    if is_label(fields):
        return label_of(fields)
    return annotation_of(fields) if is_annotation(fields) else analysis_of(fields, photo=photo)


def _named(item: Line) -> str | None:
    return item.sha256 if isinstance(item, Label) else item.sha256 or item.photo


def _line_error(line: int, refusal: BrokenAnalysis) -> LineError:
    return LineError(line, str(refusal.members.get("field", "")), refusal.detail)


def _windows(items: Iterator[Numbered], size: int) -> Iterator[list[Numbered]]:
    while window := list(islice(items, size)):
        yield window
