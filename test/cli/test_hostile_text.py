"""Text that others chose, through every entry: what is shown has no control characters in it.

No line of the output is theirs, no escape code reaches a terminal, nothing turns the direction of
writing. In files and messages the text is data, and comes out as it went in.
"""
import ast
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import pytest
import yaml
from support.bags import raw
from support.bags import write as write_bag
from support.hostile_text import HOSTILE, check
from support.paths import DATA, MODELS
from support.poses import message, people, write
from support.specimens import scene

import movenet_ros
from movenet_ros.cli import main
from movenet_ros.engines.models import load_manifest
from movenet_ros.measure.report.tables import aligned

NOT_UTF8 = os.fsdecode(b'clip\xff\x80')
PICTURE = str(DATA / 'astronaut.jpg')


@pytest.fixture
def complaint(capfd, tmp_path, monkeypatch):
    """Runs a command that fails; returns what it says."""
    monkeypatch.chdir(tmp_path)

    def run(*words, code=(1, 2)):
        try:
            result = main([*map(str, words)])
        except SystemExit as end:
            result = end.code
        shown = capfd.readouterr()
        assert result in code, shown
        assert 'Traceback' not in shown.err
        return shown.out + shown.err
    return run


@pytest.fixture
def models(tmp_path):
    """A folder with a manifest alone, which a function changes."""
    def make(change):
        folder = tmp_path / 'models'
        folder.mkdir()
        manifest = json.loads((MODELS / 'manifest.json').read_text(encoding='utf-8'))
        change(manifest)
        (folder / 'manifest.json').write_text(json.dumps(manifest), encoding='utf-8')
        return folder
    return make


@pytest.mark.parametrize('words', [
    ['process', HOSTILE], ['process', HOSTILE + '*'], ['process', PICTURE, '--topic', HOSTILE],
    ['process', PICTURE, '--output', f'{HOSTILE}.xyz'],
    ['process', PICTURE, '--output', f'{HOSTILE}/a.mp4'],
    ['process', PICTURE, '--param', HOSTILE],
    ['process', PICTURE, '--param', f'threads={HOSTILE}'],
    ['process', PICTURE, '--model', HOSTILE], ['process', PICTURE, HOSTILE], [HOSTILE],
    ['process', PICTURE, '--fps', HOSTILE], ['process', PICTURE, f'--{HOSTILE}'],
    ['process', PICTURE, '--params-file', HOSTILE],
    ['process', PICTURE, '--only-stamps-of', HOSTILE], ['diff', HOSTILE, HOSTILE],
    ['models', 'list', '--models-dir', HOSTILE], ['models', 'import', HOSTILE],
    ['params', '--check', HOSTILE], ['params', '--update', HOSTILE],
    ['evaluate', '--sequence', HOSTILE],
    ['benchmark', '--json', f'{HOSTILE}/a.json', '--part', 'engine', '--model', 'lightning',
     '--quick'], ['benchmark', '--batch', HOSTILE]])
def test_words_of_the_command_line(complaint, words):
    check(complaint(*words))


@pytest.mark.ros
@pytest.mark.parametrize('words', [
    ['demo', '--clip', HOSTILE], ['replay', HOSTILE], ['run', HOSTILE],
    ['run', '--ros-args', '-p', HOSTILE], ['run', '--ros-args', '--params-file', HOSTILE],
    ['run', '--ros-args', '-r', HOSTILE], ['run', '--ros-args', '-p', f'threads:={HOSTILE}']])
def test_words_of_commands_that_need_ros(complaint, words):
    check(complaint(*words))


@pytest.mark.parametrize('ending', ['', '.png', '.mp4', '.mcap', '.db3'])
def test_names_of_files(tmp_path, complaint, ending):
    path = tmp_path / (HOSTILE + ending)
    path.write_bytes(b'something')
    check(complaint('process', path, code=(1, 3)))


def test_names_of_folders(tmp_path, complaint):
    path = tmp_path / HOSTILE
    path.mkdir()
    check(complaint('process', path))
    (path / 'a.mcap').write_bytes(b'')
    check(complaint('process', path))


def test_names_that_are_no_utf8(tmp_path, complaint):
    path = tmp_path / (NOT_UTF8 + '.yaml')
    path.write_text('nothing', encoding='utf-8')
    for words in (['params', '--check', path], ['process', tmp_path / (NOT_UTF8 + '.png')],
                  ['models', 'list', '--models-dir', path]):
        assert r'clip\xff\x80' in complaint(*words)


def test_topics_of_a_bag(tmp_path, complaint):
    path = write_bag(tmp_path / 'bag',
                     [(f'/{HOSTILE}{number}', raw(scene())) for number in range(2)])
    check(complaint('process', path))
    check(complaint('process', path, '--topic', HOSTILE))


def bag_of(path, **fields):
    """A bag of one image, of which some fields are chosen."""
    return write_bag(path, [('/image', raw(scene(), **fields))])


def test_encodings(tmp_path, complaint):
    check(complaint('process', bag_of(tmp_path / 'bag', encoding=HOSTILE), code=(1, 3)))


