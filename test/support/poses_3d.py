"""People in metres that a test makes up."""
import numpy as np

from movenet_ros.core.geometry.poses_3d import Poses3D, Reason


def random_poses_3d(count, seed=0):
    """Some with NaN, and every reason."""
    rng = np.random.default_rng(seed)

    def random(*shape):
        values = rng.normal(size=(count, *shape)).astype(np.float32)
        values[rng.random((count, *shape)) < 0.2] = np.nan
        return values

    return Poses3D(
        id=np.arange(1, count + 1, dtype=np.int32), keypoint_ray=random(17, 3),
        keypoint_position=random(17, 3),
        keypoint_reason=rng.choice(list(map(int, Reason)), (count, 17)).astype(np.uint8),
        keypoint_spread=random(17), ray=random(3), position=random(3), velocity=random(3),
        distance=random(), extent=random(2))
