"""What a bag in one file shows: images and annotations, for Foxglove."""
import dataclasses

import cv2
import numpy as np
import pytest
from rosbags.highlevel import AnyReader
from support.bags import TYPES, header
from support.bags import write as write_bag
from support.sinks import START, random_poses, results, write

from movenet_ros.cli import main
from movenet_ros.core.types import Picture
from movenet_ros.files.recorded_poses import read_poses
from movenet_ros.files.sources import open_source
from movenet_ros.images.cdr import COMPRESSED_IMAGE, ImageMessage
from movenet_ros.images.compressed import decode_compressed
from movenet_ros.messages.image_annotations import IMAGE_ANNOTATIONS

SIZE = 48, 64


def gradient(order='bgr'):
    """A picture in which colours, and left and right, differ."""
    rows, columns = np.indices(SIZE)
    blue, green, red = 4 * columns, 5 * rows, np.full(SIZE, 40)
    channels = {'bgr': (blue, green, red), 'rgb': (red, green, blue), 'mono': (green,)}[order]
    return Picture(np.stack(channels, axis=2).astype(np.uint8), order)


def result(picture, message=None):
    before, = results(1)
    return dataclasses.replace(before, picture=picture, message=message)


def read(path, kind):
    """The messages of a type, with their log times."""
    with AnyReader([path]) as reader:
        chosen = [connection for connection in reader.connections if connection.msgtype == kind]
        return [(log_ns, reader.deserialize(raw, kind))
                for _, log_ns, raw in reader.messages(chosen)]


def jpeg_of(path):
    (_, message), = read(path, COMPRESSED_IMAGE)
    return message.format, message.data.tobytes()


def sent(format, pixels, ending='.jpg'):
    """An image as a camera sends it."""
    _, encoded = cv2.imencode(ending, pixels)
    return ImageMessage((1, 2), 'camera', format, memoryview(encoded.tobytes()))


def test_image_annotations_and_poses_belong_together(tmp_path):
    path = write(tmp_path / 'a.mcap', results(3))
    images, annotations = read(path, COMPRESSED_IMAGE), read(path, IMAGE_ANNOTATIONS)
    stamps = [START + 40_000_000 * index for index in range(3)]
    assert [log_ns for log_ns, _ in images] == [log_ns for log_ns, _ in annotations] == stamps
    for (_, image), (_, annotation), poses in zip(images, annotations, read_poses(path),
                                                  strict=True):
        stamp = image.header.stamp
        assert (annotation.timestamp.sec, annotation.timestamp.nanosec) == poses.stamp == (
            stamp.sec, stamp.nanosec)
        assert image.header.frame_id == poses.frame_id
        assert len(annotation.texts) == len(poses.poses)


@pytest.mark.parametrize('order', ['bgr', 'rgb', 'mono'])
def test_the_image_is_the_one_that_was_processed(tmp_path, order):
    picture = gradient(order)
    path = write(tmp_path / 'a.mcap', [result(picture)])
    shown = decode_compressed(*jpeg_of(path))
    bgr = picture.pixels[..., ::-1] if order == 'rgb' else picture.pixels
    # JPEG changes little
    assert np.abs(shown.pixels.astype(int) - bgr).mean() < 3


def test_a_jpeg_of_the_camera_is_kept_as_it_is(tmp_path):
    message = sent('rgb8; jpeg compressed bgr8', gradient().pixels)
    path = write(tmp_path / 'a.mcap', [result(gradient(), message)])
    assert jpeg_of(path) == (message.encoding, message.data.tobytes())


@pytest.mark.parametrize('message', [
    sent('bgr8; png compressed bgr8', gradient().pixels, '.png'),
    # red and blue change places in the file; a mosaic is no picture
    sent('rgb8; jpeg compressed rgb8', gradient('rgb').pixels),
    sent('bayer_rggb8; jpeg compressed ', gradient('mono').pixels),
    ImageMessage((1, 2), 'camera', 'bgr8', memoryview(gradient().pixels.tobytes()),
                 (*SIZE, 192, False))], ids=['PNG', 'swapped', 'mosaic', 'raw'])
def test_what_a_browser_would_show_otherwise_is_encoded(tmp_path, message):
    path = write(tmp_path / 'a.mcap', [result(gradient(), message)])
    shown = cv2.imdecode(np.frombuffer(jpeg_of(path)[1], np.uint8), cv2.IMREAD_COLOR)
    assert np.abs(shown.astype(int) - gradient().pixels).mean() < 3


def test_the_command_keeps_the_jpegs_of_a_bag(tmp_path):
    _, encoded = cv2.imencode('.jpg', gradient().pixels)
    image = TYPES[COMPRESSED_IMAGE](header=header(START), format='jpeg', data=encoded.ravel())
    path = tmp_path / 'a.mcap'
    assert main(['process', str(write_bag(tmp_path / 'bag', [('/image', image)])), '-q',
                 '-o', str(path)]) == 0
    assert jpeg_of(path) == ('jpeg', encoded.tobytes())


def test_the_recording_can_be_processed_again(tmp_path):
    path = write(tmp_path / 'a.mcap', results(3))
    with open_source(path) as source:
        frames = [(frame.stamp_ns, frame.picture().width) for frame in source]
    assert frames == [(START + 40_000_000 * index, 64) for index in range(3)]


def test_the_file_says_what_its_messages_are(tmp_path):
    """A reader that knows no type needs nothing else."""
    with AnyReader([write(tmp_path / 'a.mcap', [result(gradient())])]) as reader:
        texts = {connection.msgtype: connection.msgdef.data for connection in reader.connections}
    assert 'foxglove_msgs/PointsAnnotation[] points' in texts[IMAGE_ANNOTATIONS]
    assert 'MSG: foxglove_msgs/Point2\nfloat64 x\nfloat64 y\n' in texts[IMAGE_ANNOTATIONS]
    assert 'MSG: std_msgs/Header' in texts[COMPRESSED_IMAGE]


def test_nobody_in_the_image(tmp_path):
    empty = dataclasses.replace(result(gradient()), poses=random_poses(0))
    (_, annotation), = read(write(tmp_path / 'a.mcap', [empty]), IMAGE_ANNOTATIONS)
    assert annotation.points == annotation.texts == []
