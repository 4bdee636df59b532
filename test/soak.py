"""A long run with faults, and a run under load; each in real processes over DDS.

    python test/soak.py --minutes 20 --report out/soak.md --json out/soak.json
    python test/soak.py --load --report out/load.md

Ends with exit code 1 if an image was lost uncounted, an answer took longer than a second after a
fault, the node ended or threw an exception, or it grew.
"""
import argparse
import shutil
import sys
from pathlib import Path

from support.isolation import isolate

LOGS = isolate()


def main(arguments):
    options = _options(arguments)
    # Imported late: ROS reads the environment when it starts.
    from support.process import remove_dead_segments
    from support.soak import load, run
    try:
        found = load.run() if options.load else run.run(options.minutes, options.seed)
    finally:
        remove_dead_segments()
        shutil.rmtree(LOGS, ignore_errors=True)
    print(found.markdown())
    for path, content in ((options.report, found.markdown()), (options.json, found.json())):
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding='utf-8')
    return 1 if found.failures else 0


def _options(arguments):
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('--minutes', type=float, default=20.0, help='how long (default: 20)')
    parser.add_argument('--seed', type=int, default=1, help='of the order of faults (default: 1)')
    parser.add_argument('--load', action='store_true', help='the run under load instead')
    parser.add_argument('--report', type=Path, metavar='FILE', help='Markdown, for people')
    parser.add_argument('--json', type=Path, metavar='FILE', help='the numbers')
    return parser.parse_args(arguments)


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
