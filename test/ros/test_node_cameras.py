"""One node, several cameras: each has its own people, counts and topics, and its turn."""
import contextlib
import dataclasses

import numpy as np
import pytest
from rclpy.lifecycle import TransitionCallbackReturn
from support.paths import DATA
from support.process import NodeProcess
from support.ros import Peer, image, values_of

from movenet_ros.config import Config
from movenet_ros.core.network import Networks
from movenet_ros.core.pipeline import advance
from movenet_ros.core.state import State
from movenet_ros.core.types import Picture
from movenet_ros.engines.loading import load_networks
from movenet_ros.files.sources import open_source
from movenet_ros.ros import resources as resources
from movenet_ros.ros.node import MovenetNode

NAMES = ('front', 'left')
CLIP = DATA / 'one_person.mp4'
BLANK = image(np.zeros((48, 64, 3), np.uint8))


@pytest.fixture(scope='module')
def node():
    with NodeProcess(cameras=f'[{",".join(NAMES)}]', autostart=True) as process:
        process.wait_for_line('poses on /movenet/left/poses')
        yield process


@contextlib.contextmanager
def two_cameras(peer, node='movenet'):
    """The cameras and their poses, primed, and the reports."""
    cameras = [peer.camera(f'{name}/image') for name in NAMES]
    with peer.poses(f'/{node}/front/poses') as front, \
            peer.poses(f'/{node}/left/poses') as left, peer.diagnostics() as reports:
        for camera, poses in zip(cameras, (front, left), strict=True):
            camera.prime(poses)
        yield cameras, (front, left), reports
    for camera in cameras:
        camera.close()


@pytest.fixture(scope='module')
def frames():
    return [frame.picture() for frame in open_source(CLIP)][:3]


def counts(peer, reports, node='movenet'):
    """The node's next counts of each camera, by the camera's name."""
    reports.clear()
    report = peer.until(lambda: [r for r in reports if r.status[0].name.startswith(f'{node}: ')],
                        'a report')[-1]
    return {s.name.removeprefix(f'{node}: ').removesuffix('/poses'): values_of(s)
            for s in report.status}


def test_each_camera_has_people_of_its_own(peer, frames):
    with two_cameras(peer) as ((front, left), (front_poses, left_poses), _):
        for picture in frames:
            front.show(image(picture.pixels), front_poses, frame_id='front')
        left.show(BLANK, left_poses, frame_id='left')
        left.show(image(frames[0].pixels), left_poses, frame_id='left')
    assert [len(message.poses) for message in front_poses] == [1, 1, 1]
    assert [len(message.poses) for message in left_poses] == [0, 1]
    assert {m.header.frame_id for m in front_poses} == {'front'}
    assert {m.header.frame_id for m in left_poses} == {'left'}
    assert left_poses[1].sequence == left_poses[0].sequence + 1
    assert left_poses[1].poses[0].age == 0.0 < front_poses[2].poses[0].age


def test_each_camera_has_a_status_and_counts_of_its_own(peer):
    with two_cameras(peer) as ((front, left), (front_poses, left_poses), reports):
        before = counts(peer, reports)
        left.publish(image(np.zeros((48, 64, 3), np.uint8), encoding='cheese8'))
        peer.until(lambda: 'images rejected: unknown_encoding' in counts(peer, reports)['left'],
                   'a rejection')
        left.show(BLANK, left_poses, frame_id='after')
        front.show(BLANK, front_poses, frame_id='other')
        after = counts(peer, reports)

    def change(camera, key):
        return int(after[camera].get(key, 0)) - int(before[camera].get(key, 0))

    assert tuple(after) == NAMES
    assert [change(name, 'images rejected: unknown_encoding') for name in NAMES] == [0, 1]
    assert [change(name, 'images processed') for name in NAMES] == [1, 1]
    assert after['left']['topic'] == '/left/image'


def test_one_camera_is_not_recommended_for_the_other(peer):
    front = peer.camera('front/image')
    assert peer.set(diagnostics__image_timeout=0.3) == []
    try:
        with peer.diagnostics() as reports:
            left = peer.until(lambda: [
                s for r in reports for s in r.status
                if s.name == 'movenet: left/poses' and 'no publisher' in s.message],
                'advice')[0]
        assert '/front/image' not in left.message
        assert (left.level, left.hardware_id) == (b'\x02', '/left/image')
    finally:
        peer.set(diagnostics__image_timeout=5.0)
        front.close()


def test_a_fast_camera_takes_nobodys_turn(peer):
    with two_cameras(peer) as ((front, left), (front_poses, left_poses), _):
        waited = []
        for number in range(10):
            before, processed = len(front_poses), len(left_poses)
            left.publish(BLANK, frame_id=f'left {number}')

            def flood(processed=processed):
                front.publish(BLANK)
                return len(left_poses) > processed
            peer.until(flood, 'the turn of the slow camera')
            waited.append(len(front_poses) - before)
        assert len(left_poses) == 10
        # one whose turn it was, one that was ready as well, and some on their way to us
        assert sorted(waited)[5] <= 4


