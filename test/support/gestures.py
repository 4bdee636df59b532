"""What people do, made up by a test."""
import numpy as np

from movenet_ros.core.gestures.gesture import POSTURES, Gesture, Gestures


def random_gestures(count, seed=0):
    """Some with NaN; nobody has two postures."""
    rng = np.random.default_rng(seed)

    def random(*shape):
        values = rng.normal(size=(count, *shape)).astype(np.float32)
        values[rng.random((count, *shape)) < 0.2] = np.nan
        return values

    active = rng.random((count, len(Gesture))) < 0.5
    active[:, POSTURES] = np.eye(4, 3, -1, np.bool_)[np.arange(count) % 4]
    return Gestures(id=np.arange(1, count + 1, dtype=np.int32), active=active,
                    joint_angle=random(8), is_spatial=rng.random((count, 8)) < 0.5,
                    direction=random(2, 2), ray=random(2, 3))


def field_of(gesture):
    """The field of a PersonGestures, and the key in JSON."""
    return gesture.name.lower()
