"""`make demo`: the whole path on this machine, told as a story: `python -m infra.local.demo [--photos FOLDER
[--analyses FILE]] [--keep]`.

Exit codes: 0 all as promised, 1 something was not, 2 the command makes no sense, 130 interrupted.
"""

import argparse
import contextlib
import json
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import Final, NoReturn

import httpx
from botocore.exceptions import BotoCoreError, ClientError

from infra.local.call import RUNNING
from infra.local.emulator import EmulatorError
from infra.local.journey import Journey, Material, NotAsPromised
from infra.local.paint import COUNT, paint_library
from infra.local.promises import promises, summary
from infra.local.stack import RequestRefused, Stack, running_stack
from infra.local.story import Story

HOME: Final = RUNNING.parent
SUMMARY: Final = HOME / "summary.json"
LOG: Final = HOME / "aws.log"
USAGE: Final = 2
INTERRUPTED: Final = 130


class InvalidDemoInput(ValueError):
    """What was asked for cannot be done; the message says why and what to do."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo; the exit code."""
    parser = argparse.ArgumentParser(prog="make demo", description="The whole path on this machine.")
    parser.add_argument("--photos", type=Path, metavar="FOLDER", help="pictures to post; painted ones without")
    parser.add_argument("--analyses", type=Path, metavar="FILE", help="their precomputed analyses, one JSON per line")
    parser.add_argument("--keep", action="store_true", help="leave it running until Ctrl-C")
    options = parser.parse_args(arguments)
    for caught in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(caught, _interrupt)
    story = Story()
    try:
        with tempfile.TemporaryDirectory(prefix="shutterpost-photos-") as painted:
            material = find_material(options.photos, options.analyses, Path(painted))
            return _run(story, material, keep=options.keep)
    except InvalidDemoInput as error:
        print(error, file=sys.stderr)
        return USAGE
    except KeyboardInterrupt:
        story.end("Interrupted; everything is stopped.", good=False)
        return INTERRUPTED
    except (
        NotAsPromised,
        RequestRefused,
        EmulatorError,
        ClientError,
        BotoCoreError,
        httpx.HTTPError,
        OSError,
    ) as error:
        story.end(f"Not as promised: {error}", good=False)
        if LOG.exists():
            story.plain(f"The embedded AWS's log: {LOG}")
        return 1


def find_material(photos: Path | None, analyses: Path | None, paint_into: Path) -> Material:
    """The files to drop. Raises `InvalidDemoInput` for a folder without files and for a missing analysis file."""
    if photos is None:
        if analyses is not None:
            raise InvalidDemoInput("ANALYSES without PHOTOS: say where the pictures are with PHOTOS=folder.")
        folder = paint_into / "photos"
        stated = paint_library(folder)
        words = f"No PHOTOS given, so {COUNT} landscapes were painted, with analyses to them."
        return Material(folder, tuple(sorted(folder.iterdir())), stated, words)
    folder, stated_by = photos.expanduser(), analyses.expanduser() if analyses else None
    if not folder.is_dir():
        raise InvalidDemoInput(f"There is no folder {folder}. PHOTOS names one with pictures in it.")
    if stated_by is not None and not stated_by.is_file():
        raise InvalidDemoInput(f"There is no file {stated_by}. ANALYSES names one with an analysis per line.")
    files = tuple(file for file in sorted(folder.rglob("*")) if _is_drop(file, folder, stated_by))
    if not files:
        raise InvalidDemoInput(f"The folder {folder} has no files in it. PHOTOS names one with pictures.")
    size = sum(file.stat().st_size for file in files) / 1e6
    told = f"analyses from {stated_by}" if stated_by else "no analyses: provisional scores will do"
    return Material(folder, files, stated_by, f"{len(files)} files ({size:.1f} MB) from {folder}; {told}.")


def _is_drop(file: Path, folder: Path, analyses: Path | None) -> bool:
    hidden = any(part.startswith(".") for part in file.relative_to(folder).parts)
    return file.is_file() and not hidden and not (analyses and file.samefile(analyses))


def _run(story: Story, material: Material, *, keep: bool) -> int:
    began = time.monotonic()
    HOME.mkdir(exist_ok=True)
    SUMMARY.unlink(missing_ok=True)
    story.title("Shutterpost, from a dropped photo to a live post", material.words)
    story.chapter("An AWS of our own, deployed to by the real CDK")
    with running_stack(say=story.tell, keep_log=LOG) as stack:
        journey = Journey(stack, story, material)
        journey.run()
        good = _check(story, journey, began)
        if keep:
            _keep(story, journey)
    return 0 if good else 1


def _check(story: Story, journey: Journey, began: float) -> bool:
    story.chapter("Held against what the platforms and the bucket really show")
    found = promises(journey)
    for promise in found:
        story.verdict(str(promise), good=promise.kept)
    told = summary(journey, time.monotonic() - began)
    SUMMARY.write_text(json.dumps(told, ensure_ascii=False, indent=2) + "\n")
    broken = sum(not promise.kept for promise in found)
    seconds = ", ".join(f"{name} {value:.1f}" for name, value in told["seconds"].items())
    if broken:
        story.end(f"{broken} of {len(found)} promises broken. Seconds: {seconds}.", good=False)
        story.plain(f"Summary: {SUMMARY}\nThe embedded AWS's log: {LOG}")
        return False
    story.end(f"All as promised. Seconds: {seconds}.", good=True)
    story.plain(f"Summary: {SUMMARY}")
    return True


def _keep(story: Story, journey: Journey) -> None:
    stack, persona = journey.stack, journey.persona["persona_id"]
    call = f"{sys.executable} -m infra.local.call"
    console = Path(sys.executable).with_name("shutterpost")
    with _announced(stack, persona):
        story.end("Still running. From another terminal, in this directory:", good=True)
        for line in (
            f"{console} status",
            f"{console} photos list --unposted",
            f"{console} post schedule some-photo.jpg --at 'tomorrow 18:30'",
            f"{console} --help",
            f"{call} GET /personas",
            f"{call} GET '/personas/{persona}/photos?unposted=true'",
            f"{call} GET /personas/{persona}/decisions",
            f"{call} DROP some-photo.jpg",
            f'{call} POST /personas/{persona}/posts \'{{"photo": "some-photo.jpg"}}\'',
            f"{call} POST /personas/{persona}/sync",
            f"curl {stack.simulators.base_url}/_control/state     # what Instagram and Buffer show",
        ):
            story.plain(f"  {line}")
        story.plain("Or with any AWS tool, as root of the embedded account:")
        story.plain(f"  export AWS_ENDPOINT_URL={stack.aws.endpoint_url} AWS_REGION=us-east-1")
        story.plain("  export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test")
        story.plain(f"  aws s3 cp some-photo.jpg s3://{stack.bucket}/photos/{persona}/")
        story.plain("Ctrl-C here ends it all.")
        with contextlib.suppress(KeyboardInterrupt):
            signal.pause()


@contextlib.contextmanager
def _announced(stack: Stack, persona_id: str) -> Iterator[None]:
    """Tell the console and `infra.local.call` how to reach this run, for as long as it lasts."""
    try:
        RUNNING.touch(mode=0o600)
        RUNNING.write_text(json.dumps(stack.description(persona_id=persona_id), indent=2))
        yield
    finally:
        RUNNING.unlink(missing_ok=True)


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    """Leave by the way that stops everything, and let nothing disturb that."""
    for caught in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(caught, signal.SIG_IGN)
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
