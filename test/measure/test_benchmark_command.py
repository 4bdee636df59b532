"""`movenet benchmark` from its options to its files."""
import argparse
import json
import sys

import pytest
from support.paths import DATA

from movenet_ros.cli import benchmark
from movenet_ros.errors import EngineError, MovenetError, ParameterError, SinkError, SourceError
from movenet_ros.measure.speed.result import Part, Target

SHORT = ('--model', 'lightning', '--size', 'vga', '--seconds', '0.01')


def run(*words):
    parser = argparse.ArgumentParser()
    benchmark.add_arguments(parser)
    return benchmark.run(parser.parse_args([*map(str, words)]))


@pytest.fixture
def no_ros(monkeypatch):
    def reject():
        raise EngineError('ROS 2 cannot be imported')
    monkeypatch.setattr(benchmark, 'require_ros', reject)


@pytest.fixture
def nothing_measured(monkeypatch):
    def reject(*args):
        pytest.fail('the measuring began')
    monkeypatch.setattr(benchmark, '_measure', reject)


def test_all_that_can_run_without_ros(no_ros, tmp_path, capsys):
    pytest.importorskip('ai_edge_litert')
    pytest.importorskip('matplotlib')
    out, plot, page = (tmp_path / name for name in ('out.json', 'plot.png', 'page.md'))
    assert run(*SHORT, '--json', out, '--plot', plot, '--markdown', page) == 0
    content = json.loads(out.read_text(encoding='utf-8'))
    assert list(content['parts']) == ['engine', 'chain', 'tfjs']
    assert [set(target) for target in content['targets']] == [
        {'name', 'value', 'limit', 'unit', 'at_least', 'met', 'note'}] * len(content['targets'])
    assert content['left_out'] == {
        'node, cameras, start': 'node, cameras, start left out: ROS 2 cannot be imported'}
    assert plot.read_bytes().startswith(b'\x89PNG')
    text = page.read_text(encoding='utf-8')
    assert all(target['name'] in text for target in content['targets'])
    assert content['machine']['models']['lightning'] in text
    assert '](plot.png)' in text
    assert '    movenet benchmark --model lightning --size vga --seconds 0.01 --json ' in text
    said = capsys.readouterr()
    assert 'Pipeline and bare network' in said.out
    assert 'node, cameras, start left out' in said.err


def test_a_part_that_fails_leaves_the_others(no_ros, monkeypatch, capsys):
    pytest.importorskip('ai_edge_litert')
    from movenet_ros.measure.speed import chain

    def fail(options, log):
        raise EngineError('broken')
    monkeypatch.setattr(chain, 'measure_chain', fail)
    assert run('--part', 'engine', 'chain', *SHORT) == 1
    said = capsys.readouterr()
    assert 'Bare networks' in said.out
    assert 'chain failed: broken' in said.out
    assert 'chain failed: broken' in said.err


def test_a_missed_target_is_no_failure(monkeypatch):
    missed = Part('engine', (), (Target('t', 2.0, 1.0),))
    monkeypatch.setattr(benchmark, '_measure', lambda *args: ([missed], {}))
    assert run('--part', 'engine') == 0


@pytest.mark.parametrize('words', [
    ['--batch', '0'], ['--batch', '1,x'], ['--batch', ''], ['--batch', '2000'],
    ['--precision', 'float32', 'bfloat16', '--engine', 'litert'],
    ['--threads', '1', '0'], ['--images', str(DATA)], ['--annotations', 'people.json'],
    ['--seconds', '0'], ['--seconds', 'nan'],
    ['--device', 'tpu'], ['--part', 'tfjs'], ['--tfjs', 'absent']])
def test_what_is_rejected(nothing_measured, words):
    with pytest.raises(ParameterError):
        run(*words)


@pytest.mark.parametrize('words', [
    ['--part', 'nothing'], ['--model', 'movenet'], ['--quick', '--seconds', '2'],
    ['--precision', 'int4'], ['--engine', 'caffe'], ['--threads', 'two'], ['--size', '4k']])
def test_what_the_parser_rejects(nothing_measured, words, capsys):
    with pytest.raises(SystemExit) as ended:
        run(*words)
    assert ended.value.code == 2
    assert words[0] in capsys.readouterr().err


def test_parts_that_need_ros_say_so(no_ros, nothing_measured):
    with pytest.raises(EngineError, match=r'node, start cannot be measured: ROS 2'):
        run('--part', 'start', 'engine', 'node')


@pytest.mark.parametrize('option', ['--json', '--markdown', '--plot'])
def test_an_output_that_cannot_be_written_is_told_first(nothing_measured, option, tmp_path):
    if option == '--plot':
        pytest.importorskip('matplotlib')
    with pytest.raises(SinkError, match='absent does not exist'):
        run(option, tmp_path / 'absent' / 'out')
    with pytest.raises(SinkError, match='it is a folder'):
        run(option, tmp_path)


def test_matplotlib_is_missed_first(nothing_measured, monkeypatch, tmp_path):
    for name in [name for name in sys.modules if name.partition('.')[0] == 'matplotlib']:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, 'matplotlib', None)
    with pytest.raises(MovenetError, match=r"matplotlib.*pip install '\.\[evaluate\]'"):
        run('--plot', tmp_path / 'p.png')


def test_the_folder_of_the_peer_stays_out_of_the_page(monkeypatch, tmp_path):
    for part in ('run.mjs', 'node_modules', 'package/models'):
        (tmp_path / part).mkdir(parents=True)
    monkeypatch.setattr('shutil.which', lambda name: name)
    monkeypatch.setattr(benchmark, '_measure', lambda *args: ([], {}))
    page = tmp_path / 'page.md'
    assert run('--part', 'tfjs', '--tfjs', tmp_path, '--markdown', page) == 0
    assert '    movenet benchmark --part tfjs --tfjs FOLDER' in page.read_text(encoding='utf-8')


def test_a_clip_that_is_not_there_is_told_before_anything_is_measured(nothing_measured, tmp_path):
    with pytest.raises(SourceError, match='there is no such file'):
        run('--clip', tmp_path / 'nowhere.mp4')
    (tmp_path / 'no.mp4').write_bytes(b'no clip')
    with pytest.raises(SourceError, match='cannot be read as a video'):
        run('--clip', tmp_path / 'no.mp4')


def test_the_report_names_the_clip(no_ros, tmp_path):
    clip, page = DATA / 'several_people.mp4', tmp_path / 'page.md'
    assert run(*SHORT, '--part', 'chain', '--clip', clip, '--markdown', page) == 0
    assert f'--clip {clip}' in page.read_text(encoding='utf-8')
