"""Store of a persona's photos. No call scans; reads are bounded by the arguments."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from pynamodb.exceptions import PutError, UpdateError
from pynamodb.expressions.condition import Condition, size
from pynamodb.expressions.update import Action
from pynamodb.indexes import GlobalSecondaryIndex

from shutterpost.photos.analyses.analysis import Analysis, file_name
from shutterpost.photos.analyses.vectors import unpack
from shutterpost.photos.bucket.keys import Place
from shutterpost.photos.metadata.statements import (
    Annotation,
    Statement,
    StatementSource,
    merge_statements,
    packed,
    sidecar_source,
)
from shutterpost.photos.photo import Embedding, Photo, PhotoFingerprint, PhotoPage, Recorded, UnpostedPhoto
from shutterpost.photos.ranking import ASIDE, BEYOND_ASIDE, PROVISIONAL, demoted_rank, photo_id_of, rank
from shutterpost.photos.storage.analysis_joining import (
    CONDITION_FAILED,
    give_theme,
    join_waiting,
    put_analysis,
    settle_lengths,
    theme_key,
)
from shutterpost.photos.storage.fingerprints import fingerprints
from shutterpost.photos.storage.items import ANALYSIS, LEAVE, NAME, PHOTO, AnalysisItem, NameItem, PhotoItem, returning
from shutterpost.photos.storage.statement_joining import join_waiting_statements, put_statement
from shutterpost.runtime import commit
from shutterpost.runtime.clock import iso
from shutterpost.runtime.pages import page_limit
from shutterpost.runtime.refusals import Conflict, Invalid, NotFound

TAKE_LABEL = "photo"
# Fields of a photo that its item stores in another form, or that are computed when it is read.
_COMPUTED = {"names", "keys", "taken_by", "in_unposted", "objects", "notes", "failures"}
_COMPUTED |= {"caption_source", "rating", "keywords", "credit", "statements", "kept_with"}
_ID_OR_PREFIX = re.compile(r"[0-9a-f]{8,64}")


class PhotoNotFound(NotFound):
    kind = "photo-not-found"


class PhotoAmbiguous(Conflict):
    """Several photos match the text; `members["photo_ids"]` lists them."""

    kind = "photo-ambiguous"


class CursorInvalid(Invalid):
    kind = "cursor-invalid"


class Photos:
    def __init__(self) -> None:
        self._models: dict[str, dict[str, int]] = {}

    def record(self, photo: Photo) -> Recorded:
        """Store `photo`, or add its names to the photo with the same bytes; join what waits for it. Idempotent."""
        item, created = _item(photo), True
        try:
            item.save(condition=PhotoItem.photo_id.does_not_exist())
        except PutError as error:
            if error.cause_response_code != CONDITION_FAILED:
                raise
            created = False
            item.update(actions=[PhotoItem.names.add(set(photo.names)), PhotoItem.keys.add(set(photo.keys))])
        for name in photo.names:
            entry = NameItem(photo.persona_id, f"{NAME}{name}")
            entry.update(actions=[NameItem.photo_ids.add({photo.photo_id}), NameItem.owner.set(photo.owner)])
        join_waiting(item)
        join_waiting_statements(item)
        return Recorded(photo=_photo(item), created=created)

    def settle_lengths(self, persona_id: str, owner: str, analyses: Iterable[Analysis]) -> None:
        """Let most of `analyses` decide how long the vectors of each new model are."""
        settle_lengths(persona_id, owner, analyses, self._models.setdefault(persona_id, {}))

    def record_analysis(
        self, persona_id: str, owner: str, analysis: Analysis, *, stated_at: datetime, line: int = 0
    ) -> tuple[str, ...]:
        """Store an analysis of `line` of a file of `stated_at`; returns the joined ids. Raises `BrokenAnalysis`."""
        models = self._models.setdefault(persona_id, {})
        return put_analysis(persona_id, owner, analysis, stated_at=stated_at, line=line, models=models)

    def record_sidecar(
        self, persona_id: str, owner: str, place: Place, statement: Statement, *, stated_at: datetime
    ) -> tuple[str, ...]:
        """Store the sidecar at `place`, of `stated_at` (UTC); returns the joined ids."""
        source, order = sidecar_source(place.path), iso(stated_at)
        return put_statement(persona_id, owner, source=source, where=place.beside, statement=statement, order=order)

    def record_annotation(
        self, persona_id: str, owner: str, annotation: Annotation, *, stated_at: datetime, line: int
    ) -> tuple[str, ...]:
        """Store an annotation from `line` of a file of `stated_at`; returns the joined ids."""
        where, order = annotation.sha256 or annotation.photo or "", f"{iso(stated_at)}#{line:09d}"
        return put_statement(
            persona_id, owner, source=StatementSource.ANNOTATION, where=where, statement=annotation, order=order
        )

    def renew(
        self,
        photo: Photo,
        *,
        renditions: dict[str, str],
        made_for: dict[str, str],
        withheld: str | None,
        **look: object,
    ) -> Photo:
        """Store new renditions, or that the rules allow none (`withheld`), and as `look` their `windows`, `thumb` and
        `tint`. Idempotent.

        A photo with renditions returns to *unposted* unless a post has it; one that a post has is never withheld.
        """
        actions: list[Action] = [PhotoItem.made_for.set(made_for)]
        actions += [getattr(PhotoItem, name).set(value) for name, value in look.items()]
        condition = PhotoItem.photo_id.exists()
        if withheld is not None:
            actions += [PhotoItem.renditions.set({}), PhotoItem.withheld.set(withheld), *LEAVE]
            condition &= PhotoItem.taken_by.does_not_exist()
        else:
            actions += [PhotoItem.renditions.set(renditions), PhotoItem.withheld.remove()]
            if photo.withheld is not None and not photo.is_barred and not photo.taken_by:
                actions += returning(photo.persona_id)
        try:
            _key(photo.persona_id, photo.photo_id).update(actions=actions, condition=condition)
        except UpdateError as error:
            if error.cause_response_code != CONDITION_FAILED:
                raise
        return self.get(photo.persona_id, photo.photo_id)

    def get(self, persona_id: str, photo_id: str) -> Photo:
        """Get a photo, strongly consistent. Raises `PhotoNotFound`."""
        try:
            return _photo(PhotoItem.get(persona_id, f"{PHOTO}{photo_id}", consistent_read=True))
        except PhotoItem.DoesNotExist as error:
            raise _not_found(photo_id) from error

    def names(self, persona_id: str, photo_ids: Iterable[str]) -> dict[str, str]:
        """The first file name of each existing photo of `photo_ids` (eventually consistent)."""
        keys = [(persona_id, f"{PHOTO}{photo_id}") for photo_id in dict.fromkeys(photo_ids)]
        items = PhotoItem.batch_get(keys, attributes_to_get=["photo_id", "names"])
        return {item.photo_id: min(item.names) for item in items if item.names}

    def find(self, persona_id: str, text: str) -> Photo:
        """Find a photo by file name or a prefix (8+) of its id. Raises `PhotoNotFound`, `PhotoAmbiguous`."""
        photo_ids = self._ids(persona_id, text)
        if not photo_ids:
            raise _not_found(text)
        if len(photo_ids) > 1:
            detail = (
                f"{text!r} means more than one photo ({', '.join(id_[:12] for id_ in photo_ids)}); give more of the id."
            )
            raise PhotoAmbiguous(detail, photo_ids=photo_ids)
        return self.get(persona_id, photo_ids[0])

    def named(self, persona_id: str, text: str) -> tuple[Photo, ...]:
        """The photos that `find` would choose from."""
        return tuple(self.get(persona_id, photo_id) for photo_id in self._ids(persona_id, text))

    def of_persona(self, persona_id: str, limit: int = 50, cursor: str | None = None) -> PhotoPage:
        """One page of the persona's photos by id, behind `cursor`. Raises `CursorInvalid`."""
        if cursor is not None and not re.fullmatch(r"[0-9a-f]{64}", cursor):
            raise CursorInvalid("This cursor leads nowhere; take it from the page before.", field="cursor")
        start = {"persona_id": {"S": persona_id}, "item_key": {"S": f"{PHOTO}{cursor}"}} if cursor else None
        condition = PhotoItem.item_key.startswith(PHOTO)
        rows = PhotoItem.query(persona_id, condition, limit=page_limit(limit), last_evaluated_key=start)
        photos = tuple(map(_photo, rows))
        return PhotoPage(photos=photos, cursor=photos[-1].photo_id if rows.last_evaluated_key and photos else None)

    def unposted(self, persona_id: str, limit: int = 50, cursor: str | None = None) -> PhotoPage:
        """One page of unposted photos, best first; may be shorter than `limit`. Raises `CursorInvalid`."""
        rows = PhotoItem.by_rank.query(
            persona_id,
            limit=page_limit(limit),
            last_evaluated_key=_start(persona_id, cursor) if cursor else None,
        )
        ranks = [row.rank for row in rows]
        more = bool(rows.last_evaluated_key) and bool(ranks)
        photos = {photo.photo_id: photo for photo in self.many(persona_id, map(photo_id_of, ranks))}
        listed = (photos.get(photo_id_of(text)) for text in ranks)
        waiting = tuple(photo for photo in listed if photo and photo.in_unposted)
        return PhotoPage(photos=waiting, cursor=ranks[-1] if more else None)

    def candidates(
        self,
        persona_id: str,
        limit: int,
        *,
        provisional: bool = True,
        after: str | None = None,
        aside: bool = False,
        theme: str | None = None,
    ) -> tuple[UnpostedPhoto, ...]:
        """The best `limit` unposted photos behind the rank `after`; with `aside` the demoted ones only."""
        first, last = (ASIDE, BEYOND_ASIDE) if aside else ("0", "~" if provisional else PROVISIONAL)
        condition = PhotoItem.rank.between(f"{after}~" if after else first, last)
        index, key = _index(persona_id, theme)
        rows = index.query(key, condition, limit=limit)
        return tuple(
            UnpostedPhoto.model_validate({**row.attribute_values, "photo_id": photo_id_of(row.rank)}) for row in rows
        )

    def stock(self, persona_id: str, most: int, *, provisional: bool = True, theme: str | None = None) -> int:
        """Count unposted photos with a score, of `theme` if given, up to `most`."""
        ranks = PhotoItem.rank.between("0", BEYOND_ASIDE if provisional else PROVISIONAL)
        index, key = _index(persona_id, theme)
        return sum(1 for _ in index.query(key, ranks, limit=most, attributes_to_get=["rank"]))

    def provisional_stock(self, persona_id: str, most: int, *, theme: str | None = None) -> int:
        """How many unposted photos have a provisional score, of `theme` where it is given; counted up to `most`."""
        if most <= 0:
            return 0
        index, key = _index(persona_id, theme)
        ranks = PhotoItem.rank.between(PROVISIONAL, ASIDE)
        return sum(1 for _ in index.query(key, ranks, limit=most, attributes_to_get=["rank"]))

    def give_theme(self, persona_id: str, photo_id: str, theme: str) -> None:
        """Set the theme of a photo. Raises `PhotoNotFound`."""
        try:
            give_theme(_key(persona_id, photo_id), theme)
        except UpdateError as error:
            if error.cause_response_code != CONDITION_FAILED:
                raise
            raise _not_found(photo_id) from error

    def set_aside(self, persona_id: str, photo_id: str) -> None:
        """Rank an unposted photo behind all others until an analysis ranks it again."""
        item = PhotoItem.get(persona_id, f"{PHOTO}{photo_id}", consistent_read=True)
        if item.rank == demoted_rank(item.rank):
            return
        try:
            item.update(actions=[PhotoItem.rank.set(demoted_rank(item.rank))], condition=PhotoItem.rank == item.rank)
        except UpdateError as error:
            if error.cause_response_code != CONDITION_FAILED:
                raise

    def snapshots(self, persona_id: str, limit: int) -> tuple[PhotoFingerprint, ...]:
        """Fingerprints of up to `limit` of the persona's photos, by id."""
        return fingerprints(persona_id, limit)

    def embeddings(self, persona_id: str, photo_ids: Sequence[str]) -> dict[str, Embedding]:
        """The vectors of those `photo_ids` that have one."""
        keys = [(persona_id, f"{ANALYSIS}{photo_id}") for photo_id in dict.fromkeys(photo_ids)]
        wanted = ["persona_id", "item_key", "embedding", "embedding_model"]
        return {
            item.item_key.removeprefix(ANALYSIS): Embedding(
                model=item.embedding_model or "", vector=unpack(item.embedding)
            )
            for item in AnalysisItem.batch_get(keys, attributes_to_get=wanted)
            if item.embedding
        }

    def take(
        self,
        persona_id: str,
        photo_id: str,
        post_id: str,
        *,
        must_be_unposted: bool,
        even_withheld: bool = False,
        forgive: bool = False,
    ) -> commit.Write:
        """The write by which `post_id` takes the photo out of *unposted*; `forgive` clears failures and exclusion.

        Conditions (`photo`): it exists, is not withheld unless `even_withheld`, is unposted if `must_be_unposted`.
        """
        free = PhotoItem.photo_id.exists()
        if not even_withheld:
            free = free & PhotoItem.withheld.does_not_exist()
        if must_be_unposted:
            free = free & PhotoItem.unposted.exists()
        forgiven = [PhotoItem.failures.remove(), PhotoItem.excluded.remove()] if forgive else []
        actions = [*LEAVE, PhotoItem.taken_by.add({post_id}), *forgiven]
        return commit.update(TAKE_LABEL, _key(persona_id, photo_id), actions, free)

    def put_back(self, photo: Photo, post_id: str, *, failed: bool = False) -> commit.Write:
        """The write by which `post_id` returns the photo to *unposted*; `failed` counts a failure. Idempotent.

        Conditions (label `photo`): it exists, is not withheld, excluded or kept out, its failures are those of `photo`,
        and no other post has it; else commit `let_go` first.
        """
        last = (PhotoItem.taken_by.contains(post_id)) & (size(PhotoItem.taken_by) == 1)
        free = PhotoItem.withheld.does_not_exist() & PhotoItem.excluded.does_not_exist()
        free &= PhotoItem.kept_out.does_not_exist() & (PhotoItem.taken_by.does_not_exist() | last)
        return _detach(photo, post_id, returning(photo.persona_id), failed=failed, condition=free)

    def let_go(self, photo: Photo, post_id: str, *, failed: bool = False, excluded: str | None = None) -> commit.Write:
        """The write by which `post_id` gives up the photo, which stays out of *unposted*; `excluded` is the reason."""
        actions = [PhotoItem.excluded.set(excluded)] if excluded else []
        return _detach(photo, post_id, actions, failed=failed)

    @staticmethod
    def _ids(persona_id: str, text: str) -> list[str]:
        photo_ids: list[str] = []
        if _ID_OR_PREFIX.fullmatch(text.lower()):
            start = PhotoItem.item_key.startswith(f"{PHOTO}{text.lower()}")
            photo_ids = [item.photo_id for item in PhotoItem.query(persona_id, start, consistent_read=True, limit=2)]
        if not photo_ids:
            names = NameItem.batch_get([(persona_id, f"{NAME}{file_name(text)}")], consistent_read=True)
            photo_ids = sorted(photo_id for item in names for photo_id in item.photo_ids)
        return photo_ids

    def many(self, persona_id: str, photo_ids: Iterable[str]) -> Iterable[Photo]:
        keys = [(persona_id, f"{PHOTO}{photo_id}") for photo_id in photo_ids]
        return map(_photo, PhotoItem.batch_get(keys, consistent_read=True))


