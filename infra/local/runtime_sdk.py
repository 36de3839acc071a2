"""SDKs that Lambda's runtime may have, to put behind the layers on this machine."""

import hashlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from uv import find_uv_bin

from infra.layers import ROOT, LayerBuildError

LOCKS: Final = {name: Path(__file__).with_name(f"{name}_sdk.txt") for name in ("oldest", "newest")}
"""An SDK from before Python 3.13 on Lambda, and one that is newer than the layers'."""


def install_sdk(name: str, *, root: Path = ROOT) -> Path:
    """The folder with the SDK `name` of `LOCKS`, installed if it is not there yet. Raises LayerBuildError."""
    lock = LOCKS[name]
    folder = root / ".build" / "runtime-sdk" / f"{name}-{hashlib.sha256(lock.read_bytes()).hexdigest()[:12]}"
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        into = Path(temporary) / name
        command = [find_uv_bin(), "pip", "install", "--quiet", "--no-config", "--require-hashes", "-r", str(lock)]
        command += ["--target", str(into), "--python", sys.executable]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise LayerBuildError(f"uv could not install {lock.name}:\n{done.stderr.strip()}")
        if not folder.is_dir():
            shutil.move(into, folder)
    return folder
