"""The measurements over DDS: real processes, briefly; the arithmetic on made-up numbers."""
import math
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from support.children import running_children
from support.process import remove_dead_segments

from movenet_ros.errors import MovenetError
from movenet_ros.measure.speed.node import NodeOptions, measure_cameras, measure_node, measure_start
from movenet_ros.measure.speed.node.camera import schedule
from movenet_ros.measure.speed.node.node_report import (
    BASELINE,
    HOP,
    HOP_OUT,
    NODE,
    Measured,
    report,
)
from movenet_ros.measure.speed.node.peak import Probe, peak_rate
from movenet_ros.measure.speed.node.rig import Rig
from movenet_ros.measure.speed.node.statistics import Burst, Calls, middle, percentile, pooled

BRIEF = NodeOptions(seconds=0.3, rounds=1, sizes=('vga',))
MS = 1_000_000


@pytest.fixture(scope='module')
def node_part():
    logged = []
    before = running_children()
    part = measure_node(BRIEF, logged.append)
    assert running_children() == before
    assert logged
    return part


def table(part, title):
    [found] = [t for t in part.tables if t.title == title]
    assert all(len(row) == len(found.columns) for row in found.rows)
    return [dict(zip(found.columns, row, strict=True)) for row in found.rows]


def test_the_node_is_measured_next_to_others(node_part):
    rows = {row['what']: row for row in table(node_part, 'Over DDS')}
    assert {'bare hop', 'bare hop of poses', 'node', 'node, 60 Hz', 'straightforward node',
            'straightforward, drawing', 'straightforward, no profile'} <= set(rows)
    for what, row in rows.items():
        assert row['images'] == (18 if '60 Hz' in what else 9)
        assert 0.0 <= row['dropped [%]'] <= 100.0
        if row['dropped [%]'] < 100.0:
            assert 0.0 < row['published p50 [ms]'] < row['received p50 [ms]']
            assert row['CPU [ms]'] > 0.0
    # Whoever runs a network takes longer than whoever does nothing.
    for what in ('node', 'straightforward node'):
        assert rows[what]['received p50 [ms]'] > rows['bare hop']['received p50 [ms]']
        assert rows[what]['CPU [ms]'] > rows['bare hop']['CPU [ms]']


def test_what_the_node_adds_is_told_against_the_engine(node_part):
    [row] = table(node_part, 'The node, its floor and the straightforward node')
    assert row['size'] == 'vga'
    assert all(math.isfinite(value) for key, value in row.items() if key != 'size')
    [peak] = table(node_part, 'Peak rate and overload')
    assert peak['processed [Hz]'] <= peak['overload [Hz]']


def test_targets_that_were_not_measured_have_no_value(node_part):
    assert all(target.value > 0.0 for target in node_part.targets)
    elsewhere = report(replace(BRIEF, sizes=('720p',)), measured('720p'))
    floor = [target for target in elsewhere.targets if 'hop in' in target.name]
    assert [target.value for target in floor] == [None, None]
    assert 'vga was not asked for' in floor[0].note


def test_numbers_for_a_picture(node_part):
    latency = node_part.data['latency_ms']['vga']
    assert set(latency) == {'hop', 'node', 'baseline'}
    assert all(0 < len(values) <= 9 and min(values) > 0.0 for values in latency.values())


def test_start():
    before = running_children()
    part = measure_start(BRIEF, lambda text: None)
    assert running_children() == before
    for row in table(part, 'Start of the node'):
        assert 0.0 < row['configured [s]'] <= row['active [s]'] < row['first pose [s]']
        assert row['first image [s]'] < row['first pose [s]']
        assert 0.0 < row['private [MB]'] < row['Rss [MB]']
    times = {row['statement']: row['time [s]'] for row in table(part, 'Imports')}
    assert 0.0 < times['import movenet_ros'] < times['import movenet_ros.ros.node']
    foreign = {target.name: target for target in part.targets}[
        'files of TensorFlow that the node loads']
    assert foreign.value == 0


