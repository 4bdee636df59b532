"""A process that is paused as a whole (SIGSTOP, docker pause) is neither hung nor behind after."""
import signal
import threading
import time

import numpy as np
import pytest
from support.process import NodeProcess
from support.ros import image, values_of

PICTURE = image(np.zeros((480, 640, 3), np.uint8))
PERIOD = 0.04  # s, of the camera
PAUSE = 2.5  # s, longer than the network may take
IN_PROGRESS = 0.4  # s; what was being worked on, or about to be, when the pause began


@pytest.fixture(params=[{'model': 'multipose', 'multipose.long_side': 512}, {}],
                ids=['busy', 'idle'])
def node(request):
    """A node that ends when it hangs; busy: it takes longer for an image than is between two."""
    with NodeProcess(autostart='true', threads=1, **request.param, **{
            'watchdog.exit': 'true', 'watchdog.timeout': 1.0, 'diagnostics.period': 0.2,
            'diagnostics.image_timeout': 1.5}) as process:
        process.wait_for_line('active: ')
        yield process


def test_a_paused_node_lives_on_with_the_newest_image(node, own_peer):
    camera, done = own_peer.camera(qos=10), threading.Event()

    def publish():
        while not done.wait(PERIOD):
            camera.publish(PICTURE, stamp=time.time())
    with own_peer.poses() as poses, own_peer.diagnostics() as reports:
        camera.prime(poses)
        sent = camera.count
        reports.clear()
        before = values_of(own_peer.until(lambda: reports[1:], 'reports')[-1].status[0])
        publisher = threading.Thread(target=publish)
        publisher.start()
        try:
            own_peer.until(lambda: len(poses) > 3, 'answers')
            node.process.send_signal(signal.SIGSTOP)
            paused, said = time.time(), len(node.lines)
            time.sleep(PAUSE)
            node.process.send_signal(signal.SIGCONT)
            resumed = time.time()
            own_peer.until(lambda: poses[-1].header.stamp.sec > resumed, 'answers after the pause')
        finally:
            done.set()
            publisher.join()
        camera.publish(PICTURE, frame_id='last', stamp=time.time())
        own_peer.until(lambda: poses[-1].header.frame_id == 'last', 'the last answer')
        reports.clear()
        after = values_of(own_peer.until(lambda: reports[2:], 'reports')[-1].status[0])
    assert node.process.poll() is None
    assert 'watchdog' not in node.text
    assert 'no image for' not in '\n'.join(node.lines[said:])
    stamps = [p.header.stamp.sec + p.header.stamp.nanosec / 1e9 for p in poses]
    assert not [s for s in stamps if paused + IN_PROGRESS < s < resumed - 0.1]
    change = {key: int(after[f'images {key}']) - int(before[f'images {key}'])
              for key in ('published', 'processed', 'skipped', 'lost', 'rejected', 'failed')}
    assert change['published'] == camera.count - sent
    assert change['processed'] == len(poses)
    assert change['skipped'] == change['published'] - change['processed'] > PAUSE / PERIOD / 2
