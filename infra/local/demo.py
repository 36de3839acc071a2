"""`make demo`: runs the whole path on this machine.

Exit codes: 0 all checks passed, 1 a check failed, 2 invalid arguments, 130 interrupted.
"""

import argparse
import contextlib
import json
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import Final, NoReturn

import httpx
from botocore.exceptions import BotoCoreError, ClientError

from infra.layers import LayerBuildError
from infra.local.bluesky_server import ServerNotStarted, running_if_installed
from infra.local.call import RUNNING
from infra.local.demo_checks import run_checks, summary
from infra.local.demo_output import DemoOutput
from infra.local.demo_run import DemoFailed, DemoRun, Material
from infra.local.emulator import EmulatorError
from infra.local.runtime_sdk import LOCKS, install_sdk
from infra.local.sample_photos import COUNT, create_sample_photos
from infra.local.stack import RequestRefused, Stack, running_stack

HOME: Final = RUNNING.parent
SUMMARY: Final = HOME / "summary.json"
LOG: Final = HOME / "aws.log"
PAGE_LOG: Final = HOME / "page.log"
USAGE: Final = 2
INTERRUPTED: Final = 130
PLANNED: Final = 2
UNREADABLE: Final = "scan.jpg"
PAGE_PATIENCE: Final = 20


class InvalidDemoInput(ValueError):
    pass


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="make demo", description="The whole path on this machine.")
    parser.add_argument("--photos", type=Path, metavar="FOLDER", help="photos to post; default: sample photos")
    parser.add_argument("--analyses", type=Path, metavar="FILE", help="their analyses, one JSON object per line")
    parser.add_argument("--keep", action="store_true", help="keep it running until Ctrl-C")
    parser.add_argument("--sdk", choices=LOCKS, help="the SDK of Lambda's runtime, behind the layers; default: none")
    options = parser.parse_args(arguments)
    for caught in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(caught, _interrupt)
    output = DemoOutput()
    try:
        with tempfile.TemporaryDirectory(prefix="shutterpost-photos-") as generated:
            material = find_material(options.photos, options.analyses, Path(generated))
            return _run(output, material, keep=options.keep, sdk=install_sdk(options.sdk) if options.sdk else None)
    except InvalidDemoInput as error:
        print(error, file=sys.stderr)
        return USAGE
    except KeyboardInterrupt:
        output.end("Interrupted; everything is stopped.", good=False)
        return INTERRUPTED
    except (
        DemoFailed,
        RequestRefused,
        EmulatorError,
        LayerBuildError,
        ServerNotStarted,
        ClientError,
        BotoCoreError,
        httpx.HTTPError,
        OSError,
    ) as error:
        output.end(f"Failed: {error}", good=False)
        if LOG.exists():
            output.plain(f"The embedded AWS's log: {LOG}")
        return 1


def find_material(photos: Path | None, analyses: Path | None, sample_folder: Path) -> Material:
    """The files to import. Raises `InvalidDemoInput` for a folder without files and for a missing analysis file."""
    if photos is None:
        if analyses is not None:
            raise InvalidDemoInput("ANALYSES needs PHOTOS=folder, the folder of the photos.")
        folder = sample_folder / "photos"
        analyses_file = create_sample_photos(folder)
        words = f"Without PHOTOS, the demo generates {COUNT} sample photos with analyses."
        return Material(folder, tuple(sorted(folder.iterdir())), analyses_file, words)
    folder, analyses = photos.expanduser(), analyses.expanduser() if analyses else None
    if not folder.is_dir():
        raise InvalidDemoInput(f"There is no folder {folder}. Set PHOTOS to a folder with photos.")
    if analyses is not None and not analyses.is_file():
        raise InvalidDemoInput(f"There is no file {analyses}. Set ANALYSES to a file with one analysis per line.")
    files = tuple(file for file in sorted(folder.rglob("*")) if _is_photo_file(file, folder, analyses))
    if not files:
        raise InvalidDemoInput(f"The folder {folder} is empty. Set PHOTOS to a folder with photos.")
    size = sum(file.stat().st_size for file in files) / 1e6
    source = f"analyses from {analyses}" if analyses else "without analyses, by provisional scores"
    return Material(folder, files, analyses, f"{len(files)} files ({size:.1f} MB) from {folder}; {source}.")


def _is_photo_file(file: Path, folder: Path, analyses: Path | None) -> bool:
    hidden = any(part.startswith(".") for part in file.relative_to(folder).parts)
    return file.is_file() and not hidden and not (analyses and file.samefile(analyses))


