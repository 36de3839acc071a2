"""A short run of `make bench ONLY=robust`: mutated files are photos or have a named reason; nothing else happens."""

from tests.support.mutated_pictures import run

FILES, SEED, FUNCTION_MEMORY = 300, 3, 1769


def test_mutated_files_are_photos_or_have_a_named_reason():
    tally = run(FILES, SEED)
    assert tally.cases == FILES
    assert (tally.exceptions, tally.crashes, tally.hangs) == ([], [], [])
    assert tally.peak < FUNCTION_MEMORY
    assert {"photo", "corrupt", "truncated"} <= set(tally.ends)
