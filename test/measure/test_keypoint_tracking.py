"""Keypoints over time compared with those of drawn clips."""
import json

import numpy as np
import pytest
from support.poses import people

from movenet_ros.errors import SourceError
from movenet_ros.measure.accuracy.identity import Boxes
from movenet_ros.measure.accuracy.keypoint_tracking import (
    Body,
    compare_keypoints,
    oks,
    read_keypoints,
)

AREA = 400.0


def body(x, y, seen=17):
    """A person like those of `people`, of whom the first keypoints are seen."""
    steps = np.arange(17.0)
    return Body(np.column_stack((x + steps, y + steps)), steps < seen, AREA)


def boxes(*ids, counts=None):
    return Boxes(np.array(ids), np.zeros((len(ids), 4)),
                 np.ones(len(ids), bool) if counts is None else np.array(counts))


def test_oks_is_that_of_coco():
    person = body(10, 10)
    assert oks(person.xy, person) == 1.0
    cocoeval = pytest.importorskip('pycocotools.cocoeval')
    sigmas = cocoeval.Params('keypoints').kpt_oks_sigmas
    moved = person.xy + np.array((3, 4))
    expected = np.exp(-25 / (2 * sigmas) ** 2 / AREA / 2).mean()
    assert oks(moved, person) == pytest.approx(expected)


def test_only_keypoints_that_are_seen_count():
    person = body(10, 10, seen=5)
    moved = person.xy.copy()
    moved[5:] += 100
    assert oks(moved, person) == 1.0
    assert oks(moved, body(10, 10, seen=0)) == 0.0


def test_people_without_a_pose_are_not_found():
    found = compare_keypoints([{1: body(10, 10), 2: body(100, 10)}] * 2, {
        0: boxes(1, 2), 1: boxes(1, 2)}, [people((10, 10)), people((10, 10), (100, 10))],
        [{1: 1}, {1: 1, 2: 2}])
    assert found.row() == {'oks': 1.0, 'oks_50': 0.75, 'read_another': 0.0}


def test_a_pose_that_reads_another_person():
    truth = [{1: body(10, 10), 2: body(20, 10)}]
    # the pose of person 1 lies on person 2
    found = compare_keypoints(truth, {0: boxes(1, 2)}, [people((19, 10), (20, 10))],
                              [{1: 1, 2: 2}])
    assert found.read_another == 0.5
    assert found.oks_50 == 0.5


def test_who_does_not_count_and_who_is_hidden_is_left_out():
    truth = [{1: body(10, 10), 2: body(50, 10), 3: body(90, 10, seen=0)}]
    found = compare_keypoints(truth, {0: boxes(1, 2, 3, counts=[True, False, True])},
                              [people((10, 10), (70, 10), (200, 10))], [{1: 1, 2: 2, 3: 3}])
    assert found.row() == {'oks': 1.0, 'oks_50': 1.0, 'read_another': 0.0}


def test_nobody_at_all():
    found = compare_keypoints([{}], {}, [people()], [{}])
    assert found.row() == {'oks': None, 'oks_50': None, 'read_another': None}


def test_keypoints_of_another_clip():
    with pytest.raises(SourceError, match='keypoints of 1 images, but the clip has 2'):
        compare_keypoints([{}], {}, [people(), people()], [{}, {}])
    with pytest.raises(SourceError, match='image 1 has no keypoints of person 7'):
        compare_keypoints([{1: body(0, 0)}], {0: boxes(1, 7)}, [people()], [{}])


def content(**values):
    person = [[1.5, 2.0, 2]] + [[3, 4, 1]] * 15 + [[0, 0, 0]]
    return {'rate': 15, 'width': 640, 'height': 480, 'area': {'4': 90},
            'frames': [{}, {'4': person}], **values}


def test_the_file(tmp_path):
    path = tmp_path / 'keypoints.json'
    path.write_text(json.dumps(content()), encoding='utf-8')
    first, second = read_keypoints(path)
    assert first == {}
    assert second[4].area == 90
    assert second[4].xy[0].tolist() == [1.5, 2.0]
    assert second[4].seen.tolist() == [True] + [False] * 16


@pytest.mark.parametrize('text', [
    '', '[]', '{}', json.dumps(content(area={})), json.dumps(content(area={'4': 0})),
    json.dumps(content(frames=[{'4': [[1, 2, 2]]}])), json.dumps(content(frames=[{'x': []}])),
    json.dumps(content(frames=[3])), json.dumps(content()).replace('1.5', 'NaN'),
    json.dumps(content(area={'4': None}))])
def test_a_file_without_such_keypoints(tmp_path, text):
    path = tmp_path / 'keypoints.json'
    path.write_text(text, encoding='utf-8')
    with pytest.raises(SourceError, match=r'keypoints\.json: no keypoints of a drawn clip'):
        read_keypoints(path)
    with pytest.raises(SourceError, match='absent'):
        read_keypoints(tmp_path / 'absent')
