"""A replay test, as one would write it for recordings of one's own; docs/replay_tests.md."""
from pathlib import Path

from movenet_ros.cli import main
from movenet_ros.testing import assert_poses_close, read_pose_arrays

pytest_plugins = ['movenet_ros.testing.fixtures']

CLIP = Path(__file__).parents[1] / 'data' / 'one_person.mp4'


def test_live_poses_are_those_that_were_computed_offline(movenet_node, tmp_path):
    expected = tmp_path / 'expected'
    assert main(['process', str(CLIP), '--quiet', '--output', str(expected)]) == 0

    live = movenet_node({'model': 'lightning'}).play(CLIP, images=30)

    assert_poses_close(live, read_pose_arrays(expected)[:30], px=0.01, score=0.001)


def test_the_nose_stays_above_the_hips(movenet_node):
    node = movenet_node({'model': 'multipose', 'filter.enabled': False})
    for message in node.play(CLIP, images=10):
        assert [person.id for person in message.poses] == [1]
        nose, hip = message.poses[0].keypoints[0], message.poses[0].keypoints[11]
        assert nose.y < hip.y
    assert '[ERROR]' not in node.log
