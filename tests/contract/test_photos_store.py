"""The store of photos and analyses."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from shutterpost.photos import Analysis, BrokenAnalysis, CursorInvalid, PhotoAmbiguous, PhotoNotFound, Photos
from shutterpost.photos.storage import analysis_joining as joining_module
from shutterpost.photos.storage.items import AnalysisItem, PhotosTable
from shutterpost.runtime.commit import Committed, Refused, commit
from tests.contract.conftest import CreateTable
from tests.support.builders import NOW, OWNER, a_photo, an_analysis, sha

PERSONA = a_photo().persona_id
SOON = NOW + timedelta(minutes=1)


@pytest.fixture
def photos(new_table: CreateTable) -> Photos:
    new_table(PhotosTable)
    return Photos()


def state(photos: Photos, analysis: Analysis, *, at: datetime = NOW, line: int = 1) -> tuple[str, ...]:
    return photos.record_analysis(PERSONA, OWNER, analysis, stated_at=at, line=line)


def test_a_photo_comes_back_as_it_was_recorded(photos):
    photo = a_photo(captured_at=datetime(2020, 5, 1, tzinfo=UTC), score=5.5, provisional=True, notes=("first of 2",))
    recorded = photos.record(photo)
    assert recorded.created
    assert recorded.photo == photo
    assert photos.get(PERSONA, photo.photo_id) == photo


def test_the_same_bytes_under_two_names_are_one_photo_that_knows_both(photos):
    first = a_photo("a.jpg", photo_id=sha("bytes"))
    again = a_photo("b.jpg", photo_id=sha("bytes"), imported_at=SOON)
    assert photos.record(first).created
    recorded = photos.record(again)
    assert not recorded.created
    assert recorded.photo.names == ("a.jpg", "b.jpg")
    assert len(recorded.photo.keys) == 2
    assert recorded.photo.imported_at == NOW
    assert photos.record(first).photo == recorded.photo
    assert [photo.photo_id for photo in photos.unposted(PERSONA).photos] == [sha("bytes")]
    assert photos.find(PERSONA, "a.jpg") == photos.find(PERSONA, "b.jpg")


@pytest.mark.parametrize("joined_by", [{"sha256": sha("a.jpg")}, {"photo": "a.jpg"}, {"photo": "a"}])
@pytest.mark.parametrize("photo_first", [True, False])
def test_photo_and_analysis_meet_in_either_order(photos, joined_by, photo_first):
    photo, analysis = a_photo(score=3.3, provisional=True), an_analysis(aesthetic_score=9.125, **joined_by)
    steps = [lambda: photos.record(photo), lambda: state(photos, analysis)]
    met = [step() for step in (steps if photo_first else reversed(steps))]
    result = photos.get(PERSONA, photo.photo_id)
    assert (result.score, result.provisional, result.caption) == (9.125, False, "A bridge at dusk.")
    assert (result.sharpness, result.exposure, result.objects) == (410.5, 0.61, ("bridge",))
    assert result.in_unposted
    assert photos.embeddings(PERSONA, [photo.photo_id])[photo.photo_id].vector == (0.5, -0.25, 0.125, 0.75)
    assert [candidate.score for candidate in photos.candidates(PERSONA, 5)] == [9.125]
    if photo_first:
        assert met[1] == (photo.photo_id,)


@pytest.mark.parametrize("joined_by", [{"sha256": sha("a.jpg")}, {"photo": "a.jpg"}])
def test_an_analysis_that_arrives_while_the_photo_is_written_is_joined(photos, monkeypatch, joined_by):
    """The photo's side has written and not yet looked; the analysis's side runs whole in between, and the reverse."""
    photo, analysis = a_photo(), an_analysis(**joined_by)
    look = joining_module.join_waiting

    def interrupted(item):
        state(photos, analysis)
        look(item)

    monkeypatch.setattr("shutterpost.photos.storage.store.join_waiting", interrupted)
    assert photos.record(photo).photo.score == 7.5
    assert photos.get(PERSONA, photo.photo_id).score == 7.5


def test_a_photo_that_arrives_while_its_analysis_is_written_is_joined(photos, monkeypatch):
    photo, save = a_photo(), AnalysisItem.save
    arrivals = iter([photo])

    def interrupted(item, **conditions):
        answer = save(item, **conditions)
        for arrived in arrivals:
            photos.record(arrived)
        return answer

    monkeypatch.setattr(AnalysisItem, "save", interrupted)
    assert state(photos, an_analysis(photo="a.jpg")) == (photo.photo_id,)
    assert photos.get(PERSONA, photo.photo_id).score == 7.5


@pytest.mark.slow
def test_every_order_of_arrival_ends_in_the_same_photo(photos):
    """A join by SHA-256 beats one by name, then the later file wins, then the later line."""
    outcomes = set()
    for number, order in enumerate(itertools.permutations(range(4))):
        persona_id = f"persona-{number:02d}abcd"
        photo = a_photo(persona_id=persona_id)
        stated = [
            (an_analysis(aesthetic_score=4, sha256=photo.photo_id), NOW, 9),
            (an_analysis(aesthetic_score=6, embedding=[1, 2, 3, 4], sha256=photo.photo_id), SOON, 1),
            (an_analysis(aesthetic_score=9, photo="a.jpg"), SOON, 99),
        ]
        for step in order:
            if step == len(stated):
                photos.record(photo)
            else:
                analysis, at, line = stated[step]
                photos.record_analysis(persona_id, OWNER, analysis, stated_at=at, line=line)
        result = photos.get(persona_id, photo.photo_id)
        vector = photos.embeddings(persona_id, [photo.photo_id])[photo.photo_id].vector
        rank = photos.candidates(persona_id, 1)[0].score
        outcomes.add((result.score, rank, vector))
    assert outcomes == {(6.0, 6.0, (1.0, 2.0, 3.0, 4.0))}


def test_an_analysis_by_name_joins_every_photo_of_that_name(photos):
    first, second = a_photo("a.jpg", photo_id=sha("1")), a_photo("a.jpg", photo_id=sha("2"))
    photos.record(first)
    photos.record(second)
    assert set(state(photos, an_analysis(photo="a.jpg"))) == {sha("1"), sha("2")}


def test_vectors_of_a_model_have_one_length(photos):
    state(photos, an_analysis(photo="a.jpg"))
    with pytest.raises(BrokenAnalysis, match="3 numbers, where 'model-4' has 4"):
        state(photos, an_analysis(photo="b.jpg", embedding=[1, 2, 3]))
    with pytest.raises(BrokenAnalysis):
        Photos().record_analysis(PERSONA, OWNER, an_analysis(photo="b.jpg", embedding=[1, 2, 3]), stated_at=NOW)
    state(photos, an_analysis(photo="b.jpg", embedding=[1, 2, 3], embedding_model="model-3"))


def test_candidates_come_best_first_and_bounded(photos):
    for name, score, provisional in (("a", 7.0, False), ("b", 9.0, True), ("c", 9.5, False), ("d", None, False)):
        photos.record(a_photo(name, score=score, provisional=provisional, dhash="00ff00ff00ff00ff"))
    ranked = photos.candidates(PERSONA, 10)
    assert [candidate.photo_id for candidate in ranked] == [sha("c"), sha("a"), sha("b"), sha("d")]
    assert ranked[0].dhash == "00ff00ff00ff00ff"
    assert [item.photo_id for item in photos.candidates(PERSONA, 1)] == [sha("c")]
    assert [item.photo_id for item in photos.candidates(PERSONA, 9, provisional=False)] == [sha("c"), sha("a")]
    assert photos.candidates("nobody-000000", 10) == ()


def test_a_theme_has_its_own_order_and_stock_while_no_post_takes_the_photo(photos):
    for name, score in (("a", 7.0), ("b", 9.0), ("c", 8.0)):
        photos.record(a_photo(name, score=score, theme="birds" if name != "b" else ""))
    state(photos, an_analysis(sha256=sha("b"), photo=None, theme="boats", aesthetic_score=6.0))
    photos.give_theme(PERSONA, sha("c"), "boats")

    def boats() -> list[str]:
        return [candidate.photo_id for candidate in photos.candidates(PERSONA, 9, theme="boats")]

    assert boats() == [sha("c"), sha("b")]
    assert (photos.stock(PERSONA, 9), photos.stock(PERSONA, 2), photos.stock(PERSONA, 9, theme="birds")) == (3, 2, 1)
    commit([photos.take(PERSONA, sha("c"), "p1", must_be_unposted=True)])
    assert boats() == [sha("b")]
    photos.give_theme(PERSONA, sha("c"), "birds")
    assert [candidate.photo_id for candidate in photos.candidates(PERSONA, 9, theme="birds")] == [sha("a")]
    commit([photos.put_back(photos.get(PERSONA, sha("c")), "p1")])
    assert [candidate.theme for candidate in photos.candidates(PERSONA, 9, theme="birds")] == ["birds", "birds"]


def test_equal_scores_go_by_capture_time_then_by_id(photos):
    early, late = datetime(2019, 1, 1, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC)
    names = {name: sha(name) for name in "wxyz"}
    for name, captured_at in (("w", None), ("x", late), ("y", early), ("z", early)):
        photos.record(a_photo(name, score=7.0, captured_at=captured_at))
    expected = [*sorted([names["y"], names["z"]]), names["x"], names["w"]]
    assert [candidate.photo_id for candidate in photos.candidates(PERSONA, 9)] == expected


def test_unposted_photos_are_listed_page_by_page(photos):
    for number in range(5):
        photos.record(a_photo(f"{number}.jpg", score=1.0 + number))
    first = photos.unposted(PERSONA, limit=2)
    second = photos.unposted(PERSONA, limit=2, cursor=first.cursor)
    third = photos.unposted(PERSONA, limit=2, cursor=second.cursor)
    names = [photo.names[0] for page in (first, second, third) for photo in page.photos]
    assert names == ["4.jpg", "3.jpg", "2.jpg", "1.jpg", "0.jpg"]
    assert third.cursor is None
    with pytest.raises(CursorInvalid):
        photos.unposted(PERSONA, cursor="somewhere")


def test_photos_are_found_by_a_piece_of_their_id_or_by_name(photos):
    photo = a_photo("Pont d'été.jpg")
    photos.record(photo)
    assert photos.find(PERSONA, photo.photo_id[:8]) == photo
    assert photos.find(PERSONA, photo.photo_id.upper()) == photo
    assert photos.find(PERSONA, "Pont d'e\u0301te\u0301.jpg") == photo
    for text in (photo.photo_id[:7], "pont.jpg", sha("other")):
        with pytest.raises(PhotoNotFound):
            photos.find(PERSONA, text)
    with pytest.raises(PhotoNotFound):
        photos.get("other-000000", photo.photo_id)


def test_a_text_that_means_several_photos_is_refused(photos):
    first, second = "0123456789abcdef" * 4, "0123456789abcdee" * 4
    for photo_id in (first, second):
        photos.record(a_photo("same.jpg", photo_id=photo_id))
    for text in ("same.jpg", "01234567"):
        with pytest.raises(PhotoAmbiguous) as refused:
            photos.find(PERSONA, text)
        assert set(refused.value.members["photo_ids"]) == {first, second}
    assert photos.find(PERSONA, first[:16]).photo_id == first


def test_a_taken_photo_leaves_the_index_and_is_taken_once(photos):
    photo = photos.record(a_photo(score=8.0)).photo
    take = photos.take(PERSONA, photo.photo_id, "p1", must_be_unposted=True)
    assert take.label == "photo"
    assert commit([take]) == Committed()
    assert photos.candidates(PERSONA, 5) == ()
    taken = photos.get(PERSONA, photo.photo_id)
    assert (taken.taken_by, taken.in_unposted) == (("p1",), False)
    again = photos.take(PERSONA, photo.photo_id, "p2", must_be_unposted=True)
    assert commit([again]) == Refused(frozenset({"photo"}))
    assert commit([photos.take(PERSONA, photo.photo_id, "p3", must_be_unposted=False)]) == Committed()
    assert photos.get(PERSONA, photo.photo_id).taken_by == ("p1", "p3")


def test_a_missing_photo_is_not_taken(photos):
    for must_be_unposted in (True, False):
        write = photos.take(PERSONA, sha("nothing"), "p1", must_be_unposted=must_be_unposted)
        assert commit([write]) == Refused(frozenset({"photo"}))
    assert commit([photos.put_back(a_photo("nothing"), "p1")]) == Refused(frozenset({"photo"}))
    with pytest.raises(PhotoNotFound):
        photos.get(PERSONA, sha("nothing"))


def test_a_photo_given_back_returns_at_its_newest_rank(photos):
    photo = photos.record(a_photo(score=3.0, provisional=True)).photo
    photos.record(a_photo("b.jpg", score=8.0))
    commit([photos.take(PERSONA, photo.photo_id, "p1", must_be_unposted=True)])
    state(photos, an_analysis(sha256=photo.photo_id, aesthetic_score=9.0))
    assert [candidate.score for candidate in photos.candidates(PERSONA, 5)] == [8.0]
    for _ in range(2):
        assert commit([photos.put_back(photo, "p1")]) == Committed()
    assert [candidate.score for candidate in photos.candidates(PERSONA, 5)] == [9.0, 8.0]
    assert photos.get(PERSONA, photo.photo_id).taken_by == ()


def test_a_photo_held_by_two_posts_is_given_back_by_the_last(photos):
    photo = photos.record(a_photo()).photo
    for post_id in ("p1", "p2"):
        commit([photos.take(PERSONA, photo.photo_id, post_id, must_be_unposted=False)])
    assert commit([photos.put_back(photo, "p1")]) == Refused(frozenset({"photo"}))
    assert commit([photos.let_go(photo, "p1")]) == Committed()
    assert not photos.get(PERSONA, photo.photo_id).in_unposted
    assert commit([photos.put_back(photo, "p2")]) == Committed()
    assert photos.get(PERSONA, photo.photo_id).in_unposted


def test_failures_are_counted_and_a_retry_forgives_them(photos):
    photo = photos.record(a_photo()).photo
    assert commit([photos.put_back(photo, "p1", failed=True)]) == Committed()
    assert commit([photos.put_back(photo, "p2", failed=True)]) == Refused(frozenset({"photo"}))
    counted = photos.get(PERSONA, photo.photo_id)
    assert (counted.failures, counted.in_unposted) == (1, True)

    commit([photos.take(PERSONA, photo.photo_id, "p2", must_be_unposted=True)])
    assert commit([photos.let_go(counted, "p2", failed=True, excluded="It failed twice.")]) == Committed()
    excluded = photos.get(PERSONA, photo.photo_id)
    assert (excluded.failures, excluded.excluded, excluded.in_unposted) == (2, "It failed twice.", False)
    assert commit([photos.put_back(excluded, "p2")]) == Refused(frozenset({"photo"}))

    commit([photos.take(PERSONA, photo.photo_id, "p2", must_be_unposted=False)])
    assert photos.get(PERSONA, photo.photo_id).excluded
    commit([photos.take(PERSONA, photo.photo_id, "p2", must_be_unposted=False, forgive=True)])
    forgiven = photos.get(PERSONA, photo.photo_id)
    assert (forgiven.failures, forgiven.excluded) == (0, None)
    assert commit([photos.put_back(forgiven, "p2")]) == Committed()


def test_a_late_repeat_of_giving_back_does_not_free_the_next_posts_photo(photos):
    photo = photos.record(a_photo()).photo
    commit([photos.take(PERSONA, photo.photo_id, "p1", must_be_unposted=True)])
    commit([photos.put_back(photo, "p1")])
    commit([photos.take(PERSONA, photo.photo_id, "p2", must_be_unposted=True)])
    assert commit([photos.put_back(photo, "p1")]) == Refused(frozenset({"photo"}))
    assert not photos.get(PERSONA, photo.photo_id).in_unposted


def test_recording_a_taken_photo_again_leaves_it_taken(photos):
    photo = photos.record(a_photo()).photo
    commit([photos.take(PERSONA, photo.photo_id, "p1", must_be_unposted=True)])
    assert not photos.record(a_photo()).photo.in_unposted
    state(photos, an_analysis(photo="a.jpg"))
    assert photos.candidates(PERSONA, 5) == ()


def test_a_withheld_photo_is_never_offered_nor_taken(photos):
    photo = photos.record(a_photo(renditions={}, withheld="ratio-skipped", in_unposted=False)).photo
    assert photos.candidates(PERSONA, 5) == ()
    for write in (
        photos.take(PERSONA, photo.photo_id, "p1", must_be_unposted=False),
        photos.put_back(photo, "p1"),
    ):
        assert commit([write]) == Refused(frozenset({"photo"}))
    assert not photos.get(PERSONA, photo.photo_id).in_unposted


def test_vectors_are_read_for_the_photos_that_have_one(photos):
    for name in ("a.jpg", "b.jpg"):
        photos.record(a_photo(name))
    state(photos, an_analysis(sha256=sha("a.jpg")))
    state(photos, an_analysis(sha256=sha("b.jpg"), embedding=None, embedding_model=None))
    embeddings = photos.embeddings(PERSONA, [sha("a.jpg"), sha("b.jpg"), sha("c.jpg"), sha("a.jpg")])
    assert set(embeddings) == {sha("a.jpg")}
    assert embeddings[sha("a.jpg")].model == "model-4"
    assert photos.embeddings(PERSONA, []) == {}
