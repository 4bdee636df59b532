"""A drawn person in space, as a pinhole camera without distortion sees them."""
import math

import numpy as np

from movenet_ros.core.types import NANOSECONDS, Poses

FOCAL, CENTRE = 600.0, (320.0, 240.0)

# Directions in the person's own axes: outwards (to the side of the limb), up, and forwards.
DOWN, UP, OUT, IN, FORWARD = (
    np.array(v, float) for v in ((0, -1, 0), (0, 1, 0), (1, 0, 0), (-1, 0, 0), (0, 0, 1)))

HANGING = (DOWN, DOWN)
RAISED = (OUT + 0.3 * UP, UP)
STRAIGHT_UP = (UP + 0.2 * OUT, UP)
AT_EAR = (DOWN + 0.6 * OUT, UP + 0.45 * IN)
SIDEWAYS = (OUT, OUT)
TO_CAMERA = (FORWARD, FORWARD)
CROSSED = (DOWN + 0.35 * FORWARD, IN + 0.1 * UP + 0.1 * FORWARD)
ON_HIP = (DOWN + OUT, DOWN + 1.2 * IN)

STANDING = (DOWN, DOWN)
SITTING = (FORWARD, DOWN)

SHOULDER, TORSO, HIP, UPPER_ARM, FOREARM, THIGH, SHIN = 0.18, 0.50, 0.10, 0.28, 0.25, 0.42, 0.42


def person(left_arm=HANGING, right_arm=HANGING, legs=STANDING, *, yaw=0.0, roll=0.0,
           at=(0.0, -0.1, 3.0), right_leg=None):
    """Keypoints of a person who faces the camera, in its optical frame [m]: [17,3].

    Args:
        left_arm: Directions of upper arm and forearm; `right_arm` as well.
        legs: Directions of thigh and shin.
        yaw: Turned about the vertical [rad]; pi is seen from behind.
        roll: Turned in the image, about the hips [rad]; pi / 2 is lying on the side.
        at: Where the middle of the hips is [m].
        right_leg: Where it differs.
    """
    points = np.zeros((17, 3))
    points[0:5] = [(0, 0.72, 0.10), (0.03, 0.76, 0.09), (-0.03, 0.76, 0.09), (0.07, 0.74, 0.0),
                   (-0.07, 0.74, 0.0)]
    for side, arm, leg in ((0, left_arm, legs), (1, right_arm, right_leg or legs)):
        sign = np.array([1 - 2 * side, 1, 1])
        points[5 + side] = sign * (SHOULDER, TORSO, 0)
        points[11 + side] = sign * (HIP, 0, 0)
        for start, limb, pieces in ((5, arm, (UPPER_ARM, FOREARM)), (11, leg, (THIGH, SHIN))):
            for step, (direction, length) in enumerate(zip(limb, pieces, strict=True)):
                unit = direction / np.linalg.norm(direction)
                joint = start + side + 2 * step
                points[joint + 2] = points[joint] + sign * unit * length
    points = points @ _about_y(yaw) @ _about_z(roll)
    return points * (1, -1, -1) + at


def _about_y(angle):
    c, s = math.cos(angle), math.sin(angle)
    return np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])


def _about_z(angle):
    c, s = math.cos(angle), math.sin(angle)
    return np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]])


def project(points):
    """In the image [px]: [17,2]."""
    return points[:, :2] / points[:, 2:] * FOCAL + CENTRE


def poses_of(*people, ids=None, score=0.9):
    """The poses of people given by their keypoints in space."""
    xy = np.array([project(points) for points in people], np.float32).reshape(-1, 17, 2)
    return poses_at(xy, ids, score)


def poses_at(xy, ids=None, score=0.9):
    """Poses with these keypoints [px], [N,17,2], and scores, one number or [N,17]."""
    count = len(xy)
    box = np.concatenate([xy.min(axis=1), xy.max(axis=1)], axis=1)
    scores = np.broadcast_to(np.float32(score), (count, 17))
    return Poses(
        xy=np.asarray(xy, np.float32), box=box.astype(np.float32), keypoint_score=scores,
        score=np.ones(count, np.float32), age=np.zeros(count, np.float32),
        id=np.array(ids or range(1, count + 1), np.int32), visible=scores >= 0.3,
        velocity=np.zeros((count, 2), np.float32), truncated=np.zeros(count, np.bool_),
        time_unseen=np.zeros(count, np.float32))


def stamps(seconds, rate, *, start=0.0, drop=0.0, seed=1):
    """Stamps of images at a rate [Hz], of which a share is dropped [ns]."""
    rng = np.random.default_rng(seed)
    return [round((start + index / rate) * NANOSECONDS) for index in range(round(seconds * rate))
            if rng.random() >= drop]
