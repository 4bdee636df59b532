"""Poses in metres, from the depth at their keypoints."""
from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from movenet_ros.config import Config
from movenet_ros.core.geometry.bearing import torso_middles
from movenet_ros.core.geometry.camera_model import CameraModel
from movenet_ros.core.geometry.depth_image import DepthImage
from movenet_ros.core.geometry.person_depths import PersonDepths, person_depths
from movenet_ros.core.geometry.poses_3d import Poses3D, Reason
from movenet_ros.core.geometry.smoothing import SmoothingState, smooth
from movenet_ros.core.types import Poses

LEAST_FORWARD = 0.05
"""Of a ray's z: further across the axis (87 degrees), depth along it says nothing."""


def lift(state: SmoothingState, poses: Poses, camera: CameraModel,
         depth: DepthImage | None, stamp_ns: int,
         config: Config) -> tuple[SmoothingState, Poses3D]:
    """The poses of an image in metres; nobody is left out where depth is missing.

    Args:
        state: After the image before; `SmoothingState()` at first.
        poses: In the image, N people.
        camera: Its calibration.
        depth: The depth image that belongs to the image, if there is one.
        stamp_ns: Of the image [ns].
        config: All parameters.

    Returns:
        The new state, and the N people, in the same order.
    """
    rays = camera.rays(np.concatenate([poses.xy, torso_middles(poses)[:, None]], axis=1))
    if depth is None:
        return state, _with_rays(Poses3D.unknown(poses.id, Reason.NO_DEPTH_IMAGE), rays)
    if difference := registration_error(depth, camera):
        return state, _with_rays(
            Poses3D.unknown(poses.id, Reason.UNREGISTERED, difference), rays)
    depths = person_depths(depth, poses, camera.focal_length)
    return _lifted(state, poses, rays, depths, stamp_ns, config)


def registration_error(depth: DepthImage, camera: CameraModel) -> str:
    """Why a depth image is not registered to the image of a camera; empty if it is.

    Args:
        depth: The depth image.
        camera: Calibration of the image.
    """
    size = (depth.width, depth.height)
    if size == camera.image_size and depth.frame_id == camera.frame_id:
        return ''
    wanted = '{} x {}'.format(*camera.image_size)
    return (f'the depth image ({size[0]} x {size[1]}, frame {depth.frame_id!r}) is not registered '
            f'to the image ({wanted}, frame {camera.frame_id!r}): take the depth topic that the '
            "driver aligns to colour, or run depth_image_proc's register")


def _with_rays(people: Poses3D, rays: NDArray[np.float64]) -> Poses3D:
    return replace(people, keypoint_ray=rays[:, :-1].astype(np.float32),
                   ray=rays[:, -1].astype(np.float32))


def _lifted(state: SmoothingState, poses: Poses, rays: NDArray[np.float64], depths: PersonDepths,
            stamp_ns: int, config: Config) -> tuple[SmoothingState, Poses3D]:
    z = np.concatenate([depths.keypoint, depths.torso[:, None]], axis=1, dtype=np.float64)
    forward = np.where(rays[..., 2] >= LEAST_FORWARD, rays[..., 2], np.nan)
    points = rays * (z / forward)[..., None]
    state, smoothed = smooth(state, tuple(poses.id.tolist()), points, stamp_ns,
                             config.filter.max_gap)
    if config.filter.enabled:
        points = smoothed.points
    position = points[:, -1].astype(np.float32)
    return state, Poses3D(
        id=poses.id, keypoint_ray=rays[:, :-1].astype(np.float32),
        keypoint_position=points[:, :-1].astype(np.float32), keypoint_reason=depths.reason,
        keypoint_spread=depths.spread, ray=rays[:, -1].astype(np.float32), position=position,
        velocity=smoothed.speed[:, -1].astype(np.float32),
        distance=np.linalg.norm(position, axis=-1), extent=depths.extent)
