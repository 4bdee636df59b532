"""The measuring itself: turns, ratios, what the pipeline is held against, and the reports."""
import importlib.util
import json
import math
import os
import re
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from movenet_ros.config import Config
from movenet_ros.core.network import Networks
from movenet_ros.core.pipeline import advance
from movenet_ros.core.state import State
from movenet_ros.errors import ParameterError
from movenet_ros.measure.report.files import write_json
from movenet_ros.measure.speed import device, timing
from movenet_ros.measure.speed.chain import measure_chain
from movenet_ros.measure.speed.engine import measure_engine
from movenet_ros.measure.speed.machine import Machine, this_machine
from movenet_ros.measure.speed.options import Options
from movenet_ros.measure.speed.plot import plot_report
from movenet_ros.measure.speed.report import (
    Report,
    as_json,
    as_markdown,
    as_text,
    rounded,
    update_page,
)
from movenet_ros.measure.speed.result import Part, Table, Target
from movenet_ros.measure.speed.route import STEPS, WARM_UP, Route
from movenet_ros.measure.speed.scenes import IMAGES, SIZES, scene, there_and_back
from movenet_ros.measure.speed.tfjs_comparison import check_tfjs, measure_tfjs
from movenet_ros.measure.speed.timing import Interleaved, percentiles, ratio, rounds

TFJS = os.environ.get('MOVENET_TFJS')


class Clock:
    """Time that passes only on command."""

    def __init__(self):
        self.wall = self.cpu = 0.0

    def perf_counter(self):
        return self.wall

    def process_time(self):
        return self.cpu

    def spend(self, wall, cpu):
        self.wall += wall
        self.cpu += cpu


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(timing, 'time', clock)
    return clock


def test_candidates_take_turns_and_another_begins_each_time():
    order, timer = [], Interleaved()
    candidates = {name: lambda name=name: order.append(name) for name in 'abc'}
    for _ in range(4):
        timer.round(candidates)
    assert ''.join(order) == 'abc' 'bca' 'cab' 'abc'


def test_what_calls_take(clock):
    timer = Interleaved()
    for index in range(101):
        taken = timer.round({'a': lambda index=index: clock.spend(index * 1e-3, 2e-3),
                             'b': lambda: clock.spend(4e-3, 1e-3)})
    assert taken == pytest.approx({'a': 100.0, 'b': 4.0})
    spent = timer.spent('a')
    assert (spent.p50, spent.p95, spent.p99, spent.cpu) == pytest.approx((50.0, 95.0, 99.0, 2.0))
    assert spent.calls == 101
    assert timer.ratio('a', 'b').median == pytest.approx(12.5)


def test_rounds_are_compared_not_medians():
    # The medians of both are 4; but in most rounds the first took three times as long.
    found = ratio([3.0, 4.0, 24.0], [1.0, 4.0, 8.0])
    assert (found.median, found.low, found.high, found.rounds) == (3.0, 2.0, 3.0, 3)


def test_a_disturbance_of_both_leaves_the_ratio_alone():
    disturbed = np.linspace(1.0, 9.0, 50)
    assert ratio(1.2 * disturbed, disturbed).median == pytest.approx(1.2)


def test_percentiles_of_known_values():
    assert percentiles(range(101)) == {'p50': 50.0, 'p95': 95.0, 'p99': 99.0}


def test_rounds_end_with_the_time_but_not_too_soon(clock):
    assert len(list(rounds(0.0, 3))) == 3
    for _ in (counted := rounds(1.0, 1)):
        clock.spend(0.3, 0.0)
    assert list(counted) == []
    assert clock.wall == pytest.approx(1.2)


@pytest.mark.parametrize(('value', 'at_least', 'met'), [
    (1.0, False, True), (1.1, False, True), (1.2, False, False), (1.0, True, False),
    (1.1, True, True), (None, False, None), (math.nan, False, False)])
def test_targets_are_met(value, at_least, met):
    assert Target('t', value, 1.1, at_least=at_least).met is met


@pytest.mark.parametrize(('value', 'text'), [
    (1234.56, '1235'), (12.345, '12.3'), (1.2345, '1.23'), (0.12345, '0.123'), (7, '7'),
    ('vga', 'vga'), (0.0, '0'), (None, '-'), (math.nan, '-')])
def test_numbers_are_rounded_when_printed(value, text):
    assert rounded(value) == text


MACHINE = Machine('A processor', 2, 8.0, 'Linux', 'CPython 3.11', 0.1, (), {'numpy': '2'},
                  {'lightning': 'abc'})
