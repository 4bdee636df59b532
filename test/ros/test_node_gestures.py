"""Gestures over real DDS: somebody raises a hand, and the program of docs/gestures.md says so."""
import itertools
import re
import subprocess
import sys

import cv2
import pytest
from rclpy.qos import QoSProfile
from support.children import has_output
from support.paths import DATA, ROOT
from support.ros import image

from movenet_ros.msg import GestureArray, PersonGestures

FIRST, LAST = 30, 82
"""Images of the clip in which a right hand is raised."""
RATE = 30
PAGE = (ROOT / 'docs' / 'gestures.md').read_text(encoding='utf-8')
PROGRAM = re.search(r'## In the node\n.*?```python\n(.*?)```', PAGE, re.DOTALL).group(1)


@pytest.fixture(scope='module')
def pictures():
    capture = cv2.VideoCapture(str(DATA / 'several_people.mp4'))
    shown = [capture.read()[1] for _ in range(LAST)][FIRST:]
    capture.release()
    return shown


@pytest.fixture
def active(peer):
    """A peer beside a freshly activated node that publishes gestures."""
    enable(peer, True)
    return peer


def enable(peer, enabled):
    peer.bring_to('unconfigured')
    assert peer.set(gestures__enabled=enabled) == []
    peer.bring_to('active')


def test_a_raised_hand_is_published(active, pictures):
    with (active.poses() as poses,
          active.listening('/movenet/gestures', GestureArray, 100) as came):
        camera = active.camera('image', qos=QoSProfile(depth=10))
        camera.prime(poses)
        active.until(lambda: camera.show(image(pictures[0]), poses) and came, 'gestures')
        active.until(lambda: came[-1].header == poses[-1].header, 'all gestures until now')
        poses.clear()
        came.clear()
        for number, picture in enumerate(pictures):
            camera.show(image(picture), poses, frame_id='optical', stamp=2000 + number / RATE)
        active.until(lambda: len(came) == len(poses), 'the last gestures')
        camera.close()
    for gestures, flat in zip(came, poses, strict=True):
        assert (gestures.header, gestures.sequence) == (flat.header, flat.sequence)
        assert [person.id for person in gestures.people] == [person.id for person in flat.poses]
    (person,) = came[-1].people
    assert person.right_hand_raised and not person.left_hand_raised
    assert person.posture == PersonGestures.STANDING
    assert person.joint_angles[PersonGestures.RIGHT_KNEE] > 2.5
    raised = [bool(message.people) and message.people[0].right_hand_raised for message in came]
    assert raised == sorted(raised) and raised.index(True) >= 0.3 * RATE


def test_the_program_of_the_page_sees_a_raised_hand(active, pictures):
    with (subprocess.Popen([sys.executable, '-u', '-c', PROGRAM], text=True,
                           stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as program,
          active.poses() as poses):
        try:
            camera = active.camera('image', qos=QoSProfile(depth=10))
            camera.prime(poses)
            active.until(lambda: active.node.count_subscribers('/movenet/gestures'), 'the program')
            # Again and again: the node may learn of the program late, and where it has left out
            # images it may read the arm otherwise, in a still picture for ever.
            shown = itertools.cycle(pictures)
            active.until(lambda: camera.show(image(next(shown)), poses) and has_output(program),
                         'a line of the program')
            camera.close()
        finally:
            program.kill()  # a signal that rclpy handles may be lost
        assert re.match(r'\d+ raises a hand\n', program.stdout.read())


def test_without_the_parameter_there_is_no_topic(peer):
    def publishers():
        return peer.node.count_publishers('/movenet/gestures')

    enable(peer, True)
    peer.until(publishers, 'gestures')
    enable(peer, False)
    peer.until(lambda: not publishers(), 'no gestures')
    assert peer.node.count_publishers('/movenet/events') == 1
