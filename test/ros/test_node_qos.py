"""Two nodes in one domain, cameras that do not fit, and what the nodes say to it."""
import cv2
import pytest
from rclpy.qos import QoSDurabilityPolicy, QoSProfile
from sensor_msgs.msg import CompressedImage, Image
from support.process import NodeProcess
from support.ros import best_effort, image

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


def test_each_node_answers_its_own_camera(left, right, own_peer, person):
    with (own_peer.poses('/left/movenet/poses') as lefts,
          own_peer.poses('/right/movenet/poses') as rights):
        for side, came, other, qos in (('left', lefts, rights, 1),
                                       ('right', rights, lefts, best_effort())):
            camera = own_peer.camera(f'/{side}/image', qos=qos)
            camera.prime(came)
            assert camera.show(image(person), came, frame_id=side).header.frame_id == side
            camera.close()
            assert not [p for p in other if p.header.frame_id == side]


def test_a_camera_with_best_effort_for_a_reliable_subscription(left, own_peer):
    camera = own_peer.camera('/left/image')
    left.wait_for_line('a publisher on /left/image offers another reliability')
    assert 'Set qos_overrides./left/image.subscription.reliability' in left.text
    with own_peer.diagnostics() as reports:
        status = own_peer.until(lambda: [
            r.status[0] for r in reports if r.status[0].name == 'movenet: poses (/left)'
            and 'offers best effort' in r.status[0].message], 'the same on /diagnostics')[0]
    assert status.level == b'\x02'
    assert 'we ask for reliable' in status.message
    assert 'Set qos_overrides./left/image.subscription.reliability' in status.message
    camera.close()


def test_a_subscriber_that_asks_for_more_than_is_offered(right, own_peer):
    latched = QoSProfile(depth=1, durability=QoSDurabilityPolicy.TRANSIENT_LOCAL)
    with own_peer.listening('/right/movenet/poses', PoseArray, latched):
        right.wait_for_line('asks for another durability than we offer')
    assert 'qos_overrides./right/movenet/poses.publisher.durability' in right.text


def test_overrides_that_fit_nothing_are_told(left):
    assert "'filter.bta' was given at the start, but there is none: did you mean 'filter.beta'" in (
        left.text)
    left.wait_for_line("'qos_overrides./left/imgae.subscription.reliability' was given but fits")


def says(peer, *parts, hides=()):
    """The status of the right node when it holds some texts, and others no more."""
    with peer.diagnostics() as reports:
        return peer.until(lambda: [
            s for r in reports for s in r.status if s.name == 'movenet: poses (/right)'
            and all(part in s.message for part in parts)
            and not any(part in s.message for part in hides)], ' and '.join(parts))[0]


def test_without_a_camera_the_node_says_what_to_check(right, own_peer):
    right.wait_for_line('no publisher on /right/image')
    elsewhere = own_peer.camera('/elsewhere/image_raw')
    status = says(own_peer, 'there is sensor_msgs/msg/Image on /elsewhere/image_raw: remap with '
                        '-r image:=/elsewhere/image_raw')
    assert (status.level, status.hardware_id) == (b'\x02', '/right/image')
    elsewhere.close()


def test_only_topics_of_cameras_are_recommended(left, right, own_peer):
    # Overlays are images too, and so are topics that only have subscribers.
    with own_peer.listening('/nobodys/image', Image, matched=False):
        own_peer.until(lambda: own_peer.node.count_publishers('/left/movenet/overlay'),
                       'the other node')
        status = says(own_peer, 'no other topic with images is visible', hides=['remap'])
    assert status.message.startswith('no image for')


@pytest.mark.parametrize(('topic', 'remap'), [
    ('/right/image/compressed', ''), ('/eye/compressed', ' -r image/compressed:=/eye/compressed')])
