"""`movenet diff` and what it compares with: two recordings of poses, side by side."""
import gzip
import json
import os

import numpy as np
import pytest
from rosbags.rosbag2 import StoragePlugin, Writer
from rosbags.typesys import Stores, get_types_from_msg, get_typestore
from support.poses import message, people, write

from movenet_ros.cli import main
from movenet_ros.comparison import Tolerances, compare
from movenet_ros.errors import SourceError
from movenet_ros.files.recorded_poses import read_poses
from movenet_ros.messages.pose_array import POSE_ARRAY

STEP = 33_333_333
START = 1_700_000_000_123_456_789
PLACES = [(100, 100), (300, 200)]


def run(count=3, poses=None, **changes):
    """A run of images with the same people; `changes` replaces those of an image by its number."""
    return [message(START + index * STEP, changes.get(f'at{index}', poses or people(*PLACES)),
                    index) for index in range(count)]


def diff(capfd, *words):
    code = main(['diff', *map(str, words)])
    output = capfd.readouterr()
    return code, output.out, output.err


@pytest.mark.parametrize('names', [('a.mcap', 'b.jsonl'), ('a', 'b.mcap'), ('a.jsonl', 'b')])
def test_the_same_poses_are_equal_in_every_form(tmp_path, capfd, names):
    paths = [write(tmp_path / name, run()) for name in names]
    code, out, _ = diff(capfd, *paths)
    assert code == 0
    assert 'the same people in 3 of 3 images, the same id for 6 of 6 people' in out
    assert out.endswith('\nequal\n')


def test_recordings_are_told_by_their_content_and_read_without_metadata(tmp_path, capfd):
    a = write(tmp_path / 'a', run())
    (tmp_path / 'a' / 'metadata.yaml').unlink()
    write(tmp_path / 'b.mcap', run())
    b = (tmp_path / 'b.mcap').rename(tmp_path / 'poses.recorded')
    code, out, _ = diff(capfd, a, b)
    assert code == 0 and 'the same people in 3 of 3 images' in out


def moved(distance, *, row=1, keypoint=9):
    poses = people(*PLACES)
    poses.xy[row, keypoint, 0] += distance
    return poses


def test_the_largest_distance_is_named(tmp_path, capfd):
    a = write(tmp_path / 'a.jsonl', run())
    b = write(tmp_path / 'b.jsonl', run(at1=moved(111.5)))
    code, out, _ = diff(capfd, a, b)
    assert code == 1
    assert 'image 1 (1700000000.156790122 s), person 2: left_wrist 112 px apart' in out
    assert out.endswith('\ndifferent\n')


@pytest.mark.parametrize(('options', 'code'), [
    ((), 1), (('--px', '1.9'), 1), (('--px', '2'), 0), (('--px', '2', '--score', '0'), 0),
    (('--min-keypoint-score', '0.6'), 0), (('--min-keypoint-score', '0.4'), 1)])
def test_the_tolerance_of_distance(tmp_path, capfd, options, code):
    a = write(tmp_path / 'a.jsonl', run())
    b = write(tmp_path / 'b.jsonl', run(at2=moved(2.0)))
    assert diff(capfd, a, b, *options)[0] == code


@pytest.mark.parametrize(('options', 'code'), [
    ((), 1), (('--score', '0.09'), 1), (('--score', '0.11'), 0), (('--px', '5'), 1)])
def test_the_tolerance_of_scores(tmp_path, capfd, options, code):
    a = write(tmp_path / 'a.jsonl', run())
    b = write(tmp_path / 'b.jsonl', run(at0=people(*PLACES, score=0.6)))
    found, out, _ = diff(capfd, a, b, *options)
    assert found == code
    assert ('score of nose 0.5 in A, 0.6 in B' in out) == (code == 1)


def test_a_box_alone_may_differ(tmp_path, capfd):
    poses = people(*PLACES)
    poses.box[0, 2] += 7.0
    a, b = write(tmp_path / 'a.jsonl', run()), write(tmp_path / 'b.jsonl', run(at0=poses))
    code, out, _ = diff(capfd, a, b)
    assert code == 1 and 'person 1: box 7 px apart' in out


