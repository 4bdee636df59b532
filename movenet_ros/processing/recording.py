"""Makes the outputs of one recording, with networks that are loaded once."""
from __future__ import annotations

import os
import threading
from contextlib import ExitStack
from pathlib import Path

import cv2

from movenet_ros.config import Config
from movenet_ros.errors import SourceError
from movenet_ros.files.bags.geometry import GeometryTopics
from movenet_ros.files.bags.listing import is_bag
from movenet_ros.files.bags.source import BagSource
from movenet_ros.files.sinks import open_sink
from movenet_ros.files.sources import Source, open_source
from movenet_ros.library import MoveNet
from movenet_ros.processing.job import FORMATS, Job
from movenet_ros.processing.observing import NOWHERE, Observing
from movenet_ros.processing.results import process, with_geometry, write_results
from movenet_ros.processing.tally import Tally

_loaded = threading.local()


def process_recording(job: Job, path: Path, name: str, folder: Path, tally: Tally) -> str:
    """Writes the outputs of one recording into a folder.

    Args:
        job: What to make.
        path: The recording.
        name: What the outputs call it.
        folder: Where to write.
        tally: Counts its images.

    Returns:
        Why it could not be read to its end; empty if it could.

    Raises:
        SourceError: No image could be processed.
        MovenetError: As when a MoveNet is made, or an output cannot be written.
    """
    net, error = loaded_networks(job.config), ''
    net.reset()
    bag = is_bag(path)
    with open_source(path, topic=job.topic if bag else None,
                     fps=None if bag else job.fps) as source:
        observing = None if source.stills else Observing(job.config, tally, _topics(job, source))
        frames = with_geometry(source, job.part.frames(source), observing)
        try:
            with ExitStack() as outputs:
                sinks = [outputs.enter_context(open_sink(
                    folder / FORMATS[name], fps=source.fps, stills=source.stills,
                    recording=name)) for name in job.formats]
                write_results(process(frames, net, tally, observing), sinks, tally)
        except SourceError as problem:
            error = str(problem)
        for note in source.notes:
            tally.report(note)
    if not tally.processed:
        why = tally.why_none(job.part)
        raise SourceError(error or f'{path}: no image was processed: {why}')
    return error


def _topics(job: Job, source: Source) -> GeometryTopics:
    return (source.find_geometry(job.camera_info_topic, job.depth_topic)
            if isinstance(source, BagSource) else NOWHERE)


def loaded_networks(config: Config) -> MoveNet:
    """The networks of this thread, which are loaded once.

    Raises:
        MovenetError: As when a MoveNet is made.
    """
    if getattr(_loaded, 'config', None) != config:
        # One thread for each recording; OpenCV and FFmpeg would start one for each core.
        os.environ.setdefault('OPENCV_FFMPEG_CAPTURE_OPTIONS', 'threads;1')
        cv2.setNumThreads(1)
        _loaded.net, _loaded.config = MoveNet(config), config
    net: MoveNet = _loaded.net
    return net
