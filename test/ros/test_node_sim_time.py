"""A simulated clock that is paused, jumps, and loops: images are processed all the same."""
import cv2
import pytest
from builtin_interfaces.msg import Time
from rosgraph_msgs.msg import Clock
from support.process import NodeProcess
from support.ros import image, values_of

IMAGE_AGE = 0.5  # s, of each image by the clock, when it is published
HOUR = 3600


@pytest.fixture(scope='module')
def node():
    with NodeProcess('-p use_sim_time:=true', autostart='true',
                     **{'diagnostics.period': 0.1}) as process:
        process.wait_for_line('active: ')
        yield process


@pytest.fixture(scope='module')
def person(request):
    return image(cv2.imread(str(request.config.rootpath / 'test' / 'data' / 'astronaut.jpg')))


class Simulator:
    """Publishes the time, and images with stamps of that time."""

    def __init__(self, peer, camera, poses, reports):
        self.peer, self.camera, self.poses, self.reports = peer, camera, poses, reports
        self.clock = peer.node.create_publisher(Clock, '/clock', 1)
        peer.until(self.clock.get_subscription_count, 'a node that wants the time')

    def close(self):
        self.peer.node.destroy_publisher(self.clock)

    def set(self, seconds):
        """Sets the time; waits until the node reports by it, and returns such a report."""
        def reported():
            self.clock.publish(Clock(clock=Time(sec=seconds)))
            return [r for r in self.reports if r.header.stamp == Time(sec=seconds)]
        self.reports.clear()
        return self.peer.until(reported, f'a report at {seconds} s')[0]

    def show(self, picture, seconds):
        """Shows an image stamped a little before that time; returns who is seen."""
        return self.camera.show(picture, self.poses, stamp=seconds - IMAGE_AGE).poses


@pytest.fixture
def simulator(peer):
    peer.bring_to('inactive')
    peer.bring_to('active')
    camera = peer.camera()
    with peer.poses() as poses, peer.diagnostics() as reports:
        camera.prime(poses)
        simulator = Simulator(peer, camera, poses, reports)
        yield simulator
        simulator.close()
    camera.close()


def age(simulator):
    """Age of the images in the next report that has any [ms]."""
    simulator.reports.clear()
    values = simulator.peer.until(lambda: [
        v for r in simulator.reports
        if (v := values_of(r.status[0]))['stamp age max [ms]'] != '-'], 'an age')[0]
    return float(values['stamp age max [ms]'])


def test_before_the_clock_begins(peer, person):
    peer.bring_to('inactive')
    peer.bring_to('active')
    camera = peer.camera()
    with peer.poses() as poses, peer.diagnostics() as reports:
        camera.prime(poses)
        assert len(camera.show(person, poses).poses) == 1
        peer.until(lambda: len(reports) > 2, 'reports')
    camera.close()
    assert {(r.header.stamp.sec, r.header.stamp.nanosec) for r in reports} == {(0, 0)}


def test_a_clock_that_stands_still(simulator, person):
    simulator.set(100)
    # Paused simulators publish no images, but cameras of another source go on.
    seen = [simulator.show(person, 100) for _ in range(3)]
    assert [[p.id for p in people] for people in seen] == [[seen[0][0].id]] * 3
    assert age(simulator) == pytest.approx(1000 * IMAGE_AGE)
    simulator.reports.clear()
    simulator.peer.until(lambda: len(simulator.reports) > 2, 'reports')
    assert {r.header.stamp.sec for r in simulator.reports} == {100}


def test_a_clock_that_jumps_ahead(simulator, person):
    simulator.set(100)
    [before] = simulator.show(person, 100)
    simulator.set(100 + HOUR)
    [after] = simulator.show(person, 100 + HOUR)
    # It is an hour later: people have new ids.
    assert (after.id, after.age) == (before.id + 1, 0.0)
    assert age(simulator) == pytest.approx(1000 * IMAGE_AGE)


def test_a_clock_that_goes_round(simulator, person):
    seen = []
    for _ in range(3):
        for seconds in (100, 101):
            simulator.set(seconds)
            seen.append(simulator.show(person, seconds)[0])
    first = seen[0].id
    assert [p.id - first for p in seen] == [0, 0, 1, 1, 2, 2]
    assert [round(p.age, 3) for p in seen] == [0, 1, 0, 1, 0, 1]


def test_the_silence_is_timed_by_a_clock_that_goes_on(simulator):
    simulator.set(100)
    assert simulator.peer.set(diagnostics__image_timeout=0.3) == []
    try:
        simulator.reports.clear()
        status = simulator.peer.until(lambda: [
            r.status[0] for r in simulator.reports if r.status[0].level == b'\x02'], 'silence')[0]
    finally:
        simulator.peer.set(diagnostics__image_timeout=5.0)
    assert 'no image for' in status.message
