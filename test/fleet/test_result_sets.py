"""`movenet process --output-dir`: what is made, what is kept, and what fails."""
import json
import os
import shutil
import sys
from importlib.metadata import version

import pytest
from support.bags import image, storage_file, write
from support.fleet import CLIP, PART, clips, manifest, process, results, times

from movenet_ros.cli import main
from movenet_ros.cli.process import process as make_results
from movenet_ros.share import package_version


@pytest.fixture
def recordings(tmp_path):
    return clips(tmp_path / 'in', 'a.mp4', 'day/b.mp4')


@pytest.fixture
def out(tmp_path):
    return tmp_path / 'out'


def test_each_has_the_results_that_it_has_alone(recordings, out, tmp_path):
    assert process(out, recordings, '--format', 'jsonl,mcap,bag') == 0
    for name, ending in (('poses.jsonl', '.jsonl'), ('poses.mcap', '.mcap')):
        alone = tmp_path / f'poses{ending}'
        assert main(['process', str(CLIP), '-q', *PART, '-o', str(alone)]) == 0
        for folder in (out / 'a.mp4.poses', out / 'day' / 'b.mp4.poses'):
            assert (folder / name).read_bytes() == alone.read_bytes()
            assert (folder / 'poses' / 'metadata.yaml').exists()


def test_the_manifest(recordings, out):
    assert process(out, recordings, '--param', 'filter.beta=20.0') == 0
    written = manifest(out / 'a.mp4.poses')
    assert written['input']['location'] == str(recordings / 'a.mp4')
    assert written['input']['bytes'] == CLIP.stat().st_size
    assert written['input']['sha256'] == (
        '0057f18175370ae9163d7de4e4831b6a6a54b3aab51cc3f632fce7ec27514f4d')
    assert len(written['settings']['configuration']) == 16
    assert written['settings']['parameters'] == {'filter.beta': 20.0}
    assert len(written['settings']['models']['lightning']) == 64
    assert written['version'] == package_version()
    assert written['engine'] == f"litert {version('ai-edge-litert')}"
    assert written['images'] == {'processed': 4, 'rejected': {}, 'warned': {},
                                 'without_positions': {}}
    assert written['error'] == '' and written['seconds'] > 0


def test_the_second_run_does_nothing(recordings, out, capsys):
    assert process(out, recordings) == 0
    before = times(out)
    capsys.readouterr()
    assert process(out, recordings) == 0
    assert times(out) == before
    assert '2 inputs: 2 up to date' in capsys.readouterr().err


@pytest.mark.parametrize('words', [
    ['--param', 'filter.beta=20.0'], ['--model', 'thunder'], ['--every', '50'], ['--end', '2'],
    ['--param', 'gestures.enabled=true'], ['--param', 'target.select=largest']])
def test_other_settings_are_done_again(recordings, out, words, capsys):
    assert process(out, recordings / 'a.mp4') == 0
    capsys.readouterr()
    assert main(['process', str(recordings / 'a.mp4'), '--output-dir', str(out), *PART,
                 *words]) == 0
    assert '1 input: 1 processed' in capsys.readouterr().err


@pytest.mark.parametrize('words', [['--param', 'threads=1'], ['--param', 'overlay.boxes=false']])
def test_settings_that_change_no_result_are_none(recordings, out, words, capsys):
    assert process(out, recordings) == 0
    capsys.readouterr()
    assert process(out, recordings, *words) == 0
    assert '2 up to date' in capsys.readouterr().err


def test_the_files_that_another_precision_may_load_are_settings(recordings, out):
    assert process(out, recordings / 'a.mp4', '--param', 'precision=int8') == 0
    assert set(manifest(out / 'a.mp4.poses')['settings']['models']) == {
        'lightning', 'lightning int8'}


def test_only_what_is_missing_is_done(recordings, out, capsys):
    assert process(out, recordings) == 0
    whole = results(out)
    (out / 'a.mp4.poses' / 'poses.jsonl').unlink()
    clips(recordings, 'c.mp4')
    capsys.readouterr()
    assert process(out, recordings) == 0
    assert '3 inputs: 2 processed, 1 up to date' in capsys.readouterr().err
    assert {name: content for name, content in results(out).items() if 'c.mp4' not in name} == whole


