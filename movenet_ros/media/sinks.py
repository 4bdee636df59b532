"""Opens what `movenet process` writes to."""
from __future__ import annotations

from pathlib import Path

from movenet_ros.config import OverlayConfig
from movenet_ros.errors import SinkError
from movenet_ros.media.bag_writer import POSES_TOPIC, BagSink
from movenet_ros.media.contact_sheet import ContactSheetSink
from movenet_ros.media.frames import PathLike
from movenet_ros.media.jsonl import JsonlSink, read_jsonl
from movenet_ros.media.results import Result, Sink
from movenet_ros.media.video_writer import VideoSink

__all__ = ['Result', 'Sink', 'open_sink', 'read_jsonl']

STDOUT = '-'
ENDINGS = '.jsonl (or - for stdout), .mcap or a folder, .mp4, .png or .jpg'


def open_sink(path: PathLike, *, overlay: OverlayConfig | None = None, fps: float = 30.0,
              total: int | None = None, topic: str = POSES_TOPIC) -> Sink:
    """Opens an output; its ending says what it becomes.

    An existing file is replaced; a bag only if it is one of poses that was written here, and
    a folder only if it is such a bag, or empty.

    Args:
        path: ``.jsonl`` or ``-``: lines of JSON. ``.mcap``: a bag in one file. No ending,
            or a final ``/``: a bag folder. ``.mp4``: an overlay video. ``.png``, ``.jpg``,
            ``.jpeg``: a contact sheet.
        overlay: What the drawings show.
        fps: Rate of an overlay video [Hz].
        total: How many results to expect, if known.
        topic: Topic of the poses in a bag.

    Returns:
        A context manager to write results to.

    Raises:
        SinkError: The ending is unknown, or the place cannot be written to.
    """
    text = str(path)
    if text == STDOUT:
        return JsonlSink(None)
    place, overlay = Path(path), overlay or OverlayConfig()
    ending = place.suffix.lower()
    if text.endswith('/') or not ending:
        return BagSink(place, topic=topic)
    if ending == '.mcap':
        return BagSink(_file(place), topic=topic)
    if ending == '.jsonl':
        return JsonlSink(_file(place))
    if ending == '.mp4':
        return VideoSink(_file(place), overlay, fps=fps)
    if ending in ('.png', '.jpg', '.jpeg'):
        return ContactSheetSink(_file(place), overlay, total=total)
    raise SinkError(f'{path}: the ending {ending!r} is unknown; known are: {ENDINGS}')


def _file(path: Path) -> Path:
    if path.is_dir():
        raise SinkError(f'{path}: is a folder; remove it, or choose another name')
    return path