def _index(persona_id: str, theme: str | None) -> tuple[GlobalSecondaryIndex[PhotoItem], str]:
    return (PhotoItem.by_rank, persona_id) if theme is None else (PhotoItem.by_theme, theme_key(persona_id, theme))


def _detach(
    photo: Photo, post_id: str, actions: Sequence[Action], *, failed: bool, condition: Condition | None = None
) -> commit.Write:
    counted = PhotoItem.failures == photo.failures if photo.failures else PhotoItem.failures.does_not_exist()
    unchanged = PhotoItem.photo_id.exists() & counted
    detached = [*actions, PhotoItem.taken_by.delete({post_id})]
    detached += [PhotoItem.failures.set(photo.failures + 1)] if failed else []
    item = _key(photo.persona_id, photo.photo_id)
    return commit.update(TAKE_LABEL, item, detached, unchanged & condition if condition is not None else unchanged)


def _key(persona_id: str, photo_id: str) -> PhotoItem:
    return PhotoItem(persona_id, f"{PHOTO}{photo_id}")


def _item(photo: Photo) -> PhotoItem:
    plain = photo.model_dump(exclude=_COMPUTED)
    offered = photo.in_unposted and photo.withheld is None
    themed = theme_key(photo.persona_id, photo.theme)
    return PhotoItem(
        item_key=f"{PHOTO}{photo.photo_id}",
        names=set(photo.names),
        keys=set(photo.keys),
        objects=list(photo.objects),
        notes=list(photo.notes),
        statements={
            source: {"order": "", "statement": packed(statement)} for source, statement in photo.statements.items()
        },
        unposted=photo.persona_id if offered else None,
        theme_key=themed,
        unposted_theme=themed if offered else None,
        rank=rank(photo.score, photo.captured_at, photo.photo_id, provisional=photo.provisional),
        **plain,
    )


def _photo(item: PhotoItem) -> Photo:
    stored = item.statements.attribute_values if item.statements else {}
    statements = {
        StatementSource(name): Statement.model_validate_json(place["statement"]) for name, place in stored.items()
    }
    merged = merge_statements(statements, item.caption, item.alt_text, item.focus)
    values = {**item.attribute_values, **merged, "statements": statements}
    return Photo.model_validate({**values, "in_unposted": item.unposted is not None})


def _start(persona_id: str, cursor: str) -> dict[str, dict[str, str]]:
    photo_id = photo_id_of(cursor)
    if not re.fullmatch(r"[0-9]+#[^#]+#[0-9a-f]{64}", cursor):
        raise CursorInvalid("This cursor leads nowhere; take it from the page before.", field="cursor")
    keys = {
        "persona_id": persona_id,
        "item_key": f"{PHOTO}{photo_id}",
        "unposted": persona_id,
        "rank": cursor,
    }
    return {name: {"S": value} for name, value in keys.items()}


def _not_found(text: str) -> PhotoNotFound:
    return PhotoNotFound(
        f"This persona has no photo {text!r}; list its unposted photos to see names and ids.", photo=text
    )
