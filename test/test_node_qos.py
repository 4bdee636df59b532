"""Two nodes in one domain, cameras that do not fit, and what the nodes say to it."""
import cv2
import pytest
from rclpy.qos import QoSDurabilityPolicy, QoSProfile
from sensor_msgs.msg import CompressedImage
from support.process import NodeProcess
from support.ros import Peer, best_effort, image

from movenet_ros.msg import PoseArray


@pytest.fixture(scope='module')
def person(request):
    return cv2.imread(str(request.config.rootpath / 'test' / 'data' / 'astronaut.jpg'))


@pytest.fixture(scope='module')
def left():
    with NodeProcess(
            '-r __ns:=/left', '-p qos_overrides./left/image.subscription.reliability:=reliable',
            '-p qos_overrides./left/imgae.subscription.reliability:=reliable',
            '-p diagnostics.image_timeout:=0.3', '-p diagnostics.period:=0.2',
            '-p filter.bta:=1.0', autostart='true') as process:
        process.wait_for_line('active: ')
        yield process


@pytest.fixture(scope='module')
def right():
    with NodeProcess('-r __ns:=/right', '-p diagnostics.image_timeout:=0.3',
                     '-p diagnostics.period:=0.2', autostart='true') as process:
        process.wait_for_line('active: ')
        yield process


@pytest.fixture
def peer():
    peer = Peer()
    yield peer
    peer.close()


def test_each_node_answers_its_own_camera(left, right, peer, person):
    with peer.poses('/left/movenet/poses') as lefts, peer.poses('/right/movenet/poses') as rights:
        for side, came, other, qos in (('left', lefts, rights, 1),
                                       ('right', rights, lefts, best_effort())):
            camera = peer.camera(f'/{side}/image', qos=qos)
            camera.prime(came)
            assert camera.show(image(person), came, frame_id=side).header.frame_id == side
            camera.close()
            assert not [p for p in other if p.header.frame_id == side]


def test_a_camera_with_best_effort_for_a_reliable_subscription(left, peer):
    camera = peer.camera('/left/image')
    left.wait_for_line('a publisher on /left/image offers another reliability')
    assert 'Set qos_overrides./left/image.subscription.reliability' in left.text
    with peer.diagnostics() as reports:
        status = peer.until(lambda: [
            r.status[0] for r in reports if r.status[0].name == 'left/movenet: poses'
            and 'offers best effort' in r.status[0].message], 'the same on /diagnostics')[0]
    assert status.level == b'\x03'
    assert 'we ask for reliable' in status.message
    assert 'Set qos_overrides./left/image.subscription.reliability' in status.message
    camera.close()


def test_a_subscriber_that_asks_for_more_than_is_offered(right, peer):
    latched = QoSProfile(depth=1, durability=QoSDurabilityPolicy.TRANSIENT_LOCAL)
    with peer.listening('/right/movenet/poses', PoseArray, latched):
        right.wait_for_line('asks for another durability than we offer')
    assert 'qos_overrides./right/movenet/poses.publisher.durability' in right.text


def test_overrides_that_fit_nothing_are_told(left):
    assert "'filter.bta' was given at the start, but there is none: did you mean 'filter.beta'" in (
        left.text)
    left.wait_for_line("'qos_overrides./left/imgae.subscription.reliability' was given but fits")


def test_without_a_camera_the_node_says_what_to_check(right, peer):
    right.wait_for_line('nobody publishes on /right/image')
    elsewhere = peer.camera('/elsewhere/image_raw')
    with peer.diagnostics() as reports:
        def told():
            return [r.status[0] for r in reports
                    if r.status[0].name == 'right/movenet: poses'
                    and 'remap with -r image:=/elsewhere/image_raw' in r.status[0].message]
        status = peer.until(told, 'a hint at the other topic')[0]
    assert status.level == b'\x03'
    elsewhere.close()


def test_a_camera_that_is_matched_but_silent(right, peer):
    camera = peer.camera('/right/image')
    with peer.diagnostics() as reports:
        peer.until(lambda: [r for r in reports
                            if 'fastdds_large_images.xml' in r.status[0].message],
                   'a hint at large images')
    camera.close()


def test_a_camera_of_another_type(right, peer):
    camera = peer.camera('/right/image', CompressedImage)
    with peer.diagnostics() as reports:
        peer.until(lambda: [r for r in reports if
                            'publishes sensor_msgs/msg/CompressedImage on /right/image, not '
                            'sensor_msgs/msg/Image' in r.status[0].message],
                   'a hint at the parameter transport')
    camera.close()


def test_an_activation_that_fails_leaves_no_subscription(peer):
    peer.target = '/half/movenet'
    with NodeProcess('-r __ns:=/half', '-p cameras:=[good,bad]',
                     '-p qos_overrides./half/bad/image.subscription.reliability:=somewhat',
                     autostart='true') as node:
        node.wait_for_line('cannot activate')
        assert 'somewhat' in node.text
        # Poses would be published while inactive, and once more after each attempt.
        peer.until(lambda: peer.node.count_publishers('/half/movenet/good/poses'), 'the node')
        assert peer.state() == 'inactive'
        assert not peer.transition('activate')
        peer.until(lambda: not peer.node.count_subscribers('/half/good/image'),
                   'nobody who subscribes')
