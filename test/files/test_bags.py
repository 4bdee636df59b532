"""Bags as sources, and what a damaged or malformed one does."""
import sqlite3
from contextlib import closing

import cv2
import numpy as np
import pytest
from rosbags.rosbag2 import StoragePlugin, Writer
from support.bags import (
    START,
    STORAGES,
    STORE,
    TYPES,
    image,
    large_bag,
    stamped,
    storage_file,
    write,
)
from support.paths import MALFORMED_IMAGES

from movenet_ros.core.types import Picture
from movenet_ros.errors import ImageError, SourceError
from movenet_ros.files.sources import open_source
from movenet_ros.images.cdr import COMPRESSED_IMAGE, IMAGE, read_header, read_picture


def compressed(index):
    jpeg = cv2.imencode('.jpg', np.full((12, 16, 3), index, np.uint8))[1]
    return TYPES[COMPRESSED_IMAGE](header=stamped(index), format='jpeg', data=jpeg.ravel())


@pytest.fixture(params=STORAGES, ids=['mcap', 'sqlite3'])
def bag(request, tmp_path):
    """Ten images at 20 Hz, and some text."""
    text = TYPES['std_msgs/msg/String'](data='hello')
    messages = [item for i in range(10) for item in (('/camera/image', image(i)), ('/text', text))]
    return write(tmp_path / 'bag', messages, request.param)


def check_the_ten(source):
    frames = list(source)
    assert (source.kind, source.topic, source.total) == ('bag', '/camera/image', 10)
    assert source.fps == pytest.approx(20, rel=0.01)
    assert [frame.stamp_ns for frame in frames] == [START + i * 50_000_000 for i in range(10)]
    assert {frame.frame_id for frame in frames} == {'camera_optical_frame'}
    for index, frame in enumerate(frames):
        picture = frame.picture()
        assert picture.order == 'rgb'
        np.testing.assert_array_equal(picture.pixels, np.full((12, 16, 3), index))


def test_the_only_image_topic_is_found(bag):
    with open_source(bag) as source:
        check_the_ten(source)
        check_the_ten(source)


def test_a_bare_file_is_a_bag(bag):
    check_the_ten(open_source(storage_file(bag)))


@pytest.mark.parametrize('topic', ['/camera/image', 'camera/image'])
def test_a_topic_by_name(bag, topic):
    check_the_ten(open_source(bag, topic=topic))


def test_compressed_images(tmp_path):
    bag = write(tmp_path / 'bag', [('/image/compressed', compressed(100))])
    (frame,) = open_source(bag)
    np.testing.assert_allclose(frame.picture().pixels, 100, atol=2)
    assert frame.stamp_ns == START + 5_000_000_000


def test_pixels_are_seen_in_place(bag):
    source = open_source(bag)
    message = next(source.raw_messages())
    picture = read_picture(message.data, message.msgtype)
    assert np.shares_memory(picture.pixels, np.frombuffer(message.data, np.uint8))


def test_raw_messages_are_as_recorded(bag):
    messages = list(open_source(bag).raw_messages())
    assert [m.receive_ns for m in messages] == [START + i * 50_000_000 + 5_000_000
                                                for i in range(10)]
    assert {(m.topic, m.msgtype) for m in messages} == {('/camera/image', IMAGE)}
    assert STORE.deserialize_cdr(messages[7].data, IMAGE).data[0] == 7


def test_several_image_topics_are_listed(tmp_path):
    bag = write(tmp_path / 'bag', [('/left', image(1)), ('/right', image(2)),
                                   ('/right', image(3))])
    with pytest.raises(SourceError, match=r'/left .*Image, 1 messages.*/right .*2 messages'):
        open_source(bag)
    assert len(list(open_source(bag, topic='/right'))) == 2


def test_topics_without_messages_do_not_count(tmp_path):
    bag = write(tmp_path / 'bag', [('/left', image(1))], **{'/right': IMAGE})
    assert open_source(bag).topic == '/left'


def test_no_image_topic(tmp_path):
    bag = write(tmp_path / 'bag', [('/text', TYPES['std_msgs/msg/String'](data='hello'))])
    with pytest.raises(SourceError, match=r'no topic has images.*/text'):
        open_source(bag)
    with pytest.raises(SourceError, match=r"'/text' has std_msgs/msg/String"):
        open_source(bag, topic='/text')
    with pytest.raises(SourceError, match=r"no topic '/other'.*/text"):
        open_source(bag, topic='/other')


def test_an_empty_topic(tmp_path):
    with pytest.raises(SourceError, match='no image was recorded'):
        open_source(write(tmp_path / 'bag', [], **{'/image': IMAGE}))


def test_an_empty_bag(tmp_path):
    with pytest.raises(SourceError, match='nothing'):
        open_source(write(tmp_path / 'bag', []))


def test_a_malformed_image_is_one_frames_error(tmp_path):
    bag = write(tmp_path / 'bag', [('/image', image(1)), ('/image', image(2, encoding='bgr99')),
                                   ('/image', image(3))])
    first, damaged, last = open_source(bag)
    with pytest.raises(ImageError, match='bgr99') as caught:
        damaged.picture()
    assert caught.value.cause == 'unknown_encoding'
    assert damaged.stamp_ns == START + 100_000_000
    assert isinstance(first.picture(), Picture)
    assert isinstance(last.picture(), Picture)


