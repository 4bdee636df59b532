"""Tries inputs on the properties of support/properties.py for as long as it is told to.

    python test/fuzz.py --minutes 10
    python test/fuzz.py --minutes 10 --only cdr bags --atheris

Prints, per property, how many inputs were tried; ends with 1 at the first that breaks it, and
shows that input. With --atheris (pip install atheris) inputs are chosen by what they reach.
"""
import argparse
import faulthandler
import multiprocessing
import os
import random
import resource
import sys
import time

from hypothesis import HealthCheck, Phase, given, seed, settings

ROUND = 1000
LONGEST = 60.0  # s that one input may take
MOST = 500.0  # MB that one input may take
MANY = settings(max_examples=ROUND, deadline=None, database=None, print_blob=True,
                suppress_health_check=list(HealthCheck), phases=(Phase.generate, Phase.shrink))


def memory():
    """The most that this process has had [MB]."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


class Counted:
    """A property that counts its inputs, and heeds the time and the memory that they take."""

    def __init__(self, name):
        from support.properties import PROPERTIES
        self.name, (self._check, arguments) = name, PROPERTIES[name]
        self.count, self.slowest, self._started = 0, 0.0, time.monotonic()
        self.test = MANY(given(**arguments)(self._run))

    def _run(self, **inputs):
        # Ends the process, with a trace, when the input hangs.
        faulthandler.dump_traceback_later(LONGEST, exit=True)
        started, before = time.monotonic(), memory()
        self._check(**inputs)
        assert memory() < before + MOST
        self.slowest = max(self.slowest, time.monotonic() - started)
        self.count += 1
        faulthandler.cancel_dump_traceback_later()

    @property
    def seconds(self):
        return time.monotonic() - self._started

    def report(self):
        print(f'{self.name:<17} {self.count:>9} inputs in {self.seconds:4.0f} s, the slowest '
              f'{1e3 * self.slowest:6.1f} ms; {memory():.0f} MB', flush=True)


def run_hypothesis(name, seconds):
    counted, first = Counted(name), random.randrange(10**9)
    for number in range(first, first + 10**9):
        if counted.seconds > seconds:
            break
        seed(number)(counted.test)()
    counted.report()


def run_atheris(name, seconds):
    import atheris
    with atheris.instrument_imports(include=['movenet_ros']):
        counted = Counted(name)

    def run(data):
        counted.test.hypothesis.fuzz_one_input(data)
        if counted.seconds > seconds:
            counted.report()
            sys.stdout.flush()
            os._exit(0)

    atheris.Setup(['fuzz', '-verbosity=0', f'-timeout={LONGEST:.0f}'], run)
    atheris.Fuzz()


def main():
    from support.properties import PROPERTIES
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('--minutes', type=float, default=5.0, help='for all properties together')
    parser.add_argument('--only', nargs='+', choices=PROPERTIES, default=list(PROPERTIES))
    parser.add_argument('--atheris', action='store_true', help='needs atheris')
    args = parser.parse_args()
    # Each in a process of its own: its memory is its own, and atheris never comes back.
    context = multiprocessing.get_context('spawn')
    for name in args.only:
        process = context.Process(target=run_atheris if args.atheris else run_hypothesis,
                                  args=(name, 60 * args.minutes / len(args.only)))
        process.start()
        process.join()
        if process.exitcode:
            return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
