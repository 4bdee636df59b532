"""What this machine's processor computes natively, as Linux tells it."""
from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

CPUINFO = Path('/proc/cpuinfo')


@dataclass(frozen=True)
class Processor:
    """A processor.

    Attributes:
        name: As Linux shows it, e.g. 'AMD EPYC 9354'; of an ARM board, which names no processor,
            that of the board; empty where neither is known.
        features: Instruction sets that all its cores have, by Linux's names, e.g. 'avx512_vnni',
            'asimdhp'; empty where they are not known.
    """

    name: str = ''
    features: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return self.name or 'an unknown processor'


def this_processor(path: Path = CPUINFO) -> Processor:
    """The processor of this machine; nothing is known of it where there is no such file."""
    try:
        return parse_cpuinfo(path.read_text(encoding='utf-8', errors='replace'))
    except OSError:
        return Processor()


def parse_cpuinfo(text: str) -> Processor:
    """Reads the text of /proc/cpuinfo, which has a paragraph for each core."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for line in text.splitlines():
        key, _, value = line.partition(':')
        found[key.strip()].append(value.strip())
    # ARM's "model name" is that of the instruction set, and only "Model" names the board.
    names = [*found['Model'], *found['model name'], '']
    # The cores of an ARM processor may differ; a thread can move to any of them.
    cores = [frozenset(words.split()) for words in (*found['flags'], *found['Features'])]
    return Processor(names[0], frozenset.intersection(*cores) if cores else frozenset())