def test_ids_and_missing_people_are_named(tmp_path, capfd):
    a = write(tmp_path / 'a.jsonl', run())
    b = write(tmp_path / 'b.jsonl', run(at0=people(*PLACES, ids=[2, 1]),
                                        at1=people(PLACES[1], ids=[2])))
    code, out, _ = diff(capfd, a, b)
    assert code == 1
    assert 'person 1: id 1 in A, 2 in B' in out and 'person 2: id 2 in A, 1 in B' in out
    assert 'image 1 (1700000000.156790122 s): person 1 is only in A' in out
    assert 'the same people in 2 of 3 images, the same id for 3 of 5 people' in out


def test_the_order_of_people_is_no_difference(tmp_path, capfd):
    a = write(tmp_path / 'a.jsonl', run())
    b = write(tmp_path / 'b.jsonl', run(poses=people(*PLACES[::-1], ids=[2, 1])))
    assert diff(capfd, a, b)[0] == 0


def test_images_of_one_side_are_named_by_their_stamps(tmp_path, capfd):
    a, b = write(tmp_path / 'a.jsonl', run(4)), write(tmp_path / 'b.jsonl', run(5)[1:])
    code, out, _ = diff(capfd, a, b)
    assert code == 1
    assert 'only in A: 1 images, stamps 1700000000.123456789\n' in out
    assert 'only in B: 1 images, stamps 1700000000.256790121\n' in out


def test_two_runs_without_a_stamp_in_common(tmp_path, capfd):
    a = write(tmp_path / 'a.jsonl', run(1))
    b = write(tmp_path / 'b.jsonl', [message(0, people(*PLACES))])
    code, out, _ = diff(capfd, a, b)
    assert code == 1 and '--stamps source' in out


def test_images_of_one_stamp_are_compared_one_by_one():
    same = [message(START, people(place), index) for index, place in enumerate(PLACES)]
    assert compare(same, same, Tolerances()).equal
    assert not compare(same, same[::-1], Tolerances()).equal


def test_images_of_another_size_differ(tmp_path, capfd):
    a = write(tmp_path / 'a.jsonl', [message(0, people(*PLACES))])
    b = write(tmp_path / 'b.jsonl', [message(0, people(*PLACES), size=(320, 240))])
    code, out, _ = diff(capfd, a, b)
    assert code == 1 and '640 x 480 px in A, 320 x 240 px in B' in out


def test_numbers_that_are_not_finite_are_no_equal_ones():
    poses = people(*PLACES)
    poses.xy[0, 0, 0] = np.nan
    found = compare([message(0, poses)], [message(0, people(*PLACES))], Tolerances(px=1000.0))
    assert not found.equal


def test_a_distance_that_is_not_finite_is_null_in_json(tmp_path, capfd):
    poses = people(*PLACES)
    poses.xy[0, 0, 0] = np.inf
    a = write(tmp_path / 'a.mcap', [message(0, poses)])
    b = write(tmp_path / 'b.jsonl', [message(0, people(*PLACES))])
    code, out, _ = diff(capfd, a, b, '--json')
    content = json.loads(out, parse_constant=pytest.fail)
    assert code == 1 and content['equal'] is False and content['largest']['px'] is None


def test_pipes_are_not_waited_for(tmp_path, capfd):
    os.mkfifo(tmp_path / 'pipe')
    code, _, err = diff(capfd, tmp_path / 'pipe', tmp_path / 'pipe')
    assert code == 2 and 'it is a named pipe, not a regular file' in err


def test_a_file_that_cannot_be_opened_is_not_called_different(tmp_path, capfd):
    name = tmp_path / ('x' * 5000)
    code, out, err = diff(capfd, name, name)
    assert (code, out) == (2, '') and err.count('\n') == 1


