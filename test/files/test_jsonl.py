"""Poses as lines of JSON: what is written, and reading it back."""
import dataclasses
import io
import itertools
import json
import sys

import numpy as np
import pytest
from support.gestures import field_of, random_gestures
from support.sinks import HEIGHT, WIDTH, results, write

from movenet_ros.core.events import Edge, Event, EventKind
from movenet_ros.core.gestures.gesture import Posture
from movenet_ros.core.observation import Observation
from movenet_ros.core.types import Picture, Poses
from movenet_ros.errors import SinkError, SourceError
from movenet_ros.files.sinks import Result, read_jsonl
from movenet_ros.messages.gesture_array import FLAGS


def test_a_line_of_json_is_exactly_this(tmp_path):
    poses = Poses(
        xy=np.full((1, 17, 2), 0.1, np.float32), keypoint_score=np.full((1, 17), 0.7, np.float32),
        box=np.array([[0, 1.5, 3e-6, 1e3]], np.float32), score=np.array([1 / 3], np.float32),
        id=np.array([7], np.int32), age=np.array([0.04], np.float32),
        visible=np.arange(17)[None] % 2 == 0, velocity=np.array([[-0.2, 9]], np.float32),
        truncated=np.array([True]), time_unseen=np.array([1.7], np.float32))
    result = Result(40_000_000, 'käse', 1, 'lightning',
                    Picture(np.zeros((3, 5, 1), np.uint8), 'mono'), poses,
                    observation=Observation((
                        Event(EventKind.LEFT, 7, 40_000_000, 1.1, poses.box[0], Edge.RIGHT),
                        Event(EventKind.APPEARED, 9, 40_000_000, 0.0, poses.box[0]))))
    path = write(tmp_path / 'a.jsonl', [result])
    points = ', '.join(['[0.1, 0.1, 0.7]'] * 17)
    visible = ', '.join((['true', 'false'] * 9)[:17])
    assert path.read_text('utf-8') == (
        '{"stamp_ns": 40000000, "frame_id": "käse", "width": 5, "height": 3, "model": "lightning", '
        '"poses": [{"id": 7, "score": 0.33333334, "age": 0.04, "time_unseen": 1.7, '
        '"box": [0.0, 1.5, 3e-06, 1000.0], "velocity": [-0.2, 9.0], "truncated": true, '
        f'"keypoints": [{points}], "visible": [{visible}]}}], "events": [{{"kind": "left", '
        '"id": 7, "time_unseen": 1.1, "box": [0.0, 1.5, 3e-06, 1000.0], "edge": "right"}, '
        '{"kind": "appeared", "id": 9, "time_unseen": 0.0, "box": [0.0, 1.5, 3e-06, 1000.0], '
        '"edge": null}]}\n')


def test_jsonl_brings_back_every_bit(tmp_path):
    lines = list(read_jsonl(write(tmp_path / 'a.jsonl', results(12))))
    assert len(lines) == 12
    for line, result in zip(lines, results(12), strict=True):
        assert (line['stamp_ns'], line['frame_id']) == (result.stamp_ns, 'camera')
        assert (line['width'], line['height'], line['model']) == (WIDTH, HEIGHT, 'multipose')
        points = np.array([p['keypoints'] for p in line['poses']], np.float32).reshape(-1, 17, 3)
        np.testing.assert_array_equal(points[:, :, :2], result.poses.xy)
        np.testing.assert_array_equal(points[:, :, 2], result.poses.keypoint_score)
        for key, kind in (('id', np.int32), ('score', np.float32), ('age', np.float32),
                          ('box', np.float32), ('visible', np.bool_), ('velocity', np.float32),
                          ('truncated', np.bool_), ('time_unseen', np.float32)):
            values = np.array([p[key] for p in line['poses']], kind)
            np.testing.assert_array_equal(values.ravel(), getattr(result.poses, key).ravel())


