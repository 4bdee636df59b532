"""The schedulers by themselves, with cameras that only note what happens to their images."""
import threading
import time
from queue import SimpleQueue

import numpy as np
import pytest

from movenet_ros.core.inference import InferenceRequest
from movenet_ros.errors import EngineError
from movenet_ros.ros.scheduling.batched import BatchedScheduler
from movenet_ros.ros.scheduling.inline import InlineScheduler
from movenet_ros.ros.scheduling.pipelined import PipelinedScheduler
from movenet_ros.ros.watchdog import Watchdog

PICTURES = np.zeros((1, 2, 2, 3), np.uint8)


class Executor:
    """Stands in for a node and its executor: calls back when a guard condition is triggered."""

    def __init__(self):
        self._callbacks = SimpleQueue()

    def create_guard_condition(self, callback):
        return Guard(lambda: self._callbacks.put(callback))

    def destroy_guard_condition(self, guard):
        guard.trigger = None

    def spin(self, until, deadline=5.0):
        end = time.monotonic() + deadline
        while not until():
            assert time.monotonic() < end
            if not self._callbacks.empty():
                self._callbacks.get()()
            time.sleep(0.001)


class Guard:
    def __init__(self, trigger):
        self.trigger = trigger


class Network:
    """Notes the size of each batch; waits, or fails, on command."""

    def __init__(self):
        self.batches, self.error = [], None
        self.may_run = threading.Event()
        self.may_run.set()

    def infer(self, pictures, *_):
        assert self.may_run.wait(5.0)
        self.batches.append(len(pictures))
        if self.error:
            raise self.error
        return np.ones(len(pictures), np.float32)


class Camera:
    """Notes into a common log what happens to its images, which are numbers."""

    def __init__(self, name, network, log, requests=1):
        self.name, self.network, self.log, self.requests = name, network, log, requests

    def process(self, image):
        try:
            for _ in range(self.requests):
                yield InferenceRequest(self.network, PICTURES)
            self.log.append(f'{self.name}{image} published')
        except EngineError as error:
            self.log.append(f'{self.name}{image} failed: {error}')
        return lambda seconds: self.log.append((f'{self.name}{image} finished', seconds >= 0.0))

    def skip(self):
        self.log.append(f'{self.name} skipped')


@pytest.fixture
def watchdog():
    watchdog = Watchdog(lambda: 10.0, lambda seconds: None)
    yield watchdog
    watchdog.close()


def finished(log):
    return [entry[0] for entry in log if isinstance(entry, tuple)]


def test_inline_processes_an_image_when_it_is_submitted(watchdog):
    log, network = [], Network()
    InlineScheduler(watchdog).submit(Camera('a', network, log, requests=2), 1)
    assert log == ['a1 published', ('a1 finished', True)]
    assert network.batches == [1, 1]


def test_a_batch_publishes_all_poses_before_it_finishes_any_image(watchdog):
    log, network, executor = [], Network(), Executor()
    scheduler = BatchedScheduler(executor, watchdog)
    for name in 'abc':
        scheduler.submit(Camera(name, network, log), 1)
    assert log == []
    executor.spin(lambda: len(finished(log)) == 3)
    assert log[:3] == ['a1 published', 'b1 published', 'c1 published']
    assert finished(log) == ['a1 finished', 'b1 finished', 'c1 finished']
    assert network.batches == [3]


def test_a_batch_has_the_newest_image_of_each_camera(watchdog):
    log, executor = [], Executor()
    scheduler = BatchedScheduler(executor, watchdog)
    camera, other = Camera('a', Network(), log), Camera('b', Network(), log)
    for image in (1, 2):
        scheduler.submit(camera, image)
    scheduler.submit(other, 1)
    executor.spin(lambda: len(finished(log)) == 2)
    assert log[:1] == ['a skipped']
    assert finished(log) == ['a2 finished', 'b1 finished']


def test_a_network_that_fails_fails_the_images_of_its_batch_alone(watchdog):
    log, executor, broken = [], Executor(), Network()
    broken.error = EngineError('out of memory')
    scheduler = BatchedScheduler(executor, watchdog)
    scheduler.submit(Camera('a', broken, log), 1)
    scheduler.submit(Camera('b', Network(), log), 1)
    executor.spin(lambda: len(finished(log)) == 2)
    assert 'a1 failed: out of memory' in log and 'b1 published' in log


def test_the_pipeline_prepares_an_image_while_the_network_runs(watchdog):
    log, network, executor = [], Network(), Executor()
    network.may_run.clear()
    scheduler = PipelinedScheduler(executor, watchdog)
    cameras = {name: Camera(name, network, log) for name in 'abc'}
    for camera in cameras.values():
        scheduler.submit(camera, 1)
    scheduler.submit(cameras['c'], 2)
    # a is on the network, b is prepared, c waits.
    scheduler.submit(cameras['a'], 2)
    scheduler.submit(cameras['a'], 3)
    assert log == ['c skipped', 'a skipped']
    network.may_run.set()
    executor.spin(lambda: len(finished(log)) == 4)
    assert finished(log) == ['a1 finished', 'b1 finished', 'c2 finished', 'a3 finished']
    scheduler.close()


def test_a_failure_in_the_pipeline_leaves_the_others(watchdog):
    log, executor, broken = [], Executor(), Network()
    broken.error = EngineError('no driver')
    scheduler = PipelinedScheduler(executor, watchdog)
    scheduler.submit(Camera('a', broken, log), 1)
    scheduler.submit(Camera('b', Network(), log, requests=3), 1)
    executor.spin(lambda: len(finished(log)) == 2)
    assert 'a1 failed: no driver' in log and 'b1 published' in log
    scheduler.close()


def test_the_pipeline_closes_with_images_in_progress_and_waiting(watchdog):
    log, network, executor = [], Network(), Executor()
    network.may_run.clear()
    scheduler = PipelinedScheduler(executor, watchdog)
    for name in 'abc':
        scheduler.submit(Camera(name, network, log), 1)
    threading.Timer(0.05, network.may_run.set).start()
    scheduler.close()
    assert 'network' not in {thread.name for thread in threading.enumerate()}
    assert finished(log) == []
