"""Images in, PoseArrays out: one running node for all of it."""
import cv2
import numpy as np
import pytest
from sensor_msgs.msg import CompressedImage
from support.ros import image, jpeg

from movenet_ros.msg import PersonEvent

ASTRONAUT = 'astronaut.jpg'


@pytest.fixture(scope='module')
def person(request):
    return cv2.imread(str(request.config.rootpath / 'test' / 'data' / ASTRONAUT))


@pytest.fixture
def active(peer):
    """A peer beside a freshly activated node."""
    peer.bring_to('unconfigured')
    assert peer.set(transport='raw') == []
    peer.bring_to('active')
    return peer


@pytest.fixture
def poses(active):
    with active.poses() as came:
        yield came


@pytest.fixture
def camera(active, poses):
    camera = active.camera()
    camera.prime(poses)
    yield camera
    camera.close()


def test_a_person_is_found_and_the_header_comes_back_unchanged(camera, poses, person):
    answer = camera.show(image(person), poses, frame_id='left_eye_optical', stamp=12.000000345)
    assert answer.header.frame_id == 'left_eye_optical'
    assert (answer.header.stamp.sec, answer.header.stamp.nanosec) == (12, 345)
    assert (answer.width, answer.height, answer.model) == (512, 512, 'lightning')
    nose = answer.poses[0].keypoints[0]
    assert (nose.x, nose.y) == pytest.approx((228, 120), abs=25)
    assert nose.score > 0.4


def test_an_empty_room_is_processed_too(camera, poses):
    answer = camera.show(image(np.zeros((48, 64, 3), np.uint8)), poses, frame_id='room')
    assert answer.poses == []
    assert (answer.header.frame_id, answer.width, answer.height) == ('room', 64, 48)


def test_messages_are_numbered_from_activation(active, camera, poses, person):
    numbers = [camera.show(image(person), poses).sequence for _ in range(3)]
    assert numbers == [numbers[0], numbers[0] + 1, numbers[0] + 2]
    assert active.transition('deactivate')
    assert active.transition('activate')
    poses.clear()
    assert camera.prime(poses)[0].sequence == 0
    found = camera.show(image(person), poses).poses[0]
    assert (found.id, found.age) == (1, 0.0)


def test_a_person_keeps_the_id(camera, poses, person):
    answers = [camera.show(image(person), poses) for _ in range(4)]
    assert [answer.poses[0].id for answer in answers] == [1, 1, 1, 1]
    ages = [answer.poses[0].age for answer in answers]
    assert ages == pytest.approx([0, 1 / 30, 2 / 30, 3 / 30], abs=1e-6)


def test_events_come_with_the_header_and_number_of_the_poses(active, camera, poses, person):
    with active.listening('/movenet/events', PersonEvent, 100) as events:
        # As soon as the node knows of the subscription.
        answers = {}

        def came():
            answer = camera.show(image(person), poses)
            answers[answer.sequence] = answer
            camera.show(image(person), poses, stamp=0.5)  # everything starts again
            return [event for event in events if event.sequence in answers]

        event = active.until(came, 'an event')[0]
        answer = answers[event.sequence]
        assert event.header == answer.header
        assert event.kind in (PersonEvent.APPEARED, PersonEvent.LOST)
        assert event.id > 0


def test_channel_order_is_heeded(camera, poses, person):
    first = camera.show(image(person, 'bgr8'), poses, stamp=1.0)
    other = camera.show(image(person[:, :, ::-1], 'rgb8'), poses, stamp=0.5)
    assert len(first.poses) == len(other.poses) == 1
    # an earlier stamp starts the chain afresh, so that both see the same
    assert first.poses[0].keypoints == other.poses[0].keypoints


def test_compressed_images(active, poses, person):
    active.bring_to('unconfigured')
    assert active.set(transport='compressed') == []
    active.bring_to('active')
    camera = active.camera('image/compressed', CompressedImage)
    camera.prime(poses)
    answer = camera.show(jpeg(person), poses, frame_id='small')
    camera.close()
    assert (answer.header.frame_id, answer.width, len(answer.poses)) == ('small', 512, 1)


def test_a_reliable_camera_fits_too(active, poses, person):
    camera = active.camera(qos=1)
    camera.prime(poses)
    assert camera.show(image(person), poses).poses
    camera.close()


def test_who_comes_late_learns_what_the_poses_mean(active):
    with active.infos() as infos:
        active.until(lambda: infos, 'the pose info')
        info = infos[0]
        assert info.convention == 'COCO'
        assert info.keypoint_names[0] == 'nose'
        assert len(info.keypoint_names) == len(info.mirrored) == 17
        assert len(info.edges) % 2 == 0
        assert (info.model, info.device) == ('lightning', 'cpu')
        assert len(info.model_sha256) == 64
        assert info.engine.startswith('litert ')


def test_a_live_parameter_is_announced_with_a_new_digest(active):
    with active.infos() as infos:
        active.until(lambda: infos, 'the pose info')
        try:
            assert active.set(filter__beta=17.0) == []
            active.until(lambda: len(infos) > 1, 'a second pose info')
        finally:
            active.set(filter__beta=300.0)
    assert infos[0].configuration != infos[1].configuration


def test_a_live_parameter_counts_at_the_next_image(active, camera, poses, person):
    assert camera.show(image(person), poses).poses
    assert active.set(min_pose_score=0.99) == []
    try:
        assert camera.show(image(person), poses).poses == []
    finally:
        active.set(min_pose_score=0.25)
    assert camera.show(image(person), poses).poses
