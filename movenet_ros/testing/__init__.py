"""A kit for replay tests: the node over real DDS on a recording, and its poses compared.

    pytest_plugins = ['movenet_ros.testing.fixtures']

    def test_poses_stay_as_they_are(movenet_node):
        live = movenet_node({'model': 'lightning'}).play('clip.mp4')
        assert_poses_close(live, 'expected.mcap', px=1.0, score=0.05)

Nothing of it is loaded unless a test asks for it. See docs/replay_tests.md.
"""
from __future__ import annotations

from movenet_ros.testing.assertions import assert_poses_close
from movenet_ros.testing.node import MovenetTestNode, NodeTestError
from movenet_ros.testing.recordings import read_pose_arrays

__all__ = ['MovenetTestNode', 'NodeTestError', 'assert_poses_close', 'read_pose_arrays']
