"""What a process holds: memory, threads and descriptors, as Linux reports it."""
from dataclasses import dataclass
from pathlib import Path

MIB = 1024.0  # kB


@dataclass(frozen=True)
class Usage:
    """What a process holds at one time.

    Attributes:
        private: Memory that is its own (heap and stacks) [MiB].
        shared: Memory that is mapped from /dev/shm: that of Fast DDS [MiB].
        proportional: Its share of all the memory that it has mapped (PSS) [MiB].
        threads, descriptors: How many.
    """

    private: float
    shared: float
    proportional: float
    threads: int
    descriptors: int


def usage(pid):
    """What a process holds now."""
    folder = Path(f'/proc/{pid}')
    status = _fields(folder / 'status')
    return Usage(status['RssAnon'] / MIB, status['RssShmem'] / MIB,
                 _fields(folder / 'smaps_rollup')['Pss'] / MIB, status['Threads'],
                 len(list((folder / 'fd').iterdir())))


def _fields(path):
    """The whole numbers of a file with lines such as `Name:  12 kB`."""
    lines = (line.partition(':') for line in path.read_text(encoding='ascii',
                                                            errors='replace').splitlines())
    return {name: int(value.split()[0]) for name, _, value in lines
            if value.split() and value.split()[0].isdigit()}
