"""The burst of a picked photo: near duplicates taken within seconds of it, which a carousel can show with it. Pure."""

from collections.abc import Iterable, Mapping, Sequence

from shutterpost.curation.choice import rules_against
from shutterpost.curation.likeness import NEVER, Shown, is_frame_of
from shutterpost.curation.values import Burst, Candidate, FrameLeftOut, Rules


def burst_of(
    picked: Candidate,
    candidates: Iterable[Candidate],
    rules: Rules,
    *,
    bits: int,
    most: int,
    shown: Sequence[Shown] = (),
    refused: Mapping[str, str] | None = None,
) -> Burst | None:
    """The photos of `candidates` in the burst of `picked`, by capture; `None` if there is none.

    A post has at most `most` photos. `bits` are those of a near duplicate; `shown` and `refused` are as for `choose`.
    """
    frames = [
        candidate
        for candidate in candidates
        if candidate.photo_id != picked.photo_id and is_frame_of(picked, candidate, bits)
    ]
    frames.sort(key=lambda frame: (frame.captured_at or NEVER, frame.photo_id))
    taken: list[Candidate] = []
    left_out: list[FrameLeftOut] = []
    for frame in frames:
        reason = _reason_against(frame, rules, shown, refused or {})
        if reason is None and len(taken) + 1 >= most:
            reason = f"a post to these connections has at most {most} {'photos' if most > 1 else 'photo'}"
        if reason is None:
            taken.append(frame)
        else:
            left_out.append(FrameLeftOut(photo_id=frame.photo_id, name=frame.name, reason=reason))
    if not frames:
        return None
    names = tuple(frame.name for frame in taken)
    return Burst(photo_ids=tuple(frame.photo_id for frame in taken), names=names, left_out=tuple(left_out))


def _reason_against(frame: Candidate, rules: Rules, shown: Sequence[Shown], refused: Mapping[str, str]) -> str | None:
    if frame.photo_id in refused:
        return refused[frame.photo_id]
    passing, lasting, _ = rules_against(frame, rules, shown)
    return "; ".join((*passing, *lasting)) or None
