"""A network that hangs, gives invalid values, or is missing: reported, counted, survived."""
import contextlib
import itertools
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from rclpy.executors import SingleThreadedExecutor
from rclpy.lifecycle import TransitionCallbackReturn
from support.paths import MODELS
from support.ros import Peer, image, values_of

from movenet_ros.config import Config
from movenet_ros.core.network import Networks
from movenet_ros.engines.loading import load_networks
from movenet_ros.errors import EngineError, ModelError
from movenet_ros.ros import resources as resources
from movenet_ros.ros.node import EXIT_HANGS, MovenetNode

PICTURE = image(np.zeros((48, 64, 3), np.uint8))


class Faulty:
    """A real network that hangs or gives invalid values on command."""

    def __init__(self, network):
        self.network, self.info, self.close = network, network.info, network.close
        self.may_continue, self.invalid = threading.Event(), None
        self.may_continue.set()

    def infer(self, pictures, *more):
        assert self.may_continue.wait(20.0)
        rows = self.network.infer(pictures, *more)
        if self.invalid is not None:
            rows[..., 2] = self.invalid
        return rows


@pytest.fixture
def network(monkeypatch):
    loaded = []

    def load(config):
        networks = load_networks(config)
        loaded.append(Faulty(networks.main))
        return Networks(loaded[-1], networks.refine)

    monkeypatch.setattr(resources, 'load_networks', load)
    return lambda: loaded[-1]


@pytest.fixture
def node(network):
    """An active node, in a thread of its own."""
    # a peer first, for its context
    peer = Peer()
    node = MovenetNode(context=peer.context, use_global_arguments=False, cli_args=[
        '--ros-args', '-r', '__node:=faulty', '-p', 'watchdog.timeout:=0.3',
        '-p', 'diagnostics.period:=0.1'])
    executor = SingleThreadedExecutor(context=peer.context)
    executor.add_node(node)
    for transition in (node.trigger_configure, node.trigger_activate):
        assert transition() == TransitionCallbackReturn.SUCCESS
    thread = threading.Thread(target=executor.spin)
    thread.start()
    yield peer
    network().may_continue.set()
    executor.shutdown()
    thread.join()
    node.trigger_shutdown()
    node.destroy_node()
    peer.close()


def test_a_network_that_hangs_is_reported_meanwhile(node, network):
    peer = node
    camera = peer.camera()
    with peer.poses('/faulty/poses') as poses, peer.diagnostics() as reports:
        camera.prime(poses)
        network().may_continue.clear()
        camera.publish(PICTURE, frame_id='stuck')
        alarms = peer.until(lambda: [r.status[0] for r in reports if r.status[0].level == b'\x02'],
                            'an alarm')
        assert 'a network has been running for' in alarms[0].message
        assert 'watchdog.timeout = 0.3 s' in alarms[0].message
        network().may_continue.set()
        peer.until(lambda: poses and poses[-1].header.frame_id == 'stuck', 'the late answer')
        reports.clear()
        peer.until(lambda: reports and reports[-1].status[0].level == b'\x00', 'recovery')


def test_a_camera_is_not_silent_while_nobody_listens(node, network):
    peer = node
    peer.target = '/faulty'
    assert peer.set(diagnostics__image_timeout=0.5) == []
    camera = peer.camera()
    with peer.poses('/faulty/poses') as poses, peer.diagnostics() as reports:
        camera.prime(poses)
        network().may_continue.clear()
        camera.publish(PICTURE, frame_id='long')
        peer.spin(1.0)
        reports.clear()
        network().may_continue.set()
        peer.until(lambda: poses, 'the late answer')
        status = peer.until(lambda: [r.status[0] for r in reports if 'network has been running'
                                     not in r.status[0].message], 'a report')[0]
    assert status.message.startswith('active, ')


@pytest.mark.parametrize('number', [3, 50], ids=['fits_the_queue', 'overflows_the_queue'])
def test_after_a_long_image_only_the_newest_is_processed(node, network, number):
    peer = node
    camera = peer.camera(qos=10)
    with peer.poses('/faulty/poses') as poses, peer.diagnostics() as reports:
        camera.prime(poses)
        reports.clear()
        before = values_of(peer.until(lambda: reports, 'a report')[0].status[0])
        network().may_continue.clear()
        camera.publish(PICTURE, frame_id='long')
        peer.spin(0.1)
        for _ in range(number):
            camera.publish(PICTURE, frame_id='overtaken')
            time.sleep(0.001)
        camera.publish(PICTURE, frame_id='newest')
        peer.spin(0.1)
        network().may_continue.set()
        peer.until(lambda: poses and poses[-1].header.frame_id == 'newest', 'the newest')
        reports.clear()
        after = values_of(peer.until(lambda: reports[1:], 'a later report')[0].status[0])
    change = {key: int(after[f'images {key}']) - int(before[f'images {key}'])
              for key in ('published', 'processed', 'skipped', 'lost')}
    assert [p.header.frame_id for p in poses] == ['long', 'newest']
    assert change == {'published': number + 2, 'processed': 2, 'skipped': number, 'lost': 0}


