"""What is said of lost images, beside real publishers."""
import pytest
from rclpy.qos import QoSProfile, QoSReliabilityPolicy

from movenet_ros.ros.image_advice import LARGE, when_lost
from movenet_ros.ros.image_topic import ImageTopic
from movenet_ros.share import large_image_profile


def advice(peer, reliability, size):
    camera = peer.camera('image')
    peer.until(lambda: peer.node.count_publishers('image'), 'the publisher')
    qos = QoSProfile(depth=1, reliability=reliability)
    text = when_lost(ImageTopic(peer.node, '', 'raw', qos, is_overridden=False), size)
    camera.close()
    return text


@pytest.mark.parametrize('size', [0, LARGE + 1])
def test_large_images_need_the_profile_with_its_path(own_peer, size):
    [(variable, path)] = large_image_profile().items()
    text = advice(own_peer, QoSReliabilityPolicy.BEST_EFFORT, size)
    assert text.startswith('/peer offers only best effort')
    assert text.endswith(f'start the PUBLISHER with {variable}={path}')


def test_small_images_are_lost_elsewhere(own_peer):
    text = advice(own_peer, QoSReliabilityPolicy.BEST_EFFORT, LARGE)
    assert 'make it publish with reliable QoS. They are small enough' in text
    assert 'PROFILE' not in text


def test_reliable_delivery_that_is_too_slow(own_peer):
    text = advice(own_peer, QoSReliabilityPolicy.RELIABLE, LARGE + 1)
    assert text.startswith('Delivery is reliable, but slower than the images come')