def _run(output: DemoOutput, material: Material, *, keep: bool, sdk: Path | None) -> int:
    began = time.monotonic()
    HOME.mkdir(exist_ok=True)
    SUMMARY.unlink(missing_ok=True)
    output.title("Shutterpost demo: from a photo in the bucket to a live post", material.description)
    output.section("Deploy with the CDK to an embedded AWS")
    with running_stack(say=output.line, keep_log=LOG, sdk=sdk) as stack, running_if_installed() as server:
        run = DemoRun(stack, output, material, server)
        run.run()
        good = _check(output, run, began)
        if keep:
            _keep(output, run)
    return 0 if good else 1


def _check(output: DemoOutput, run: DemoRun, began: float) -> bool:
    output.section("Check the result at the platforms and in the bucket")
    results = run_checks(run)
    for check in results:
        output.check(str(check), good=check.passed)
    report = summary(run, time.monotonic() - began)
    SUMMARY.write_text(json.dumps(report, ensure_ascii=False, indent=2) + "\n")
    failed = sum(not check.passed for check in results)
    seconds = ", ".join(f"{name} {value:.1f}" for name, value in report["seconds"].items())
    if failed:
        output.end(f"{failed} of {len(results)} checks failed. Seconds: {seconds}.", good=False)
        output.plain(f"Summary: {SUMMARY}\nThe embedded AWS's log: {LOG}")
        return False
    output.end(f"All {len(results)} checks passed. Seconds: {seconds}.", good=True)
    output.plain(f"Summary: {SUMMARY}")
    return True


def _keep(output: DemoOutput, run: DemoRun) -> None:
    stack, persona = run.stack, run.persona["persona_id"]
    call = f"{sys.executable} -m infra.local.call"
    console = Path(sys.executable).with_name("shutterpost")
    output.section("Plan ahead and serve the page")
    plan_ahead(stack, persona)
    with _described(stack, persona), served_page(RUNNING, PAGE_LOG) as page:
        output.line(page)
        output.line(f"Once that minute has passed, open it with: {console} web")
        output.end("Still running. From another terminal, in this directory:", good=True)
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
            f"curl {stack.simulators.base_url}/_control/state     # what the platforms show",
        ):
            output.plain(f"  {line}")
        output.plain("Or with any AWS tool, as root of the embedded account:")
        output.plain(f"  export AWS_ENDPOINT_URL={stack.aws.endpoint_url} AWS_REGION=us-east-1")
        output.plain("  export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test")
        output.plain(f"  aws s3 cp some-photo.jpg s3://{stack.bucket}/photos/{persona}/")
        output.plain("Ctrl-C in this terminal stops everything.")
        with contextlib.suppress(KeyboardInterrupt):
            signal.pause()


def plan_ahead(stack: Stack, persona_id: str) -> None:
    """Plan the last photos in line at the next slots, and drop a file that needs a person. Raises `RequestRefused`."""
    path = f"/personas/{persona_id}"
    for photo in stack.pages(f"{path}/photos?unposted=true", "photos")[-PLANNED:]:
        request = {"photo": photo["photo_id"]}
        # A folder of one's own may end in a photo that no channel takes.
        stack.ask("POST", f"{path}/posts?next_slot=true", request, key=str(uuid.uuid4()))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / UNREADABLE
        file.write_text("This is no picture.")
        stack.drop(file, f"photos/{persona_id}/{UNREADABLE}")


@contextlib.contextmanager
def served_page(description: Path, log: Path, port: int | None = None) -> Iterator[str]:
    """`shutterpost web` on the deployment that the file describes; gives the line that it prints first, logs others."""
    command = [sys.executable, "-m", "shutterpost.console", "--deployment", str(description), "web", "--no-open"]
    command += [] if port is None else ["--port", str(port)]
    serving = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    with serving, log.open("w") as rest:
        assert serving.stderr is not None  # noqa: S101 - a pipe, as requested
        copying = threading.Thread(target=shutil.copyfileobj, args=(serving.stderr, rest))
        line = serving.stderr.readline().strip()
        copying.start()
        try:
            yield line
        finally:
            serving.send_signal(signal.SIGINT)
            serving.wait(PAGE_PATIENCE)
            copying.join()


@contextlib.contextmanager
def _described(stack: Stack, persona_id: str) -> Iterator[None]:
    try:
        RUNNING.touch(mode=0o600)
        RUNNING.write_text(json.dumps(stack.description(persona_id=persona_id), indent=2))
        yield
    finally:
        RUNNING.unlink(missing_ok=True)


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    for caught in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(caught, signal.SIG_IGN)
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
