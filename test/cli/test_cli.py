"""The `movenet` command, as a user calls it."""
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import cv2
import numpy as np
import pytest
from support.paths import DATA, MODELS

from movenet_ros.cli import COMMANDS, main
from movenet_ros.engines.models import load_manifest

CLIP = str(DATA / 'one_person.mp4')
FRAMES = 6

pytestmark = pytest.mark.installed


@pytest.fixture(scope='module')
def short_clip(tmp_path_factory):
    """The first frames of the sample clip, as pictures."""
    folder = tmp_path_factory.mktemp('frames')
    capture = cv2.VideoCapture(CLIP)
    for index in range(FRAMES):
        cv2.imwrite(str(folder / f'{index}.png'), capture.read()[1])
    capture.release()
    return str(folder)


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


def test_process_writes_the_documented_line(short_clip, capfd):
    assert main(['process', short_clip, '--quiet']) == 0
    first, *others = lines(capfd.readouterr().out)
    assert len(others) == FRAMES - 1
    assert list(first) == ['stamp_ns', 'frame_id', 'width', 'height', 'model', 'poses', 'events']
    assert list(first['poses'][0]) == ['id', 'score', 'age', 'time_unseen', 'box', 'velocity',
                                       'truncated', 'keypoints', 'visible']
    assert (first['stamp_ns'], first['width'], first['height']) == (0, 360, 480)
    assert others[0]['stamp_ns'] == 33333333
    person = first['poses'][0]
    assert person['id'] == 1 and person['score'] > 0.5
    assert len(person['box']) == 4 and np.shape(person['keypoints']) == (17, 3)


def test_a_clip_has_events_and_stills_have_none(capfd):
    assert main(['process', CLIP, '--quiet']) == 0
    events = [event for line in lines(capfd.readouterr().out) for event in line['events']]
    assert [(event['kind'], event['id']) for event in events] == [('appeared', 1)]
    assert main(['process', str(DATA / 'astronaut.jpg'), '--quiet']) == 0
    (line,) = lines(capfd.readouterr().out)
    assert len(line['poses']) == 1
    assert line['events'] == []


def test_the_person_is_where_the_person_is(short_clip, capfd):
    """Head above hips above feet, on the treadmill in the middle of the picture."""
    for model in ('lightning', 'thunder', 'multipose'):
        assert main(['process', short_clip, '--quiet', '--model', model]) == 0
        for line in lines(capfd.readouterr().out):
            xy = np.array(line['poses'][0]['keypoints'])[:, :2]
            assert xy[:, 0].min() > 140 and xy[:, 0].max() < 300
            nose, hips, ankles = xy[0, 1], xy[11:13, 1].mean(), xy[15:, 1].mean()
            assert nose < hips - 60 < ankles - 120