def test_a_half_done_set_is_done_again(recordings, out):
    assert process(out, recordings) == 0
    whole = results(out)
    (out / 'a.mp4.poses' / 'manifest.json').write_text('{"input": {"loc')
    assert process(out, recordings) == 0
    assert results(out) == whole


def test_another_format_is_added_and_fewer_are_enough(recordings, out, capsys):
    assert process(out, recordings, '--format', 'jsonl') == 0
    assert process(out, recordings, '--format', 'bag') == 0
    assert {path.name for path in (out / 'a.mp4.poses').iterdir()} == {
        'manifest.json', 'poses', 'poses.jsonl'}
    capsys.readouterr()
    assert process(out, recordings, '--format', 'jsonl') == 0
    assert '2 up to date' in capsys.readouterr().err


def test_another_content_is_done_again_and_another_time_is_not(recordings, out, capsys):
    assert process(out, recordings) == 0
    os.utime(recordings / 'a.mp4', (1, 1))
    shutil.copy(CLIP.with_name('several_people.mp4'), recordings / 'day' / 'b.mp4')
    capsys.readouterr()
    assert process(out, recordings) == 0
    assert '2 inputs: 1 processed, 1 up to date' in capsys.readouterr().err
    before = times(out)
    assert process(out, recordings) == 0
    assert times(out) == before


def test_a_recording_that_was_moved_keeps_its_results(recordings, out, capsys):
    assert process(out, recordings) == 0
    recordings.rename(recordings.with_name('moved'))
    capsys.readouterr()
    assert process(out, recordings.with_name('moved')) == 0
    assert '2 up to date' in capsys.readouterr().err


def test_results_of_another_recording_are_not_replaced(recordings, out, tmp_path, capsys):
    assert process(out, recordings / 'a.mp4') == 0
    before = results(out)
    other = tmp_path / 'other' / 'a.mp4'
    other.parent.mkdir()
    shutil.copy(CLIP.with_name('several_people.mp4'), other)
    assert process(out, other) == 1
    assert 'holds the results of another recording' in capsys.readouterr().err
    assert {key: value for key, value in results(out).items() if 'set_aside' not in key} == before


def test_a_folder_of_the_name_of_results_that_holds_something_else_is_kept(recordings, out,
                                                                           capsys):
    other = out / 'a.mp4.poses' / 'notes.txt'
    other.parent.mkdir(parents=True)
    other.write_text('mine')
    assert process(out, recordings / 'a.mp4') == 1
    assert 'holds notes.txt' in capsys.readouterr().err
    assert other.read_text() == 'mine'


def test_damaged_foreign_and_empty_files_cost_only_themselves(recordings, out, capsys):
    whole = write(recordings / 'bag', [('/image', image(index)) for index in range(60)])
    (recordings / 'cut.mp4').write_bytes(CLIP.read_bytes()[:60_000])
    (recordings / 'cut.mcap').write_bytes(storage_file(whole).read_bytes()[:-2000])
    (recordings / 'empty.mp4').touch()
    (recordings / 'foreign.mp4').write_text('no video')
    assert process(out, recordings, part=['--every', '25']) == 3
    said = capsys.readouterr().err
    assert '2 set aside (set_aside.jsonl says why)' in said
    aside = [json.loads(line) for line in (out / 'set_aside.jsonl').read_text().splitlines()]
    assert [item['input'] for item in aside] == [str(recordings / 'empty.mp4'),
                                                 str(recordings / 'foreign.mp4')]
    assert aside[0]['error'].endswith('the file is empty')
    cut = manifest(out / 'cut.mp4.poses')
    assert cut['images']['processed'] == 2 and 'cut off' in cut['error']
    assert not manifest(out / 'bag.poses')['error']
    # What could be read of a recording that was cut off is not read again.
    before = times(out / 'cut.mp4.poses')
    assert process(out, recordings, part=['--every', '25']) == 3
    assert times(out / 'cut.mp4.poses') == before
    for name in ('empty.mp4', 'foreign.mp4', 'cut.mp4', 'cut.mcap'):
        (recordings / name).unlink()
    assert process(out, recordings, part=['--every', '25']) == 0
    assert not (out / 'set_aside.jsonl').exists()


