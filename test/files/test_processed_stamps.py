"""`movenet process --only-stamps-of`: offline what the node saw live, and nothing else."""

import cv2
import pytest
from rosbags.rosbag2 import StoragePlugin, Writer
from support.bags import STORE, raw
from support.paths import DATA
from support.poses import message, people, write

from movenet_ros.cli import main
from movenet_ros.files.bags.typestore import typestore
from movenet_ros.files.bags.writer import POSE_ARRAY
from movenet_ros.files.recorded_poses import read_poses
from movenet_ros.images.cdr import IMAGE
from movenet_ros.messages.pose_array import serialize

CLIP = DATA / 'one_person.mp4'
START, STEP = 1_700_000_000_123_456_789, 33_333_333
FRAMES = 12
ANSWERED = (0, 1, 4, 5, 9, 11)
"""What a busy node answers."""


@pytest.fixture(scope='module')
def images():
    """Image messages of a clip, serialized, by their stamps."""
    capture, found = cv2.VideoCapture(str(CLIP)), {}
    for index in range(FRAMES):
        # every third one, so that people move
        pixels = [capture.read()[1] for _ in range(3)][-1]
        stamp = START + index * STEP
        found[stamp] = bytes(STORE.serialize_cdr(raw(pixels, stamp), IMAGE))
    capture.release()
    return found


def write_bag(path, images, poses=(), topic='/movenet/poses'):
    with Writer(path, version=8) as bag:
        connection = bag.add_connection('/image', IMAGE, typestore=STORE)
        for stamp, data in images.items():
            bag.write(connection, stamp, data)
        if poses:
            connection = bag.add_connection(topic, POSE_ARRAY, typestore=typestore())
            for item in poses:
                bag.write(connection, item.stamp_ns, serialize(item))
    return str(path)


@pytest.fixture(scope='module')
def live(images, tmp_path_factory):
    """What a node publishes that answers some of the images alone."""
    folder = tmp_path_factory.mktemp('live')
    stamps = sorted(images)
    seen = {stamps[index]: images[stamps[index]] for index in ANSWERED}
    assert main(['process', write_bag(folder / 'seen', seen), '-q', '-o',
                 str(folder / 'live.mcap')]) == 0
    return list(read_poses(folder / 'live.mcap'))


def process(capfd, recording, where, output):
    code = main(['process', recording, '--only-stamps-of', where, '-o', str(output)])
    return code, capfd.readouterr().err


def test_the_poses_are_those_of_the_node(images, live, tmp_path, capfd):
    recording = write_bag(tmp_path / 'bag', images, live)
    for where in '/movenet/poses', 'movenet/poses', recording, f'{recording}:/movenet/poses':
        code, err = process(capfd, recording, where, tmp_path / 'poses.jsonl')
        assert code == 0
        assert f'{len(ANSWERED)} images processed' in err and 'have no image' not in err
        assert main(['diff', recording, str(tmp_path / 'poses.jsonl')]) == 0
    # all images give other numbers: that is what the option is for
    assert main(['process', recording, '-q', '-o', str(tmp_path / 'all.jsonl')]) == 0
    assert main(['diff', recording, str(tmp_path / 'all.jsonl'), '--px', '1']) == 1


@pytest.mark.parametrize('name', ['other.mcap', 'other.jsonl', 'other'])
def test_poses_may_be_recorded_elsewhere(images, live, tmp_path, capfd, name):
    recording = write_bag(tmp_path / 'images', images)
    where = write(tmp_path / name, live, '/front/poses')
    assert process(capfd, recording, where, tmp_path / 'out.jsonl')[0] == 0
    assert main(['diff', where, str(tmp_path / 'out.jsonl')]) == 0


def test_answers_without_an_image_are_told(images, live, tmp_path, capfd):
    stamps = sorted(images)
    kept = {stamp: data for stamp, data in images.items() if stamp != stamps[4]}
    recording = write_bag(tmp_path / 'bag', kept, live)
    code, err = process(capfd, recording, '/movenet/poses', tmp_path / 'out.jsonl')
    assert code == 0
    assert ('1 of 6 answers on /movenet/poses have no image in the recording, stamps '
            '1700000000.256790121: the recorder missed those images') in err
    assert 'movenet: 5 images processed' in err


