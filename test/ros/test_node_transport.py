"""Images over the default transport: they arrive, or the node reports how many do not."""
import contextlib
import signal
import time

import numpy as np
import pytest
from support.own_shared_memory import require_own_shared_memory, with_own_shared_memory
from support.plain_camera import start, without_profile
from support.process import NodeProcess
from support.ros import Peer, image, values_of

BLANK = image(np.zeros((32, 32, 3), np.uint8))
FATES = ('processed', 'skipped', 'lost', 'rejected', 'failed')


@pytest.fixture(scope='module')
def node():
    """An active node on the default transport."""
    # Cameras may be slow to start: silence is not what is tested here.
    with NodeProcess(environment=without_profile(), autostart='true', **{
            'diagnostics.period': 0.2, 'diagnostics.image_timeout': 60.0}) as process:
        process.wait_for_line('active: ')
        yield process


@pytest.fixture
def fresh(node, peer):
    """The peer, beside a node that has seen no image yet."""
    peer.bring_to('inactive')
    peer.bring_to('active')
    return peer


def counts(status):
    values = values_of(status)
    return {key: int(values[f'images {key}']) for key in ('published', *FATES)}


@contextlib.contextmanager
def playing(*arguments, topic='image', within=()):
    """A plain camera, which is not left behind."""
    camera = start(topic, *arguments, within=within)
    try:
        yield camera
    finally:
        camera.kill()
        camera.wait()


def after(peer, camera, reports):
    """Counts when a camera has ended and nothing more comes."""
    peer.until(lambda: camera.poll() is not None, 'the end of the camera', 30.0)
    reports.clear()
    peer.until(lambda: len(reports) > 2, 'reports')
    return counts(reports[-1].status[0])


@pytest.mark.parametrize('size', [(640, 480), (1280, 720), (1920, 1080)], ids=str)
def test_a_camera_with_default_settings(fresh, size):
    number = 40
    with fresh.diagnostics() as reports, playing(size, 20, number) as camera:
        found = after(fresh, camera, reports)
    assert found['published'] == number
    assert found['published'] == sum(found[key] for key in FATES)
    assert found['processed'] + found['skipped'] >= 0.98 * number
    assert found['processed'] > 1


def test_a_best_effort_camera_whose_images_are_lost(node, fresh):
    number = 60
    with fresh.diagnostics() as reports, playing((640, 480), 30, number, 'best_effort') as camera:
        warned = fresh.until(lambda: [r.status[0] for r in reports
                                      if 'lost on the way' in r.status[0].message], 'a warning')[0]
        assert camera.poll() is None, 'the warning came after the last image'
        found = after(fresh, camera, reports)
        assert fresh.set(diagnostics__image_timeout=0.5) == []
        try:
            ended = fresh.until(lambda: [r.status[0] for r in reports if r.status[0].level
                                         == b'\x02'], 'silence')[0]
        finally:
            fresh.set(diagnostics__image_timeout=60.0)
    # By then the losses are not to blame.
    assert ': no publisher on /image; ' in ended.message
    assert 'lost on the way' not in ended.message
    assert warned.level == b'\x01'
    for part in ('% of the images of the last 10 s were lost on the way',
                 '/plain_camera offers only best effort', 'publish with reliable QoS',
                 'DEFAULT_PROFILES_FILE=', 'config/fastdds_large_images.xml'):
        assert part in warned.message
        assert part in node.text
    assert node.text.count('were lost on the way on /image') == 1
    assert found['lost'] > number / 2
    # That the last ones are missing cannot be known.
    assert number - 5 <= found['published'] <= number
    assert found['published'] == sum(found[key] for key in FATES)


def test_what_is_published_during_short_pauses_is_not_lost_on_the_way(node, fresh):
    number, pause = 120, 0.7
    with fresh.diagnostics() as reports, playing((640, 480), 30, number) as camera:
        fresh.until(lambda: reports and counts(reports[-1].status[0])['processed'] > 5, 'answers')
        for _ in range(3):
            node.process.send_signal(signal.SIGSTOP)
            time.sleep(pause)
            node.process.send_signal(signal.SIGCONT)
            fresh.spin(0.6)
        assert camera.poll() is None, 'the last pause came after the last image'
        found = after(fresh, camera, reports)
    assert found['lost'] == 0
    assert found['skipped'] > 3 * pause * 30 / 2
    assert found['published'] == number == sum(found[key] for key in FATES)


def test_best_effort_that_an_override_asks_for():
    with NodeProcess('-r image:=/other/image',
                     '-p qos_overrides./other/image.subscription.reliability:=best_effort',
                     environment=without_profile(), autostart='true') as node:
        node.wait_for_line('images from /other/image (best effort, volatile)')
        with playing((640, 480), 30, 30, topic='/other/image'):
            node.wait_for_line('were lost on the way on /other/image')
        logged = next(line for line in node.lines if 'were lost on the way' in line)
        assert 'qos_overrides./other/image.subscription.reliability asks for best effort' in logged
        assert 'subscribed to it again' not in node.text


def test_a_camera_with_shared_memory_of_its_own(node, fresh):
    require_own_shared_memory()
    assert fresh.set(diagnostics__image_timeout=0.5) == []
    try:
        with fresh.diagnostics() as reports, \
                playing((64, 48), 30, 1000, within=with_own_shared_memory()) as camera:
            status = fresh.until(lambda: [r.status[0] for r in reports if
                                          'is matched' in r.status[0].message], 'advice')[0]
            assert camera.poll() is None
    finally:
        fresh.set(diagnostics__image_timeout=60.0)
    assert 'not even its name' in status.message
    assert 'docker run --ipc=host, see docs/containers.md' in status.message
    # It is not because the images are large.
    assert '0.5 MB' not in status.message


def test_the_best_reliability_that_all_publishers_offer(node, fresh):
    assert '(reliable, volatile)' in node.lines[-1]
    reliable = fresh.camera(qos=10)
    with fresh.poses() as poses:
        reliable.prime(poses)
        before = node.text.count('subscribed to it again')
        other = fresh.camera('image')
        node.wait_for_line('a publisher on /image offers only best effort: subscribed to it again '
                           'with best effort, volatile')
        for camera in (other, reliable):
            camera.prime(poses)
        other.close()
        node.wait_for_line('every publisher on /image offers reliable: subscribed to it again with '
                           'reliable, volatile')
        reliable.prime(poses)
        assert reliable.show(BLANK, poses, frame_id='last').header.frame_id == 'last'
    # Once each way
    assert node.text.count('subscribed to it again') == before + 2
    reliable.close()


def test_a_best_effort_camera_that_is_there_before():
    peer = Peer('/late/movenet')
    camera = peer.camera('/late/image')
    try:
        with NodeProcess('-r __ns:=/late') as node:
            peer.bring_to('active')
            node.wait_for_line('images from /late/image (best effort, volatile)')
            with peer.poses('/late/movenet/poses') as poses:
                camera.prime(poses)
    finally:
        peer.close()
