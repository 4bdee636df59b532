"""`movenet view` of a running node, over real DDS and HTTP."""
import itertools
import signal
import time

import cv2
import numpy as np
import pytest
from sensor_msgs.msg import CameraInfo, CompressedImage
from support.live_view import Page, live_view
from support.paths import DATA
from support.process import NodeProcess
from support.ros import best_effort, image, jpeg
from support.view import post, request

from movenet_ros.msg import PoseArray
from movenet_ros.ros.subscription import adaptive_subscription
from movenet_ros.tools.view import live_camera

STEP = 1 / 30
SIDE = 192
PATCH = 24


@pytest.fixture(scope='module')
def node():
    with NodeProcess(autostart='true', model='lightning',
                     **{'diagnostics.period': 0.2}) as process:
        process.wait_for_line('active: ')
        yield process


@pytest.fixture(scope='module')
def server(node):
    with live_view() as server:
        yield server


@pytest.fixture(autouse=True)
def _soon_unsubscribed(monkeypatch):
    monkeypatch.setattr(live_camera, 'KEEP', 0.2)


@pytest.fixture
def active(node, peer):
    """The peer, with the node as it was started, and active."""
    peer.bring_to('unconfigured')
    assert not peer.set(transport='raw', cameras=[''])
    peer.bring_to('active')
    return peer


class Shown:
    """A camera that shows an astronaut: each image has another grey in its corner."""

    # A page gets the newest record that there is, which may be that of an earlier test.
    stamps = itertools.count(2000.0, STEP)

    def __init__(self, peer, topic='image', make=image, first=None, qos=10):
        kind = CompressedImage if make is jpeg else type(image(np.zeros((1, 1, 3), np.uint8)))
        self._peer, self._make = peer, make
        self._camera = peer.camera(topic, kind, qos)
        self._picture = cv2.resize(cv2.imread(str(DATA / 'astronaut.jpg')), (SIDE, SIDE))
        self._next = 0.0
        self._stamps = Shown.stamps if first is None else itertools.count(first, STEP)
        self.greys, self.sent = {}, {}

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._camera.close()

    def until(self, condition, what='a record'):
        """Shows images until a condition gives something, which is returned."""
        return self._peer.until(lambda: self._show() or condition(), what)

    def until_people(self, page):
        """Shows images until a record has people and the picture of one of them."""
        return self.until(lambda: last(page, lambda record: (
            record['people'] and record['jpeg'] and record['stamp'] in self.sent)))

    def _show(self):
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + STEP
        picture, grey = self._picture.copy(), 20 + 40 * (len(self.greys) % 6)
        picture[:PATCH, :PATCH] = grey
        message = self._camera.publish(self._make(picture), stamp=next(self._stamps))
        stamp = f'{message.header.stamp.sec}.{message.header.stamp.nanosec:09d}'
        self.greys[stamp], self.sent[stamp] = grey, message


def last(page, condition):
    """The newest record that fulfils a condition."""
    return next((record for record in reversed(page.records) if condition(record)), None)


def viewers(peer, topic):
    return [each for each in peer.node.get_subscriptions_info_by_topic(topic)
            if each.node_name == 'movenet_view']


def test_picture_and_skeleton_are_of_the_same_image(active, server):
    with active.poses() as came, Shown(active) as shown, Page(server) as page:
        shown.until(lambda: len([r for r in page.records if r['people'] and r['jpeg']
                                 and r['stamp'] in shown.sent]) > 5)
    poses = {f'{m.header.stamp.sec}.{m.header.stamp.nanosec:09d}': m for m in came}
    for record in page.records:
        if not record['people'] or record['stamp'] not in shown.sent:
            continue
        message = poses[record['stamp']]
        assert (record['width'], record['height'], record['sequence']) == (
            SIDE, SIDE, message.sequence)
        wanted = [(k.x, k.y, k.score) for k in message.poses[0].keypoints]
        assert np.allclose([point[:3] for point in record['people'][0]['keypoints']], wanted,
                           atol=0.06)
        if record['jpeg']:
            pixels = cv2.imdecode(np.frombuffer(record['jpeg'], np.uint8), cv2.IMREAD_COLOR)
            assert pixels.shape == (SIDE, SIDE, 3)
            middle = pixels[8:PATCH - 8, 8:PATCH - 8].mean()
            assert middle == pytest.approx(shown.greys[record['stamp']], abs=3)


