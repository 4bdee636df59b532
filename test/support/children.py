"""The processes that this one has started."""
from __future__ import annotations

import os
import select
from pathlib import Path


def has_output(process) -> bool:
    """Whether a process has written something to its stdout, or has ended."""
    return bool(select.select([process.stdout], [], [], 0)[0])


def running_children() -> dict[int, str]:
    """The children of this process that still run: process id and command line."""
    children = {}
    for folder in Path('/proc').glob('[0-9]*'):
        try:
            # after the name, which may hold anything: state and parent
            stat = (folder / 'stat').read_text(errors='replace')
            state, parent = stat.rpartition(')')[2].split()[:2]
            command = (folder / 'cmdline').read_text(errors='replace').replace('\0', ' ').strip()
        except OSError:  # ended meanwhile
            continue
        # multiprocessing ends its own helper with the interpreter
        if int(parent) == os.getpid() and state != 'Z' and 'resource_tracker' not in command:
            children[int(folder.name)] = command
    return children