@pytest.mark.parametrize('storage', STORAGES)
def test_a_message_without_a_header_is_one_frames_error(tmp_path, storage):
    with Writer(tmp_path / 'bag', version=8, storage_plugin=storage) as writer:
        connection = writer.add_connection('/image', IMAGE, typestore=STORE)
        writer.write(connection, 77, b'\0\1\0\0\1')
        writer.write(connection, 78, STORE.serialize_cdr(image(5), IMAGE))
    damaged, good = open_source(tmp_path / 'bag')
    assert damaged.stamp_ns == 77
    with pytest.raises(ImageError) as caught:
        damaged.picture()
    assert caught.value.cause == 'damaged_message'
    assert good.picture().pixels[0, 0, 0] == 5


@pytest.mark.parametrize('wrong', ["'text'", '5', '1.5'])
@pytest.mark.parametrize('bare', [False, True], ids=['folder', 'file'])
def test_a_database_without_bytes_where_they_belong(tmp_path, wrong, bare):
    bag = write(tmp_path / 'bag', [('/image', image(i)) for i in range(3)], StoragePlugin.SQLITE3)
    with closing(sqlite3.connect(storage_file(bag))) as connection:
        connection.execute(f"UPDATE messages SET data = {wrong}, timestamp = 'noon' WHERE id = 2")
        connection.commit()
    frames = {frame.stamp_ns: frame for frame in open_source(storage_file(bag) if bare else bag)}
    with pytest.raises(ImageError) as caught:
        frames.pop(0).picture()
    assert caught.value.cause == 'damaged_message'
    assert sorted(frame.picture().pixels[0, 0, 0] for frame in frames.values()) == [0, 2]


def test_a_database_with_topics_of_no_name(tmp_path):
    bag = write(tmp_path / 'bag', [('/image', image(1)), ('/other', image(2))],
                StoragePlugin.SQLITE3)
    with closing(sqlite3.connect(storage_file(bag))) as connection:
        connection.executescript("""
            PRAGMA writable_schema = ON;
            UPDATE sqlite_master SET sql = replace(sql, 'NOT NULL', '') WHERE name = 'topics';""")
        connection.commit()
    with closing(sqlite3.connect(storage_file(bag))) as connection:
        connection.execute('UPDATE topics SET name = NULL, type = NULL WHERE id = 2')
        connection.commit()
    with pytest.raises(SourceError, match=r"no topic '/lost'; the bag has: /image .*None"):
        open_source(storage_file(bag), topic='/lost')


@pytest.mark.parametrize('bare', [False, True], ids=['folder', 'file'])
@pytest.mark.parametrize('storage', STORAGES, ids=['mcap', 'sqlite3'])
def test_a_truncated_bag_gives_what_it_has_and_then_says_so(tmp_path, storage, bare):
    bag = large_bag(tmp_path / 'bag', storage)
    file = storage_file(bag)
    whole = file.read_bytes()
    file.write_bytes(whole[:len(whole) * 2 // 3])
    frames = []
    with pytest.raises(SourceError, match='cut off') as caught:  # noqa: PT012
        for frame in open_source(file if bare else bag):
            frames.append(frame.picture().pixels[0, 0, 0])
    assert str(tmp_path) in str(caught.value)
    assert frames == list(range(len(frames)))
    assert 10 < len(frames) < 30


@pytest.mark.parametrize('size', [0, 5, 20, 100, 2000])
@pytest.mark.parametrize('storage', STORAGES, ids=['mcap', 'sqlite3'])
def test_hardly_anything_of_a_bag(tmp_path, storage, size):
    file = storage_file(large_bag(tmp_path / 'bag', storage))
    file.write_bytes(file.read_bytes()[:size])
    with pytest.raises(SourceError, match=file.name):
        list(open_source(file))


def test_a_bag_that_is_none(tmp_path):
    path = tmp_path / 'text.mcap'
    path.write_text('hello, this is no bag, but it is long enough to hold a footer')
    with pytest.raises(SourceError, match='is a text file'):
        open_source(path)


@pytest.mark.skipif(not MALFORMED_IMAGES.is_dir(), reason=f'{MALFORMED_IMAGES} is not here')
@pytest.mark.parametrize('kind', ['mcap', 'sqlite3'])
@pytest.mark.parametrize(('topic', 'cause'), [('image', 'short_data'),
                                              ('compressed_image', 'truncated')])
def test_a_real_bag_with_malformed_images(kind, topic, cause):
    bag = MALFORMED_IMAGES / f'test_bag_{kind}'
    frames = list(open_source(bag, topic=f'/test/sensor_msgs/{topic}'))
    assert len(frames) == 2
    for frame in frames:
        with pytest.raises(ImageError) as caught:
            frame.picture()
        assert caught.value.cause == cause


@pytest.mark.parametrize('frame_id', ['', 'a', 'ab', 'abc', 'abcd', 'käse'])
@pytest.mark.parametrize('encoding', ['rgb8', 'mono8', 'bgr8', 'yuv422_yuy2', '8UC3'])
def test_fields_are_found_at_every_alignment(frame_id, encoding):
    message = image(9, width=18, frame_id=frame_id, encoding=encoding)
    raw = bytes(STORE.serialize_cdr(message, IMAGE))
    assert read_header(raw) == (START + 450_000_000, frame_id)
    assert read_picture(raw, IMAGE).width == 18


def test_big_endian_messages():
    message = image(9, height=3, width=5)
    raw = bytes(STORE.serialize_cdr(message, IMAGE, little_endian=False))
    assert raw[:2] == b'\0\0'
    assert read_header(raw)[0] == START + 450_000_000
    assert read_picture(raw, IMAGE).pixels.shape == (3, 5, 3)
