"""What a page gets of one image, byte for byte."""
import json
import math
import struct
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from support.poses import people

from movenet_ros.core.types import Poses
from movenet_ros.tools.view.record import (
    CameraStatusView,
    PersonPosition,
    TargetView,
    ViewFrame,
    encode_record,
)

FRAME = ViewFrame(
    camera='front', topic='/front/image_raw', stamp_ns=1_700_000_000_000_000_042, sequence=7,
    frame_id='camera', width=640, height=480, model='lightning', poses=None, positions=None,
    target=None, rate=None, latency=None, lost=0, status=None, position=None, paused=None)


def decoded(record):
    total, length = struct.unpack('>II', record[:8])
    assert total == len(record) - 4
    return json.loads(record[8:8 + length], parse_constant=pytest.fail), record[8 + length:]


def test_a_record_without_anything_known_has_all_fields():
    fields, jpeg = decoded(encode_record(FRAME, b''))
    assert fields == {
        'camera': 'front', 'topic': '/front/image_raw', 'stamp': '1700000000.000000042',
        'sequence': 7, 'frame_id': 'camera', 'width': 640, 'height': 480, 'model': 'lightning',
        'people': None, 'positions': None, 'target': None, 'rate': None, 'latency': None,
        'lost': 0, 'status': None, 'position': None, 'paused': None}
    assert jpeg == b''


def test_nobody_is_something_else_than_nothing_known():
    fields, _ = decoded(encode_record(replace(FRAME, poses=Poses.empty(), positions=[]), b''))
    assert fields['people'] == [] and fields['positions'] == []


def test_people_are_rounded():
    poses = people((10.26, 20.04), (300, 400), ids=[4, 9], score=0.12345)
    fields, jpeg = decoded(encode_record(replace(FRAME, poses=poses), b'\xff\xd8JPEG'))
    first, second = fields['people']
    assert first['id'] == 4 and second['id'] == 9
    assert first['score'] == 0.123
    assert first['box'] == [10.3, 20.0, 26.3, 36.0]
    assert first['keypoints'][0] == [10.3, 20.0, 0.123, 0]
    assert first['keypoints'][16] == [26.3, 36.0, 0.123, 0]
    assert first['truncated'] is False and first['time_unseen'] == 0
    assert jpeg == b'\xff\xd8JPEG'


def test_visible_keypoints_are_marked():
    poses = people((10, 20), score=0.5)
    poses.visible[0, 3] = False
    fields, _ = decoded(encode_record(replace(FRAME, poses=poses), b''))
    marks = [seen for _, _, _, seen in fields['people'][0]['keypoints']]
    assert marks == [1, 1, 1, 0] + 13 * [1]


def test_what_is_known_beside_the_people():
    frame = replace(
        FRAME, positions=[PersonPosition(3, (0.12345, -1.0, 2.5), 2.69999),
                          PersonPosition(4, None, None),
                          PersonPosition(5, (math.nan, 0.0, 1.0), math.inf)],
        target=TargetView(3, 'tracked', 'nearest'), rate=np.float32(29.5), latency=0.0123, lost=2,
        status=CameraStatusView(1, 'images are late', 0.5, {'received': '100'}), position=12.25)
    fields, _ = decoded(encode_record(frame, b''))
    assert fields['positions'] == [
        {'id': 3, 'position': [0.123, -1.0, 2.5], 'distance': 2.7},
        {'id': 4, 'position': None, 'distance': None},
        {'id': 5, 'position': None, 'distance': None}]
    assert fields['target'] == {'id': 3, 'state': 'tracked', 'criterion': 'nearest'}
    assert (fields['rate'], fields['latency'], fields['lost']) == (29.5, 0.0123, 2)
    assert fields['status'] == {
        'level': 1, 'message': 'images are late', 'age': 0.5, 'values': {'received': '100'}}
    assert fields['position'] == 12.25


def test_one_keypoint_that_is_nan_is_null_and_the_others_are_not():
    poses = people((10, 20))
    poses.xy[0, 5] = math.nan, math.inf
    poses.box[0, 2] = -math.inf
    fields, _ = decoded(encode_record(replace(FRAME, poses=poses), b''))
    keypoints = fields['people'][0]['keypoints']
    assert keypoints[5] == [None, None, 0.5, 1]
    assert keypoints[6] == [16.0, 26.0, 0.5, 1]
    assert fields['people'][0]['box'] == [10.0, 20.0, None, 36.0]


