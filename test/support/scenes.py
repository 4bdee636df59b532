"""People and depth images of them, drawn for a camera: what is where is known."""
from functools import lru_cache

import numpy as np

from movenet_ros.core.geometry.depth_image import DepthImage
from movenet_ros.core.skeleton import EDGES
from movenet_ros.core.types import Poses

# A person of 1.65 m who faces the camera, hips at the origin: x right, y down, z away [m]. The
# limbs are not all at the same depth.
SKELETON = np.array([
    (0.00, -0.68, -0.04), (0.03, -0.71, -0.03), (-0.03, -0.71, -0.03), (0.07, -0.70, 0.00),
    (-0.07, -0.70, 0.00), (0.18, -0.48, 0.00), (-0.18, -0.48, 0.02), (0.27, -0.24, -0.04),
    (-0.26, -0.22, 0.06), (0.36, -0.02, -0.12), (-0.34, 0.02, 0.10), (0.11, 0.00, 0.00),
    (-0.11, 0.00, 0.02), (0.13, 0.42, -0.06), (-0.13, 0.41, 0.08), (0.14, 0.80, -0.02),
    (-0.15, 0.79, 0.14)])
LIMB_RADIUS = 0.05
WALL = 4.0


def person_at(x, y, z):
    """float64 [17,3], keypoints [m] of a person whose hips are there."""
    return SKELETON + np.array([x, y, z])


def poses_of(camera, people, *, ids=None, score=0.9):
    """The poses of people [N,17,3] as they are seen by a camera, without any error."""
    people = np.asarray(people, np.float64).reshape(-1, 17, 3)
    xy = camera.project(people).astype(np.float32)
    count = len(people)
    size = np.array(camera.image_size, np.float32)
    box = np.concatenate([xy.min(axis=1), xy.max(axis=1)], axis=1)
    box = np.clip(box, 0, np.tile(size, 2)).astype(np.float32)
    return Poses(xy=xy, keypoint_score=np.full((count, 17), score, np.float32), box=box,
                 score=np.full(count, score, np.float32),
                 id=np.array(ids or range(1, count + 1), np.int32),
                 age=np.zeros(count, np.float32), visible=np.full((count, 17), score >= 0.3),
                 velocity=np.zeros((count, 2), np.float32), truncated=np.zeros(count, np.bool_),
                 time_unseen=np.zeros(count, np.float32))


def _bones(person):
    """Ends [K,2,3] of the lines that a person is drawn from: the limbs, and a filled torso."""
    shoulders, hips = person[[5, 6]], person[[11, 12]]
    share = np.linspace(0, 1, 9)[:, None]
    torso = np.stack([shoulders[0] + share * (shoulders[1] - shoulders[0]),
                      hips[0] + share * (hips[1] - hips[0])], axis=1)
    return np.concatenate([person[np.array(EDGES)], torso])


def metres_of(camera, people, *, wall=WALL):
    """float64 [H,W], depth [m] of people in front of a wall; each is as thin as paper.

    Along a line from one keypoint to the next, depth is exactly that of the line.
    """
    plane = _plane(camera)
    depth = np.full(plane.shape[:2], wall)
    for person in people:
        nearest, own = np.full_like(depth, np.inf), np.full_like(depth, np.nan)
        for ends in _bones(person):
            part = _around(camera, ends)
            away, z = _line(plane[part], ends)
            is_nearest = (away < nearest[part]) & (away <= LIMB_RADIUS)
            nearest[part][is_nearest], own[part][is_nearest] = away[is_nearest], z[is_nearest]
        depth = np.fmin(depth, own)
    return depth


@lru_cache(maxsize=16)
def _plane(camera):
    """float64 [H,W,2], where the centres of the pixels are on the plane at 1 m."""
    width, height = camera.image_size
    centres = np.stack(np.meshgrid(np.arange(width), np.arange(height)), axis=-1) + 0.5
    rays = camera.rays(centres)
    return rays[..., :2] / rays[..., 2:]


def _around(camera, ends):
    """The part of the image in which a line is seen."""
    xy = camera.project(ends)
    margin = 2 * camera.focal_length * LIMB_RADIUS / ends[:, 2].min()
    low, high = np.maximum(xy.min(axis=0) - margin, 0), np.maximum(xy.max(axis=0) + margin, 0)
    return slice(int(low[1]), int(high[1])), slice(int(low[0]), int(high[0]))


def _line(plane, ends):
    """How far pixels are from a line [m], and the depth of its nearest point [m]."""
    flat = ends[:, :2] / ends[:, 2:]
    along = flat[1] - flat[0]
    share = np.clip(((plane - flat[0]) @ along) / (along @ along), 0, 1)
    # The inverse of depth is linear in the image.
    z = 1 / (1 / ends[0, 2] + share * (1 / ends[1, 2] - 1 / ends[0, 2]))
    return np.linalg.norm(plane - flat[0] - share[..., None] * along, axis=-1) * z, z


def depth_image(camera, people, *, stamp_ns=0, encoding='16UC1', **options):
    """The registered depth image of people in front of a wall."""
    metres = metres_of(camera, people, **options)
    if encoding == '16UC1':
        return DepthImage(np.round(metres * 1000).astype(np.uint16), 0.001, camera.frame_id,
                          stamp_ns)
    return DepthImage(metres.astype(np.float32), 1.0, camera.frame_id, stamp_ns)