def test_an_input_that_fails_is_tried_three_times(recordings, out, monkeypatch, capsys):
    tried = []

    def fail(frames, *others):
        tried.append(1)
        if len(tried) < 3:
            raise ZeroDivisionError('a defect')
        return make_results(frames, *others)

    monkeypatch.setattr('movenet_ros.processing.recording.process', fail)
    assert process(out, recordings / 'a.mp4') == 0
    monkeypatch.setattr('movenet_ros.processing.recording.process', lambda *_: 1 / 0)
    assert process(out, recordings / 'day') == 1
    assert 'b.mp4: ZeroDivisionError' in capsys.readouterr().err


def test_nothing_hidden_is_left(recordings, out):
    assert process(out, recordings, '--format', 'jsonl,mcap,bag') == 0
    assert process(out, recordings, '--format', 'jsonl', '--param', 'filter.beta=9.0') == 0
    assert not [path for path in out.rglob('*') if path.name.startswith('.')]


@pytest.mark.parametrize(('words', 'named'), [
    (['a.mp4', 'b.mp4'], 'INPUT'), (['a.mp4', '--format', 'jsonl'], '--format'),
    (['a.mp4', '--jobs', '2'], '--jobs'), (['a.mp4', '--cluster', 'tcp://x:1'], '--cluster'),
    (['a.mp4', '--output-dir', 'o', '--format', 'csv'], '--format'),
    (['a.mp4', '--output-dir', 'o', '--jobs', '0'], '--jobs'),
    (['a.mp4', '--output-dir', 'o', '-o', 'x.jsonl'], '--output'),
    (['a.mp4', '--output-dir', 'o', '--only-stamps-of', '/poses'], '--only-stamps-of'),
    (['a.mp4', '--output-dir', 'o', '--jobs', '2', '--cluster', 'tcp://x:1'], '--jobs'),
    (['a.mp4', '--output-dir', ''], '--output-dir'),
    (['a.mp4', '--output-dir', 's3://bucket/poses'], '--output-dir'),
    (['a.mp4', '--output-dir', __file__], '--output-dir'),
    (['a.mp4', '--output-dir', 'o', '--cluster', ''], '--cluster'),
    (['a.mp4', '--output-dir', 'o', '--fps', '-3'], '--fps'),
    (['*.mp4', '--output-dir', 'o'], 'INPUT'), (['', '--output-dir', 'o'], 'INPUT')])
def test_options_that_make_no_sense(words, named, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(['process', *words]) == 2
    assert f"parameter '{named}'" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(('words', 'said'), [
    (['--param', 'models_dir=/nowhere'], 'no manifest.json in /nowhere'),
    (['--format', 'parquet'], "pip install '.[fleet]'")])
def test_what_is_wrong_with_all_inputs_is_said_once(recordings, out, words, said, monkeypatch,
                                                    capsys):
    monkeypatch.setitem(sys.modules, 'pyarrow', None)
    assert process(out, recordings, *words) == 1
    assert capsys.readouterr().err.count(said) == 1
    assert not out.exists()


def test_an_engine_that_cannot_run_is_said_once(recordings, out, capsys):
    words = ['--param', 'engine=opencv', '--param', 'precision=bfloat16']
    assert process(out, recordings, *words) == 1
    said = capsys.readouterr().err
    assert said.count('no precision bfloat16') == 1 and 'set aside' not in said


def test_a_clip_and_a_bag_with_options_of_both(recordings, out):
    write(recordings / 'bag', [('/image', image(index)) for index in range(60)])
    assert process(out, recordings, '--topic', '/image', '--fps', '10') == 0
    lines = (out / 'a.mp4.poses' / 'poses.jsonl').read_text().splitlines()
    assert json.loads(lines[1])['stamp_ns'] == 300_000_000
