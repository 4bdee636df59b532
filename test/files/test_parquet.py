"""Parquet files: what a reader finds in them."""
import dataclasses
import re

import numpy as np
import pytest
from support.gestures import random_gestures
from support.paths import ROOT
from support.sinks import random_poses, results

from movenet_ros.core.geometry.poses_3d import Poses3D, Reason
from movenet_ros.core.gestures.angles import JOINT_NAMES
from movenet_ros.core.gestures.gesture import Posture
from movenet_ros.core.observation import Observation
from movenet_ros.core.skeleton import KEYPOINT_NAMES
from movenet_ros.files import parquet
from movenet_ros.files.parquet_columns import COLUMNS
from movenet_ros.files.sinks import open_sink
from movenet_ros.messages.gesture_array import FLAGS


@pytest.fixture
def table(tmp_path):
    """Writes results and reads them back."""
    reader = pytest.importorskip('pyarrow.parquet')

    def table(items):
        with open_sink(tmp_path / 'a.parquet', recording='day/bag') as sink:
            for item in items:
                sink.write(item)
        return reader.read_table(tmp_path / 'a.parquet')

    return table


def located(result, seed=0):
    """The same with positions and gestures; of the first person nothing is known in metres."""
    rng, poses = np.random.default_rng(seed), result.poses
    spatial = Poses3D.unknown(poses.id, Reason.NO_DEPTH)
    for array in (spatial.ray, spatial.position, spatial.velocity, spatial.distance,
                  spatial.extent, spatial.keypoint_position):
        array[1:] = rng.random(array[1:].shape)
    return dataclasses.replace(result, observation=Observation(
        poses=poses, poses_3d=spatial, gestures=random_gestures(len(poses), seed)))


def test_there_is_a_row_for_each_person_in_each_image(table):
    items = list(results(7))
    read = table(items)
    assert read.num_rows == 6
    rows = iter(read.to_pylist())
    for item in items:
        for index in range(len(item.poses)):
            row, poses = next(rows), item.poses
            assert (row['recording'], row['stamp_ns'], row['frame_id'], row['model']) == (
                'day/bag', item.stamp_ns, 'camera', 'multipose')
            assert (row['width'], row['height']) == (item.picture.width, item.picture.height)
            assert (row['id'], row['truncated']) == (poses.id[index], poses.truncated[index])
            for name in ('score', 'age', 'time_unseen'):
                assert row[name] == getattr(poses, name)[index]
            assert [row[name] for name in ('x_min', 'y_min', 'x_max', 'y_max')] == list(
                poses.box[index])
            assert [row['velocity_x'], row['velocity_y']] == list(poses.velocity[index])
            for keypoint, name in enumerate(KEYPOINT_NAMES):
                assert [row[f'{name}_x'], row[f'{name}_y']] == list(poses.xy[index, keypoint])
                assert row[f'{name}_score'] == poses.keypoint_score[index, keypoint]
                assert row[f'{name}_visible'] == poses.visible[index, keypoint]


def test_what_is_unknown_is_null(table):
    read = table(results(7))
    for column in COLUMNS:
        known = read.num_rows - read[column.name].null_count
        expected = read.num_rows if column.name in before('ray_x') else 0
        assert known == expected, column.name


def before(name):
    names = [column.name for column in COLUMNS]
    return names[:names.index(name)]


def test_positions_and_gestures(table):
    items = [located(item) for item in results(6)]
    rows = iter(table(items).to_pylist())
    for item in items:
        spatial, gestures = item.observation.poses_3d, item.observation.gestures
        for index in range(len(item.poses)):
            row = next(rows)
            for name, values in (('ray', spatial.ray), ('position', spatial.position),
                                 ('velocity_3d', spatial.velocity)):
                same([row[f'{name}_{axis}'] for axis in 'xyz'], values[index])
            same([row['distance'], row['near'], row['far']],
                 [spatial.distance[index], *spatial.extent[index]])
            for keypoint, name in enumerate(KEYPOINT_NAMES):
                same([row[f'{name}_position_{axis}'] for axis in 'xyz'],
                     spatial.keypoint_position[index, keypoint])
            assert [row[flag.name.lower()] for flag in FLAGS] == list(
                gestures.active[index, FLAGS])
            assert row['posture'] == Posture(gestures.posture[index]).name.lower()
            same([row[f'{name}_angle'] for name in JOINT_NAMES], gestures.joint_angle[index])


def same(values, expected):
    np.testing.assert_array_equal([np.nan if value is None else value for value in values],
                                  expected)


def test_rows_that_are_written_in_several_steps_keep_their_order(table, monkeypatch):
    monkeypatch.setattr(parquet, 'ROWS', 5)
    items = [dataclasses.replace(item, poses=random_poses(2, index))
             for index, item in enumerate(results(20))]
    read = table(items)
    assert read['stamp_ns'].to_pylist() == [item.stamp_ns for item in items for _ in range(2)]


def test_recordings_with_and_without_positions_are_one_table(table):
    assert table(results(3)).schema == table(located(item) for item in results(3)).schema
    assert table([]).schema == table(results(3)).schema


def test_units_are_in_the_file(table):
    units = {field.name: (field.metadata or {}).get(b'unit', b'').decode()
             for field in table([]).schema}
    assert units == {column.name: column.unit for column in COLUMNS}


def test_the_documented_columns_are_those_of_the_file():
    page = (ROOT / 'docs' / 'fleet.md').read_text(encoding='utf-8').partition('## Tables')[2]
    rows = re.findall(r'^\| (`[^|]+) \| ([^|]*) \| ([^|]*) \|', page, re.MULTILINE)
    documented = {}
    for names, kind, unit in rows:
        for name in re.findall(r'`([^`]+)`', names):
            documented |= {each: (kind.strip(), unit.strip()) for each in expanded(name)}
    kinds = {'bool_': 'bool'}
    assert documented == {column.name: (kinds.get(column.kind, column.kind), column.unit)
                          for column in COLUMNS}


def expanded(name):
    """The columns that a name in the table stands for."""
    for placeholder, values in (('KEYPOINT', KEYPOINT_NAMES), ('JOINT', JOINT_NAMES)):
        if placeholder in name:
            return [name.replace(placeholder, value) for value in values]
    return [name]
