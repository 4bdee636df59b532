"""What is said of lost images, beside real publishers."""
import pytest
from rclpy.node import Node
from rclpy.qos import QoSProfile, QoSReliabilityPolicy
from sensor_msgs.msg import CompressedImage, Image

from movenet_ros.msg import PoseArray
from movenet_ros.ros.subscription.image_advice import (
    LARGE,
    when_in_bursts,
    when_just_appeared,
    when_lost,
    when_silent,
)
from movenet_ros.ros.subscription.image_topic import ImageTopic
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


def test_images_in_bursts_may_be_meant_so_or_be_too_large_for_the_transport():
    [(variable, path)] = large_image_profile().items()
    text = when_in_bursts(LARGE + 1)
    assert text.startswith('Unless the camera sends them in bursts, they are held up on the way.')
    assert text.endswith(f'start the PUBLISHER with {variable}={path}')
    assert 'PROFILE' not in when_in_bursts(LARGE)


@pytest.mark.parametrize(('kind', 'reliability', 'expected'), [
    (Image, QoSReliabilityPolicy.BEST_EFFORT,
     '/peer has just appeared on /image, its first image is awaited'),
    # Of these nothing will come.
    (CompressedImage, QoSReliabilityPolicy.BEST_EFFORT, ''),
    (Image, QoSReliabilityPolicy.RELIABLE, '')])
def test_only_a_publisher_that_fits_is_waited_for(own_peer, kind, reliability, expected):
    topic = ImageTopic(own_peer.node, '', 'raw', QoSProfile(depth=1, reliability=reliability),
                       is_overridden=True)
    assert when_just_appeared(topic) == ''
    camera = own_peer.camera('image', kind)
    own_peer.until(lambda: own_peer.node.count_publishers('image'), 'the publisher')
    assert when_just_appeared(topic) == expected
    camera.close()


@pytest.mark.parametrize(('transport', 'kind', 'ending'), [
    ('raw', Image, ''), ('compressed', CompressedImage, '/compressed')])
def test_overlays_of_a_recording_are_not_recommended(own_peer, transport, kind, ending):
    """A player of bags is no node of this package: its overlays are known by the poses beside."""
    topic = ImageTopic(own_peer.node, '', transport, QoSProfile(depth=1), is_overridden=False)
    own_peer.node.create_publisher(PoseArray, '/recorded/poses', 1)
    with_poses, without = (Node(f'player_{number}', context=own_peer.context)
                           for number in range(2))
    with_poses.create_publisher(kind, f'/recorded/overlay{ending}', 1)
    without.create_publisher(kind, f'/other/overlay{ending}', 1)
    own_peer.until(lambda: f'/other/overlay{ending}' in when_silent(topic, ()), 'the other')
    own_peer.until(lambda: own_peer.node.count_publishers(f'/recorded/overlay{ending}'),
                   'the recording')
    assert '/recorded' not in when_silent(topic, ())
    for node in with_poses, without:
        node.destroy_node()
