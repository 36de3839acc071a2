"""Runs commands on a terminal of a given width."""

import os
import pty
import re
import subprocess
import termios
from collections.abc import Mapping, Sequence

_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def run_on_terminal(words: Sequence[str], environment: Mapping[str, str], columns: int) -> str:
    """The output of a command whose terminal has `columns`, without colours and trailing spaces."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (40, columns))
    own = {**environment, "TERM": "xterm", "COLUMNS": str(columns)}
    process = subprocess.Popen(words, env=own, stdout=theirs, stderr=theirs, stdin=subprocess.DEVNULL)
    os.close(theirs)
    text = b""
    try:
        while piece := os.read(ours, 65536):
            text += piece
    except OSError:  # the other end of the terminal is closed
        pass
    process.wait()
    os.close(ours)
    lines = _ANSI.sub("", text.decode()).replace("\r\n", "\n").splitlines()
    return "".join(f"{line.rstrip()}\n" for line in lines)
