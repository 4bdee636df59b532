"""What a process holds in memory."""
from __future__ import annotations

from pathlib import Path

KIB, MEGABYTE = 1024, 1e6


def memory_of(process: int | str = 'self') -> dict[str, float]:
    """What a process holds: `rss`, `pss`, and `private`, which no other has mapped [MB].

    Args:
        process: Its number, or `self`.
    """
    lines = Path(f'/proc/{process}/smaps_rollup').read_text(encoding='ascii').splitlines()
    kib = {line.split(':')[0]: int(line.split()[1]) for line in lines[1:]}
    private = kib['Private_Clean'] + kib['Private_Dirty']
    return {name: value * KIB / MEGABYTE for name, value in (
        ('rss', kib['Rss']), ('pss', kib['Pss']), ('private', private))}
