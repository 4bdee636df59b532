"""The codecs in which videos are written, by what OpenCV's FFmpeg can write here."""
from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from movenet_ros.errors import SinkError, SourceError
from movenet_ros.files.videos.opencv_video import open_capture, open_writer


@dataclass(frozen=True)
class Codec:
    """How a video is coded.

    Attributes:
        tag: Its four characters.
        name: What to call it.
        remark: What the user should know where it is written instead of a better one.
    """

    tag: str
    name: str
    remark: str = ''


CODECS = {
    '.webm': (Codec('VP80', 'VP8'), Codec('VP90', 'VP9', 'browsers play it')),
    '.mp4': (Codec('avc1', 'H.264'),
             Codec('vp09', 'VP9', 'browsers play it; a name that ends in .webm is written five '
                   'times as fast'),
             Codec('mp4v', 'MPEG-4 part 2', 'browsers do not play it; let the name end in .webm, '
                   'or convert it: ffmpeg -i INPUT -c:v libx264 OUTPUT.mp4'))}
"""The codecs of each ending, the best one first. OpenCV from PyPI has no encoder for H.264; that of
Debian and Ubuntu has."""
PROBE_FPS, PROBE_SIZE, PROBE_FRAMES = 30.0, (128, 128), 2


def choose_codec(path: Path, folder: int, draft: Path) -> tuple[Codec, str]:
    """The best codec that can be written, and a note if it is not the first one, or ''.

    Args:
        path: The video, as the user has named it.
        folder: Descriptor of the folder of `draft`.
        draft: A file that can be written to.

    Raises:
        SinkError: OpenCV can write none.
    """
    codecs = CODECS[path.suffix.lower()]
    for index, codec in enumerate(codecs):
        if _can_write(codec, folder, draft):
            lacking = ' or '.join(better.name for better in codecs[:index])
            return codec, lacking and (f'{path}: written in {codec.name}, as OpenCV has no encoder '
                                       f'for {lacking} here; {codec.remark}')
    names = ' or '.join(codec.name for codec in codecs)
    other = next(ending for ending in CODECS if ending != path.suffix.lower())
    raise SinkError(f'{path}: OpenCV cannot write {names} here; let the name end in {other}')


def _can_write(codec: Codec, folder: int, draft: Path) -> bool:
    """Whether there is an encoder, and not only one for hardware that is not there."""
    writer = open_writer(folder, draft.name, codec.tag, PROBE_FPS, PROBE_SIZE)
    if writer is None:
        return False
    for _ in range(PROBE_FRAMES):
        writer.write(np.zeros((*PROBE_SIZE, 3), np.uint8))
    writer.release()
    return count_frames(draft) >= PROBE_FRAMES


def count_frames(path: Path) -> int:
    """The frames of a finished video; OpenCV does not say when writing fails."""
    import cv2
    try:
        with open_capture(path) as capture:
            return int(max(0, min(2 ** 62, capture.get(cv2.CAP_PROP_FRAME_COUNT))))
    except SourceError:
        return 0