def test_no_person_in_both_is_equal(tmp_path, capfd):
    paths = [write(tmp_path / name, run(2, at0=people(), at1=people()))
             for name in ('a.jsonl', 'b.mcap')]
    assert diff(capfd, *paths)[0] == 0


def test_json_holds_all_of_it(tmp_path, capfd):
    a = write(tmp_path / 'a.jsonl', run(20, poses=people(*PLACES)))
    b = write(tmp_path / 'b.jsonl', run(20, poses=moved(3.0)))
    code, out, _ = diff(capfd, a, b, '--json')
    content = json.loads(out)
    assert code == 1 and not content['equal']
    assert content['images'] == {'a': 20, 'b': 20, 'both': 20, 'different': 20}
    assert content['largest'] == {'px': 3.0, 'score': 0.0}
    assert len(content['different']) == 20
    person = max(content['different'][7]['people'], key=lambda person: person['px'])
    assert (person['ids'], person['where'], person['px']) == ([2, 2], 'left_wrist', 3.0)


def test_a_bag_with_several_topics_of_poses(tmp_path, capfd):
    two_topics(tmp_path / 'two')
    b = write(tmp_path / 'b.jsonl', run())
    code, _, err = diff(capfd, tmp_path / 'two', b)
    assert code == 2
    assert 'several topics have poses, name one: /front/poses (3 messages), /left/poses' in err
    assert diff(capfd, tmp_path / 'two', b, '--topic', '/left/poses')[0] == 1
    assert diff(capfd, tmp_path / 'two', b, '--topic', 'front/poses')[0] == 0
    assert diff(capfd, tmp_path / 'two', tmp_path / 'two', '--topic-a', '/front/poses',
                '--topic-b', '/left/poses')[0] == 1


def two_topics(path):
    from rosbags.rosbag2 import Writer

    from movenet_ros.files.bags.typestore import typestore
    from movenet_ros.files.bags.writer import POSE_ARRAY
    from movenet_ros.messages.pose_array import serialize
    with Writer(path, version=8) as bag:
        for topic, poses in ('/front/poses', people(*PLACES)), ('/left/poses', moved(9.0)):
            connection = bag.add_connection(topic, POSE_ARRAY, typestore=typestore())
            for item in run(poses=poses):
                bag.write(connection, item.stamp_ns, serialize(item))


@pytest.mark.parametrize(('name', 'content', 'expected'), [
    ('nowhere.jsonl', None, 'there is no such file or folder'),
    ('torn.jsonl', b'{"stamp_ns": 1', 'line 1: not JSON'),
    ('foreign.jsonl', b'{"stamp_ns": 1, "frame_id": "", "width": 1, "height": 1, "model": "",'
     b' "poses": [{"id": 1}]}\n', 'line 1: not poses as this package writes them'),
    ('digits.jsonl', b'{"stamp_ns": ' + b'9' * 5000 + b'}',
     'line 1: not JSON: it has a number of thousands of digits'),
    ('poses.jsonl.gz', gzip.compress(b'{}', mtime=0),
     'is a file compressed with gzip, not poses; unpack it first: gunzip FILE'),
    ('clip.webm', b'\x1a\x45\xdf\xa3' + bytes(99), 'is a video, not poses; give a bag of'),
    ('latin.jsonl', 'Käse'.encode('latin-1'), 'is no text file in UTF-8, as JSON lines are\n'),
    ('torn.mcap', b'\x89MCAP0\r\n',
     'cannot be read as a bag: the file ends without its end mark\n'),
    ('empty.jsonl', b'', 'hold no poses')])
def test_what_cannot_be_compared_is_one_line(tmp_path, capfd, name, content, expected):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    code, out, err = diff(capfd, tmp_path / name, tmp_path / name)
    assert (code, out) == (2, '')
    assert expected in err and err.count('\n') == 1


def test_json_lines_may_begin_with_a_byte_order_mark(tmp_path, capfd):
    plain = write(tmp_path / 'plain.jsonl', run())
    marked = tmp_path / 'marked.jsonl'
    marked.write_bytes(b'\xef\xbb\xbf' + (tmp_path / 'plain.jsonl').read_bytes())
    assert diff(capfd, plain, marked)[0] == 0


