"""Every transition, and what is there in each state."""
import contextlib

import numpy as np
import pytest
from support.process import NodeProcess
from support.ros import Peer, image, values_of
from support.usage import usage

from movenet_ros.msg import PoseArray

RIGHT = {
    'unconfigured': {'configure'},
    'inactive': {'activate', 'cleanup'},
    'active': {'deactivate'},
    'finalized': set(),
}
"""The transitions that each state allows; `shutdown` all but the last, see below."""

WRONG = [(state, label) for state, right in RIGHT.items() if state != 'finalized'
         for label in ('configure', 'cleanup', 'activate', 'deactivate') if label not in right]


@pytest.fixture(scope='module')
def node():
    with NodeProcess(**{'diagnostics.period': 0.2}) as process:
        yield process


@pytest.fixture
def fresh(peer):
    peer.bring_to('unconfigured')
    return peer


def topics(peer):
    """What the node publishes and subscribes to of its own."""
    graph = peer.node
    return {name for name in OUTPUTS if graph.count_publishers(name)} | {
            name for name in ('/image', '/image/compressed') if graph.count_subscribers(name)}


OUTPUTS = {'/movenet/poses', '/movenet/overlay', '/movenet/overlay/compressed',
           '/movenet/pose_info'}


def test_each_state_holds_what_it_should(fresh):
    fresh.until(lambda: topics(fresh) == set(), 'no topics')
    assert fresh.transition('configure')
    fresh.until(lambda: topics(fresh) == OUTPUTS, 'the publishers')
    assert fresh.transition('activate')
    fresh.until(lambda: topics(fresh) == OUTPUTS | {'/image'}, 'the subscription')
    assert fresh.transition('deactivate')
    fresh.until(lambda: topics(fresh) == OUTPUTS, 'no subscription')
    assert fresh.transition('cleanup')
    fresh.until(lambda: topics(fresh) == set(), 'no topics')


@pytest.mark.parametrize(('state', 'wrong'), WRONG)
def test_a_wrong_transition_changes_nothing(peer, state, wrong):
    peer.bring_to(state)
    assert not peer.transition(wrong)
    assert peer.state() == state


def test_a_failed_configure_says_why_and_can_be_mended(node, fresh):
    assert fresh.set(models_dir='/nowhere') == []
    with fresh.diagnostics() as reports:
        assert not fresh.transition('configure')
        assert fresh.state() == 'unconfigured'
        node.wait_for_line('cannot configure')
        assert 'Traceback' not in node.text
        failed = fresh.until(
            lambda: [r.status[0] for r in reports if r.status[0].level == b'\x02'], 'an error')[0]
    assert 'cannot configure' in failed.message
    assert '/nowhere' in failed.message
    assert fresh.set(models_dir='') == []
    assert fresh.transition('configure')
    assert fresh.transition('activate')


def test_the_report_tells_the_state(peer):
    for state in ('unconfigured', 'inactive', 'active'):
        peer.bring_to(state)
        with peer.diagnostics() as reports:
            peer.until(lambda: reports, 'a report')
        status = reports[0].status[0]
        assert status.name == 'movenet: poses'
        values = values_of(status)
        assert values['state'] == state
        assert ('engine' in values) == (state != 'unconfigured')


@contextlib.contextmanager
def alone(name):
    """A node in a namespace of its own, and a peer for it."""
    peer = Peer(f'/{name}/movenet')
    try:
        with NodeProcess(f'-r __ns:=/{name}') as process:
            yield process, peer
    finally:
        peer.close()


@pytest.mark.parametrize('state', ['unconfigured', 'inactive', 'active'])
def test_shutdown_from_every_state_is_the_last_transition(state):
    with alone('leaving') as (process, peer):
        peer.bring_to(state)
        assert peer.transition('shutdown')
        assert peer.state() == 'finalized'
        for label in ('configure', 'cleanup', 'activate', 'deactivate', 'shutdown'):
            assert not peer.transition(label)
        assert peer.state() == 'finalized'
        assert process.stop()[0] == 0
        assert 'Traceback' not in process.text


def test_a_hundred_cycles_leave_nothing_behind():
    blank = image(np.zeros((48, 64, 3), np.uint8))
    with alone('cycling') as (node, peer), peer.listening(
            '/cycling/movenet/poses', PoseArray, matched=False) as poses:
        camera = peer.camera('/cycling/image')

        def cycles(number):
            for cycle in range(number):
                assert peer.transition('configure')
                assert peer.transition('activate')
                if cycle % 10 == 0:
                    camera.prime(poses)
                    camera.show(blank, poses)
                assert peer.transition('deactivate')
                assert peer.transition('cleanup')
            return usage(node.process.pid)

        peer.state()
        before, half, after = cycles(20), cycles(50), cycles(50)
    # What a camera and its topics take shows after fifty cycles. The heap may grow once, when a
    # model (5 MiB) finds no hole that is large enough; what remains of a cycle shows in each half.
    assert min(half.private - before.private, after.private - half.private) < 0.5
    assert after.threads == before.threads
    assert after.descriptors == before.descriptors
