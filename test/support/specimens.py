"""Small whole things of every kind that is read, for tests that damage them."""
import json
import struct
import tempfile
import zlib
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from rosbags.rosbag2 import Writer
from rosbags.typesys import Stores, get_typestore
from support.depth_messages import compressed_depth, serialized_compressed, serialized_image

from movenet_ros.images.camera_info import CAMERA_INFO
from movenet_ros.images.cdr import COMPRESSED_IMAGE, IMAGE

HEIGHT, WIDTH = 8, 16
STORE = get_typestore(Stores.ROS2_HUMBLE)


def scene(*, channels=3, dtype=np.uint8):
    """Stripes, [HEIGHT,WIDTH,channels]."""
    x = np.linspace(0, np.iinfo(dtype).max, WIDTH).astype(dtype)
    return np.stack([np.roll(np.tile(x, (HEIGHT, 1)), 5 * c, axis=1) for c in range(channels)], 2)


def file(ending, image, *options):
    """The bytes of a picture file."""
    return cv2.imencode(ending, image, options)[1].tobytes()


def chunk(kind, body):
    """A chunk of a PNG."""
    return struct.pack('>I', len(body)) + kind + body + struct.pack('>I', zlib.crc32(kind + body))


def png(width, height, pixels=b'', *more):
    """A PNG of 8-bit colour that declares a size, whatever pixels it has; `more` are chunks."""
    head = struct.pack('>IIBBBBB', width, height, 8, 2, 0, 0, 0)
    return b''.join((b'\x89PNG\r\n\x1a\n', chunk(b'IHDR', head), *more,
                     chunk(b'IDAT', zlib.compress(pixels)), chunk(b'IEND', b'')))


def animated_png():
    """A PNG with two frames."""
    frame = struct.pack('>IIIIHHBB', WIDTH, HEIGHT, 0, 0, 1, 10, 0, 0)
    rows = bytes((3 * WIDTH + 1) * HEIGHT)
    one = png(WIDTH, HEIGHT, rows, chunk(b'acTL', struct.pack('>II', 2, 0)),
              chunk(b'fcTL', struct.pack('>I', 0) + frame))
    another = (chunk(b'fcTL', struct.pack('>I', 1) + frame)
               + chunk(b'fdAT', struct.pack('>I', 2) + zlib.compress(rows)))
    return one[:-12] + another + one[-12:]


@cache
def compressed_files():
    """JPEG and PNG of every kind that cameras send, and one that none does."""
    return (
        animated_png(),
        file('.jpg', scene()), file('.jpg', scene(channels=1)), file('.png', scene()),
        file('.jpg', scene(), cv2.IMWRITE_JPEG_PROGRESSIVE, 1),
        file('.jpg', scene(), cv2.IMWRITE_JPEG_RST_INTERVAL, 2),
        file('.png', scene(dtype=np.uint16)), file('.png', scene(channels=4)),
        file('.png', scene(channels=1), cv2.IMWRITE_PNG_BILEVEL, 1))


def messages():
    """An Image and a CompressedImage."""
    types = STORE.types
    stamp = types['builtin_interfaces/msg/Time'](sec=1000, nanosec=5)
    header = types['std_msgs/msg/Header'](stamp=stamp, frame_id='camera')
    jpeg = np.frombuffer(compressed_files()[0], np.uint8)
    return (
        types[IMAGE](header=header, height=HEIGHT, width=WIDTH, encoding='bgr8',
                     is_bigendian=0, step=3 * WIDTH, data=scene().ravel()),
        types[COMPRESSED_IMAGE](header=header, format='jpeg', data=jpeg))


@cache
def serialized_messages():
    """The same as CDR, of both byte orders."""
    return tuple(bytes(STORE.serialize_cdr(message, message.__msgtype__, little_endian=little))
                 for message in messages() for little in (True, False))


