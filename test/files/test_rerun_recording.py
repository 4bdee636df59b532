"""Rerun recordings: what its own reader finds in them."""
import dataclasses
import re
import subprocess
import sys

import cv2
import numpy as np
import pytest
from support.paths import DATA
from support.poses import people
from support.sinks import START, random_poses, results, write

from movenet_ros.cli import main
from movenet_ros.core.geometry.poses_3d import Poses3D, Reason
from movenet_ros.core.observation import Observation
from movenet_ros.core.skeleton import EDGES, KEYPOINT_NAMES
from movenet_ros.images.cdr import ImageMessage
from movenet_ros.images.overlay import PALETTE

CLIP = str(DATA / 'one_person.mp4')


@pytest.fixture
def reader():
    """Rerun's reader of files."""
    return pytest.importorskip('rerun.chunk').RrdReader


def columns(path, reader, entity):
    """The rows of an entity in the order of stamps, each a dict by the columns' names."""
    rows = []
    for chunk in reader(path).stream().to_chunks():
        if chunk.entity_path == entity:
            rows += chunk.to_record_batch().to_pylist()
    return sorted(rows, key=lambda row: row.get('stamp', 0))


@pytest.fixture
def recorded(tmp_path, reader):
    """Writes results; gives the rows of an entity."""
    def recorded(items):
        path = write(tmp_path / 'a.rrd', items)
        return lambda entity: columns(path, reader, entity)

    return recorded


