"""`movenet benchmark --part engine`: several engines and precisions side by side."""
import argparse
import json

import numpy as np
import pytest
from support.annotated import write_annotated

from movenet_ros.cli import benchmark
from movenet_ros.errors import EngineError, SourceError
from movenet_ros.measure.accuracy.accuracy import Accuracy, Case, keypoint_distances
from movenet_ros.measure.speed.engine.candidates import Combination, LeftOut
from movenet_ros.measure.speed.engine.start import measure_starts
from movenet_ros.measure.speed.options import Options

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
               'float32', 'bfloat16', '--threads', '1', '2', '--batch', '1,2', '--quick',
               '--images', images, '--annotations', annotations,
               '--json', out, '--markdown', page, '--plot', plot) == 0
    assert plot.read_bytes().startswith(b'\x89PNG')
    return json.loads(out.read_text(encoding='utf-8')), page.read_text(encoding='utf-8')


def rows(measured, title):
    """The rows of a table, by column."""
    table, = (each for each in measured[0]['parts']['engine']['tables'] if each['title'] == title)
    return [dict(zip(table['columns'], row, strict=True)) for row in table['rows']]


def test_one_table_has_a_row_for_each_network_and_what_runs_it(measured):
    table = rows(measured, 'Engines and precisions')
    assert [(row['network'], row['engine'], row['precision']) for row in table] == [
        ('Lightning', 'litert', 'float32'), ('Lightning', 'opencv', 'float32'),
        ('MultiPose', 'litert', 'float32'), ('MultiPose', 'opencv', 'float32')]
    assert list(table[0])[3:] == [
        'p50, 1 thread [ms]', 'p50, 2 threads [ms]', 'times LiteRT', 'start-up [s]',
        'private [MB]', 'Rss [MB]', 'AP', 'loss', 'difference p50 [px]', 'p99 [px]']
    assert all(row[name] is not None and row[name] >= 0 for row in table for name in list(row)[3:])
    assert table[0]['times LiteRT'] == 1.0
    assert table[1]['times LiteRT'] != 1.0


def test_what_cannot_be_run_is_left_out_and_told(measured):
    content, page = measured
    told = content['parts']['engine']['left_out']
    assert len(told) == len(set(told))
    assert any('litert bfloat16' in line for line in told)
    assert any('opencv bfloat16' in line for line in told)
    assert any(line.startswith('litert with batches of 2') for line in told)
    assert all(line[:40] in page for line in told)


def test_accuracy_is_that_of_evaluate(measured):
    table = rows(measured, 'Accuracy')
    assert [row['mode'] for row in table if row['engine'] == 'opencv'] == [
        'lightning 1st image', 'lightning 2nd image', 'lightning 3rd image', 'multipose 256']
    assert {row['people'] for row in table} == {1}
    assert all(row['AP'] > 0 for row in table if row['network'] == 'Lightning')
    for row in table:
        # float32 is the same network with every engine.
        assert row['loss'] == 0
        assert row['difference p50 [px]'] <= row['p99 [px]'] < 0.5
        assert row['engine'] == 'opencv' or row['p99 [px]'] == 0


def test_start_up_and_memory_are_those_of_a_process_of_its_own(measured):
    combinations = measured[0]['parts']['engine']['data']['combinations']
    assert len(combinations) == 4
    for start in [each['start'] for each in combinations]:
        assert start['load'] > 0 and start['first_call'] > 0
        # The weights alone have several megabytes.
        assert 2 < start['private'] < 1000


def test_nothing_left_is_a_failure_in_the_words_of_its_reason(capsys):
    assert run('--engine', 'opencv', '--precision', 'int8', '--model', 'thunder', '--quick') == 1
    assert 'int8' in capsys.readouterr().err


def test_annotations_that_cannot_be_read_are_told_first(monkeypatch, tmp_path):
    pytest.importorskip('pycocotools')
    monkeypatch.setattr(benchmark, '_measure', lambda *args: pytest.fail('the measuring began'))
    with pytest.raises(SourceError, match=r'absent\.json'):
        run('--images', tmp_path, '--annotations', tmp_path / 'absent.json')


def test_a_process_that_fails_is_quoted(monkeypatch):
    lightning = Combination('lightning', 'litert', 'no such precision')
    with pytest.raises(EngineError, match=r'lightning into litert no such precision failed: .*no'):
        measure_starts([lightning], Options(starts=1), print)


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
