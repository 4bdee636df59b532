"""Opens what `movenet process` writes to."""
from __future__ import annotations

import os
from pathlib import Path

from movenet_ros.config.declarations import OverlayConfig
from movenet_ros.errors import ParameterError, SinkError
from movenet_ros.files.atomic_output import check_replaceable
from movenet_ros.files.bags.writer import POSES_TOPIC, BagSink
from movenet_ros.files.contact_sheet import ContactSheetSink
from movenet_ros.files.jsonl import JsonlSink
from movenet_ros.files.jsonl_reader import read_jsonl
from movenet_ros.files.parquet import ParquetSink
from movenet_ros.files.rerun_recording import RerunSink
from movenet_ros.files.sink import Result, Sink
from movenet_ros.files.source import PathLike
from movenet_ros.files.videos.codecs import CODECS
from movenet_ros.files.videos.writer import VideoSink

__all__ = ['Result', 'Sink', 'open_sink', 'read_jsonl']

STDOUT = '-'
KNOWN_ENDINGS = frozenset({'.jsonl', '.mcap', '.parquet', '.rrd', *CODECS, '.png', '.jpg', '.jpeg'})
ENDINGS = ('.jsonl (or - for stdout), .mcap or a folder, .parquet, .rrd, .webm or .mp4, '
           '.png or .jpg')


def open_sink(path: PathLike, *, overlay: OverlayConfig | None = None, fps: float = 30.0,
              stills: bool = False, topic: str = POSES_TOPIC, recording: str = '') -> Sink:
    """Opens an output, whose format follows from its ending.

    An existing file is replaced; a bag only if it is one of poses that was written here, and
    a folder only if it is such a bag, or empty.

    Args:
        path: ``.jsonl`` or ``-``: lines of JSON. ``.mcap``: a bag in one file, with images and
            annotations for Foxglove. No ending, or a final ``/``: a bag folder, of poses alone.
            ``.parquet``: a table. ``.rrd``: a Rerun recording. ``.webm``, ``.mp4``: an overlay
            video, in a codec that browsers play if OpenCV has one; `Sink.notes` names another
            one. ``.png``, ``.jpg``, ``.jpeg``: a contact sheet.
        overlay: What the drawings show.
        fps: The rate that the results should have; for overlay videos [Hz].
        stills: Whether the results have nothing to do with one another.
        topic: Topic of the poses in a bag.
        recording: What the results are of, for tables that are read together.

    Returns:
        A context manager to write results to.

    Raises:
        ParameterError: The ending is unknown, or there is nothing before it.
        SinkError: The place cannot be written to.
        MovenetError: The format needs a package that is not installed.
    """
    text = str(path)
    check_output(text)
    if text == STDOUT:
        return JsonlSink(None)
    place, overlay = Path(path), overlay or OverlayConfig()
    _check_name(place)
    check_replaceable(place)
    ending = place.suffix.lower()
    if text.endswith('/') or not ending:
        return BagSink(place, topic=topic)
    if ending == '.mcap':
        return BagSink(_file(place), topic=topic)
    if ending == '.rrd':
        return RerunSink(_file(place))
    if ending == '.parquet':
        return ParquetSink(_file(place), recording)
    if ending == '.jsonl':
        return JsonlSink(_file(place))
    if ending in CODECS:
        return VideoSink(_file(place), overlay, fps=fps, stills=stills)
    return ContactSheetSink(_file(place), overlay, stills=stills)


def check_output(path: PathLike) -> None:
    """Rejects the name of an output from which its format does not follow.

    Args:
        path: As for `open_sink`.

    Raises:
        ParameterError: The ending is unknown, or there is nothing before it.
    """
    text, place = str(path), Path(path)
    ending = place.suffix.lower()
    if not text:
        raise ParameterError('output', text, 'is empty; give a file, a folder, or - for stdout')
    if text.endswith('/') or text == STDOUT:
        return
    if ending and ending not in KNOWN_ENDINGS:
        raise ParameterError('output', text, f'the ending {ending!r} is unknown; known are: '
                             f'{ENDINGS}')
    if place.name.lower() in KNOWN_ENDINGS:
        raise ParameterError('output', text, 'is an ending without a name before it; give e.g. '
                             f'{place.with_name("poses" + place.name)}')


def _check_name(path: Path) -> None:
    """Rejects the current folder and those around it, as an output replaces what has its name."""
    here = Path.cwd()
    if path.name in ('', '..') or Path(os.path.realpath(path)) in (here, *here.parents):
        raise SinkError(f'{path}: is the current folder or one around it, which cannot be '
                        f'replaced; give a name, e.g. {path / "poses"}')


def _file(path: Path) -> Path:
    if path.is_dir():
        raise SinkError(f'{path}: is a folder; remove it, or choose another name')
    return path
