"""What must hold whatever comes in: a right result or an error of our own, and nothing else.

Each property is a function and the strategies of its arguments. test_fuzz.py tries some inputs
of each whenever the tests run, fuzz.py as many as time allows.
"""
import tempfile
import unicodedata
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from hypothesis import strategies as st
from rosbags.rosbag2 import StoragePlugin
from support.specimens import (
    bag,
    clips,
    compressed_files,
    json_lines,
    serialized_camera_infos,
    serialized_depths,
    serialized_messages,
)
from support.stream_properties import PROPERTIES as STREAM_PROPERTIES

from movenet_ros.config import Config, parameters
from movenet_ros.config import files as parameter_files
from movenet_ros.core.types import Picture, Poses
from movenet_ros.engines.models import find_models_dir, load_manifest, verify
from movenet_ros.errors import (
    CameraModelError,
    ImageError,
    ModelError,
    MovenetError,
    ParameterError,
    SourceError,
    one_line,
    printable,
    printable_block,
    shown,
)
from movenet_ros.files.jsonl_reader import KEYS, read_jsonl
from movenet_ros.files.sources import open_source
from movenet_ros.images.camera_info import read_camera_info
from movenet_ros.images.cdr import COMPRESSED_IMAGE, IMAGE, read_header, read_image
from movenet_ros.images.compressed import decode_compressed
from movenet_ros.images.depth import read_depth
from movenet_ros.images.encodings import ENCODINGS, REJECTED, to_picture
from movenet_ros.messages.pose_array import PoseMessage, serialize
from movenet_ros.regular_files import parse_json

LONGEST_MESSAGE = 4000
# What lengths and counts are most dangerous as.
NUMBERS = [value.to_bytes(size, order) for size in (2, 4, 8) for order in ('little', 'big')
           for value in (0, 1, 2**(8 * size - 1) - 1, 2**(8 * size - 1), 2**(8 * size) - 1)]


