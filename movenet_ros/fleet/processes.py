"""Hands recordings to processes of this machine."""
from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import resource_tracker

from movenet_ros.errors import SourceError
from movenet_ros.fleet.inputs import Input
from movenet_ros.fleet.worker import ATTEMPTS, Outcome, attempt, set_aside
from movenet_ros.processing.job import Job


def on_processes(job: Job, inputs: Iterable[Input], jobs: int) -> Iterator[Outcome]:
    """Makes the results of all inputs in so many processes, each with networks of its own."""
    waiting = deque((item, 1) for item in inputs)
    idle = [_one_process() for _ in range(min(jobs, len(waiting)))]
    busy: dict[Future[Outcome], tuple[ProcessPoolExecutor, Input, int]] = {}
    try:
        while waiting or busy:
            while waiting and idle:
                pool, (item, count) = idle.pop(), waiting.popleft()
                busy[_submit(pool, job, item)] = pool, item, count
            for future in wait(busy, return_when=FIRST_COMPLETED).done:
                pool, item, count = busy.pop(future)
                error = future.exception()
                if isinstance(error, BrokenProcessPool):
                    pool = _one_process()
                    error = SourceError(f'{item.location}: the process that read it ended')
                idle.append(pool)
                if not isinstance(error, SourceError):
                    yield future.result()
                elif count < ATTEMPTS:
                    waiting.append((item, count + 1))
                else:
                    yield set_aside(item, str(error))
    finally:
        # A pool that is shut down finishes first what it works on.
        for process in multiprocessing.active_children():
            process.terminate()


def _one_process() -> ProcessPoolExecutor:
    """A pool of one: a larger one does not tell which of its inputs ended a process."""
    return ProcessPoolExecutor(1, multiprocessing.get_context('spawn'), _end_with_parent)


def _submit(pool: ProcessPoolExecutor, job: Job, item: Input) -> Future[Outcome]:
    """Has a process, which is started if need be, work on a recording."""
    # Ctrl-C is for this process, which ends the others; they inherit what is blocked. Where
    # multiprocessing has no tracker yet, it starts one and unblocks the signal.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        return pool.submit(attempt, job, item)
    except BrokenProcessPool as error:  # it ended while it had nothing to do
        failed: Future[Outcome] = Future()
        failed.set_exception(error)
        return failed
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _end_with_parent() -> None:
    """Has this process end when the one that started it does, even where that is killed."""
    parent = multiprocessing.parent_process()
    assert parent is not None

    def follow() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()
