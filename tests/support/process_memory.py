"""The peak memory of a process."""

from pathlib import Path


def peak_of(pid: int) -> int:
    """The peak memory of a process in KiB since its program started; 0 where it is unknown.

    The figures of `wait4` and `getrusage` include the memory of the process that it was forked from.
    """
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")), 0)