@pytest.mark.parametrize('invalid', [np.nan, np.inf])
def test_what_is_not_a_number_is_not_published(node, network, invalid):
    peer = node
    camera = peer.camera()
    with peer.poses('/faulty/poses') as poses, peer.diagnostics() as reports:
        camera.prime(poses)
        network().invalid = invalid
        camera.publish(PICTURE, frame_id='invalid')
        bad = peer.until(lambda: [r.status[0] for r in reports if r.status[0].level == b'\x02'],
                         'an error')[0]
        network().invalid = None
        camera.show(PICTURE, poses, frame_id='after')
    assert 'NaN or infinite' in bad.message
    assert int(values_of(bad)['images failed']) == 1
    assert [message.header.frame_id for message in poses] == ['after']


STUCK = """
import sys, time
from movenet_ros.config import Config
from movenet_ros.core.network import Networks
from movenet_ros.engines.loading import load_networks
from movenet_ros.ros import resources as resources
from movenet_ros.ros.main import run

class Stuck:
    def __init__(self, network):
        self.network, self.info, self.runs = network, network.info, 0
        self.close = network.close
    def infer(self, pictures, *more):
        self.runs += 1
        if self.runs > 2:  # those of the warm-up
            print('stuck', file=sys.stderr, flush=True)
            time.sleep(30)
        return self.network.infer(pictures, *more)

resources.load_networks = lambda config: Networks(Stuck(load_networks(config).main))
sys.exit(run(['--ros-args', '-r', '__node:=stuck', '-p', 'autostart:=true', *sys.argv[1:]]))
"""


@contextlib.contextmanager
def stuck(*arguments):
    """A node in a process of its own whose network hangs, and a peer whose camera shows it images.

    Yields the process, and a function that waits for a condition while images are published.
    """
    process = subprocess.Popen([sys.executable, '-c', STUCK, *arguments],
                               stderr=subprocess.PIPE, text=True)
    peer = Peer('/stuck')
    try:
        camera = peer.camera()

        def showing(condition, what):
            def show():
                camera.publish(PICTURE)
                time.sleep(0.02)
                return condition()
            peer.until(show, what)
        yield process, showing
    finally:
        peer.close()
        process.kill()
        process.communicate()


def test_exit_on_request():
    with stuck('-p', 'watchdog.exit:=true', '-p', 'watchdog.timeout:=0.2') as (process, showing):
        showing(lambda: process.poll() is not None, 'the end of the process')
        assert process.returncode == EXIT_HANGS
        assert 'watchdog.exit' in process.stderr.read()


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_a_stop_signal_while_the_network_hangs(number):
    with stuck() as (process, showing):
        said, hangs = [], threading.Event()

        def read():
            for line in process.stderr:
                said.append(line)
                if line == 'stuck\n':
                    hangs.set()
        reader = threading.Thread(target=read)
        reader.start()
        showing(hangs.is_set, 'a network that hangs')
        started = time.monotonic()
        process.send_signal(number)
        assert process.wait(20.0) == 0
        assert time.monotonic() - started < 2.0
        reader.join()
    assert 'leaving at once' in said[-1]
    assert 'Traceback' not in ''.join(said)


@pytest.fixture
def no_gpu(monkeypatch):
    """Keras that finds no driver, as it says it."""
    def load(config):
        if config.engine == 'keras':
            raise EngineError('there is no device gpu:0: no driver')
        return load_networks(config)
    monkeypatch.setattr(resources, 'load_networks', load)


@pytest.fixture
def no_int8(tmp_path):
    """A models folder without the int8 files, which its manifest lists."""
    for path in MODELS.iterdir():
        if not path.name.endswith('_int8.tflite'):
            (tmp_path / path.name).symlink_to(path)
    return tmp_path


@pytest.mark.parametrize(('settings', 'cause'), [
    (['engine:=keras'], 'no driver'),
    (['engine:=litert', 'precision:=bfloat16'], 'has no precision bfloat16'),
    (['precision:=int8', 'models_dir:={no_int8}'], 'movenet_lightning_int8.tflite cannot be read')])
@pytest.mark.parametrize('fallback', [False, True])
def test_falling_back_is_a_choice(no_gpu, no_int8, fallback, settings, cause):
    settings = [setting.format(no_int8=no_int8) for setting in settings]
    peer = Peer()
    node = MovenetNode(context=peer.context, use_global_arguments=False, cli_args=[
        '--ros-args', '-r', '__node:=fallen', *itertools.chain(
            *(('-p', setting) for setting in (*settings, f'fallback:={str(fallback).lower()}')))])
    try:
        result = node.trigger_configure()
        if fallback:
            assert result == TransitionCallbackReturn.SUCCESS
            info = node.resources.networks.info
            assert (info.engine.split()[0], info.precision) == ('litert', 'float32')
        else:
            assert result == TransitionCallbackReturn.FAILURE
            assert cause in node.last_error
            assert node.state_name == 'unconfigured'
    finally:
        node.trigger_shutdown()
        node.destroy_node()
        peer.close()


@pytest.mark.parametrize(('precision', 'tried'), [
    ('float32', ['float32']), ('int8', ['int8', 'float32'])])
def test_a_file_that_is_damaged_is_read_once(monkeypatch, precision, tried):
    def load(config):
        found.append(config.precision)
        raise ModelError('the file is damaged')

    found = []
    monkeypatch.setattr(resources, 'load_networks', load)
    peer = Peer()
    try:
        with pytest.raises(ModelError, match='the file is damaged'):
            resources.Resources.load(peer.node, Config(precision=precision, fallback=True))
        assert found == tried
    finally:
        peer.close()