@st.composite
def mutated(draw, *wholes):
    """Something whole with a few of its bytes overwritten, cut out, doubled or put in."""
    data = bytearray(draw(st.sampled_from(wholes)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        size = draw(st.one_of(st.integers(0, 8), st.integers(0, len(data))))
        how = draw(st.sampled_from((*['overwrite'] * 6, 'cut', 'double', 'insert', 'end')))
        if how == 'overwrite':
            new = draw(st.one_of(st.binary(max_size=8), st.sampled_from(NUMBERS)))
            data[at:at + len(new)] = new
        elif how == 'cut':
            del data[at:at + size]
        elif how == 'double':
            data[at:at] = data[at:at + size]
        elif how == 'insert':
            data[at:at] = draw(st.binary(max_size=20))
        else:
            del data[at:]
    return bytes(data)


def check_error(error):
    """An error is one short line without control characters, whatever it is about."""
    assert str(error)
    assert printable(str(error)) == str(error)
    assert len(str(error)) < LONGEST_MESSAGE


def mostly(usual, seldom):
    """One of two strategies, the second one time in ten."""
    return st.integers(1, 10).flatmap(lambda number: seldom if number == 10 else usual)


sizes = mostly(st.integers(1, 40), st.sampled_from((0, 16384, 16385, 2**31 - 1, 2**32 - 1)))


@st.composite
def image_fields(draw):
    """The fields of an Image: those of a right one, of which one may then be replaced."""
    height, width, padding = draw(sizes), draw(sizes), draw(st.integers(0, 9))
    step = min(width * 8 + padding, 2**32 - 1)
    length = max(0, step * height * 3 // 2 + draw(st.integers(-2, 2)))
    fields = {
        'encoding': draw(st.sampled_from((*ENCODINGS, *REJECTED))), 'height': height,
        'width': width, 'step': step, 'is_bigendian': draw(st.integers(0, 255)),
        'data': bytes(length) if length < 100_000 else b''}
    wrong = {'encoding': st.text(max_size=12), 'height': sizes, 'width': sizes, 'step': sizes,
             'data': st.binary(max_size=4000)}
    replaced = draw(st.sampled_from(('', '', *wrong)))
    return {**fields, replaced: draw(wrong[replaced])} if replaced else fields


def check_picture(picture):
    assert isinstance(picture, Picture)
    # every pixel is there to be read
    assert 0 <= picture.pixels.min() <= picture.pixels.max() <= 255


def converter(fields):
    try:
        picture = to_picture(**fields)
    except ImageError as error:
        check_error(error)
    else:
        check_picture(picture)
        assert (picture.height, picture.width) == (fields['height'], fields['width'])


def compressed(data, format):
    try:
        check_picture(decode_compressed(format, data))
    except ImageError as error:
        check_error(error)


def cdr(data, kind):
    try:
        image = read_image(data, kind)
        assert read_header(data) == (image.stamp_ns, image.frame_id)
        # whatever header was read can be written again
        serialize(PoseMessage(image.stamp, image.frame_id, 1, 1, 0, 'thunder', Poses.empty()))
        check_picture(image.picture())
    except ImageError as error:
        check_error(error)


def camera_info(data, rectified):
    try:
        camera = read_camera_info(data, rectified=rectified)
    except CameraModelError as error:
        check_error(error)
        return
    # inside of the image and far outside
    rays = camera.rays(np.array([(0, 0), (0.5, 1e6), (-1e4, 30), camera.image_size]))
    np.testing.assert_allclose(np.linalg.norm(rays, axis=-1), 1)


def depth(data, kind):
    try:
        image = read_depth(data, kind)
    except ImageError as error:
        check_error(error)
        return
    metres = image.metres(np.array([0, image.height - 1]), np.array([0, image.width - 1]))
    assert (np.isnan(metres) | (metres > 0)).all()


names = mostly(st.sampled_from([p.name for p in parameters()]), st.text(max_size=20))
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), st.binary(),
    st.sampled_from([c for p in parameters() for c in p.choices]), st.just(10**400))
values = st.recursive(scalars, lambda inner: st.one_of(
    st.lists(inner, max_size=18), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=20)
likely = st.one_of(scalars, st.floats(0, 1), st.integers(0, 20),
                   st.lists(st.floats(0, 1), min_size=17, max_size=17))


def parameter_values(given):
    try:
        config = Config().replace(given)
    except ParameterError as error:
        check_error(error)
    else:
        assert Config().replace(config.values()) == config
        assert len(config.digest()) == 16


def assignment(name, text):
    try:
        Config().replace(parameter_files.parse_assignments([f'{name}={text}']))
    except ParameterError as error:
        check_error(error)


@contextmanager
def file_of(data, name):
    """A file with these bytes, in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(data)
        yield path


def parameter_file(data):
    with file_of(data, 'my.yaml') as path:
        try:
            Config().replace(parameter_files.read(path))
        except (SourceError, ParameterError) as error:
            check_error(error)


def manifest(data):
    with file_of(data, 'manifest.json') as path:
        try:
            models = load_manifest(path.parent).models.values()
        except ModelError as error:
            check_error(error)
            return
        for entry in models:
            assert isinstance(entry.licence, str)
            try:
                verify(entry)
            except ModelError as error:
                check_error(error)


def json_text(data):
    try:
        parse_json(data)
    except ValueError as error:
        check_error(error)


HIDDEN = ('Cc', 'Cf', 'Cs', 'Zl', 'Zp')


def shown_text(text):
    """Whatever text comes in, what is shown has no control characters, and says no less."""
    wrapped = (MovenetError(text), SourceError(f'{text}: gone'), ParameterError(text, text, text))
    for made in (printable(text), one_line(text), shown(text), *map(str, wrapped),
                 *printable_block(text).split('\n')):
        assert not [c for c in made if unicodedata.category(c) in HIDDEN]
    assert printable(printable(text)) == printable(text)
    for line in printable_block(text).split('\n')[1:]:
        assert line.startswith('    ')
    if not [c for c in text if unicodedata.category(c) in (*HIDDEN, 'Co', 'Cn')]:
        assert printable(text) == text


def jsonl(data):
    with file_of(data, 'poses.jsonl') as path:
        try:
            for line in read_jsonl(path):
                assert set(KEYS) <= set(line)
        except SourceError as error:
            check_error(error)


@st.composite
def damaged_bags(draw):
    """The files of a bag, by name, and which of them was damaged."""
    files = dict(bag(draw(st.sampled_from((StoragePlugin.MCAP, StoragePlugin.SQLITE3)))))
    name = draw(st.sampled_from(sorted(files)))
    files[name] = draw(mutated(files[name]))
    return files, name


def bags(damaged, topic, bare):
    files, name = damaged
    with tempfile.TemporaryDirectory() as folder:
        for each, content in files.items():
            Path(folder, each).write_bytes(content)
        alone = bare and not name.endswith('.yaml')
        read_all(Path(folder, name) if alone else folder, topic)


def video(data):
    with file_of(data, 'clip.mp4') as path:
        read_all(path)


def read_all(path, topic=None):
    try:
        with open_source(path, topic=topic) as source:
            for frame in source:
                assert isinstance(frame.stamp_ns, int) and isinstance(frame.frame_id, str)
                try:
                    check_picture(frame.picture())
                except ImageError as error:
                    check_error(error)
    except SourceError as error:
        check_error(error)


FORMATS = ('bayer_rggb8; png compressed ', 'bayer_gbrg16; jpeg compressed ', 'mono16; png',
           '16UC1; compressedDepth', 'rgb8; jpeg compressed rgb8', 'bgr8; jpeg compressed bgr8')
any_text = st.text(st.characters(), max_size=200) | st.text(
    st.sampled_from('a\n\r\t\x1b[\x7f\x85\x9b\u200b\u200e\u2028\u202e\u2066\ufeff\ud800\udcff\U000e0001'),
    max_size=50)

PROPERTIES = {
    'shown text': (shown_text, {'text': any_text}),
    'json text': (json_text, {'data': st.one_of(
        st.binary(max_size=50), mutated(json_lines()), st.just(b'[' * 200_000),
        st.just(b'{"a":' * 100_000), st.just(b'1' * 5000), st.just(b'1e999999'))}),
    'converter': (converter, {'fields': image_fields()}),
    'compressed': (compressed, {'data': mutated(*compressed_files(), b''),
                                'format': st.one_of(st.text(max_size=20),
                                                    st.sampled_from(FORMATS))}),
    'cdr': (cdr, {'data': mutated(*serialized_messages(), b''),
                  'kind': st.sampled_from((IMAGE, COMPRESSED_IMAGE))}),
    'camera info': (camera_info, {'data': mutated(*serialized_camera_infos(), b''),
                                  'rectified': st.booleans()}),
    'depth': (depth, {'data': mutated(*serialized_depths(), b''),
                      'kind': st.sampled_from((IMAGE, COMPRESSED_IMAGE))}),
    'parameter values': (parameter_values, {'given': st.dictionaries(
        names, st.one_of(likely, values), max_size=4)}),
    'assignments': (assignment, {'name': names, 'text': st.one_of(
        st.text(max_size=20), likely.map(str), values.map(repr), st.just('1' * 5000),
        st.just('[' * 5000))}),
    'parameter file': (parameter_file, {'data': st.one_of(
        mutated(parameter_files.yaml_text().encode()),
        values.map(lambda value: f'/**: {{ros__parameters: {{threads: {value!r}}}}}'.encode()),
        st.text('/*:{}[]&!-\n x0<', max_size=40).map(str.encode))}),
    'manifest': (manifest, {'data': mutated((find_models_dir() / 'manifest.json').read_bytes())}),
    'jsonl': (jsonl, {'data': mutated(json_lines())}),
    'bags': (bags, {'damaged': damaged_bags(), 'topic': st.sampled_from(('/topic0', '/topic1')),
                    'bare': st.booleans()}),
    'video': (video, {'data': mutated(*clips())}),
    **STREAM_PROPERTIES,
}
