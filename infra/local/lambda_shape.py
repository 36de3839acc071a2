"""Starts a function's worker like Lambda: `lambda_shape.py INTERPRETER RUNTIME CHECKOUT WORKER`.

The layers are merged at /opt, the path and the environment are Lambda's, and memory is limited as in the template. With
Linux mount namespaces the file system is read-only except for TMPDIR, and CHECKOUT is empty.

Unlike Lambda: system libraries, processor, processor time by memory, TMPDIR instead of /tmp, `__file__` outside of
/var/task.
"""

import ctypes
import os
import resource
import sys
from pathlib import Path
from typing import Final

_KEPT: Final = ("AWS_", "LAMBDA_", "_LAMBDA_", "_X_AMZN", "_MINISTACK")
_NEW_MOUNTS, _NEW_USER = 0x20000, 0x10000000
_RECURSIVE, _PRIVATE, _BIND = 0x4000, 0x40000, 0x1000
_MOUNT_SETATTR, _AT_FDCWD, _AT_RECURSIVE, _READ_ONLY = 442, -100, 0x8000, 1


def main() -> None:
    interpreter, runtime, checkout, worker = sys.argv[1:]
    home = Path(worker).parent
    layers = os.environ.get("_LAMBDA_LAYERS_DIRS", "")
    opt, tmp = home / "opt", home / "tmp"
    tmp.mkdir()
    for layer in filter(None, layers.split(os.pathsep)):
        _merge(Path(layer), opt)
    megabytes = int(os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"])
    resource.setrlimit(resource.RLIMIT_DATA, (megabytes << 20, megabytes << 20))
    mounted = Path("/opt") if _isolate(opt, tmp, Path(checkout), Path(interpreter)) else opt
    environment = {name: value for name, value in os.environ.items() if name.startswith(_KEPT)}
    environment.pop("_LAMBDA_LAYERS_DIRS", None)
    path = (os.environ["LAMBDA_TASK_ROOT"], str(mounted / "python"), runtime)
    environment |= {"PATH": os.defpath, "LANG": "en_US.UTF-8", "TZ": ":UTC", "TMPDIR": str(tmp)}
    environment["PYTHONPATH"] = os.pathsep.join(path)
    os.execve(interpreter, [interpreter, "-S", "-s", worker], environment)  # noqa: S606 - our own interpreter


def _merge(layer: Path, opt: Path) -> None:
    for path in layer.iterdir():
        target = opt / path.name
        if target.is_dir() and path.is_dir():
            _merge(path, target)
        else:
            opt.mkdir(exist_ok=True)
            path.replace(target)


def _isolate(opt: Path, tmp: Path, checkout: Path, interpreter: Path) -> bool:
    if sys.platform != "linux" or interpreter.is_relative_to("/opt") or not Path("/opt").is_dir():
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    user, group = os.getuid(), os.getgid()
    if libc.unshare(_NEW_MOUNTS) and libc.unshare(_NEW_MOUNTS | _NEW_USER):
        return False
    if os.getuid() != user:
        for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
            Path("/proc/self", name).write_text(text)
    ok = not libc.mount(b"none", b"/", None, _RECURSIVE | _PRIVATE, None)
    if opt.is_dir():
        ok = ok and not libc.mount(bytes(opt), b"/opt", None, _BIND, None)
    ok = ok and not libc.mount(bytes(tmp), bytes(tmp), None, _BIND, None)
    if not interpreter.is_relative_to(checkout) and not tmp.is_relative_to(checkout):
        ok = ok and not libc.mount(b"none", bytes(checkout), b"tmpfs", 0, b"size=1m")
    return ok and _read_only(libc, b"/", on=True, recursive=True) and _read_only(libc, bytes(tmp), on=False)


def _read_only(libc: ctypes.CDLL, path: bytes, *, on: bool, recursive: bool = False) -> bool:
    attributes = (ctypes.c_uint64 * 4)(_READ_ONLY if on else 0, 0 if on else _READ_ONLY, 0, 0)
    flags = _AT_RECURSIVE if recursive else 0
    return not libc.syscall(
        _MOUNT_SETATTR, _AT_FDCWD, path, flags, ctypes.byref(attributes), ctypes.c_size_t(ctypes.sizeof(attributes))
    )


if __name__ == "__main__":
    main()
