"""Poses as JSON, one line per image.

    {"stamp_ns": 33333333, "frame_id": "camera", "width": 640, "height": 480,
     "model": "lightning", "poses": [{"id": 1, "score": 0.8, "age": 0.03, "time_unseen": 0.0,
     "box": [x_min, y_min, x_max, y_max], "velocity": [x, y], "truncated": false,
     "keypoints": [[x, y, score], ... 17 of them], "visible": [true, ... 17 of them]}],
     "events": [{"kind": "left", "id": 1, "time_unseen": 1.03,
     "box": [x_min, y_min, x_max, y_max], "edge": "right"}]}

Coordinates are pixels of the input image. With a calibration people have more keys, see
`json_3d`; with `gestures.enabled` the key `gestures`, see `json_gestures`. Numbers are the
shortest decimals that give the same float32 back, so equal poses give equal bytes.
"""
from __future__ import annotations

import json
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from movenet_ros.core.events import Edge, Event
from movenet_ros.core.observation import Observation
from movenet_ros.core.types import Poses
from movenet_ros.errors import SinkError
from movenet_ros.files.atomic_output import AtomicOutput, as_output_error
from movenet_ros.files.json_3d import columns_3d
from movenet_ros.files.json_gestures import gestures_of_people
from movenet_ros.files.json_numbers import plain
from movenet_ros.files.json_target import target_fields
from movenet_ros.files.sink import Result, Sink
from movenet_ros.files.stdout import writing_stdout


class JsonlSink(Sink):
    """Writes lines of JSON to a file, or to stdout as they come."""

    def __init__(self, path: Path | None) -> None:
        """Opens the file.

        Args:
            path: The file; None for stdout, which is not closed.

        Raises:
            SinkError: It cannot be written.
        """
        super().__init__()
        self._path = path
        self._output = None if path is None else AtomicOutput(path)
        self._file: TextIO = sys.stdout
        if self._output:
            try:
                with as_output_error(self._output.path):
                    self._file = self._output.path.open('w', encoding='utf-8', newline='\n')
            except BaseException:
                self._output.discard()
                raise

    def _write(self, result: Result) -> None:
        if self._path is None:
            line = to_line(result, ascii_only=not _is_unicode(sys.stdout))
            with writing_stdout():
                print(line, flush=True)
            return
        with as_output_error(self._path):
            self._file.write(to_line(result) + '\n')

    def _finish(self) -> None:
        if self._output and self._path:
            with as_output_error(self._path):
                self._file.close()
            self._output.publish()

    def _discard(self) -> None:
        if self._output:
            # A full disk, which was reported when writing, fails here again.
            with suppress(OSError):
                self._file.close()
            self._output.discard()


def _is_unicode(stream: TextIO) -> bool:
    return (stream.encoding or 'utf').lower().startswith('utf')


def to_line(result: Result, *, ascii_only: bool = False) -> str:
    r"""One result as JSON, without the line's end.

    Args:
        result: The result.
        ascii_only: Whether to write other characters as escapes, such as \u00e4. Where there
            are some that a terminal would obey (in a frame_id), this is done in any case;
            whoever parses the line reads the same.

    Raises:
        SinkError: A number is not finite, which JSON cannot represent.
    """
    line = {'stamp_ns': result.stamp_ns, 'frame_id': result.frame_id,
            'width': result.picture.width, 'height': result.picture.height,
            'model': result.model, 'poses': _people(result.poses, result.observation),
            'events': [_event(event) for event in result.observation.events]}
    line |= target_fields(result.observation)
    try:
        text = json.dumps(line, allow_nan=False, ensure_ascii=ascii_only)
        return text if text.isprintable() else json.dumps(line, allow_nan=False)
    except ValueError as error:
        raise SinkError(f'the poses of the image at {result.stamp_ns} ns cannot be written as '
                        f'JSON: {error}') from error


def _people(poses: Poses, observation: Observation) -> list[dict[str, Any]]:
    poses_3d, gestures = observation.poses_3d, observation.gestures
    joined = np.concatenate([poses.xy, poses.keypoint_score[..., None]], axis=2)
    columns = {'id': poses.id.tolist(), 'score': plain(poses.score), 'age': plain(poses.age),
               'time_unseen': plain(poses.time_unseen), 'box': plain(poses.box),
               'velocity': plain(poses.velocity), 'truncated': poses.truncated.tolist(),
               'keypoints': plain(joined), 'visible': poses.visible.tolist(),
               **({} if poses_3d is None else columns_3d(poses_3d)),
               **({} if gestures is None else {'gestures': gestures_of_people(gestures)})}
    return [dict(zip(columns, person, strict=True))
            for person in zip(*columns.values(), strict=True)]


def _event(event: Event) -> dict[str, Any]:
    edge = None if event.edge is Edge.NONE else event.edge.name.lower()
    return {'kind': event.kind.name.lower(), 'id': event.id,
            'time_unseen': plain(np.float32(event.time_unseen)), 'box': plain(event.box),
            'edge': edge}