def test_a_bag_that_lacks_poses_is_not_called_equal(tmp_path, capfd):
    a = write(tmp_path / 'a', run(10))
    metadata = tmp_path / 'a' / 'metadata.yaml'
    content = metadata.read_text()
    assert 'message_count: 10' in content
    metadata.write_text(content.replace('message_count: 10', 'message_count: 99'))
    code, out, err = diff(capfd, a, a)
    assert (code, out) == (2, '')
    assert '99 messages are announced on /movenet/poses, but only 10 are there' in err


EARLIER = {
    'Keypoint': 'float32 x\nfloat32 y\nfloat32 score\n',
    'PersonPose': 'int32 id\nfloat32 score\nfloat32 age\nfloat32 x_min\nfloat32 y_min\n'
                  'float32 x_max\nfloat32 y_max\nKeypoint[17] keypoints\n',
    'PoseArray': 'std_msgs/Header header\nuint32 width\nuint32 height\nuint32 sequence\n'
                 'string model\nPersonPose[] poses\n'}
"""Definitions of the messages before they told more than positions and scores."""


def write_earlier(path, frame_id, count):
    """A bag of one PoseArray as it was before, of so many people."""
    store = get_typestore(Stores.ROS2_HUMBLE)
    for name, text in EARLIER.items():
        store.register(get_types_from_msg(text, f'movenet_ros/msg/{name}'))
    types = {name: store.types[f'movenet_ros/msg/{name}'] for name in EARLIER}
    header = store.types['std_msgs/msg/Header'](
        store.types['builtin_interfaces/msg/Time'](1, 2), frame_id)
    person = types['PersonPose'](1, 0.5, 0.0, 1.0, 2.0, 3.0, 4.0,
                                 [types['Keypoint'](1.0, 2.0, 0.5)] * 17)
    message = types['PoseArray'](header, 640, 480, 0, 'lightning', [person] * count)
    with Writer(path, version=8, storage_plugin=StoragePlugin.MCAP) as bag:
        connection = bag.add_connection('/movenet/poses', POSE_ARRAY, typestore=store)
        bag.write(connection, 0, bytes(store.serialize_cdr(message, POSE_ARRAY)))


@pytest.mark.parametrize('frame_id', ['', 'a', 'ab', 'abc'])
@pytest.mark.parametrize('count', [1, 2, 20])
def test_a_bag_of_an_earlier_version_is_not_misread(tmp_path, frame_id, count):
    write_earlier(tmp_path / 'bag', frame_id, count)
    with pytest.raises(SourceError, match='recorded with another version of this package'):
        list(read_poses(tmp_path / 'bag'))


def test_a_folder_without_a_bag_is_one_line(tmp_path, capfd):
    a = write(tmp_path / 'a.jsonl', run())
    code, out, err = diff(capfd, a, tmp_path)
    assert (code, out) == (2, '')
    assert 'there are no bag files in this folder' in err and err.count('\n') == 1


def test_a_bag_without_poses_says_what_it_has(tmp_path, capfd):
    from rosbags.rosbag2 import Writer
    from rosbags.typesys import Stores, get_typestore
    with Writer(tmp_path / 'bag', version=8) as bag:
        bag.add_connection('/chatter', 'std_msgs/msg/String',
                           typestore=get_typestore(Stores.ROS2_HUMBLE))
    code, _, err = diff(capfd, tmp_path / 'bag', tmp_path / 'bag')
    assert code == 2 and 'no topic has poses' in err and '/chatter' in err


@pytest.mark.parametrize('words', [('--px', '-1'), ('--px', 'nan'), ('--score', 'inf')])
def test_tolerances_that_make_no_sense(tmp_path, capfd, words):
    code, _, err = diff(capfd, tmp_path, tmp_path, *words)
    assert code == 2 and words[0] in err