def test_rate_loss_and_status_are_those_of_the_node(active, server):
    with Shown(active) as shown, Page(server) as page:
        found = shown.until(lambda: last(page, lambda r: (
            r['stamp'] in shown.sent and (r['rate'] or 0) > 2 and r['status']['level'] == 0)))
    assert found['lost'] == 0
    assert found['status']['values']['state'] == 'active'
    assert found['topic'] == '/image'


def test_the_latency_is_known_where_stamps_are_of_the_system_clock(active, server):
    with Shown(active) as shown, Page(server) as page:
        assert shown.until_people(page)['latency'] is None
    with Shown(active, first=time.time() - 5.0) as shown, Page(server) as page:
        # The node processes images that are a few seconds old as any others.
        assert 3.0 < shown.until_people(page)['latency'] < 30.0


def test_a_click_chooses_the_target(active, server):
    with Shown(active) as shown, Page(server) as page:
        person = shown.until_people(page)['people'][0]
        x0, y0, x1, y1 = person['box']
        click = {'camera': '', 'criterion': 'point', 'id': 0, 'x': (x0 + x1) / 2,
                 'y': (y0 + y1) / 2}
        status, _, answer = post(server, '/target', click)
        assert status == 200 and 'is followed' in answer['message']
        found = shown.until(lambda: last(page, lambda r: r['target']
                                         and r['target']['state'] == 'tracked'))
    assert found['target'] == {'id': person['id'], 'state': 'tracked', 'criterion': 'point'}


def test_what_the_node_rejects_is_said(active, server):
    with Page(server):
        status, _, answer = post(server, '/target', {
            'camera': '', 'criterion': 'id', 'id': 2**31 - 1, 'x': 0, 'y': 0})
        assert status == 200
        active.bring_to('inactive')
        status, _, answer = post(server, '/target', {
            'camera': '', 'criterion': 'largest', 'id': 0, 'x': 0, 'y': 0})
    assert status == 409 and 'is the node active?' in answer['error']


def test_nothing_is_subscribed_to_while_nobody_watches(active, server):
    topics = ('/image', '/movenet/poses', '/movenet/target')
    active.until(lambda: not any(viewers(active, topic) for topic in topics), 'the end')
    with Page(server):
        active.until(lambda: all(len(viewers(active, topic)) == 1 for topic in topics),
                     'the subscriptions')
        # The node would warn that it can give no positions.
        assert not viewers(active, '/movenet/poses_3d')
        calibration = active.node.create_publisher(CameraInfo, '/camera_info', 1)
        active.until(lambda: viewers(active, '/movenet/poses_3d'), 'positions are subscribed to')
        active.node.destroy_publisher(calibration)
    topics += ('/movenet/poses_3d',)
    active.until(lambda: not any(viewers(active, topic) for topic in topics), 'the end')


def test_without_poses_the_pictures_come_with_the_status(active, server):
    with Shown(active) as shown, Page(server) as page:
        shown.until_people(page)
        active.bring_to('inactive')
        del page.records[:]
        found = shown.until(lambda: last(
            page, lambda r: r['jpeg'] and r['status']['values']['state'] == 'inactive'
            and r['people'] is None))
        assert (found['width'], found['height']) == (SIDE, SIDE)
        assert found['stamp'] in shown.greys
        active.bring_to('active')
        del page.records[:]
        assert shown.until_people(page)['lost'] == 0