def test_cameras():
    before = running_children()
    part = measure_cameras(BRIEF, lambda text: None)
    assert running_children() == before
    rows = table(part, 'Several cameras')
    assert [row['cameras'] for row in rows] == [1, 2, 4]
    for row in rows:
        assert 0.0 < row['p50 at 30 Hz [ms]'] <= row['p99 [ms]']
        assert row['share'] == pytest.approx(row['full load [Hz]'] / row['engine [Hz]'])
        assert 0.0 <= row['fairness'] <= 1.0
        assert 0.0 < row['private [MB]'] <= row['Pss [MB]'] <= row['Rss [MB]']
    uneven = table(part, 'Cameras of different rates')
    assert [row['camera'] for row in uneven] == ['a', 'b', 'c', 'd']
    assert [row['published [Hz]'] for row in uneven] == sorted(
        (row['published [Hz]'] for row in uneven), reverse=True)
    assert part.data['cameras'] == [1, 2, 4]
    assert part.data['rate'] == [row['full load [Hz]'] for row in rows]
    assert part.data['engine_rate'] == rows[0]['engine [Hz]']
    assert len(part.targets) == 3


@pytest.fixture(scope='module')
def rig():
    with Rig() as rig:
        yield rig
    remove_dead_segments()


def test_a_node_that_rejects_its_parameters_is_quoted(rig):
    rig.open('/refusing')
    route = rig.route(rig.node('/refusing', threads=-1), '/refusing')
    with pytest.raises(MovenetError, match=r"node in /refusing .*'threads' = -1: must be 0 to 256"):
        rig.meet([route], 'vga')


def test_a_node_that_cannot_be_configured_is_quoted(rig, tmp_path):
    rig.open('/failing')
    route = rig.route(rig.node('/failing', models_dir=tmp_path), '/failing')
    with pytest.raises(MovenetError, match=f'cannot configure: .*{tmp_path}'):
        rig.meet([route], 'vga')


def test_a_node_that_ends_is_missed(rig):
    rig.open('/ending')
    route = rig.route(rig.node('/ending'), '/ending')
    rig.meet([route], 'vga')
    assert rig.burst(route, 'vga', 30.0, 0.2).answers
    os.kill(route.process.pid, signal.SIGKILL)
    with pytest.raises(MovenetError, match='has ended with code -9'):
        rig.burst(route, 'vga', 30.0, 0.2)


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_who_interrupts_it_finds_nothing_left(number):
    before = running_children()
    # Whoever starts the tests in the background may have them inherit that SIGINT is ignored.
    code = ('import signal; signal.signal(signal.SIGINT, signal.default_int_handler); '
            'from movenet_ros.measure.speed.node import NodeOptions, measure_cameras; '
            'measure_cameras(NodeOptions(), lambda text: print(text, flush=True))')
    with subprocess.Popen([sys.executable, '-c', code], text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL) as process:
        assert process.stdout.readline()
        started = descendants(process.pid)
        while len(started) < 5:
            started = descendants(process.pid)
        process.send_signal(number)
        assert process.wait(20.0) != 0
    # an orphan would be ours now
    assert running_children() == before


def descendants(pid):
    return Path(f'/proc/{pid}/task/{pid}/children').read_text(encoding='ascii').split()


def test_a_camera_that_cannot_is_quoted(rig):
    with pytest.raises(MovenetError, match="camera cannot load: KeyError: '8k'"):
        rig.camera.ask('load', size='8k')


def test_cameras_of_one_rate_take_turns():
    assert schedule([2.0, 2.0], 1.0) == [(0.0, 0), (0.25, 1), (0.5, 0), (0.75, 1)]
    uneven = schedule([4.0, 1.0], 1.0)
    assert [turn for _, turn in uneven].count(0) == 4
    assert uneven == sorted(uneven)


def burst(latencies, lost=0, seconds=1.0, cpu=0.0):
    """A burst of images 10 ms apart; those that are lost come first."""
    count = lost + len(latencies)
    stamps = [index * 10 * MS for index in range(count)]
    notes = [(stamp, stamp + int(ms * MS) - MS, stamp + int(ms * MS))
             for stamp, ms in zip(stamps[lost:], latencies, strict=True)]
    return Burst.of(stamps, seconds, notes, cpu)