def test_each_camera_has_an_angle_of_its_own(own_peer, frames):
    upright = image(frames[0].pixels)
    turned = image(frames[0].pixels[::-1, ::-1])
    with NodeProcess('-r __ns:=/house', autostart=True, cameras='[door,ceiling]',
                     rotate='[0,180]') as process:
        process.wait_for_line('poses on /house/movenet/ceiling/poses')
        found = []
        for name, message in (('door', upright), ('ceiling', turned)):
            camera = own_peer.camera(f'/house/{name}/image')
            with own_peer.poses(f'/house/movenet/{name}/poses') as poses:
                camera.prime(poses)
                found.append(camera.show(message, poses))
            camera.close()
    (door,), (ceiling,) = (message.poses for message in found)
    assert ceiling.score == door.score > 0.5
    for point, other in zip(ceiling.keypoints, door.keypoints, strict=True):
        assert (upright.width - point.x, upright.height - point.y) == pytest.approx(
            (other.x, other.y), abs=1e-3)


def test_one_announcement_for_all(peer):
    with peer.infos() as infos:
        peer.until(lambda: infos, 'the latched pose info')
        peer.spin(0.1)
    assert len(infos) == 1


class Watched:
    """A real network that gains from batches or not, and notes how many pictures came."""

    def __init__(self, network, batches):
        self.network, self.batches, self.error = network, [], None
        self.info = dataclasses.replace(network.info, batches=batches)
        self.close = network.close

    def infer(self, pictures, *more):
        self.batches.append(len(pictures))
        if self.error:
            raise self.error
        return self.network.infer(pictures, *more)


@pytest.fixture(params=[True, False], ids=['batches', 'overlap'])
def own_node(monkeypatch, request):
    """A peer that runs the node in its own executor, and the node's network."""
    loaded = []

    def load(config):
        networks = load_networks(config)
        loaded.append(Watched(networks.main, request.param))
        return Networks(loaded[-1], networks.refine)

    monkeypatch.setattr(resources, 'load_networks', load)
    peer = Peer()
    arguments = ['--ros-args', '-r', '__node:=own', '-p', 'diagnostics.period:=0.1',
                 '-p', f'cameras:=[{",".join(NAMES)}]']
    node = MovenetNode(context=peer.context, use_global_arguments=False, cli_args=arguments)
    peer.executor.add_node(node)
    for transition in (node.trigger_configure, node.trigger_activate):
        assert transition() == TransitionCallbackReturn.SUCCESS
    yield peer, loaded[0]
    node.destroy_node()
    peer.close()


@pytest.mark.parametrize('own_node', [True], indirect=True)
def test_images_that_are_there_together_are_seen_together(own_node, frames):
    peer, network = own_node
    assert max(network.batches) == 2, 'not warmed up for two cameras'
    with two_cameras(peer, 'own') as (cameras, (front, left), _):
        network.batches.clear()

        def both():
            front.clear()
            left.clear()
            for camera, picture in zip(cameras, frames, strict=False):
                camera.publish(image(picture.pixels), stamp=0.0)
            peer.until(lambda: front and left, 'both answers')
            return 2 in network.batches
        peer.until(both, 'a batch of two')
    # an earlier stamp than that of the blanks, or the same again: all people are new
    loaded = load_networks(Config())
    for message, picture in zip((front[0], left[0]), frames, strict=False):
        _, poses = advance(State(), Picture(picture.pixels, 'bgr'), 0, loaded, Config())
        assert message.poses[0].keypoints[0].x == pytest.approx(poses.xy[0, 0, 0], abs=1e-4)
    loaded.close()


def test_nothing_is_lost_uncounted(own_node):
    peer, _ = own_node
    with two_cameras(peer, 'own') as (cameras, all_poses, reports):
        before = counts(peer, reports, 'own')
        for number in range(40):
            cameras[number % 2].publish(BLANK)
            if number % 5 == 0:
                peer.executor.spin_once(timeout_sec=0.01)
        for camera, poses in zip(cameras, all_poses, strict=True):
            camera.publish(BLANK, frame_id='last')
            peer.until(lambda poses=poses: poses and poses[-1].header.frame_id == 'last',
                       'the last answer')
        after = counts(peer, reports, 'own')
    for name, poses in zip(NAMES, all_poses, strict=True):
        processed, skipped, lost = (int(after[name][key]) - int(before[name][key])
                             for key in ('images processed', 'images skipped', 'images lost'))
        assert (processed + skipped, processed, lost) == (21, len(poses), 0)


def test_a_network_that_fails_is_told_of_and_the_next_image_processed(own_node):
    peer, network = own_node
    with two_cameras(peer, 'own') as (cameras, all_poses, reports):
        network.error = ZeroDivisionError('by nought')
        cameras[0].publish(BLANK)
        peer.until(lambda: counts(peer, reports, 'own')['front']['images failed'] == '1',
                   'a failed image')
        network.error = None
        for camera, poses in zip(cameras, all_poses, strict=True):
            camera.show(BLANK, poses, frame_id='after')
            assert [message.header.frame_id for message in poses] == ['after']
        assert counts(peer, reports, 'own')['left']['images failed'] == '0'


def test_deactivating_while_images_come(own_node):
    peer, _ = own_node
    with two_cameras(peer, 'own') as (cameras, all_poses, _):
        node = next(n for n in peer.executor.get_nodes() if isinstance(n, MovenetNode))
        for _ in range(5):
            for camera in cameras:
                camera.publish(BLANK)
            peer.executor.spin_once(timeout_sec=0.05)
            assert node.trigger_deactivate() == TransitionCallbackReturn.SUCCESS
            assert node.trigger_activate() == TransitionCallbackReturn.SUCCESS
        for camera, poses in zip(cameras, all_poses, strict=True):
            camera.prime(poses)
