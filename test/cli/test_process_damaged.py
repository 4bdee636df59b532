"""`movenet process` on damaged input: what can be read is processed, the damage is reported."""
import json

import cv2
import pytest
from rosbags.rosbag2 import Reader
from support.bags import STORAGES, image, large_bag, storage_file, write
from support.paths import DATA, MALFORMED_IMAGES

from movenet_ros.cli import main

CLIP = DATA / 'one_person.mp4'


def process(path, *words, folder):
    """Exit code, and the lines of JSON."""
    output = folder / 'poses.jsonl'
    code = main(['process', str(path), '-o', str(output), *words])
    lines = output.read_text('utf-8').splitlines() if output.exists() else None
    return code, lines and [json.loads(line) for line in lines]


def messages(capfd):
    """What was said, but for the warnings: the images of these bags are tiny and grey."""
    return [line for line in capfd.readouterr().err.splitlines()
            if line.startswith('movenet: ') and 'with a warning' not in line]


@pytest.mark.parametrize('bare', [False, True], ids=['folder', 'file'])
@pytest.mark.parametrize('storage', STORAGES, ids=['mcap', 'sqlite3'])
def test_a_truncated_bag(tmp_path, capfd, storage, bare):
    bag = large_bag(tmp_path / 'bag', storage)
    file = storage_file(bag)
    file.write_bytes(file.read_bytes()[:file.stat().st_size * 2 // 3])
    others = [tmp_path / name for name in ('all.mcap', 'all.webm')]
    words = [word for path in others for word in ('-o', str(path))]
    code, lines = process(file if bare else bag, *words, folder=tmp_path)
    assert code == 1
    assert 10 < len(lines) < 30
    (error,) = messages(capfd)
    assert str(bag) in error and 'damaged or was cut off' in error
    # Each output holds what was processed.
    with Reader(others[0]) as reader:
        assert reader.topics['/movenet/poses'].msgcount == len(lines)
    assert cv2.VideoCapture(str(others[1])).get(cv2.CAP_PROP_FRAME_COUNT) == len(lines)


def test_a_bag_with_a_bad_image(tmp_path, capfd):
    images = [image(0), image(1, encoding='cheese8'), image(2, encoding='cheese8'), image(3)]
    bag = write(tmp_path / 'bag', [('/image', message) for message in images])
    code, lines = process(bag, folder=tmp_path)
    assert (code, len(lines)) == (3, 2)
    rejection, summary = messages(capfd)
    assert 'cheese8' in rejection
    assert '2 images processed, 2 rejected (unknown_encoding 2)' in summary


@pytest.mark.parametrize(('topics', 'says'), [
    ({}, 'no topic has images'), ({'/text': 'std_msgs/msg/String'}, '/text (std_msgs/msg/String'),
    ({'/image': 'sensor_msgs/msg/Image'}, 'no image was recorded')])
def test_a_bag_without_images(tmp_path, capfd, topics, says):
    code, lines = process(write(tmp_path / 'bag', [], **topics), folder=tmp_path)
    assert (code, lines) == (1, None)
    (error,) = messages(capfd)
    assert says in error


def test_a_clip_with_a_hole(tmp_path, capfd):
    whole = CLIP.read_bytes()
    path = tmp_path / 'hole.mp4'
    path.write_bytes(whole[:89_090] + bytes(3000) + whole[92_090:])
    code, lines = process(path, folder=tmp_path)
    rejection, summary = messages(capfd)
    assert code == 3
    assert 'the frame cannot be decoded' in rejection
    assert f'{len(lines)} images processed, {100 - len(lines)} rejected (damaged' in summary
    assert (lines[0]['stamp_ns'], lines[-1]['stamp_ns']) == (0, 3_300_000_000)
    assert 90 < len(lines) < 100


def test_a_truncated_clip(tmp_path, capfd):
    path = tmp_path / 'cut.mp4'
    path.write_bytes(CLIP.read_bytes()[:90_000])
    code, lines = process(path, folder=tmp_path)
    assert code == 1
    (error,) = messages(capfd)
    assert f'decoding stops after {len(lines)} of 100 images' in error


@pytest.mark.skipif(not MALFORMED_IMAGES.is_dir(), reason=f'{MALFORMED_IMAGES} is not here')
@pytest.mark.parametrize('kind', ['mcap', 'sqlite3'])
@pytest.mark.parametrize(('topic', 'cause'), [('image', 'short_data'),
                                              ('compressed_image', 'truncated')])
def test_a_real_bag_with_malformed_images(tmp_path, capfd, kind, topic, cause):
    code, lines = process(MALFORMED_IMAGES / f'test_bag_{kind}', '--topic',
                          f'/test/sensor_msgs/{topic}', folder=tmp_path)
    assert (code, lines) == (1, [])
    _, summary, error = messages(capfd)
    assert f'0 images processed, 2 rejected ({cause} 2)' in summary
    assert 'no image was processed: all 2 were rejected' in error