def measured(size):
    """Of one round: 10 ms where the floor is 2 + 5 + 1, 12 ms of CPU time where it is 1 + 4 + 3."""
    numbers = Measured()
    for who, latency, cpu in ((HOP, 2.0, 1.0), (NODE, 10.0, 12.0), (HOP_OUT, 1.0, 3.0),
                              (BASELINE, 8.0, 24.0)):
        numbers.bursts[who, size].append(burst([latency], cpu=cpu / 1e3))
    numbers.calls[size].append(Calls((5.0,), (4.0,)))
    numbers.back_to_back = Calls((5.0,), (4.0,))
    numbers.peaks.update({(NODE, size): 100.0, (BASELINE, size): 50.0})
    numbers.overload[size] = burst([10.0])
    return numbers


def test_the_node_is_compared_with_its_floor_and_the_straightforward_one():
    part = report(BRIEF, measured('vga'))
    values = [target.value for target in part.targets]
    assert values == pytest.approx([10.0 / 8.0, 12.0 / 8.0, 10.0 / 8.0])
    [row] = table(part, 'The node, its floor and the straightforward node')
    assert row['floor of latency [ms]'] == pytest.approx(8.0)
    assert row['floor of CPU [ms]'] == pytest.approx(8.0)
    assert row['CPU, straightforward / node'] == pytest.approx(2.0)


def test_a_node_on_another_engine_is_not_compared_with_one_on_litert():
    part = report(replace(BRIEF, engine='keras'), measured('vga'))
    assert not [target for target in part.targets if 'straightforward' in target.name]


def test_answers_are_told_by_their_stamps():
    stamps = [10, 20, 30, 40]
    # one of an image before, one that came twice
    got = Burst.of(stamps, 2.0, [(5, 6, 7), (10, 11, 12), (30, 31, 32), (30, 31, 32)], 0.02)
    assert got.answers == ((10, 11, 12), (30, 31, 32))
    assert got.rate == 2.0 and got.processed_rate == 1.0
    assert got.dropped == 0.5
    assert got.cpu_per_answer == pytest.approx(10.0)


def test_latencies_are_in_milliseconds():
    got = burst([4.0, 5.0, 6.0])
    assert got.received == pytest.approx([4.0, 5.0, 6.0])
    assert got.sent == pytest.approx([3.0, 4.0, 5.0])
    both = pooled([got, burst([9.0], lost=2, seconds=3.0, cpu=0.004)])
    assert both.received == pytest.approx([4.0, 5.0, 6.0, 9.0])
    assert both.dropped == pytest.approx(2 / 6)
    assert both.seconds == 4.0
    assert both.cpu_per_answer == pytest.approx(1.0)


def test_nothing_processed_is_no_number():
    nothing = burst([], lost=3)
    assert nothing.dropped == 1.0
    assert math.isnan(middle(nothing.received))
    assert math.isnan(nothing.cpu_per_answer) and math.isnan(nothing.interval)
    assert percentile([1.0, 2.0, 3.0], 50.0) == 2.0


def test_calls():
    calls = Calls((2.0, 3.0), (4.0, 6.0))
    assert calls.cpu_per_call == 5.0
    assert calls.rate == pytest.approx(400.0)


@pytest.mark.parametrize('guess', [20.0, 150.0, 173.0, 1500.0])
def test_the_peak_is_found_from_wherever_the_search_begins(guess):
    # above its peak, whoever answers goes on at the same rate
    found = peak_rate(lambda rate: Probe(rate, max(0.0, 1.0 - 173.0 / rate)), guess)
    assert 173.0 / 1.08 <= found <= 173.0 / 0.95


def test_one_failure_out_of_two_is_forgiven():
    attempts = []

    def probe(rate):
        attempts.append(rate)
        return Probe(rate, 0.5 if rate > 100.0 or len(attempts) % 2 else 0.0)

    assert 90.0 < peak_rate(probe, 60.0) <= 100.0


def test_a_camera_that_does_not_follow_ends_the_search():
    assert 95.0 < peak_rate(lambda rate: Probe(min(rate, 100.0), 0.0), 30.0) < 106.0


def test_nothing_served():
    assert peak_rate(lambda rate: Probe(rate, 1.0), 60.0) == 0.0
