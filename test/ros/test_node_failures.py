"""Failures that nothing foresees are logged and counted, and the node continues."""
import numpy as np
import pytest
from support.ros import Peer, image, values_of

from movenet_ros.errors import EngineError
from movenet_ros.ros import camera as camera_module
from movenet_ros.ros import overlay_output
from movenet_ros.ros.node import MovenetNode

PICTURE = image(np.zeros((48, 64, 3), np.uint8))


@pytest.fixture
def peer():
    """A peer that runs an active node in its own process and executor."""
    peer = Peer()
    node = MovenetNode(context=peer.context, use_global_arguments=False)
    peer.executor.add_node(node)
    node.trigger_configure()
    node.trigger_activate()
    yield peer
    node.destroy_node()
    peer.close()


@pytest.mark.parametrize('error', [ZeroDivisionError('by nought'), EngineError('by nought')])
def test_a_failing_pipeline(peer, monkeypatch, error):
    def fail(*_):
        raise error

    camera = peer.camera()
    with peer.poses() as poses, peer.diagnostics() as reports:
        camera.prime(poses)
        monkeypatch.setattr(camera_module, 'process_image', fail)
        camera.publish(PICTURE)
        bad = peer.until(lambda: [r.status[0] for r in reports if r.status[0].level == b'\x02'],
                         'an error')[0]
        monkeypatch.undo()
        camera.show(PICTURE, poses, frame_id='after')
    assert poses[-1].header.frame_id == 'after'
    assert 'by nought' in bad.message
    assert values_of(bad)['images failed'] == '1'


def test_nothing_is_drawn_for_nobody(peer, monkeypatch):
    drawn = []
    monkeypatch.setattr(overlay_output, 'draw', lambda *arguments: drawn.append(arguments))
    camera = peer.camera()
    with peer.poses() as poses:
        camera.prime(poses)
        camera.show(PICTURE, poses)
    assert drawn == []


def test_a_destroyed_node_leaves_no_lifecycle_services_behind():
    # rclpy's own lifecycle nodes leave services without an answer, until they are collected.
    watcher, home = Peer(), Peer()
    node = MovenetNode(context=home.context, use_global_arguments=False,
                       cli_args=['--ros-args', '-r', '__node:=gone'])

    def is_there():
        return '/gone/get_state' in dict(watcher.node.get_service_names_and_types())

    try:
        watcher.until(is_there, 'the services')
        node.destroy_node()
        node.destroy_node()
        watcher.until(lambda: not is_there(), 'their end')
    finally:
        home.close()
        watcher.close()