def test_a_frame_id_is_shown_in_escapes_and_written_as_it_is(tmp_path, complaint):
    bag = bag_of(tmp_path / 'bag', frame_id=HOSTILE)
    text = complaint('process', bag, '--quiet', code=(0,))
    check(text)
    # after it: warnings of an image of 16 x 8, stamped long ago
    assert json.loads(text.splitlines()[0])['frame_id'] == HOSTILE
    bag = bag_of(tmp_path / 'other', frame_id='käse 摄像头')
    assert '"käse 摄像头"' in complaint('process', bag, '--quiet', code=(0,))


@pytest.mark.parametrize('change', [
    lambda m: m.update(format=HOSTILE),
    lambda m: m['models']['lightning'].update(file=HOSTILE),
    lambda m: m['models']['lightning'].update(file=f'../{HOSTILE}'),
    lambda m: m['models']['lightning'].update(sha256=HOSTILE, file='a.tflite'),
    lambda m: m['models'].update({HOSTILE: {**m['models']['thunder'], 'file': f'../{HOSTILE}'}})])
def test_the_manifest(models, complaint, change):
    folder = models(change)
    shutil.copy(MODELS / 'movenet_lightning.tflite', folder / 'a.tflite')
    shown = complaint('models', 'verify', '--models-dir', folder)
    shown += complaint('process', PICTURE, '--param', f'models_dir={folder}')
    shown += complaint('models', 'list', '--models-dir', folder, code=(0, 1))
    check(shown)


def test_the_licence_in_the_list_of_models(models, complaint):
    folder = models(lambda m: m['models']['lightning']['origin'].update(licence=HOSTILE))
    text = complaint('models', 'list', '--models-dir', folder, code=(0,))
    check(text)
    assert len(text.splitlines()) == len(load_manifest(folder).files)


@pytest.mark.parametrize('document', [
    {HOSTILE: {'ros__parameters': {}}}, {'/**': {'ros__parameters': {HOSTILE: 1}}},
    {'/**': {'ros__parameters': {'model': HOSTILE}}},
    {'/**': {'ros__parameters': {'threads': {HOSTILE: 1}}}}])
def test_parameter_files(tmp_path, complaint, document):
    path = tmp_path / 'my.yaml'
    path.write_text(yaml.dump(document), encoding='utf-8')
    check(complaint('params', '--check', path))


def test_names_of_clips_in_tables():
    table = aligned(['clip'], [[HOSTILE]], [False])
    check(table)
    assert len(table.splitlines()) == 3


def test_a_name_of_an_output(tmp_path, complaint):
    picture = tmp_path / 'a.png'
    cv2.imwrite(str(picture), scene())
    check(complaint('process', picture, '--output', tmp_path / 'none' / f'{HOSTILE}.jsonl'))


def test_an_encoding_that_lacks_a_character_ends_in_no_traceback(models):
    folder = models(lambda m: m['models']['lightning']['origin'].update(licence='käse 摄像头'))
    done = subprocess.run(
        [sys.executable, '-m', 'movenet_ros.cli', 'models', 'list', '--models-dir', str(folder)],
        env={**os.environ, 'PYTHONIOENCODING': 'ascii'}, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b'')
    assert rb'k\xe4se \u6444' in done.stdout


def test_names_in_a_comparison(tmp_path, complaint):
    a = write(tmp_path / f'{HOSTILE}a.jsonl', [message(0, people((100, 100)))])
    b = write(tmp_path / f'{HOSTILE}b.jsonl', [message(0, people((100, 100)))])
    text = complaint('diff', a, b, code=(0,))
    check(text)
    assert text.splitlines()[0].startswith('A: ') and text.splitlines()[1].startswith('B: ')


def test_nothing_but_these_modules_prints_as_it_is():
    """`show` of cli/console.py makes printable what it writes; these print JSON of ours, numbers
    of ours, and, for a shell to read, the path of a folder of ours."""
    package = Path(movenet_ros.__file__).parent
    printers = {str(path.relative_to(package)) for path in package.rglob('*.py')
                for item in ast.walk(ast.parse(path.read_text(encoding='utf-8')))
                if isinstance(item, ast.Call) and isinstance(item.func, ast.Name)
                and item.func.id == 'print'
                and not [word for word in item.keywords if word.arg == 'file']}
    assert printers <= {
        'cli/console.py', 'cli/share_dir.py', 'cli/status_line.py', 'files/jsonl.py',
        'measure/speed/engine/loading_process.py', 'measure/speed/node/json_commands.py',
        'testing/player.py'}


def test_nothing_but_these_modules_writes_to_stderr():
    """`log` of cli/console.py makes printable what it writes; these two write words of ours."""
    package = Path(movenet_ros.__file__).parent
    writers = {str(path.relative_to(package)) for path in package.rglob('*.py')
               for item in ast.walk(ast.parse(path.read_text(encoding='utf-8')))
               if isinstance(item, ast.Attribute) and item.attr == 'stderr'
               and isinstance(item.value, ast.Name) and item.value.id == 'sys'}
    assert writers == {'cli/console.py', 'ros/main.py', 'ros/signals.py'}