def test_the_images_of_a_bag_that_was_cut_off_count_up_to_there(images, live, tmp_path, capfd):
    file = tmp_path / 'cut.mcap'
    with Writer(tmp_path / 'mcap', version=8, storage_plugin=StoragePlugin.MCAP) as bag:
        connection = bag.add_connection('/image', IMAGE, typestore=STORE)
        for stamp, data in images.items():
            bag.write(connection, stamp, data)
    content = (tmp_path / 'mcap' / 'mcap.mcap').read_bytes()
    file.write_bytes(content[:len(content) // 2])
    where = write(tmp_path / 'live.jsonl', live)
    code, err = process(capfd, str(file), where, tmp_path / 'out.jsonl')
    assert code == 1
    assert 'the bag is damaged or was cut off' in err
    cut = list(read_poses(tmp_path / 'out.jsonl'))
    assert 0 < len(cut) < len(live)
    assert [item.stamp_ns for item in cut] == [item.stamp_ns for item in live[:len(cut)]]


def test_answers_on_other_images_are_not_called_missed_by_the_recorder(
        images, live, tmp_path, capfd):
    recording = write_bag(tmp_path / 'bag', images)
    where = write(tmp_path / 'other.jsonl', [
        message(item.stamp_ns + 10**9, item.poses) for item in live])
    code, err = process(capfd, recording, where, tmp_path / 'out.jsonl')
    assert code == 1
    assert 'none of the 6 answers on ' in err and 'no stamp is in both' in err
    assert 'the recorder missed' not in err


@pytest.mark.parametrize(('sequences', 'expected'), [
    ((0, 1, 2), ''), ((7, 8, 9), 'begins with answer 7 of the node'),
    ((0, 1, 4), '2 answers of the node were not recorded'),
    ((0, 1, 0), 'the node was activated again 1 times')])
def test_what_makes_the_runs_differ_is_reported(images, tmp_path, capfd, sequences, expected):
    poses = [message(stamp, people(), sequence)
             for stamp, sequence in zip(sorted(images), sequences, strict=False)]
    recording = write_bag(tmp_path / 'bag', images, poses)
    code, err = process(capfd, recording, '/movenet/poses', tmp_path / 'out.jsonl')
    assert code == 0 and expected in err
    assert 'movenet: 3 images processed' in err
    assert bool(expected) == ('/movenet/poses: ' in err)


def test_images_of_one_stamp_count_one_by_one(images, tmp_path, capfd):
    data = images[START]
    with Writer(tmp_path / 'bag', version=8) as bag:
        connection = bag.add_connection('/image', IMAGE, typestore=STORE)
        for index in range(3):
            bag.write(connection, index, data)
    where = write(tmp_path / 'poses.jsonl', [message(START, people())] * 2)
    code, err = process(capfd, str(tmp_path / 'bag'), where, tmp_path / 'out.jsonl')
    assert code == 0 and 'movenet: 2 images processed' in err


@pytest.mark.parametrize(('where', 'expected'), [
    ('/nowhere', "the topic '/nowhere' is not there; there are PoseArrays on: /movenet/poses"),
    ('/image', "the topic '/image' has no PoseArrays"),
    ('nowhere.jsonl', "; there is no file 'nowhere.jsonl' either"),
    ('BAG:/nowhere', "the topic '/nowhere' is not there")])
def test_a_topic_without_poses_is_one_line(images, live, tmp_path, capfd, where, expected):
    recording = write_bag(tmp_path / 'bag', images, live)
    code, err = process(capfd, recording, where.replace('BAG', recording), tmp_path / 'out.jsonl')
    assert code == 1 and expected in err and err.count('\n') == 1
    assert not (tmp_path / 'out.jsonl').exists()


def test_only_a_bag_has_topics(tmp_path, capfd):
    code, err = process(capfd, str(CLIP), '/movenet/poses', tmp_path / 'out.jsonl')
    assert code == 1
    assert 'one_person.mp4 is not a bag, which would have topics; give the bag' in err