PARTS = (
    Part('chain', (Table('Ratios', ('network', 'p50 [ms]'), (('Lightning', 1.2345),
                                                             ('Thunder', math.nan)), 'Read so.'),),
         (Target('fast', 1.05, 1.1, note='here'), Target('slow', 2.5, 2.0, 'ms')),
         {'values': [1.0, math.inf]}),
    Part('node', (Table('Nothing', ('a', 'b'), ()),),
         (Target('many', 8.0, 4.0, at_least=True), Target('unknown', None, 1.0, note='no ROS'))))
REPORT = Report(MACHINE, PARTS, 'movenet benchmark --quick', {'start': 'start left out: no ROS'})


@pytest.mark.parametrize('text', [as_text(REPORT), as_markdown(REPORT, 'images/p.png')])
def test_a_report_says_everything(text):
    for row in (r'fast +\| +1\.05 \| at most 1\.1 +\| met +\| here',
                r'slow +\| 2\.50 ms \| at most 2 ms +\| not met',
                r'many +\| +8\.00 \| at least 4 +\| met',
                r'unknown +\| +- \| at most 1 +\| not measured \| no ROS',
                r'Lightning +\| +1\.23 \|', r'Thunder +\| +- \|', r'model lightning +\| sha256 abc',
                r'numpy +\| 2 +\|', r'start left out: no ROS'):
        assert re.search(row, text), f'{row}\n{text}'


def test_a_page_has_its_picture_and_the_command():
    page = as_markdown(REPORT, 'images/p.png')
    assert '](images/p.png)' in page
    assert '    movenet benchmark --quick\n' in page
    assert '## The pipeline\n\n### Ratios\n\nRead so.\n' in page
    assert '![' not in as_markdown(REPORT)


def test_the_numbers_are_json(tmp_path):
    path = tmp_path / 'out.json'
    write_json(path, as_json(REPORT))
    content = json.loads(path.read_text(encoding='utf-8'))
    assert list(content) == ['machine', 'command', 'targets', 'left_out', 'parts']
    assert content['targets'][0] == {'name': 'fast', 'value': 1.05, 'limit': 1.1, 'unit': '',
                                     'at_least': False, 'note': 'here', 'met': True}
    assert [target['met'] for target in content['targets']] == [True, False, True, None]
    assert content['parts']['chain']['tables'][0]['rows'] == [['Lightning', 1.2345],
                                                              ['Thunder', None]]
    assert content['parts']['chain']['data'] == {'values': [1.0, None]}


def test_a_busy_machine_is_told():
    assert MACHINE.busy == ''
    assert 'something else is running' in replace(MACHINE, load=1.5).busy
    assert '**something else' in as_markdown(replace(REPORT, machine=replace(MACHINE, load=1.5)))


def test_this_machine_is_known():
    machine = this_machine()
    assert machine.cpu and machine.cores >= 1 and machine.memory > 0
    assert machine.versions['numpy'] == np.__version__
    assert set(machine.models) == {'lightning', 'thunder', 'multipose'}


@pytest.mark.parametrize('parts', [
    (), (Part('node', (), data={'latency_ms': {
        'vga': {'node': [6.0, 7.0], 'baseline': [9.0], 'hop': [1.0]}, '1080p': {'node': [8.0]}}}),
        Part('cameras', (), data={'cameras': [1, 2, 4], 'rate': [9.0, 8.0, 7.0]}))])
def test_a_picture_is_drawn_of_what_there_is(parts, tmp_path):
    pytest.importorskip('matplotlib')
    plot_report(tmp_path / 'p.png', parts)
    assert (tmp_path / 'p.png').read_bytes().startswith(b'\x89PNG')


@pytest.mark.parametrize('model', ['lightning', 'multipose'])
def test_scenes_have_the_size_of_a_camera(model):
    for width, height in SIZES.values():
        pictures = scene(model, (width, height))
        assert len(pictures) == IMAGES
        assert {(p.width, p.height) for p in pictures} == {(width, height)}


def test_a_clip_of_ones_own_is_shown_to_every_network(tmp_path):
    path = tmp_path / 'dark.avi'
    clip = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*'MJPG'), 20.0, (64, 48))
    for _ in range(3):
        clip.write(np.full((48, 64, 3), 77, np.uint8))
    clip.release()
    for model in 'lightning', 'multipose':
        pictures = scene(model, SIZES['vga'], path)
        assert [(p.width, p.height) for p in pictures] == [(640, 480)] * 3
        assert abs(int(pictures[0].pixels[240, 320, 0]) - 77) < 3


def test_there_and_back_never_shows_an_image_twice_in_a_row():
    assert there_and_back([1, 2, 3, 4]) == [1, 2, 3, 4, 3, 2]


