"""What a worker does with a recording."""
from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path

from movenet_ros.errors import MovenetError, SinkError, SourceError, one_line
from movenet_ros.files.atomic_output import AtomicOutput, as_output_error
from movenet_ros.files.locations import local_copy, revision, size_and_hash
from movenet_ros.fleet.inputs import Input
from movenet_ros.processing.job import Job
from movenet_ros.processing.recording import loaded_networks, process_recording
from movenet_ros.processing.result_set import (
    InputState,
    Manifest,
    check_is_result_set,
    read_manifest,
    result_folder,
)
from movenet_ros.processing.tally import Tally
from movenet_ros.share import package_version

ATTEMPTS = 3
"""An input that fails so often is set aside."""


@dataclass(frozen=True)
class Outcome:
    """What became of a recording.

    Attributes:
        item: The recording.
        images: How many images were processed now; 0 if its results were there.
        is_new, has_rejected: Whether its results were made now; whether images were rejected.
        error: Why it has no results, or why they end before the recording does; empty otherwise.
        is_set_aside: Whether it has no results.
    """

    item: Input
    images: int = 0
    is_new: bool = False
    has_rejected: bool = False
    error: str = ''
    is_set_aside: bool = False


def set_aside(item: Input, problem: str) -> Outcome:
    """The outcome of a recording that failed too often."""
    return Outcome(item, error=problem, is_set_aside=True)


def attempt(job: Job, item: Input) -> Outcome:
    """Makes the results of a recording, unless they are there.

    Raises:
        SourceError: It failed. Whatever the cause was, this error can be sent to other processes.
    """
    try:
        return _make_results(job, item)
    except MovenetError as error:
        problem = str(error)
    except Exception as error:
        problem = f'{item.location}: {type(error).__name__}: {one_line(error)}'
    raise SourceError(problem)


def _make_results(job: Job, item: Input) -> Outcome:
    folder, state = result_folder(job.output_dir, item.name), revision(item.location)
    earlier, settings = read_manifest(folder), job.settings()
    is_enough = earlier is not None and earlier.is_enough(settings, job.formats)
    if earlier and is_enough and earlier.input.revision == state:
        return Outcome(item, error=earlier.error)
    with local_copy(item.location) as path:
        found = InputState(item.location, state, *size_and_hash(path))
        if earlier and earlier.input.sha256 == found.sha256:
            if is_enough:  # it was moved, or written again with the same content
                replace(earlier, input=found).write(folder)
                return Outcome(item, error=earlier.error)
            if earlier.settings == settings:
                job = replace(job, formats=tuple(sorted({*job.formats, *earlier.formats})))
        elif earlier and earlier.input.location != item.location:
            raise SinkError(f'{folder}: holds the results of another recording, '
                            f'{earlier.input.location}; choose another --output-dir')
        manifest = Manifest(found, settings, list(job.formats), package_version(), '', {}, '', [],
                            0.0)
        return _write(job, item, path, manifest, folder)


def _write(job: Job, item: Input, path: Path, manifest: Manifest, folder: Path) -> Outcome:
    """Makes a result set, which gets its name when it is whole."""
    check_is_result_set(folder)
    started = time.monotonic()
    notes: list[str] = []
    tally = Tally(lambda text: notes.append(_about(item, path, text)))
    with as_output_error(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
    output = AtomicOutput(folder)
    try:
        with as_output_error(folder):
            output.path.mkdir()
        try:
            error = process_recording(job, path, item.name, output.path, tally)
        except SourceError as problem:
            raise SourceError(_about(item, path, str(problem))) from problem
        manifest = replace(manifest, engine=loaded_networks(job.config).info.engine,
                           images=tally.as_dict(), error=_about(item, path, error), notes=notes,
                           seconds=round(time.monotonic() - started, 3))
        manifest.write(output.path)
        output.publish()
    finally:
        output.discard()
    return Outcome(item, tally.processed, True, bool(tally.rejected), manifest.error)


def _about(item: Input, path: Path, text: str) -> str:
    """A text that names the recording, not the copy of it that is read."""
    return text.replace(str(path), item.location)
