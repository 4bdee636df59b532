"""`movenet benchmark --part engine`: several engines and precisions side by side."""
import argparse
import json
from contextlib import ExitStack
from types import SimpleNamespace

import numpy as np
import pytest
from support.annotated import write_annotated

from movenet_ros.cli import benchmark
from movenet_ros.core.network import NetworkInfo
from movenet_ros.engines.models import find_models_dir, load_manifest
from movenet_ros.engines.processor import Processor
from movenet_ros.errors import EngineError, SourceError
from movenet_ros.measure.accuracy.accuracy import Accuracy, Case, keypoint_distances
from movenet_ros.measure.speed import options
from movenet_ros.measure.speed.engine.accuracy import EngineAccuracy
from movenet_ros.measure.speed.engine.candidates import (
    Candidate,
    Combination,
    LeftOut,
    load_candidates,
)
from movenet_ros.measure.speed.engine.measured import Measured
from movenet_ros.measure.speed.engine.start import Start, measure_starts
from movenet_ros.measure.speed.engine.targets import targets
from movenet_ros.measure.speed.options import Options
from movenet_ros.measure.speed.timing import Ratio

pytest.importorskip('ai_edge_litert')


def run(*words):
    parser = argparse.ArgumentParser()
    benchmark.add_arguments(parser)
    return benchmark.run(parser.parse_args(['--part', 'engine', *map(str, words)]))


@pytest.fixture(scope='module')
def measured(tmp_path_factory):
    """Two engines, two precisions, with the accuracy on the picture of the project."""
    pytest.importorskip('pycocotools')
    pytest.importorskip('matplotlib')
    folder = tmp_path_factory.mktemp('engines')
    images, annotations = write_annotated(folder)
    out, page, plot = (folder / name for name in ('out.json', 'page.md', 'plot.png'))
    assert run('--model', 'lightning', 'multipose', '--engine', 'litert', 'opencv', '--precision',
               'float32', 'int8', '--threads', '1', '2', '--batch', '1,2', '--quick',
               '--images', images, '--annotations', annotations,
               '--json', out, '--markdown', page, '--plot', plot) == 0
    assert plot.read_bytes().startswith(b'\x89PNG')
    return json.loads(out.read_text(encoding='utf-8')), page.read_text(encoding='utf-8')


def combinations():
    """What can be run, as the first columns of the tables have it."""
    manifest = load_manifest(find_models_dir())
    return [(title, engine, precision) for model, title in (
        ('lightning', 'Lightning'), ('multipose', 'MultiPose'))
        for engine, variants in (('litert', manifest.entry(model).variants), ('opencv', ()))
        for precision in ('float32', *variants)]


def rows(measured, title):
    """The rows of a table, by column."""
    table, = (each for each in measured[0]['parts']['engine']['tables'] if each['title'] == title)
    return [dict(zip(table['columns'], row, strict=True)) for row in table['rows']]


def test_one_table_has_a_row_for_each_network_and_what_runs_it(measured):
    table = rows(measured, 'Engines and precisions')
    assert [(row['network'], row['engine'], row['precision']) for row in table] == combinations()
    assert list(table[0])[3:] == [
        'p50, 1 thread [ms]', 'p50, 2 threads [ms]', 'times LiteRT', 'start-up [s]',
        'private [MB]', 'Rss [MB]', 'AP', 'loss', 'difference p50 [px]', 'p99 [px]']
    assert all(row[name] > 0 for row in table for name in list(row)[3:-3])
    for row in table:
        assert (row['times LiteRT'] == 1) == (row['engine'] + row['precision'] == 'litertfloat32')
    assert [row['loss'] for row in table if row['precision'] == 'float32'] == [0.0] * 4


def test_what_cannot_be_run_is_left_out_and_told(measured):
    content, page = measured
    told = content['parts']['engine']['left_out']
    assert len(told) == len(set(told))
    assert any('opencv int8 left out: ' in line for line in told)
    assert any(line.startswith('litert with batches of 2') for line in told)
    assert all(line[:40] in page for line in told)


def test_accuracy_is_that_of_evaluate(measured):
    table = rows(measured, 'Accuracy')
    assert [row['mode'] for row in table if row['engine'] == 'opencv'] == [
        'lightning 1st image', 'lightning 2nd image', 'lightning 3rd image', 'multipose 256']
    assert {row['people'] for row in table} == {1}
    assert all(row['AP'] > 0 for row in table if row['network'] == 'Lightning')
    exact = [row for row in table if row['precision'] == 'float32']
    # The same network with every engine.
    assert max(row['p99 [px]'] for row in exact) < 0.5
    assert {row['p99 [px]'] for row in exact if row['engine'] == 'litert'} == {0}
    assert all(row['p99 [px]'] >= row['difference p50 [px]'] > 0
               for row in table if row['precision'] == 'int8')