def test_what_was_lost_is_kept_when_the_topics_change(active, server):
    def publish(*numbers):
        for number in numbers:
            poses.publish(PoseArray(sequence=number))
    poses = active.node.create_publisher(PoseArray, '/movenet/poses', 10)
    calibration = None
    with Page(server) as page:
        active.until(lambda: viewers(active, '/movenet/poses')
                     and poses.get_subscription_count() >= 1, 'the viewer')
        active.until(lambda: publish(1) or last(page, lambda r: r['people'] == []), 'poses')
        before = page.records[-1]['lost']
        publish(1, 6)
        active.until(lambda: last(page, lambda r: r['lost'] == before + 4), 'the loss')
        calibration = active.node.create_publisher(CameraInfo, '/camera_info', 1)
        active.until(lambda: viewers(active, '/movenet/poses_3d'), 'positions are subscribed to')
        del page.records[:]
        assert active.until(lambda: last(page, lambda r: True))['lost'] == before + 4
    active.node.destroy_publisher(calibration)
    active.node.destroy_publisher(poses)


def test_a_node_that_was_killed_is_silent(own_peer):
    with (NodeProcess('-r', '__node:=killed', autostart='true', model='lightning',
                      **{'diagnostics.period': 0.2}) as node,
          live_view('/killed') as server, Page(server) as page):
        own_peer.until(lambda: last(
            page, lambda r: r['status'] and r['status']['values'].get('state') == 'active'))
        del page.records[:]
        node.stop(signal.SIGKILL)
        found = own_peer.until(lambda: last(
            page, lambda r: r['status']['level'] == 3), 'the silence')
        assert found['status']['message'].startswith('silent for ')
        assert found['status']['values']['state'] == 'active'


def test_a_best_effort_camera_that_comes_later_is_subscribed_to_at_once(
        active, server, monkeypatch):
    # It is not left to what looks at the publishers now and then.
    monkeypatch.setattr(adaptive_subscription, 'ADAPT_PERIOD', 1000.0)
    active.until(lambda: not viewers(active, '/image'))
    with Page(server) as page:
        active.until(lambda: viewers(active, '/image'), 'the subscription')
        with Shown(active, qos=best_effort(10)) as shown:
            assert shown.until_people(page)


def test_a_jpeg_is_passed_on_as_it_is(active, server):
    active.bring_to('unconfigured')
    assert not active.set(transport='compressed')
    active.bring_to('active')
    with Shown(active, 'image/compressed', jpeg) as shown, Page(server) as page:
        found = shown.until_people(page)
    assert found['topic'] == '/image/compressed'
    assert found['jpeg'] == shown.sent[found['stamp']].data.tobytes()


def test_a_page_learns_of_other_cameras(active, server):
    with Page(server) as page:
        active.bring_to('unconfigured')
        assert not active.set(cameras=['front', 'left'])
        active.bring_to('active')
        active.until(lambda: page.ended, 'the end of the stream')
    _, _, info = request(server, 'GET', '/info')
    assert info['cameras'] == ['front', 'left']
    with Shown(active, 'left/image') as shown, Page(server, 'left') as page:
        assert shown.until_people(page)['camera'] == 'left'


def test_a_node_that_comes_later_and_is_started_again_is_shown(own_peer):
    with live_view('/late/eyes') as server, Page(server) as page:
        found = own_peer.until(lambda: last(page, lambda r: r['status']), 'a status')
        assert 'the node /late/eyes is not found' in found['status']['message']
        for _ in range(2):
            with (NodeProcess('-r', '__ns:=/late', '-r', '__node:=eyes', autostart='true',
                              model='lightning', **{'diagnostics.period': 0.2}) as node,
                  Shown(own_peer, '/late/image') as shown):
                node.wait_for_line('active: ')
                del page.records[:]
                shown.until_people(page)
        del page.records[:]
        own_peer.until(lambda: last(
            page, lambda r: r['status'] and 'is not found' in r['status']['message']), 'its end')
