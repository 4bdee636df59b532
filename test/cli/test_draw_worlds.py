"""`movenet draw-worlds` from its options to its files."""
import json

import cv2
import numpy as np
import pytest
from support.annotated import annotation, write_annotated

from movenet_ros.cli import main
from movenet_ros.measure.accuracy.identity import read_truth
from movenet_ros.measure.accuracy.keypoint_tracking import read_keypoints


@pytest.fixture
def sources(tmp_path):
    images, annotations = write_annotated(tmp_path)
    return ['draw-worlds', '--images', str(images), '--annotations', str(annotations)]


def files(folder):
    return {str(path.relative_to(folder)): path.read_bytes()
            for path in folder.rglob('*') if path.is_file()}


def test_clips_with_their_truth(sources, tmp_path, capsys):
    out = tmp_path / 'worlds'
    assert main([*sources, '--scenes', 'crossing', 'empty', '--rate', '1.5', '--', str(out)]) == 0
    assert sorted(path.name for path in out.iterdir()) == ['crossing_1.5hz', 'empty_1.5hz']
    assert len(list((out / 'crossing_1.5hz' / 'img').iterdir())) == 12
    truth = read_truth(out / 'crossing_1.5hz' / 'gt.txt')
    assert sorted(truth) == list(range(12))
    assert truth[0].id.tolist() == [1, 2, 3, 4]
    assert len(read_keypoints(out / 'crossing_1.5hz' / 'keypoints.json')) == 12
    assert read_truth(out / 'empty_1.5hz' / 'gt.txt') == {}
    assert 'crossing_1.5hz: 12 images, 4 people' in capsys.readouterr().out


def test_the_same_seed_gives_the_same_bytes_and_another_one_another_clip(sources, tmp_path):
    words = [*sources, '--scenes', 'close', '--rate', '1']
    for name, seed in (('a', '1'), ('b', '1'), ('c', '2')):
        assert main([*words, '--seed', seed, str(tmp_path / name)]) == 0
    first, second, other = (files(tmp_path / name) for name in 'abc')
    assert first == second
    assert first.keys() == other.keys() and first != other


def test_backgrounds_are_pictures_of_a_folder(sources, tmp_path):
    folder = tmp_path / 'walls'
    folder.mkdir()
    cv2.imwrite(str(folder / 'wall.png'), np.full((60, 80, 3), (200, 100, 50), np.uint8))
    assert main([*sources, '--backgrounds', str(folder), '--scenes', 'empty', '--rate', '1',
                 str(tmp_path / 'out')]) == 0
    image = cv2.imread(str(tmp_path / 'out' / 'empty_1hz' / 'img' / '000001.jpg'))
    assert np.abs(image.astype(int) - (200, 100, 50)).max() < 4


@pytest.mark.parametrize(('words', 'code', 'message'), [
    (['--rate', '0'], 2, "'--rate' = 0.0: must be from 1 to 240"),
    (['--rate', 'nan'], 2, '--rate'), (['--seed', '-1'], 2, '--seed'),
    (['--backgrounds', 'nowhere'], 1, 'nowhere: there is no such folder')])
def test_options_that_cannot_be(sources, tmp_path, capsys, words, code, message):
    assert main([*sources, *words, str(tmp_path / 'out')]) == code
    assert message in capsys.readouterr().err


def test_annotations_without_outlines(tmp_path, capsys):
    images, path = write_annotated(tmp_path, annotation(segmentation=[]))
    assert main(['draw-worlds', '--images', str(images), '--annotations', str(path),
                 str(tmp_path / 'out')]) == 1
    assert 'can be cut out: that takes polygons' in capsys.readouterr().err


def test_a_drawn_clip_can_be_scored(sources, tmp_path, capsys):
    pytest.importorskip('motmetrics')
    pytest.importorskip('ai_edge_litert')
    assert main([*sources, '--scenes', 'close', '--rate', '1', str(tmp_path)]) == 0
    clip, out = tmp_path / 'close_1hz', tmp_path / 'numbers.json'
    words = ['evaluate', '--sequence', str(clip / 'img'), '--fps', '1', '--model', 'multipose',
             '--ground-truth', str(clip / 'gt.txt'), '--keypoint-truth',
             str(clip / 'keypoints.json'), '--json', str(out), '-q']
    assert main(words) == 0
    row, = json.loads(out.read_text(encoding='utf-8'))['sequences']
    assert (row['images'], row['people']) == (7, 2)
    assert row['oks'] > 0.5
    assert row['oks_50'] > 0.5
    assert 0 <= row['read_another'] < 0.5
    capsys.readouterr()
    (clip / 'img' / '000007.jpg').unlink()
    assert main(words) == 1
    assert 'goes up to image 7, but the clip has 6' in capsys.readouterr().err
