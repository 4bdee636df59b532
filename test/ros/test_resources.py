"""What a configured node has warmed up."""
import numpy as np
import pytest

from movenet_ros.config import Config
from movenet_ros.core.network import NetworkInfo, Networks
from movenet_ros.ros import resources
from movenet_ros.ros.resources import WarmNetworks


class Recorder:
    """MultiPose that detects nobody, and notes the shapes of the pictures."""

    info = NetworkInfo('multipose', 'test', 'cpu', 1, '', None, batches=True)

    def __init__(self):
        self.shapes = []

    def infer(self, pictures, center_weight=None, max_people=6):
        self.shapes.append(pictures.shape[:3])
        return np.zeros((len(pictures), 6, 56), np.float32)

    def close(self):
        pass


WIDE, TALL = [(192, 256), (160, 256)], [(256, 192), (256, 160)]


@pytest.mark.parametrize(('rotate', 'expected'), [
    ((0, 180), WIDE), ((90, 270), TALL), ((180, 90), WIDE + TALL), (90, TALL)], ids=str)
def test_networks_are_warmed_up_with_upright_pictures(monkeypatch, rotate, expected):
    network = Recorder()
    monkeypatch.setattr(resources, 'load_networks', lambda config: Networks(network))
    WarmNetworks.load(Config().replace(
        {'model': 'multipose', 'cameras': ('front', 'ceiling'), 'rotate': rotate}))
    assert network.shapes == [(count, *shape) for shape in expected for count in (1, 2)]