def test_gestures_are_those_of_each_person(tmp_path):
    result = next(itertools.islice(results(3), 2, None))
    gestures = random_gestures(len(result.poses))
    observed = dataclasses.replace(result, observation=Observation(gestures=gestures))
    (line,) = read_jsonl(write(tmp_path / 'a.jsonl', [observed]))
    assert len(line['poses']) == len(gestures) == 2
    for row, person in enumerate(line['poses']):
        found = person['gestures']
        for gesture in FLAGS:
            assert found[field_of(gesture)] is bool(gestures.active[row, gesture])
        assert found['posture'] == Posture(gestures.posture[row]).name.lower()
        for arm, side in enumerate(('left', 'right')):
            for name in ('direction', 'ray'):
                vector = getattr(gestures, name)[row, arm]
                expected = None if np.isnan(vector).any() else vector.tolist()
                value = found[f'{side}_arm_{name}']
                assert value == expected or np.float32(value).tolist() == expected
        angles = np.array(found['joint_angles'], np.float32)
        np.testing.assert_array_equal(angles, gestures.joint_angle[row])
        assert found['is_spatial'] == gestures.is_spatial[row].tolist()
        assert len(found) == len(FLAGS) + 7
    (line,) = read_jsonl(write(tmp_path / 'a.jsonl', [result]))
    assert 'gestures' not in line['poses'][0]


def test_stdout(tmp_path, monkeypatch):
    stdout = io.StringIO()
    monkeypatch.setattr(sys, 'stdout', stdout)
    write('-', results(5))
    path = write(tmp_path / 'a.jsonl', results(5))
    assert stdout.getvalue() == path.read_text('utf-8')
    assert not stdout.closed


@pytest.mark.parametrize('encoding', ['ascii', 'latin-1', 'utf-8'])
def test_stdout_of_another_encoding_gets_json_all_the_same(tmp_path, monkeypatch, encoding):
    stdout = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, 'stdout', stdout)
    (result,) = list(results(1))
    write('-', [dataclasses.replace(result, frame_id='käse 摄像头')])
    text = stdout.buffer.getvalue().decode(encoding)
    assert json.loads(text)['frame_id'] == 'käse 摄像头'
    assert ('käse' in text) == (encoding == 'utf-8')


@pytest.mark.parametrize(('damage', 'says'), [
    (lambda text: text[:-20], 'line 3: not JSON.*cut off'),
    (lambda text: text.replace('\n', '\n?\n', 1), r'line 2: not JSON.*column 1'),
    (lambda text: text + '[]\n', 'line 4: not an object, but list'),
    (lambda text: text + '{"stamp_ns": 1}\n', 'line 4: frame_id, width, .*missing'),
    (lambda text: text + '[' * 300_000 + '\n', 'line 4: not JSON: .*nested too deep'),
    (lambda text: text + '1' * 5000 + '\n', 'line 4: not'),
    (lambda text: text + '\n', 'line 4: not JSON')])
def test_a_damaged_line_is_named(tmp_path, damage, says):
    path = write(tmp_path / 'a.jsonl', results(3))
    path.write_text(damage(path.read_text()))
    with pytest.raises(SourceError, match=says):
        list(read_jsonl(path))


def test_a_line_that_is_too_long_is_not_called_cut_off(tmp_path, monkeypatch):
    path = write(tmp_path / 'a.jsonl', results(3))
    longest = max(map(len, path.read_text().splitlines(keepends=True)))
    monkeypatch.setattr('movenet_ros.files.jsonl_reader.LONGEST_LINE', longest)
    assert len(list(read_jsonl(path))) == 3
    path.write_text(path.read_text() + ' ' * longest + '{}\n')
    with pytest.raises(SourceError, match=f'line 4: is too long: at most {longest} characters'):
        list(read_jsonl(path))


def test_reading_what_is_no_jsonl(tmp_path):
    with pytest.raises(SourceError, match='No such file'):
        list(read_jsonl(tmp_path / 'missing.jsonl'))
    (tmp_path / 'binary.jsonl').write_bytes(b'\xff\xfe\0')
    with pytest.raises(SourceError, match='no text file'):
        list(read_jsonl(tmp_path / 'binary.jsonl'))


def test_numbers_that_json_has_not(tmp_path):
    (result,) = list(results(2))[1:]
    result.poses.xy[0, 0, 0] = np.nan
    with pytest.raises(SinkError, match=f'{result.stamp_ns} ns'):
        write(tmp_path / 'a.jsonl', [result])
    assert not list(tmp_path.iterdir())


def test_json_lines_are_json_for_others(tmp_path):
    path = write(tmp_path / 'a.jsonl', results(3))
    assert [len(json.loads(line)['poses']) for line in path.read_text().splitlines()] == [0, 1, 2]
