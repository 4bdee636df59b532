"""Ctrl-C ends `movenet process` between two images, and says how far it came."""
import json
import re
import signal
import subprocess
import sys

import cv2
import pytest
from rosbags.rosbag2 import Reader
from support.paths import DATA
from support.poses import message, people, write

from movenet_ros.cli import main

CLIP = DATA / 'one_person.mp4'
# A shell gives background jobs SIGINT ignored.
START = ('import signal; signal.signal(signal.SIGINT, signal.default_int_handler); '
         'from movenet_ros.cli import main; raise SystemExit(main())')


def process(*words, **options):
    return subprocess.Popen([sys.executable, '-c', START, 'process', *map(str, words)],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)


def rest(command):
    """What is still written; `communicate` loses what `readline` has buffered."""
    return command.stdout.read(), command.stderr.read()


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_every_output_holds_the_same_images(tmp_path, number):
    names = ['a.jsonl', 'a.mcap', 'a.webm', 'a.mp4', 'a.png']
    words = [word for name in names for word in ('-o', tmp_path / name)]
    with process(CLIP, '-o', '-', *words) as command:
        for _ in range(20):
            command.stdout.readline()
        command.send_signal(number)
        out, err = rest(command)
    assert command.returncode == 130
    count = 20 + len(out.splitlines())
    assert 20 <= count < 100
    line = [line for line in err.splitlines() if line.startswith('movenet: ')][-1]
    assert line == (f'movenet: interrupted after {count} of 100 images; the outputs are partial: '
                    f'they hold these {count}')
    assert sorted(item.name for item in tmp_path.iterdir()) == sorted(names)
    lines = (tmp_path / 'a.jsonl').read_text('utf-8').splitlines()
    assert len([json.loads(line) for line in lines]) == count
    with Reader(tmp_path / 'a.mcap') as reader:
        assert reader.topics['/movenet/poses'].msgcount == count
    for name in ('a.webm', 'a.mp4'):
        assert cv2.VideoCapture(str(tmp_path / name)).get(cv2.CAP_PROP_FRAME_COUNT) == count


def test_rejected_images_are_not_in_the_outputs(tmp_path):
    whole = CLIP.read_bytes()
    clip = tmp_path / 'hole.mp4'
    clip.write_bytes(whole[:20_000] + bytes(3000) + whole[23_000:])
    with process(clip, '-o', '-', '-q') as command:
        for _ in range(40):
            command.stdout.readline()
        command.send_signal(signal.SIGINT)
        out, err = rest(command)
    (read, held), = re.findall(r'interrupted after (\d+) of 100 images; the outputs are partial: '
                               r'they hold the (\d+) that were processed', err)
    assert int(held) == 40 + len(out.splitlines()) < int(read)