def test_rerun_itself_finds_no_fault(tmp_path):
    pytest.importorskip('rerun')
    path = write(tmp_path / 'a.rrd', results(5))
    done = subprocess.run([sys.executable, '-m', 'rerun_cli', 'rrd', 'verify', str(path)],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert '1 file verified without error' in done.stdout + done.stderr


def test_keypoints_are_those_that_are_visible(recorded):
    rows = recorded(results(6))('/image/keypoints')
    assert len(rows) == 6
    for row, result in zip(rows, results(6), strict=True):
        poses = result.poses
        assert row['stamp'].value == result.stamp_ns
        numbers, keypoints = np.nonzero(poses.visible)
        np.testing.assert_array_equal(np.array(row['Points2D:positions'] or np.empty((0, 2))),
                                      poses.xy[numbers, keypoints])
        assert row['Points2D:class_ids'] == poses.id[numbers].tolist()
        assert row['Points2D:keypoint_ids'] == keypoints.tolist()


def test_boxes_have_id_and_score(recorded):
    row, = recorded([dataclasses.replace(next(results(1)), poses=people(
        (10, 20), (30, 5), ids=[7, 70_000], score=0.875))])('/image/boxes')
    assert row['Boxes2D:labels'] == ['7  0.88', '70000  0.88']
    assert row['Boxes2D:centers'] == [[18, 28], [38, 13]]
    assert row['Boxes2D:half_sizes'] == [[8, 8], [8, 8]]
    # classes have 16 bits
    assert row['Boxes2D:class_ids'] == [7, 70_000 - 2**16]


def test_images_are_jpegs_and_those_of_a_camera_as_they_are(recorded):
    plain, = results(1)
    _, sent = cv2.imencode('.jpg', plain.picture.pixels)
    message = ImageMessage((0, 0), 'camera', 'jpeg', memoryview(sent.tobytes()))
    rows = recorded([plain, dataclasses.replace(plain, stamp_ns=plain.stamp_ns + 1,
                                                message=message)])('/image')
    assert [row['EncodedImage:media_type'] for row in rows] == [['image/jpeg']] * 2
    encoded, kept = (np.array(row['EncodedImage:blob'][0], np.uint8) for row in rows)
    assert cv2.imdecode(encoded, cv2.IMREAD_COLOR).shape == plain.picture.pixels.shape
    np.testing.assert_array_equal(kept, sent)


def test_people_have_names_colours_and_lines(recorded):
    poses = people((10, 20), (30, 5), ids=[2, 9])
    before, after = results(2)
    row, = recorded([dataclasses.replace(before, poses=poses),
                     dataclasses.replace(after, poses=random_poses(0))])('/')
    classes = {item['class_id']: item['class_description']
               for item in row['AnnotationContext:context'][0]}
    assert sorted(classes) == [2, 9]
    for number, item in classes.items():
        blue, green, red = PALETTE[(number - 1) % len(PALETTE)]
        color = red << 24 | green << 16 | blue << 8 | 255
        assert (item['info']['label'], item['info']['color']) == (f'person {number}', color)
        names = [joint['label'] for joint in item['keypoint_annotations']]
        assert names == list(KEYPOINT_NAMES)
        lines = [(line['keypoint0'], line['keypoint1'])
                 for line in item['keypoint_connections']]
        assert lines == list(EDGES)


def test_positions_are_those_that_are_known(recorded):
    before, after = results(2)
    poses = people((10, 20), ids=[4])
    spatial = Poses3D.unknown(poses.id, Reason.NO_DEPTH)
    spatial.keypoint_position[0, [5, 9]] = (0.5, -0.25, 2), (1, 2, 3)
    rows_of = recorded([dataclasses.replace(before, poses=poses, observation=Observation(
        poses=poses, poses_3d=spatial)), after])
    row, = rows_of('/positions/keypoints')
    assert row['Points3D:positions'] == [[0.5, -0.25, 2], [1, 2, 3]]
    assert (row['Points3D:keypoint_ids'], row['Points3D:class_ids']) == ([5, 9], [4, 4])


@pytest.mark.parametrize(('start_ns', 'kind'), [
    (0, 'duration[ns]'), (-5, 'duration[ns]'), (START, 'timestamp[ns]')])
def test_stamps_from_0_on_are_no_dates(tmp_path, reader, start_ns, kind):
    items = [dataclasses.replace(result, stamp_ns=start_ns + index)
             for index, result in enumerate(results(2))]
    path = write(tmp_path / 'a.rrd', items)
    kinds = {str(chunk.to_record_batch().schema.field('stamp').type)
             for chunk in reader(path).stream().to_chunks() if chunk.entity_path == '/image'}
    assert kinds == {kind}


def test_there_is_a_layout_and_no_time_of_writing(tmp_path, reader):
    path = write(tmp_path / 'a.rrd', results(2))
    assert len(reader(path).blueprints()) == 1
    names = {name for chunk in reader(path).stream().to_chunks()
             for name in chunk.to_record_batch().schema.names}
    assert not {'log_time', 'log_tick', 'RecordingInfo:start_time'} & names


class Interrupted(Exception):
    pass


def test_what_was_written_before_a_failure_is_kept(tmp_path, reader):
    def interrupted():
        yield from results(3)
        raise Interrupted

    with pytest.raises(Interrupted):
        write(tmp_path / 'a.rrd', interrupted())
    assert len(columns(tmp_path / 'a.rrd', reader, '/image')) == 3
    assert len(columns(tmp_path / 'a.rrd', reader, '/')) == 1


def test_the_command_writes_one(tmp_path, reader):
    path = tmp_path / 'a.rrd'
    assert main(['process', CLIP, '-q', '-o', str(path), '-o', str(tmp_path / 'a.jsonl')]) == 0
    lines = (tmp_path / 'a.jsonl').read_text().splitlines()
    assert len(columns(path, reader, '/image')) == len(lines)


def test_without_rerun_one_line_names_the_extra(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, 'rerun', None)
    assert main(['process', CLIP, '-q', '-o', str(tmp_path / 'a.rrd')]) == 1
    line, = [line for line in capsys.readouterr().err.splitlines() if line.startswith('movenet')]
    assert re.search(r"needs the package rerun-sdk .*'\.\[rerun\]'$", line)
    assert not list(tmp_path.iterdir())