@pytest.mark.parametrize('degrees', [90, 180, 270])
def test_pictures_of_a_camera_that_is_not_upright(short_clip, tmp_path, capfd, degrees):
    assert main(['process', short_clip, '--quiet', '--fps', '30']) == 0
    upright = lines(capfd.readouterr().out)
    for path in Path(short_clip).iterdir():
        turned = np.rot90(cv2.imread(str(path)), degrees // 90)
        cv2.imwrite(str(tmp_path / path.name), turned)
    words = ['--fps', '30', '--param', f'rotate={degrees}']
    assert main(['process', str(tmp_path), '--quiet', *words]) == 0
    for line, expected in zip(lines(capfd.readouterr().out), upright, strict=True):
        width, height = line['width'], line['height']
        assert (width, height) == ((360, 480) if degrees == 180 else (480, 360))
        x, y, score = np.moveaxis([p['keypoints'] for p in line['poses']], -1, 0)
        back = {90: (height - y, x), 180: (width - x, height - y), 270: (y, width - x)}[degrees]
        np.testing.assert_allclose(
            np.stack((*back, score), axis=-1), [p['keypoints'] for p in expected['poses']],
            atol=1e-3)


@pytest.mark.parametrize('name', ['p.jsonl', 'p.mcap', 'bag', 'p.mp4', 'p.png'])
def test_equal_input_gives_equal_bytes(short_clip, tmp_path, name):
    outputs = [tmp_path / folder / name for folder in ('a', 'b')]
    for output in outputs:
        output.parent.mkdir()
        assert main(['process', short_clip, '--quiet', '--output', str(output)]) == 0
    files = [sorted(f for f in (o.rglob('*') if o.is_dir() else [o]) if f.is_file())
             for o in outputs]
    assert [f.name for f in files[0]] == [f.name for f in files[1]]
    assert files[0]
    for one, other in zip(*files, strict=True):
        assert one.read_bytes() == other.read_bytes()


def test_several_outputs_at_once(short_clip, tmp_path):
    names = ['p.jsonl', 'p.mp4', 'p.png', 'p.mcap']
    words = [word for name in names for word in ('-o', str(tmp_path / name))]
    assert main(['process', short_clip, '-q', *words]) == 0
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(names)


def test_parameters_come_from_file_option_and_model_in_that_order(short_clip, tmp_path, capfd):
    path = tmp_path / 'p.yaml'
    path.write_text('/**: {ros__parameters: {model: thunder, min_pose_score: 0.1}}')
    words = ['process', short_clip, '-q', '--params-file', str(path)]
    main(words)
    assert lines(capfd.readouterr().out)[0]['model'] == 'thunder'
    main([*words, '--param', 'model=lightning'])
    assert lines(capfd.readouterr().out)[0]['model'] == 'lightning'
    main([*words, '--model', 'multipose'])
    assert lines(capfd.readouterr().out)[0]['model'] == 'multipose'
    main([*words, '--param', 'min_pose_score=1.0'])
    assert not lines(capfd.readouterr().out)[0]['poses']


@pytest.mark.parametrize(('words', 'code', 'expected'), [
    (['process', 'nowhere.mp4'], 1, 'nowhere.mp4'),
    (['process', CLIP, '--param', 'fliter.beta=1'], 2, "did you mean 'filter.beta'"),
    (['process', CLIP, '--param', 'filter.beta=-1'], 2, '0 to 1e+06'),
    (['process', CLIP, '--param', 'filter.beta'], 2, 'NAME=VALUE'),
    (['process', CLIP, '--param', 'rotate=45'], 2,
     "'rotate' = 45: must be one of: 0, 90, 180, 270"),
    (['process', CLIP, '--param', 'rotate=[0, 90]'], 2, 'must hold one value, or one for each'),
    (['process', CLIP, '--param', 'rotate=[0, 90]', '--param', 'cameras=front,rear'], 2,
     "'rotate' = (0, 90): must hold one value where there is one camera"),
    (['process', CLIP, '--params-file', 'nowhere.yaml'], 1, 'nowhere.yaml'),
    (['process', CLIP, '--param', 'models_dir=/nowhere'], 1, '/nowhere'),
    (['process', CLIP, '--fps', '-3'], 2, '-3'),
    (['process', CLIP, '-o', 'x.avi'], 2, '.avi'),
    (['process', CLIP, '-o', '/proc/nowhere/x.jsonl'], 1, '/proc/nowhere/x.jsonl'),
    (['process', __file__], 1, 'test_cli.py'),
    (['process', CLIP, '-o', 'a.jsonl', '-o', './a.jsonl'], 2, 'would replace the output a.jsonl'),
    (['process', CLIP, '-o', '-', '-o', '-'], 2, "'--output' = '-': is given twice"),
    (['process', ''], 2, "'INPUT' = '': is empty"),
    (['process', CLIP, '--only-stamps-of', ''], 2, "'--only-stamps-of' = '': is empty"),
    (['process', CLIP, '--topic', ''], 2, "'--topic' = '': is empty"),
    (['process', CLIP, '-o', ''], 2, "'--output' = '': is empty"),
    (['process', CLIP, '--fps', '0'], 2, "'--fps' = 0.0: must be 0.1 to 1000"),
    (['process', CLIP, '--fps', 'nan'], 2, "'--fps' = nan: must be"),
    (['process', CLIP, '--topic', '/image'], 2, "'--topic' = '/image': only a bag has topics"),
    (['process', CLIP, '-o', 'a.csv'], 2, "'--output' = 'a.csv': the ending '.csv' is unknown"),
    (['process', CLIP, '-o', 'x/.jsonl'], 2, 'give e.g. x/poses.jsonl'),
    (['process', CLIP, '-o', '.mp4'], 2, "'--output' = '.mp4': is an ending without a name"),
    (['process', CLIP, '-o', 'bag', '-o', 'bag/a.jsonl'], 2, 'would replace the output bag'),
    (['process', CLIP, '-o', 'bag/a.jsonl', '-o', 'bag'], 2, 'replace the output bag/a.jsonl'),
    (['process', CLIP, '--param', 'engine=litert', '--param', 'precision=bfloat16'], 1,
     'has no precision bfloat16'),
    (['params', '--check', 'nowhere.yaml'], 1, 'nowhere.yaml'),
    (['params', '--check', 'my.yaml', '--yaml'], 2, "'--check' = 'my.yaml': goes with --digest"),
    (['params', '--check', 'my.yaml', '--markdown'], 2, '--check'),
    (['params', '--check', 'my.yaml', '--update', '.'], 2, '--check'),
    (['models', 'verify', '--models-dir', '/nowhere'], 1, '/nowhere'),
    (['models', 'export', '/nowhere/a.onnx'], 1, 'there is no folder /nowhere'),
    (['models', 'export', '.'], 1, '.: is a folder: name a file, e.g. lightning.onnx in it'),
])
def test_a_users_mistake_is_one_line(words, code, expected, capfd, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(words) == code
    out, err = capfd.readouterr()
    mistakes = [line for line in err.splitlines() if line.startswith('movenet: ')]
    assert not out and len(mistakes) == 1
    assert expected in mistakes[0]
    assert 'Traceback' not in err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize('output', ['clip/0.png', 'clip', 'clip/../clip', '.'])
def test_the_input_is_never_replaced(short_clip, tmp_path, monkeypatch, capfd, output):
    (tmp_path / 'clip').mkdir()
    for path in Path(short_clip).iterdir():
        (tmp_path / 'clip' / path.name).write_bytes(path.read_bytes())
    monkeypatch.chdir(tmp_path)
    given = 'clip/0.png' if output.endswith('.png') else 'clip'
    assert main(['process', given, '-q', '-o', output]) == 2
    assert 'would replace the input' in capfd.readouterr().err
    assert len(list((tmp_path / 'clip').iterdir())) == FRAMES


@pytest.mark.ros
def test_the_demo_without_its_clips_says_what_to_do(tmp_path, monkeypatch, capfd):
    monkeypatch.setattr('movenet_ros.share.share_dir', lambda: tmp_path)
    monkeypatch.chdir(tmp_path)
    assert main(['demo']) == 1
    assert 'this sample clip is not there; install the package again, or name a video' in (
        capfd.readouterr().err)
    assert main(['demo', '--clip', 'nowhere.mp4']) == 1
    assert 'nowhere.mp4: there is no such file or folder\n' in capfd.readouterr().err
    assert not list(tmp_path.iterdir())


@pytest.mark.ros
@pytest.mark.parametrize(('words', 'expected'), [
    (['--rate', '0'], '--rate'), (['--rate', 'nan'], '--rate'), (['--wait', '-1'], '--wait'),
    (['--subscribers', '-1'], '--subscribers'), (['--topic', '4 images'], '--topic')])
def test_replay_options_that_make_no_sense(words, expected, capfd):
    assert main(['replay', CLIP, *words]) == 2
    assert expected in capfd.readouterr().err


def in_a_shell(redirection, *words, unbuffered):
    """Runs the command as a shell does; LiteRT's own messages are left out of stderr."""
    return subprocess.run(
        ['bash', '-c', f'"$@" {redirection}', '-', sys.executable, '-m', 'movenet_ros.cli', *words],
        env={**os.environ, 'PYTHONUNBUFFERED': unbuffered}, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, check=False)


@pytest.mark.parametrize('unbuffered', ['', '1'])
@pytest.mark.parametrize('words', [['process', '.', '-q'], ['params'], ['params', '--digest'],
                                   ['--version'], ['--help'], ['share-dir']], ids=' '.join)
@pytest.mark.parametrize(('redirection', 'cause'), [
    ('>/dev/full', 'No space left on device'), ('>&-', 'it is closed')])
def test_a_stdout_that_cannot_be_written_is_one_line(
        short_clip, monkeypatch, redirection, cause, words, unbuffered):
    monkeypatch.chdir(short_clip)
    done = in_a_shell(redirection, *words, unbuffered=unbuffered)
    lines = [line for line in done.stderr.splitlines() if not line.startswith('INFO: ')]
    assert (done.returncode, lines) == (1, [f'movenet: stdout cannot be written: {cause}'])


def test_a_closed_stdout_that_is_not_needed_is_no_problem(short_clip, tmp_path):
    out = tmp_path / 'poses.jsonl'
    done = in_a_shell('>&- 2>&- <&-', 'process', short_clip, '-o', str(out), unbuffered='')
    assert done.returncode == 0
    # nothing else has been written into the first file that was opened
    assert len([json.loads(line) for line in out.read_text('utf-8').splitlines()]) == FRAMES


@pytest.mark.parametrize('words', [['process', '.'], ['params'], ['params', '--check', '0.png']],
                         ids=['progress', 'silent', 'error'])
def test_a_closed_stderr_changes_nothing(short_clip, monkeypatch, words):
    monkeypatch.chdir(short_clip)
    closed, whole = (in_a_shell(redirection, *words, unbuffered='')
                     for redirection in ('2>&-', '2>/dev/null'))
    assert (closed.returncode, closed.stdout) == (whole.returncode, whole.stdout)


@pytest.mark.ros
def test_the_node_takes_no_words_of_its_own():
    done = subprocess.run([sys.executable, '-m', 'movenet_ros.cli', 'run', 'clip.mp4'],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert 'clip.mp4: only ROS arguments are taken' in done.stderr


@pytest.mark.ros
@pytest.mark.parametrize('words', [['--ros-args', '-p', 'threads:=-1'],
                                   ['--ros-args', '--params-file', '/nowhere.yaml']])
def test_ros_arguments_alone_start_the_node(words):
    """As `ros2 run movenet_ros movenet --ros-args ...` and launch files start any node."""
    done = subprocess.run([sys.executable, '-m', 'movenet_ros.cli', *words],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert 'movenet cannot start: ' in done.stderr and 'usage' not in done.stderr


@pytest.mark.ros
def test_the_executable_of_ros2_run_starts_the_node_without_arguments():
    with subprocess.Popen(
            [sys.executable, str(DATA.parents[1] / 'scripts' / 'movenet')], text=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        assert any('waiting for a lifecycle manager' in line for line in process.stderr)
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0


def test_the_version_is_that_of_the_manifest(capsys):
    with pytest.raises(SystemExit, match='0'):
        main(['--version'])
    first, second = capsys.readouterr().out.splitlines()
    manifest = ElementTree.parse(DATA.parents[1] / 'package.xml').getroot()
    assert first == f'movenet_ros {manifest.findtext("version")}'
    assert f'numpy {np.__version__}' in second and 'ai-edge-litert' in second


def test_the_share_folder_holds_the_profile(capsys):
    assert main(['share-dir']) == 0
    folder = Path(capsys.readouterr().out.rstrip('\n'))
    assert (folder / 'config' / 'fastdds_large_images.xml').is_file()


def test_output_that_cannot_be_encoded_is_escaped(tmp_path):
    """And stays JSON: the bag's frame_id is in every line."""
    clip = tmp_path / 'käse \U0001f9c0'
    clip.mkdir()
    cv2.imwrite(str(clip / '0.png'), np.zeros((48, 64, 3), np.uint8))
    (clip / '1.png').write_bytes(b'nothing')
    done = subprocess.run(
        [sys.executable, '-m', 'movenet_ros.cli', 'process', str(clip / '*.png'), '-q'],
        capture_output=True, env={**os.environ, 'PYTHONIOENCODING': 'ascii'}, check=False)
    assert b'Traceback' not in done.stderr and b'k\\xe4se \\U0001f9c0' in done.stderr
    assert json.loads(done.stdout)['width'] == 64


@pytest.mark.parametrize('words', [[], ['fly'], ['process'], ['process', 'a', '--model', 'big']])
def test_wrong_usage_exits_with_2(words, capsys):
    with pytest.raises(SystemExit, match='2'):
        main(words)
    assert 'usage: movenet' in capsys.readouterr().err


@pytest.mark.parametrize('command', COMMANDS)
def test_help_has_examples_and_exit_codes(command, capsys):
    with pytest.raises(SystemExit, match='0'):
        main([command, '--help'])
    text = capsys.readouterr().out
    assert 'examples:' in text and 'exit codes:' in text


def test_an_image_that_cannot_be_read_is_counted_and_left_out(short_clip, tmp_path, capfd):
    for path in Path(short_clip).iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    broken = tmp_path / '3.png'
    broken.write_bytes(broken.read_bytes()[:2000])
    assert main(['process', str(tmp_path)]) == 3
    out, err = capfd.readouterr()
    assert [line['stamp_ns'] // 33333333 for line in lines(out)] == [0, 1, 2, 4, 5]
    assert '5 images processed, 1 rejected (truncated 1)' in err


def test_models_are_listed_and_good(capsys):
    assert main(['models', 'list']) == 0
    files = [(entry.name, entry.precision) for entry in load_manifest(MODELS).files]
    assert [tuple(line.split()[:2]) for line in capsys.readouterr().out.splitlines()] == files
    assert {('lightning', 'float32'), ('thunder', 'float32'), ('multipose', 'float32')} <= {*files}
    assert main(['models', 'verify']) == 0
    assert [tuple(line.split()[:3]) for line in capsys.readouterr().out.splitlines()] == [
        (*file, 'good') for file in files]


@pytest.mark.parametrize(('section', 'options', 'expected'), [
    ('/**', [], ['for the node /movenet: /**', 'p.yaml: no problems found']),
    ('/**', ['--node', 'a/b'], ['for the node /a/b: /**', 'p.yaml: no problems found']),
    ('movenet', [], ['for the node /movenet: movenet',
                     'ROS ignores it for a node with a name or namespace other than /movenet']),
    ('/robot1/eyes', [], ['for the node /robot1/eyes: /robot1/eyes',
                          'ROS ignores it for the node /movenet: it is for /robot1/eyes']),
    ('/robot1/eyes', ['--node', '/robot1/eyes'], ['for the node /robot1/eyes: /robot1/eyes',
                                                  'other than /robot1/eyes'])])
def test_params_check_says_for_which_node_a_file_is(tmp_path, capsys, section, options, expected):
    path = tmp_path / 'p.yaml'
    path.write_text(f'{section}: {{ros__parameters: {{filter: {{beta: 7.0}}}}}}')
    assert main(['params', '--check', str(path), *options]) == 0
    out, err = capsys.readouterr()
    assert '7.0' in out and len(err.splitlines()) == len(expected)
    assert all(part in line for part, line in zip(expected, err.splitlines(), strict=True))


@pytest.mark.parametrize(('text', 'options', 'code', 'expected'), [
    ('movenet: {ros__parameters: {threads: 1}}', ['--node', '/robot/movenet'], 1,
     'ROS ignores it for the node /robot/movenet; its sections: movenet'),
    ('/**: {ros__parameters: {refine: thunder}}', [], 2, 'needs model multipose'),
    ('/**: {ros__parameters: {thread: 1}}', [], 2, "did you mean 'threads'"),
    ('/**: {ros__parameters: {threads: ' + '1' * 5000 + '}}', [], 2, 'whole number, not a text'),
    ('/**: {ros__parameters: {' + ', '.join(f'n{n}: 1' for n in range(20_000)) + '}}', [], 2,
     'there is no such parameter')], ids=['other', 'contradiction', 'typo', 'digits', 'many'])
def test_params_check_rejects_in_one_line(tmp_path, capsys, text, options, code, expected):
    path = tmp_path / 'p.yaml'
    path.write_text(text)
    assert main(['params', '--check', str(path), *options]) == code
    out, err = capsys.readouterr()
    assert not out and expected in err and len(err.splitlines()) == 1 and len(err) < 500


@pytest.mark.parametrize('name', ['', '/', 'a b', '/a/', '//a', '2a'])
def test_a_node_name_that_is_none(name, capsys):
    with pytest.raises(SystemExit, match='2'):
        main(['params', '--check', 'my.yaml', '--node', name])
    assert 'is not the full name of a node, like /robot1/eyes' in capsys.readouterr().err


def test_settings_without_effect_are_warned_of(short_clip, capfd):
    words = ['process', short_clip, '-q', '--param', 'people.tiles=2', '--param',
             'transport=compressed']
    assert main(words) == 0
    first, second = capfd.readouterr().err.splitlines()[-2:]
    assert first == ('movenet: warning: no effect: people.tiles = 2 (only with refine '
                     'lightning/thunder; here refine none)')
    assert second == ("movenet: warning: no effect: transport = 'compressed' (only in the node)")


def test_a_file_of_parameters_is_read_for_the_node_that_is_named(short_clip, tmp_path, capfd):
    path = tmp_path / 'p.yaml'
    path.write_text('/robot1/eyes: {ros__parameters: {model: thunder}}')
    words = ['process', short_clip, '-q', '--params-file', str(path)]
    assert main([*words, '--node', '/robot1/eyes']) == 0
    assert lines(capfd.readouterr().out)[0]['model'] == 'thunder'
    assert main(words) == 1
    assert 'ROS ignores it for the node /movenet; its sections: /robot1/eyes' in (
        capfd.readouterr().err)
    assert main(['process', short_clip, '-q', '--node', '/robot1/eyes']) == 2
    assert "'--node' = '/robot1/eyes': goes with --params-file" in capfd.readouterr().err


def test_several_files_of_parameters_all_count(short_clip, tmp_path, capfd):
    words = []
    for name, values in (('a', '{model: thunder, min_pose_score: 1.0}'), ('b', '{threads: 1}')):
        (tmp_path / name).write_text(f'/**: {{ros__parameters: {values}}}')
        words += ['--params-file', str(tmp_path / name)]
    assert main(['process', short_clip, '-q', *words]) == 0
    first = lines(capfd.readouterr().out)[0]
    assert (first['model'], first['poses']) == ('thunder', [])


def test_params_check_and_digest(tmp_path, capsys):
    path = tmp_path / 'p.yaml'
    path.write_text('/**: {ros__parameters: {filter: {beta: 7.0}}}')
    assert main(['params', '--check', str(path)]) == 0
    assert '7.0' in capsys.readouterr().out
    main(['params', '--digest'])
    before = capsys.readouterr().out
    main(['params', '--digest', '--check', str(path)])
    assert len(before) == 17 and capsys.readouterr().out != before


def test_a_reader_that_has_seen_enough_ends_it_quietly(short_clip):
    """`movenet process ... | head -n 1`."""
    with subprocess.Popen([sys.executable, '-m', 'movenet_ros.cli', 'process', short_clip, '-q'],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        process.stdout.readline()
        process.stdout.close()
        assert 'Traceback' not in process.stderr.read()
        assert process.wait() == 1
