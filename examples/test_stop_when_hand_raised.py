"""A replay test of a behaviour: a recording in, decisions out, on any machine the same.

    pip install pytest
    pytest test_stop_when_hand_raised.py
"""
from stop_when_hand_raised import RELEASE, HandStop

from movenet_ros.share import sample_clip

pytest_plugins = ['movenet_ros.testing.fixtures']

CLIP = sample_clip('one_person.mp4')  # take a recording of your own
PERIOD = 1 / 30  # s, of its images


def test_the_robot_stops_while_the_hand_is_up(movenet_node):
    hand_stop = HandStop()
    stopped = [hand_stop.update(message) for message in movenet_node().play(CLIP)]

    # The hand is up from 1.0 s to 2.5 s; half a second later the robot stops.
    first, last = stopped.index(True), len(stopped) - 1 - stopped[::-1].index(True)
    assert 1.4 < first * PERIOD < 1.6
    assert 2.5 + RELEASE - 0.1 < last * PERIOD < 2.5 + RELEASE + 0.4
    assert all(stopped[first:last])