def interrupted(change, *words):
    """Runs the command after code that lets `stop()` send it Ctrl-C; returns what it says."""
    code = ('import os, signal\n'
            'def stop():\n'
            '    os.kill(os.getpid(), signal.SIGINT)\n' + change + START.replace('; ', '\n'))
    done = subprocess.run([sys.executable, '-c', code, 'process', *map(str, words)],
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 130, done.stderr
    # without what LiteRT itself says
    return re.sub('^INFO: .*\n', '', done.stderr, flags=re.MULTILINE)


def test_before_the_first_image_nothing_is_written(tmp_path):
    err = interrupted('import movenet_ros.cli.process as command\n'
                      'real = command.process\n'
                      'def process(*words, **options):\n'
                      '    stop()\n'
                      '    stop()\n'
                      '    yield from real(*words, **options)\n'
                      'command.process = process\n', CLIP, '-o', tmp_path / 'a.jsonl')
    assert 'interrupted after 0 of 100 images; nothing was written' in err
    assert not list(tmp_path.iterdir())


def test_images_that_are_all_rejected_do_not_keep_it_from_ending(tmp_path):
    pictures = tmp_path / 'pictures'
    pictures.mkdir()
    for index in range(10):
        (pictures / f'{index}.png').write_bytes(b'no picture')
    err = interrupted('import movenet_ros.files.pictures as module\n'
                      'real = module.read_regular_file\n'
                      'def read_regular_file(path, limit):\n'
                      '    if path.name == "3.png":\n'
                      '        stop()\n'
                      '    return real(path, limit)\n'
                      'module.read_regular_file = read_regular_file\n',
                      pictures, '-o', tmp_path / 'a.mp4')
    assert 'interrupted after 4 of 10 images; nothing was written' in err
    assert list(tmp_path.iterdir()) == [pictures]


# Reading the third image of a clip of 100.
STOP_AT_THE_THIRD = """
import movenet_ros.files.videos.source as module
real = module.Frame
def frame(stamp_ns, *values, **named):
    if stamp_ns == 66666667:
        stop()
    return real(stamp_ns, *values, **named)
module.Frame = frame
"""


@pytest.mark.parametrize(('processed', 'said'), [
    ((0, 33333333, 3300000000), '2 of 3 images; the outputs are partial: they hold these 2'),
    ((3300000000,), '0 of 1 images; nothing was written')])
def test_images_that_a_node_did_not_answer_do_not_keep_it_from_ending(tmp_path, processed, said):
    poses = write(tmp_path / 'poses.jsonl', [message(stamp, people()) for stamp in processed])
    err = interrupted(STOP_AT_THE_THIRD, CLIP, '--only-stamps-of', poses, '-q',
                      '-o', tmp_path / 'a.jsonl')
    assert f'interrupted after {said}' in err


def test_a_second_one_while_an_output_is_written_is_not_called_partial(tmp_path):
    err = interrupted('from movenet_ros.files.jsonl import JsonlSink\n'
                      'real = JsonlSink._write\n'
                      'def write(self, result):\n'
                      '    if result.sequence == 4:\n'
                      '        stop()\n'
                      '        stop()\n'
                      '    real(self, result)\n'
                      'JsonlSink._write = write\n', CLIP, '-o', tmp_path / 'a.jsonl')
    assert ('interrupted after 4 of 100 images; interrupted again while the outputs were written: '
            'they are not complete') in err
    assert not list(tmp_path.iterdir())


def test_a_third_one_leaves_nothing_behind(tmp_path):
    err = interrupted('from movenet_ros.files.jsonl import JsonlSink\n'
                      'write, discard = JsonlSink._write, JsonlSink._discard\n'
                      'def stop_twice(self, result):\n'
                      '    stop()\n'
                      '    stop()\n'
                      'def stop_again(self):\n'
                      '    stop()\n'
                      '    discard(self)\n'
                      'JsonlSink._write, JsonlSink._discard = stop_twice, stop_again\n',
                      CLIP, '-q', '-o', tmp_path / 'a.jsonl')
    assert 'interrupted after 0 of 100 images; nothing was written' in err
    assert 'KeyboardInterrupt' not in err
    assert not list(tmp_path.iterdir())


SWALLOWED = """
import os, signal
try:
    os.kill(os.getpid(), signal.SIGINT)
    sum(range(1000))
except BaseException as error:
    raise ImportError('initialization failed') from error
"""
LOADING = """
import movenet_ros.library as library
real = library.load_networks
def load(chosen):
    {}
    return real(chosen)
library.load_networks = load
"""


def test_while_a_module_is_imported_it_ends_after_that(tmp_path):
    """Extension modules make an ImportError of it, and the import system loses it."""
    (tmp_path / 'extension.py').write_text(SWALLOWED, encoding='utf-8')
    change = f'import sys\nsys.path.append({str(tmp_path)!r})\n'
    assert interrupted(change + LOADING.format('import extension'), CLIP, '-q') == ''


def test_in_a_destructor_it_does_not_get_lost():
    change = 'class Thing:\n    def __del__(self):\n        stop()\n'
    assert interrupted(change + LOADING.format('Thing()'), CLIP, '-q') == ''


def test_at_the_exit_of_the_process_it_is_ignored(tmp_path):
    err = interrupted('import atexit\natexit.register(stop)\n' + STOP_AT_THE_THIRD, CLIP, '-q',
                      '-o', tmp_path / 'a.jsonl')
    assert err == ('movenet: interrupted after 2 of 100 images; the outputs are partial: they hold '
                   'these 2\n')


@pytest.mark.parametrize('model', ['lightning', 'multipose'])
def test_each_still_is_as_it_is_alone(tmp_path, model):
    """Pictures that have nothing to do with one another, of one size."""
    folder = tmp_path / 'stills'
    folder.mkdir()
    capture = cv2.VideoCapture(str(DATA / 'several_people.mp4'))
    _, crowd = capture.read()
    astronaut = cv2.resize(cv2.imread(str(DATA / 'astronaut.jpg')), crowd.shape[1::-1])
    for index, image in enumerate([crowd, astronaut, crowd[:, ::-1], astronaut[:, ::-1]]):
        cv2.imwrite(str(folder / f'{index}.png'), image)

    def poses(path, *words):
        output = tmp_path / 'poses.jsonl'
        assert main(['process', str(path), '--model', model, '-q', *words, '-o', str(output)]) == 0
        return [json.loads(line)['poses'] for line in output.read_text('utf-8').splitlines()]

    alone = [poses(folder / f'{index}.png')[0] for index in range(4)]
    assert poses(folder) == alone
    assert poses(f'{folder}/*.png') == alone
    assert {person['id'] for people in alone for person in people} <= {1, 2, 3}
    assert poses(folder, '--fps', '30') != alone