def camera_info(**fields):
    """A CameraInfo, a fisheye unless told otherwise."""
    types = STORE.types
    stamp = types['builtin_interfaces/msg/Time'](sec=1000, nanosec=5)
    given = {'frame_id': 'camera', 'height': 480, 'width': 640, 'distortion_model': 'equidistant',
             'd': (-0.01, 0.04, -0.04, 0.01), 'k': (240, 0, 322, 0, 241, 238, 0, 0, 1),
             'r': (0,) * 9, 'p': (0,) * 12, 'binning_x': 0, 'binning_y': 0,
             'roi': (0, 0, 0, 0, False), **fields}
    header = types['std_msgs/msg/Header'](stamp=stamp, frame_id=given.pop('frame_id'))
    region = types['sensor_msgs/msg/RegionOfInterest'](*given.pop('roi'))
    arrays = {name: np.array(given.pop(name), float) for name in 'dkrp'}
    return types[CAMERA_INFO](header=header, roi=region,
                              **arrays, **given)


@cache
def serialized_camera_infos():
    """Those of a fisheye, and of a part of a camera with 14 coefficients; of both byte orders."""
    rational = camera_info(distortion_model='rational_polynomial', d=np.arange(1, 15) / 100,
                           roi=(64, 48, 320, 400, True), binning_x=2, binning_y=4)
    return tuple(bytes(STORE.serialize_cdr(message, CAMERA_INFO, little_endian=little))
                 for message in (camera_info(), rational) for little in (True, False))


@cache
def serialized_depths():
    """Raw ones, and compressed ones of each codec and unit."""
    millimetres = np.arange(HEIGHT * WIDTH, dtype=np.uint16).reshape(HEIGHT, WIDTH) * 40
    metres = millimetres.astype(np.float32) / 1000
    return (serialized_image('16UC1', HEIGHT, WIDTH, 2 * WIDTH, millimetres.tobytes()),
            serialized_image('32FC1', HEIGHT, WIDTH, 4 * WIDTH, metres.tobytes()),
            *(serialized_compressed(f'{encoding}; compressedDepth {codec}',
                                    compressed_depth(pixels, codec))
              for encoding, pixels in (('16UC1', millimetres), ('32FC1', metres))
              for codec in ('png', 'rvl')))


@cache
def bag(storage):
    """The files, by name, of a bag: /topic0 has images, /topic1 compressed ones."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, 'bag')
        with Writer(path, version=8, storage_plugin=storage) as writer:
            for number, message in enumerate(messages()):
                kind = message.__msgtype__
                connection = writer.add_connection(f'/topic{number}', kind, typestore=STORE)
                for index in range(3):
                    writer.write(connection, 10**9 + index, STORE.serialize_cdr(message, kind))
        return {item.name: item.read_bytes() for item in path.iterdir()}


@cache
def clips():
    """A clip whose frames are JPEG, and one of MPEG-4."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for ending, codec in (('.avi', 'MJPG'), ('.mp4', 'mp4v')):
            path = Path(folder, f'clip{ending}')
            writer = cv2.VideoWriter(
                str(path), cv2.VideoWriter.fourcc(*codec), 25, (WIDTH, HEIGHT))
            for index in range(8):
                writer.write(np.roll(scene(), index, axis=1))
            writer.release()
            found.append(path.read_bytes())
    return tuple(found)


@cache
def json_lines():
    """Poses as JSON: no person, one, and two."""
    person = {'id': 1, 'score': 0.5, 'age': 0.04, 'box': [0.0, 1.5, 3e-06, 1e3],
              'keypoints': [[0.1, 0.2, 0.3]] * 17}
    lines = [{'stamp_ns': i, 'frame_id': 'käse', 'width': 6, 'height': 4, 'model': 'thunder',
              'poses': [person] * i} for i in range(3)]
    return ''.join(json.dumps(line, ensure_ascii=False) + '\n' for line in lines).encode()
