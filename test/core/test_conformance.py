"""The chain against the reference implementation, on the project's own sample clips.

test/data/tfjs_reference.json holds what pose-detection for TensorFlow.js computes on
them. MultiPose is compared over the whole clip. The crop of a single person feeds the
next image back into itself, and the reference's cutting-off of grey levels makes of
the smallest difference a large one (it departs from itself as far, see
docs/accuracy.md); so for a single person each image is compared from the reference's
own crop.
"""
import json
from dataclasses import replace

import cv2
import numpy as np
import pytest
from support.networks import remembering
from support.paths import DATA, ROOT, SHARED

from movenet_ros.config import Config
from movenet_ros.config import files as parameter_files
from movenet_ros.core.pipeline import advance
from movenet_ros.core.state import State
from movenet_ros.core.types import Crop, Picture
from movenet_ros.engines.loading import load_networks

PRESET = parameter_files.read(ROOT / 'config' / 'tfjs.yaml')
REFERENCE = json.loads((DATA / 'tfjs_reference.json').read_text(encoding='utf-8'))['runs']
# Of a 640 px wide image. Far more than the arithmetic needs, as video decoders differ.
MEDIAN, MOST, SCORE = 0.5, 2.0, 0.02

pytestmark = pytest.mark.installed


@pytest.fixture(scope='module')
def networks():
    """The networks of a configuration; what MultiPose sees does not depend on the tracker."""
    loaded = {}

    def of(config):
        if config.model not in loaded:
            loaded[config.model] = remembering(load_networks(config))
        return loaded[config.model]

    yield of
    for each in loaded.values():
        each.close()


def frames(clip):
    capture = cv2.VideoCapture(str(DATA / clip))
    while (read := capture.read())[0]:
        yield Picture(read[1], 'bgr')
    capture.release()


def stamp(index):
    return round(10**9 + index * 10**9 / 30)


def differences(poses, expected, width):
    """Distances [px of 640] and score differences of the reference's confident keypoints."""
    wanted = np.array([person['keypoints'] for person in expected])
    confident = wanted[:, :, 2] >= 0.3
    distance = np.linalg.norm(poses.xy - wanted[:, :, :2], axis=2) * 640 / width
    return distance[confident], np.abs(poses.keypoint_score - wanted[:, :, 2])[confident]


def assert_close(distances, scores):
    distances, scores = np.concatenate(distances), np.concatenate(scores)
    assert len(distances) > 200
    assert np.median(distances) <= MEDIAN
    assert np.percentile(distances, 99) <= MOST
    assert np.percentile(scores, 99) <= SCORE


@pytest.mark.parametrize(('run', 'similarity'), [
    ('multipose_iou', 'iou'), ('multipose_oks', 'oks')])
def test_multipose_with_tracker_and_filter_over_a_clip(networks, run, similarity):
    config = Config().replace({**PRESET, 'model': 'multipose', 'tracker.similarity': similarity})
    state = State()
    distances, scores = [], []
    reference = REFERENCE[run]
    for index, (picture, expected) in enumerate(zip(frames(reference['clip']),
                                                    reference['frames'], strict=False)):
        state, poses = advance(state, picture, stamp(index), networks(config), config)
        assert poses.id.tolist() == [person['id'] for person in expected['poses']]
        distance, score = differences(poses, expected['poses'], picture.width)
        distances.append(distance)
        scores.append(score)
    assert_close(distances, scores)


@pytest.mark.parametrize('model', ['lightning', 'thunder'])
def test_a_single_person_from_crop_to_crop(networks, model):
    config = Config().replace({**PRESET, 'model': model, 'filter.enabled': False})
    distances, scores = [], []
    reference = REFERENCE[model]
    for index, (picture, expected) in enumerate(zip(frames(reference['clip']),
                                                    reference['frames'], strict=False)):
        size = np.array((picture.width, picture.height))
        before = expected['crop_before'] if index else None
        crop = None if before is None else Crop(*(np.tile(size, 2) * before))
        state = replace(State(stamp(index), tuple(size.tolist())), crop=crop)
        state, poses = advance(state, picture, stamp(index), networks(config), config)
        distance, score = differences(poses, expected['poses'], picture.width)
        distances.append(distance)
        scores.append(score)
        after = np.tile(size, 2) * expected['crop_after']
        found = (state.crop.x_min, state.crop.y_min, state.crop.x_max, state.crop.y_max)
        np.testing.assert_allclose(found, after, atol=2.0)
    assert_close(distances, scores)


GOLDEN = SHARED / 'golden'
CLIPS = SHARED / 'data' / 'videos'
RUNS = sorted(GOLDEN.glob('*multipose*.json')) + sorted(GOLDEN.glob('*lightning_raw.json'))


def golden_frames(golden):
    size = golden['width'], golden['height']
    capture = cv2.VideoCapture(str(CLIPS / golden['clip']))
    for frame in golden['frames']:
        pixels = capture.read()[1]
        if golden['scale_down'] != 1:
            pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
        yield Picture(pixels, 'bgr'), frame
    capture.release()


@pytest.mark.skipif(not RUNS, reason=f'{GOLDEN} is not here')
@pytest.mark.parametrize('path', RUNS, ids=[path.stem for path in RUNS])
def test_other_clips(networks, path):
    """As above, on clips that the project does not carry."""
    golden = json.loads(path.read_text(encoding='utf-8'))
    config = Config().replace({
        **PRESET, 'model': golden['model'],
        'filter.enabled': golden['options'].get('smoothing') != 'false',
        'tracker.similarity': 'oks' if golden['options'].get('tracker') == 'keypoint' else 'iou'})
    state = State()
    distances, scores = [], []
    for picture, expected in golden_frames(golden):
        state, poses = advance(
            state, picture, round(expected['stamp_ms'] * 1e6), networks(config), config)
        assert len(poses) == len(expected['poses'])
        if golden['model'] == 'multipose':
            assert poses.id.tolist() == [person['id'] for person in expected['poses']]
        if len(poses):
            distance, score = differences(poses, expected['poses'], picture.width)
            distances.append(distance)
            scores.append(score)
        if crop := expected['crop_after']:
            edges = np.array([crop[name] for name in ('xMin', 'yMin', 'xMax', 'yMax')])
            size = np.tile((picture.width, picture.height), 2)
            state = replace(state, crop=Crop(*(edges * size).tolist()))
    print(f'{path.stem}: median {np.median(np.concatenate(distances)):.4f} px, 99 % '
          f'{np.percentile(np.concatenate(distances), 99):.4f} px')
    assert_close(distances, scores)
