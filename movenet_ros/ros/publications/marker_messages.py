"""Skeletons in 3-D for RViz and Foxglove, as visualization_msgs/MarkerArray.

Per person a list of spheres (namespace joints), a list of lines (bones) and a text (labels), all
with the person's id. RViz rejects a list of lines without points, and points that are NaN: a
marker that would have none is left out, and deleted where it was shown before. So people without
depth have no markers.
"""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import ModuleType
from typing import Any

import numpy as np
from geometry_msgs.msg import Point
from numpy.typing import NDArray
from std_msgs.msg import ColorRGBA, Header

from movenet_ros.core.skeleton import EDGES
from movenet_ros.core.types import NANOSECONDS
from movenet_ros.images.overlay import person_colour

JOINTS, BONES, LABELS = 'joints', 'bones', 'labels'
JOINT_DIAMETER = 0.06  # m
BONE_WIDTH = 0.03  # m
LABEL_HEIGHT = 0.15  # m
LABEL_DISTANCE = 0.25  # m, above the highest keypoint
LIFETIME_PERIODS = 3
LIFETIMES = (0.2, 3.0)
"""Shortest and longest time for which a marker is shown without a newer one [s]."""

Key = tuple[str, int]


class SkeletonMarkers:
    """Makes the markers of one image after the other, and deletes those that are gone."""

    def __init__(self, messages: ModuleType) -> None:
        """Starts with nothing shown.

        Args:
            messages: `visualization_msgs.msg`.
        """
        self._messages = messages
        self._shown: set[Key] = set()
        self._stamp_ns: int | None = None

    def of_image(self, header: Header, stamp_ns: int, ids: Sequence[int],
                 positions: NDArray[np.floating[Any]]) -> Any:
        """The MarkerArray of an image.

        Args:
            header: Of the image; the frame is the camera's optical one.
            stamp_ns: The header's stamp [ns].
            ids: Of N people.
            positions: [N,17,3], keypoints in that frame [m]; NaN where not known.
        """
        lifetime_ns = round(self._lifetime(stamp_ns) * NANOSECONDS)
        markers = [marker for number, points in zip(ids, positions.tolist(), strict=True)
                   for marker in self._of_person(number, points)]
        shown = {(marker.ns, marker.id) for marker in markers}
        for marker in markers:
            marker.lifetime.sec, marker.lifetime.nanosec = divmod(lifetime_ns, NANOSECONDS)
        markers += [self._messages.Marker(ns=namespace, id=number,
                                          action=self._messages.Marker.DELETE)
                    for namespace, number in sorted(self._shown - shown)]
        for marker in markers:
            # One without a frame is not deleted either.
            marker.header = header
        self._shown = shown
        return self._messages.MarkerArray(markers=markers)

    def _lifetime(self, stamp_ns: int) -> float:
        """How long markers are shown without newer ones: a few periods of the images [s]."""
        shortest, longest = LIFETIMES
        before, self._stamp_ns = self._stamp_ns, stamp_ns
        if before is None or stamp_ns <= before:
            return longest
        period = (stamp_ns - before) / NANOSECONDS
        return min(max(LIFETIME_PERIODS * period, shortest), longest)

    def _of_person(self, number: int, positions: list[list[float]]) -> Iterator[Any]:
        known = {index: Point(x=x, y=y, z=z) for index, (x, y, z) in enumerate(positions)
                 if x == x and y == y and z == z}
        if not known:
            return
        kind = self._messages.Marker
        yield self._marker(JOINTS, number, kind.SPHERE_LIST, JOINT_DIAMETER, list(known.values()))
        ends = [known[end] for a, b in EDGES if a in known and b in known for end in (a, b)]
        if ends:
            yield self._marker(BONES, number, kind.LINE_LIST, BONE_WIDTH, ends)
        yield self._label(number, list(known.values()))

    def _label(self, number: int, points: Sequence[Point]) -> Any:
        marker = self._marker(LABELS, number, self._messages.Marker.TEXT_VIEW_FACING,
                              LABEL_HEIGHT, [])
        # y is down in an optical frame
        highest = min(points, key=lambda point: point.y)
        marker.pose.position.x, marker.pose.position.z = highest.x, highest.z
        marker.pose.position.y = highest.y - LABEL_DISTANCE
        marker.text = str(number)
        return marker

    def _marker(self, namespace: str, number: int, kind: int, size: float,
                points: list[Point]) -> Any:
        blue, green, red = person_colour(number)
        marker = self._messages.Marker(
            ns=namespace, id=number, type=kind, action=self._messages.Marker.ADD,
            color=ColorRGBA(r=red / 255, g=green / 255, b=blue / 255, a=1.0), points=points)
        marker.pose.orientation.w = 1.0
        # Of lines only x counts, of a text only z.
        marker.scale.x = marker.scale.y = marker.scale.z = size
        return marker
