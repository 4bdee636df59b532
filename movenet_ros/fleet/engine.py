"""Hands recordings to the workers: this process, others on this machine, or a Dask cluster."""
from __future__ import annotations

import logging
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from importlib.util import find_spec
from multiprocessing import resource_tracker
from typing import Any

from movenet_ros.errors import MovenetError, ParameterError, SourceError, one_line
from movenet_ros.fleet.inputs import Input
from movenet_ros.fleet.worker import Outcome, attempt
from movenet_ros.processing.job import Job
from movenet_ros.processing.recording import loaded_networks

ATTEMPTS = 3
"""An input that fails so often is set aside."""

ENVIRONMENT = {'MALLOC_ARENA_MAX': 1}
"""Of the processes of --jobs. Dask works in a thread of its own, whose heap glibc gives back to the
system after each image, as Dask's own setting asks for: that took a tenth of the CPU time."""
ANSWER_WITHIN = 10.0
"""How long a scheduler may take to answer [s]."""


def process_inputs(job: Job, inputs: Iterable[Input], jobs: int = 1, cluster: str | None = None,
                   report: Callable[[str], None] = lambda text: None) -> Iterator[Outcome]:
    """Makes the results of all inputs.

    Args:
        job: What to make of each. Its parameter `threads` is for the work in this process: others
            have one thread each.
        inputs: The recordings.
        jobs: How many processes of this machine work.
        cluster: Address of the scheduler of a Dask cluster that does the work instead.
        report: Called with a line for the user.

    Yields:
        What became of each, as soon as that is known.

    Raises:
        ParameterError: `cluster` is not the address of a scheduler.
        MovenetError: Dask is not installed, the cluster does not answer, or the networks cannot be
            loaded into this process.
    """
    if cluster is None and jobs == 1:
        return (_repeated(job, item) for item in inputs)
    one_thread = replace(job, config=job.config.replace({'threads': 1}))
    return _on_dask(one_thread, inputs, jobs, cluster, report)


def _repeated(job: Job, item: Input) -> Outcome:
    for _ in range(ATTEMPTS):
        try:
            return attempt(job, item)
        except SourceError as error:
            problem = str(error)
    loaded_networks(job.config)  # fails where not this input, but the engine was the cause
    return Outcome(item, error=problem, is_set_aside=True)


def _on_dask(job: Job, inputs: Iterable[Input], jobs: int, cluster: str | None,
             report: Callable[[str], None]) -> Iterator[Outcome]:
    distributed = _load()
    with ExitStack() as stack:
        client = stack.enter_context(
            _connected(distributed, cluster) if cluster is not None else
            distributed.Client(stack.enter_context(_local_cluster(distributed, jobs))))
        if cluster is not None or find_spec('bokeh'):
            report(f'dashboard: {client.dashboard_link}')
        if cluster is not None and not client.nthreads():
            report(f'the scheduler {cluster} has no workers yet; waiting for them')
        futures = {client.submit(attempt, job, item, pure=False, retries=ATTEMPTS - 1): item
                   for item in inputs}
        for future in distributed.as_completed(list(futures)):
            yield _outcome(future, futures.pop(future))


def _connected(distributed: Any, address: str) -> Any:
    try:
        return distributed.Client(address, timeout=ANSWER_WITHIN)
    except ValueError as error:
        raise ParameterError('--cluster', address, 'is not the address of a Dask scheduler, such '
                             f'as tcp://10.0.0.5:8786 ({one_line(error)})') from error
    except Exception as error:  # another kind of server, whose answer can mean anything to Dask
        raise MovenetError(f'the scheduler {address} does not answer: {one_line(error)}; is it '
                           'running, and is this its address?') from error


def _outcome(future: Any, item: Input) -> Outcome:
    try:
        outcome: Outcome = future.result()
        return outcome
    except SourceError as error:
        problem = str(error)
    except Exception as error:  # its workers ended, or the scheduler is lost
        problem = f'{item.location}: {type(error).__name__}: {one_line(error)}'
    return Outcome(item, error=problem, is_set_aside=True)


def _local_cluster(distributed: Any, jobs: int) -> Any:
    """Processes of this machine that obey this one alone."""
    import dask
    dask.config.set({'distributed.scheduler.allowed-failures': ATTEMPTS - 1,
                     'distributed.nanny.pre-spawn-environ': ENVIRONMENT})
    # Ctrl-C is for this process, which ends the others; they inherit what is blocked. Where
    # multiprocessing has no tracker yet, it starts one and unblocks the signal.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        # Whoever can connect to a worker can have it run anything, hence the encryption.
        return distributed.LocalCluster(
            n_workers=jobs, threads_per_worker=1, memory_limit=None, security=True,
            dashboard_address='127.0.0.1:0', worker_dashboard_address='127.0.0.1:0',
            silence_logs=logging.CRITICAL)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _load() -> Any:
    try:
        import cryptography  # noqa: F401 - for the keys of a local cluster
        import distributed
    except ImportError as error:
        raise MovenetError(f'--jobs and --cluster need the extra fleet ({error}): pip install '
                           "'.[fleet]' in a checkout of this package") from error
    return distributed