class Recorder:
    """A network that keeps what it is shown."""

    def __init__(self, network):
        self.network, self.info, self.seen = network, network.info, []

    def infer(self, pictures, *more):
        self.seen.append(pictures)
        return self.network.infer(pictures, *more)

    def close(self):
        self.network.close()


@pytest.fixture
def lightning():
    pytest.importorskip('ai_edge_litert')
    recorder = Recorder(Options().load('lightning', 1))
    yield recorder
    recorder.close()


def test_pipeline_and_bare_network_see_the_same(lightning):
    route = Route(lightning, there_and_back(scene('lightning', SIZES['vga'])), Config())
    lightning.seen.clear()
    route.play()
    # The second look: the network runs twice in the first image.
    counted = lightning.seen[WARM_UP + 1:]
    assert len(counted) == 2 * (2 * IMAGES - 2 - WARM_UP)
    assert all(np.array_equal(*pair)
               for pair in zip(counted[::2], counted[1::2], strict=True))


def test_watching_changes_nothing(lightning):
    pictures, config = scene('lightning', SIZES['vga'])[:5], Config()
    route = Route(lightning, pictures, config)
    route.play()
    state, people = State(), []
    for index, picture in enumerate(pictures):
        state, poses = advance(state, picture, index * 33_333_333, Networks(lightning), config)
        people.append(len(poses))
    assert route.people == people == [1] * 5


def test_the_chain_with_six_people():
    pytest.importorskip('ai_edge_litert')
    logged = []
    part = measure_chain(Options(('multipose',), seconds=0.01, sizes=('vga',)), logged.append)
    whole, steps = part.tables
    assert logged
    assert all(len(row) == len(table.columns) for table in part.tables for row in table.rows)
    assert [row[:4] for row in whole.rows] == [('MultiPose', 'vga', threads, 6)
                                               for threads in (1, 2)]
    ratios = [row[whole.columns.index('ratio')] for row in whole.rows]
    assert min(ratios) > 0.8
    assert min(min(row[3:5]) for row in steps.rows) > 0
    targets = {target.name: target for target in part.targets}
    assert len(targets) == 3
    measured = targets['pipeline / bare network, MultiPose with six people, vga, 1 thread']
    assert measured.value == ratios[0]
    assert [target.met for target in targets.values()].count(None) == 2
    assert list(part.data['settings'][0]['steps_ms']) == list(STEPS)
    json.dumps(part.data, allow_nan=False)


def test_without_its_folder_the_peer_is_not_measured():
    part = measure_tfjs(Options(), print)
    assert [target.value for target in part.targets] == [None, None]
    assert all('--tfjs FOLDER' in target.note for target in part.targets)


@pytest.mark.skipif(not TFJS, reason='MOVENET_TFJS names no folder with TensorFlow.js')
def test_the_peer_runs():
    pytest.importorskip('ai_edge_litert')
    check_tfjs(Path(TFJS))
    part = measure_tfjs(Options(('lightning',), seconds=0.01, tfjs=Path(TFJS)), print)
    assert [row[:2] for row in part.tables[0].rows] == [('Lightning', 1), ('Lightning', 2)]
    assert all(value > 0 for row in part.tables[0].rows for value in row[2:])
    assert part.targets[0].value == part.tables[0].rows[0][4]


@pytest.mark.skipif(not importlib.util.find_spec('keras'), reason='Keras is not installed')
def test_keras_is_held_against_what_the_device_reaches(monkeypatch):
    monkeypatch.setattr(device, 'SIDES', (64, 128))
    part = measure_engine(Options(('lightning',), ('keras',), 'cpu', batches=(1, 3), seconds=0.01,
                                  starts=1), print)
    _, rates, _, reached, bounds = part.tables
    assert [(row[0], row[4]) for row in rates.rows] == [('Lightning', 1), ('Lightning', 3)]
    assert [row[0] for row in reached.rows] == ['float32', 'float16']
    assert all(value > 0 for row in reached.rows for value in row[1:3])
    assert all(row[-1] > 0 for row in bounds.rows)


def test_a_folder_without_the_peer_is_rejected(tmp_path):
    (tmp_path / 'run.mjs').touch()
    with pytest.raises(ParameterError, match=r'has no node_modules, package/models'):
        check_tfjs(Path(tmp_path))


def test_what_is_written_by_hand_on_the_page_stays():
    first = update_page('', as_markdown(REPORT))
    assert first.startswith('# Performance\n')
    page = first.replace('# Performance\n', '# Performance\n\nBy hand.\n') + 'More by hand.\n'
    changed = as_markdown(replace(REPORT, command='movenet benchmark --again'))
    again = update_page(page, changed)
    assert 'By hand.\n' in again and again.endswith('More by hand.\n')
    assert changed in again and as_markdown(REPORT) not in again
    assert update_page(again, changed) == again