def test_start_up_and_memory_are_those_of_a_process_of_its_own(measured):
    found = measured[0]['parts']['engine']['data']['combinations']
    assert len(found) == len(combinations())
    for start in [each['start'] for each in found]:
        assert start['load'] > 0 and start['first_call'] > 0
        # The weights alone have several megabytes.
        assert 2 < start['private'] < 1000


class Timer:
    """Times of calls that are known: LiteRT takes 8 ms with float32 and 4 with anything else."""

    def ratio(self, numerator, denominator):
        taken = [8.0 if 'litert float32' in name else 4.0 for name in (numerator, denominator)]
        return Ratio(taken[0] / taken[1], 2.0, 2.0, 10)


def made(engine, precision, losses=()):
    """What was measured of Thunder with LiteRT and float32, and with another combination."""
    both = [Combination('thunder', 'litert', 'float32'), Combination('thunder', engine, precision)]
    network = SimpleNamespace(info=NetworkInfo('thunder', 'made', 'cpu', 1, '', 256))
    return Measured(
        [Candidate(each, 1, network, None) for each in both], Timer(),
        {each: Start(1.0, 1.0, 1.0, 1.0) for each in both},
        {both[1]: [EngineAccuracy('m', 0.5, loss, None, 2, 3) for loss in losses]} if losses
        else {},
        {})


def test_int8_is_to_be_faster_where_the_processor_has_its_instructions():
    target, = targets(made('litert', 'int8'), Processor('p', frozenset({'avx_vnni'})))
    assert (target.value, target.limit, target.met) == (2.0, 1.8, True)
    assert target.name.startswith('Thunder, litert int8: times as fast')


@pytest.mark.parametrize(('engine', 'precision', 'needs'), [
    ('litert', 'int8', 'VNNI'), ('openvino', 'bfloat16', 'AMX')])
def test_where_it_has_not_the_row_says_so(engine, precision, needs):
    target, = targets(made(engine, precision), Processor('p', frozenset({'avx512_bf16'})))
    assert (target.value, target.met) == (None, None)
    assert f'processors with {needs}; on this one 2.00' in target.note


def test_the_largest_loss_counts():
    *_, target = targets(made('keras', 'float16', (0.001, 0.02, -0.1)), Processor())
    assert (target.value, target.limit, target.met) == (0.02, 0.01, False)
    assert '3 people' in target.note
    assert targets(made('keras', 'float16'), Processor()) == ()


def test_nothing_left_is_a_failure_in_the_words_of_its_reason(capsys):
    assert run('--engine', 'litert', 'opencv', '--device', 'gpu:0', '--quick') == 1
    assert 'the litert engine has no device gpu:0' in capsys.readouterr().err


def test_annotations_that_cannot_be_read_are_told_first(monkeypatch, tmp_path):
    pytest.importorskip('pycocotools')
    monkeypatch.setattr(benchmark, '_measure', lambda *args: pytest.fail('the measuring began'))
    with pytest.raises(SourceError, match=r'absent\.json'):
        run('--images', tmp_path, '--annotations', tmp_path / 'absent.json')


def test_a_process_that_fails_is_quoted(monkeypatch):
    lightning = Combination('lightning', 'litert', 'no such precision')
    with pytest.raises(EngineError, match=r'lightning into litert no such precision failed: .*no'):
        measure_starts([lightning], Options(starts=1), print)


def test_nothing_is_measured_twice(monkeypatch):
    info = NetworkInfo('lightning', 'made', 'cpu', 1, '', 192)
    monkeypatch.setattr(options, 'load_network', lambda *args, **how: SimpleNamespace(
        info=info, close=lambda: None))
    with ExitStack() as stack:
        candidates, told = load_candidates(Options(
            ('lightning',), ('keras',), precisions=('float32', 'auto'), threads=(1, 2)), stack)
    assert [each.name for each in candidates] == ['lightning keras float32 1 1']
    assert told == ('keras with 2 threads left out: this process gives it 1',
                    'keras auto left out: it is keras float32, which is measured')


def test_the_same_reason_is_one_line():
    left_out = LeftOut()
    for name, reason in (('a', 'no'), ('b', 'no'), ('a', 'no'), ('a', 'never')):
        left_out.add(name, reason)
    assert left_out.lines() == ('a, b left out: no', 'a left out: never')


def test_distances_are_those_of_annotated_keypoints_of_people_whom_both_found():
    truth = np.zeros((17, 3))
    truth[:2, 2] = 2
    found = np.zeros((17, 2), np.float32)

    def accuracy(*poses):
        cases = tuple(Case(None, truth, 1.0, 1.0, pose) for pose in poses)
        return Accuracy(0, 0, 0, 0, np.zeros(0), np.zeros(0), cases)
    moved = found.copy()
    moved[1:] += (3, 4)
    apart = keypoint_distances(accuracy(moved, None, found), accuracy(found, found, None))
    assert apart.tolist() == [0, 5]
    assert len(keypoint_distances(accuracy(None), accuracy(found))) == 0