def test_a_camera_that_is_there_with_the_other_transport(right, own_peer, topic, remap):
    camera = own_peer.camera(topic, CompressedImage)
    status = says(own_peer, f'there is sensor_msgs/msg/CompressedImage on {topic}')
    assert status.message.endswith(f': use it with -p transport:=compressed{remap}')
    camera.close()


def test_a_camera_that_is_matched_but_silent(right, own_peer):
    # Of this camera nothing has come. Jazzy cannot distinguish it from others that have been there.
    own_peer.target = '/right/movenet'
    own_peer.bring_to('inactive')
    own_peer.bring_to('active')
    camera = own_peer.camera('/right/image')
    status = says(own_peer, '/peer is matched on /right/image, yet nothing arrives')
    for cause in ('Does it publish at all?', '--ipc=host', 'docs/containers.md',
                  'config/fastdds_large_images.xml'):
        assert cause in status.message
    camera.close()


def test_a_camera_that_has_just_appeared_has_time_for_its_first_image(right, own_peer):
    own_peer.target = '/right/movenet'
    assert own_peer.set(diagnostics__image_timeout=1.5) == []
    try:
        says(own_peer, 'no publisher on /right/image')
        camera = own_peer.camera('/right/image')
        status = says(own_peer, '/right/image, its first image is awaited')
        assert status.level == b'\x01'
        status = says(own_peer, '/peer is matched on /right/image')
        assert status.level == b'\x02'
        camera.close()
    finally:
        own_peer.set(diagnostics__image_timeout=0.3)
    assert 'is awaited' not in right.text


def test_a_camera_that_has_stopped(right, own_peer):
    camera = own_peer.camera('/right/image')
    with own_peer.poses('/right/movenet/poses') as poses:
        camera.prime(poses)
    says(own_peer, '/peer is matched on /right/image and images came, but no more')
    camera.close()


def test_a_camera_of_another_type(right, own_peer):
    camera = own_peer.camera('/right/image', CompressedImage)
    says(own_peer, 'publishes sensor_msgs/msg/CompressedImage on /right/image, not '
               'sensor_msgs/msg/Image: use it with -p transport:=compressed '
               '-r image/compressed:=/right/image')
    camera.close()


@pytest.mark.parametrize(('override', 'value', 'allowed'), [
    ('/bad/image.subscription.reliability', 'bogus', 'reliable, best_effort'),
    ('/bad/image.subscription.durability', '5', 'transient_local, volatile'),
    ('/bad/movenet/poses.publisher.reliability', 'bogus', 'reliable, best_effort'),
    ('/bad/movenet/poses.publisher.depth', '-1',
     'a whole number from 1 to 2147483647'),
    ('/bad/movenet/poses.publisher.depth', '2147483648',
     'a whole number from 1 to 2147483647')])
def test_an_override_that_means_nothing_is_one_line(override, value, allowed):
    with NodeProcess('-r __ns:=/bad', f'-p qos_overrides.{override}:={value}',
                     autostart='true') as node:
        node.wait_for_line(f"parameter 'qos_overrides.{override}' = ")
        logged = node.lines[-1]
        assert value in logged
        assert allowed in logged
        assert 'Traceback' not in node.text


def test_an_activation_that_fails_leaves_no_subscription(own_peer):
    own_peer.target = '/half/movenet'
    with NodeProcess('-r __ns:=/half', '-p cameras:=[good,bad]',
                     '-p qos_overrides./half/bad/image.subscription.reliability:=somewhat',
                     autostart='true') as node:
        node.wait_for_line('cannot activate')
        assert 'somewhat' in node.text
        # Poses would be published while inactive, and once more after each attempt.
        own_peer.until(lambda: own_peer.node.count_publishers('/half/movenet/good/poses'),
                       'the node')
        assert own_peer.state() == 'inactive'
        assert not own_peer.transition('activate')
        own_peer.until(lambda: not own_peer.node.count_subscribers('/half/good/image'),
                       'nobody who subscribes')
