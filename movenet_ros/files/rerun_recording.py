"""Images and people as a Rerun recording (.rrd), for its viewer.

Entities: `image` with the JPEG, `image/keypoints`, `image/boxes`, and `positions/keypoints` in the
camera's optical frame in metres, where there is a calibration. The class of a point is the person's
id, its keypoint id the number in COCO. Rerun's pixels count from the top-left corner of the
top-left pixel, as ours do.
"""
from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from movenet_ros.core.skeleton import EDGES, KEYPOINT_NAMES
from movenet_ros.core.types import NANOSECONDS, Poses
from movenet_ros.errors import MovenetError
from movenet_ros.files.atomic_output import AtomicOutput, as_output_error
from movenet_ros.files.piped_file import PipedFile
from movenet_ros.files.sink import Result, Sink
from movenet_ros.images.jpeg import as_jpeg
from movenet_ros.images.labels import label_text
from movenet_ros.images.overlay import person_colour

TIMELINE = 'stamp'
CLASSES = 2 ** 16
"""So many classes there can be; an id beyond has the class of a lower one."""
YEAR_NS = 365 * 24 * 3600 * NANOSECONDS
JOINT_RADIUS = 0.03  # m


class RerunSink(Sink):
    """Writes a recording to a file."""

    def __init__(self, path: Path) -> None:
        """Opens the file.

        Args:
            path: The file.

        Raises:
            MovenetError: Rerun is not installed.
            SinkError: It cannot be written.
        """
        super().__init__()
        self._rerun = _load()
        self._path, self._output = path, AtomicOutput(path)
        self._ids: set[int] = set()
        self._timeline = 'timestamp'
        try:
            self._recording = self._rerun.RecordingStream('movenet_ros', send_properties=False)
            with as_output_error(path):
                self._file = PipedFile(self._output.path)
            # Of a disk that is full it only writes a log, and waits for ever.
            try:
                self._recording.save(self._file.pipe)
            finally:
                self._file.opened()
        except BaseException:
            self._output.discard()
            raise

    def _write(self, result: Result) -> None:
        if not self._written:
            self._begin(result)
        self._recording.set_time(TIMELINE, **{self._timeline: _time(
            self._timeline, result.stamp_ns)})
        self._ids.update(result.poses.id.tolist())
        _, jpeg = as_jpeg(result.message, result.picture)
        self._log('image', self._rerun.EncodedImage(
            contents=bytes(jpeg), media_type='image/jpeg'))
        self._log_people(result.poses)
        if result.observation.poses_3d is not None:
            self._log_positions(result.poses, result.observation.poses_3d.keypoint_position)
        with as_output_error(self._path):
            self._file.check()

    def _begin(self, result: Result) -> None:
        """What depends on the first result: what stamps are, and which views there are."""
        from rerun import blueprint
        self._recording.send_recording_name(self._path.stem)
        # When a result was written says nothing.
        self._rerun.set_log_time_enabled(False, self._recording)
        self._rerun.set_log_tick_enabled(False, self._recording)
        # Clips and simulations begin at 0, which is not 1970.
        if abs(result.stamp_ns) < YEAR_NS:
            self._timeline = 'duration'
        views: list[Any] = [blueprint.Spatial2DView(origin='image', name='image')]
        if result.observation.poses_3d is not None:
            views.append(blueprint.Spatial3DView(origin='positions', name='positions'))
            self._log('positions', self._rerun.ViewCoordinates.RDF, static=True)
        self._recording.send_blueprint(blueprint.Blueprint(
            blueprint.Horizontal(*views), blueprint.TimePanel(timeline=TIMELINE)))

    def _log_people(self, poses: Poses) -> None:
        rows, keypoints = np.nonzero(poses.visible)
        # Nobody is an empty list: what was shown before would stay.
        self._log('image/keypoints', self._rerun.Points2D(
            poses.xy[rows, keypoints], class_ids=poses.id[rows] % CLASSES,
            keypoint_ids=keypoints, show_labels=False))
        self._log('image/boxes', self._rerun.Boxes2D(
            array=poses.box, array_format=self._rerun.Box2DFormat.XYXY,
            class_ids=poses.id % CLASSES,
            labels=[*map(label_text, poses.id.tolist(), poses.score.tolist())]))

    def _log_positions(self, poses: Poses, positions: NDArray[np.floating[Any]]) -> None:
        rows, keypoints = np.nonzero(np.isfinite(positions).all(axis=2))
        self._log('positions/keypoints', self._rerun.Points3D(
            positions[rows, keypoints], class_ids=poses.id[rows] % CLASSES,
            keypoint_ids=keypoints, radii=JOINT_RADIUS, show_labels=False))

    def _log_classes(self) -> None:
        """The names, colours and lines of all people, who are known only now."""
        self._log('/', self._rerun.AnnotationContext([
            self._class(number) for number in sorted(self._ids)]), static=True)

    def _class(self, number: int) -> Any:
        color = person_colour(number)[::-1]
        return self._rerun.ClassDescription(
            info=(number % CLASSES, f'person {number}', color),
            keypoint_annotations=[(index, name, color)
                                  for index, name in enumerate(KEYPOINT_NAMES)],
            keypoint_connections=EDGES)

    def _log(self, entity: str, content: Any, static: bool = False) -> None:
        self._recording.log(entity, content, static=static, strict=True)

    def _finish(self) -> None:
        self._log_classes()
        self._recording.disconnect()
        with as_output_error(self._path):
            self._file.close()
        self._output.publish()

    def _discard(self) -> None:
        self._recording.disconnect()
        # A full disk, which was reported when writing, fails here again.
        with suppress(OSError):
            self._file.close()
        self._output.discard()


def _load() -> Any:
    try:
        import rerun
    except ImportError as error:
        raise MovenetError(
            f'a Rerun recording (.rrd) needs the package rerun-sdk ({error}): pip install '
            "rerun-sdk, or in a checkout of this package: pip install '.[rerun]'") from error
    # Otherwise it only logs what is wrong.
    rerun.set_strict_mode(True)
    return rerun


def _time(kind: str, stamp_ns: int) -> np.datetime64 | np.timedelta64:
    return (np.datetime64(stamp_ns, 'ns') if kind == 'timestamp' else
            np.timedelta64(stamp_ns, 'ns'))