@pytest.mark.parametrize(('stamp_ns', 'text'), [
    (0, '0.000000000'), (1, '0.000000001'), (-1, '-0.000000001'),
    (-1_500_000_000, '-1.500000000'), (2 ** 63 - 1, '9223372036.854775807')])
def test_stamps_are_exact(stamp_ns, text):
    fields, _ = decoded(encode_record(replace(FRAME, stamp_ns=stamp_ns), b''))
    assert fields['stamp'] == text


FLOATS = npst.from_dtype(np.dtype(np.float32))
NUMBERS = st.none() | st.floats()


@st.composite
def any_poses(draw):
    count = draw(st.integers(0, 3))

    def floats(*shape):
        return draw(npst.arrays(np.float32, (count, *shape), elements=FLOATS))
    return Poses(
        xy=floats(17, 2), keypoint_score=floats(17), box=floats(4), score=floats(),
        id=draw(npst.arrays(np.int32, count)), age=floats(),
        visible=draw(npst.arrays(np.bool_, (count, 17))), velocity=floats(2),
        truncated=draw(npst.arrays(np.bool_, count)), time_unseen=floats())


ANY_FRAME = st.builds(
    ViewFrame, camera=st.text(), topic=st.text(), stamp_ns=st.integers(-2 ** 63, 2 ** 63 - 1),
    sequence=st.integers(0, 2 ** 64 - 1), frame_id=st.text(), width=st.integers(0, 2 ** 32 - 1),
    height=st.integers(0, 2 ** 32 - 1), model=st.text(), poses=st.none() | any_poses(),
    positions=st.none() | st.lists(st.builds(
        PersonPosition, st.integers(), st.none() | st.tuples(st.floats(), st.floats(), st.floats()),
        NUMBERS), max_size=3),
    target=st.none() | st.builds(TargetView, st.integers(), st.text(), st.text()), rate=NUMBERS,
    latency=NUMBERS, lost=st.integers(),
    status=st.none() | st.builds(CameraStatusView, st.integers(), st.text(), st.floats(),
                                 st.dictionaries(st.text(), st.text(), max_size=3)),
    position=NUMBERS, paused=st.none() | st.booleans())


def agrees(shown, value, tolerance):
    if not math.isfinite(value):
        return shown is None
    return abs(shown - value) <= tolerance + abs(value) * 1e-12


@settings(max_examples=60, deadline=None)
@given(frame=ANY_FRAME, jpeg=st.binary(max_size=100))
def test_whatever_is_known_can_be_read_again(frame, jpeg):
    fields, picture = decoded(encode_record(frame, jpeg))
    assert picture == jpeg
    for name in ('camera', 'topic', 'sequence', 'frame_id', 'width', 'height', 'model', 'lost',
                 'paused'):
        assert fields[name] == getattr(frame, name)
    for name in ('rate', 'latency', 'position'):
        value = getattr(frame, name)
        assert fields[name] == (value if value is not None and math.isfinite(value) else None)
    if frame.poses is None:
        assert fields['people'] is None
        return
    assert [person['id'] for person in fields['people']] == frame.poses.id.tolist()
    for row, person in enumerate(fields['people']):
        poses = frame.poses
        assert all(map(agrees, person['box'], poses.box[row].tolist(), 4 * [0.051]))
        assert agrees(person['score'], float(poses.score[row]), 0.00051)
        for index, (x, y, score, seen) in enumerate(person['keypoints']):
            assert agrees(x, float(poses.xy[row, index, 0]), 0.051)
            assert agrees(y, float(poses.xy[row, index, 1]), 0.051)
            assert agrees(score, float(poses.keypoint_score[row, index]), 0.00051)
            assert seen == int(poses.visible[row, index])


def test_text_that_is_no_unicode_stays_json():
    fields, _ = decoded(encode_record(replace(FRAME, frame_id='bad \udcff name'), b''))
    assert fields['frame_id'] == 'bad \udcff name'
