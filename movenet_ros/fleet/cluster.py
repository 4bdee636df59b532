"""Hands recordings to a Dask cluster."""
from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from movenet_ros.errors import MovenetError, ParameterError, SourceError, one_line
from movenet_ros.fleet.inputs import Input
from movenet_ros.fleet.worker import ATTEMPTS, Outcome, attempt, set_aside
from movenet_ros.processing.job import Job

ANSWER_WITHIN = 10.0
"""How long a scheduler may take to answer [s]."""


def on_cluster(job: Job, inputs: Iterable[Input], address: str,
               report: Callable[[str], None]) -> Iterator[Outcome]:
    """Makes the results of all inputs on the cluster of the scheduler at an address."""
    distributed = _load()
    with _connected(distributed, address) as client:
        report(f'dashboard: {client.dashboard_link}')
        if not client.nthreads():
            report(f'the scheduler {address} has no workers yet; waiting for them')
        futures = {client.submit(attempt, job, item, pure=False, retries=ATTEMPTS - 1): item
                   for item in inputs}
        for future in distributed.as_completed(list(futures)):
            yield _outcome(future, futures.pop(future))


def _load() -> Any:
    try:
        import distributed
    except ImportError as error:
        raise MovenetError(f"--cluster needs the extra fleet ({error}): pip install '.[fleet]' in "
                           'a checkout of this package') from error
    return distributed


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
        return set_aside(item, str(error))
    except Exception as error:  # its workers ended, or the scheduler is lost
        return set_aside(item, f'{item.location}: {type(error).__name__}: {one_line(error)}')
