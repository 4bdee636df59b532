"""Hands recordings to the workers: this process, others on this machine, or a Dask cluster."""
from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from movenet_ros.errors import SourceError
from movenet_ros.fleet.cluster import on_cluster
from movenet_ros.fleet.inputs import Input
from movenet_ros.fleet.processes import on_processes
from movenet_ros.fleet.worker import ATTEMPTS, Outcome, attempt, set_aside
from movenet_ros.processing.job import Job
from movenet_ros.processing.recording import loaded_networks


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
        return (_here(job, item) for item in inputs)
    one_thread = replace(job, config=job.config.replace({'threads': 1}))
    if cluster is not None:
        return on_cluster(one_thread, inputs, cluster, report)
    return on_processes(one_thread, inputs, jobs)


def _here(job: Job, item: Input) -> Outcome:
    for _ in range(ATTEMPTS):
        try:
            return attempt(job, item)
        except SourceError as error:
            problem = str(error)
    loaded_networks(job.config)  # fails where not this input, but the engine was the cause
    return set_aside(item, problem)
