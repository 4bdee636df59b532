"""Wide pictures with a bright spot, and a network that detects one person there."""
import numpy as np

from movenet_ros.core.network import NetworkInfo
from movenet_ros.core.types import Picture


class SpotDetector:
    """In place of MultiPose: detects one person at what is bright in its input."""

    info = NetworkInfo('multipose', 'test', 'cpu', 1, 'a', None)

    def __init__(self):
        self.sizes = []

    def infer(self, pictures, _=None, max_people=6):
        height, width = pictures.shape[1:3]
        self.sizes.append((width, height))
        rows = np.zeros((1, max_people, 56), np.float32)
        y, x = np.nonzero(pictures[0, :, :, 0] > 100)
        if len(x):
            place = (y + 0.5).mean() / height, (x + 0.5).mean() / width
            keypoints = np.full((17, 3), 0.9)
            keypoints[:, :2] = place + np.linspace(-0.05, 0.05, 17)[:, None]
            rows[0, 0, :51] = keypoints.ravel()
            rows[0, 0, 51:] = *keypoints[0, :2], *keypoints[-1, :2], 0.8
        return rows

    def close(self):
        pass


def spot_picture(width, height, x, y):
    """A black picture with a bright square of 40 px around a point."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[max(0, y - 20):y + 20, max(0, x - 20):x + 20] = 255
    return Picture(pixels)
