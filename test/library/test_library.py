"""`from movenet_ros import MoveNet`: the library, without ROS."""
import doctest
import shutil
import subprocess
import sys
import warnings

import cv2
import numpy as np
import pytest
from support.paths import DATA, ROOT

import movenet_ros
from movenet_ros import EDGES, KEYPOINT_NAMES, Config, MoveNet, Picture, library
from movenet_ros.core.pipeline import advance
from movenet_ros.core.state import State
from movenet_ros.engines.loading import load_networks
from movenet_ros.errors import EngineError, ImageError, ParameterError
from movenet_ros.files.sources import open_source

PHOTOGRAPH = cv2.imread(str(DATA / 'astronaut.jpg'))
STEP = 33_333_333  # ns


def frames(name, count):
    source = open_source(DATA / name)
    return [frame.picture() for frame, _ in zip(source, range(count), strict=False)]


def equal(poses, others):
    return all(np.array_equal(getattr(poses, name), getattr(others, name))
               for name in ('xy', 'keypoint_score', 'box', 'score', 'id', 'age'))


@pytest.fixture(scope='module')
def net():
    with MoveNet() as loaded:
        yield loaded


@pytest.fixture(autouse=True)
def _reset(net):
    net.reset()


@pytest.mark.parametrize('parameters', [
    {}, {'model': 'multipose'}, {'model': 'multipose', 'refine': 'lightning'}])
def test_a_sequence_gives_what_the_pipeline_gives(parameters):
    config = Config().replace(parameters)
    networks, state = load_networks(config), State()
    with MoveNet(**parameters) as net:
        for number, picture in enumerate(frames('several_people.mp4', 8)):
            state, expected = advance(state, picture, number * STEP, networks, config)
            assert equal(net(picture, stamp_ns=number * STEP), expected)
    networks.close()


def test_streams_share_the_networks_and_nothing_else(net):
    first, second = frames('one_person.mp4', 6), frames('several_people.mp4', 6)
    alone = [net(picture, stamp_ns=number * STEP) for number, picture in enumerate(first)]
    net.reset()
    stream = net.stream()
    for number, (one, other) in enumerate(zip(first, second, strict=True)):
        assert equal(net(one, stamp_ns=number * STEP), alone[number])
        stream(other, stamp_ns=number * STEP)


def test_after_a_reset_everything_starts_again(net):
    before = net(PHOTOGRAPH, stamp_ns=0)
    net(PHOTOGRAPH, stamp_ns=STEP)
    net.reset()
    assert equal(net(PHOTOGRAPH, stamp_ns=2 * STEP), before)


def test_a_still_neither_uses_nor_changes_the_stream(net):
    first = net(PHOTOGRAPH, stamp_ns=0)
    still = net.detect(np.zeros_like(PHOTOGRAPH))
    assert len(still) == 0
    second = net(PHOTOGRAPH, stamp_ns=STEP)
    assert (first.id == second.id).all()
    assert second.age[0] > 0
    assert net.detect(PHOTOGRAPH).age[0] == 0


def test_results_are_pixels_of_the_picture(net):
    half = cv2.resize(PHOTOGRAPH, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    whole, small = net.detect(PHOTOGRAPH), net.detect(half)
    height, width = PHOTOGRAPH.shape[:2]
    assert whole.xy[0, 0] == pytest.approx((225, 118), abs=10)
    assert small.xy[0, :7] * 2 == pytest.approx(whole.xy[0, :7], abs=0.02 * width)
    assert (whole.box >= 0).all() and (whole.box <= (width, height, width, height)).all()


@pytest.mark.parametrize(('convert', 'order'), [
    (lambda bgr: bgr[:, :, ::-1], 'rgb'),
    (lambda bgr: cv2.cvtColor(bgr, cv2.COLOR_BGR2BGRA), 'bgr'),
    (lambda bgr: cv2.cvtColor(bgr, cv2.COLOR_BGR2RGBA), 'rgb'),
    (lambda bgr: np.asfortranarray(bgr), 'bgr'),
    (lambda bgr: Picture(bgr, 'bgr'), 'rgb')])
def test_the_same_picture_in_another_form_gives_the_same(net, convert, order):
    assert equal(net.detect(convert(PHOTOGRAPH), order=order), net.detect(PHOTOGRAPH))


def test_a_camera_that_is_mounted_upside_down(net):
    upright = net.detect(PHOTOGRAPH)
    height, width = PHOTOGRAPH.shape[:2]
    turned = PHOTOGRAPH[::-1, ::-1]
    with MoveNet(rotate=180) as upside_down:
        poses = upside_down.detect(turned)
        np.testing.assert_allclose(poses.xy, (width, height) - upright.xy, atol=1e-4)
        np.testing.assert_array_equal(poses.keypoint_score, upright.keypoint_score)
        stream = upside_down.stream()
        assert equal(stream(turned, stamp_ns=0), poses)


def test_grey_pictures(net):
    grey = cv2.cvtColor(PHOTOGRAPH, cv2.COLOR_BGR2GRAY)
    poses = net.detect(grey)
    assert equal(poses, net.detect(grey[:, :, None]))
    assert poses.xy[0, 0] == pytest.approx((225, 118), abs=10)


@pytest.mark.parametrize(('picture', 'says'), [
    (None, 'not NoneType .cv2.imread gives None'), ('photo.jpg', 'not str'), ([[1, 2]], 'not list'),
    (PHOTOGRAPH / 255, r'not float64 \[512, 512, 3\]'),
    (PHOTOGRAPH.transpose(2, 0, 1), r'not uint8 \[3, 512, 512\]'),
    (PHOTOGRAPH[None], r'not uint8 \[1, 512, 512, 3\]'), (PHOTOGRAPH[:, :, :2], 'not uint8'),
    (PHOTOGRAPH[:0], 'is empty')])
def test_what_is_no_picture_is_rejected_by_what_it_is(net, picture, says):
    with pytest.raises(ImageError, match=says):
        net.detect(picture)


@pytest.mark.parametrize('stamp', [0.5, '1', None, True, 2**63])
def test_stamps_are_integers(net, stamp):
    with pytest.raises(ParameterError, match='stamp_ns'):
        net(PHOTOGRAPH, stamp_ns=stamp)


def test_stamps_may_be_integers_of_numpy_and_go_back(net):
    assert len(net(PHOTOGRAPH, stamp_ns=np.int64(10**18))) == 1
    assert len(net(PHOTOGRAPH, stamp_ns=5)) == 1


def test_an_unknown_order_is_rejected(net):
    with pytest.raises(ParameterError, match=r"'order' = 'gbr': must be one of bgr, rgb"):
        net.detect(PHOTOGRAPH, order='gbr')


@pytest.mark.parametrize(('parameters', 'says'), [
    ({'modle': 'thunder'}, "did you mean 'model'"), ({'model': 'storm'}, "'model' = 'storm'"),
    ({'filter.beta': 'much'}, "'filter.beta'"), ({'refine': 'thunder'}, 'needs model multipose'),
    ({'rotate': 45}, "'rotate' = 45: must be one of: 0, 90, 180, 270"),
    ({'rotate': (0, 180)}, r"'rotate' = \(0, 180\): must hold one value"),
    ({'rotate': (0, 180), 'cameras': ('a', 'b')}, 'must hold one value where there is one')])
def test_parameters_are_checked(parameters, says):
    with pytest.raises(ParameterError, match=says):
        MoveNet(**parameters)


def test_parameters_without_effect_are_warned_of():
    with pytest.warns(UserWarning, match=r'no effect: people.tiles = 2') as caught:
        MoveNet(**{'people.tiles': 2}).close()
    assert caught[0].filename == __file__
    with pytest.warns(UserWarning, match='only in the node'):
        MoveNet(autostart=True).close()


def test_parameter_files(tmp_path):
    path = tmp_path / 'my.yaml'
    path.write_text('/**:\n  ros__parameters:\n    model: multipose\n    filter.beta: 20.0\n')
    with MoveNet.from_files(path) as net:
        assert (net.config.model, net.config.filter.beta) == ('multipose', 20.0)
        assert net.info.model == 'multipose'


def test_nothing_is_detected_after_closing():
    net = MoveNet()
    stream = net.stream()
    net.close()
    net.close()
    for run in (lambda: net.detect(PHOTOGRAPH), lambda: net(PHOTOGRAPH, stamp_ns=0),
                lambda: stream(PHOTOGRAPH, stamp_ns=0)):
        with pytest.raises(EngineError, match='is closed'):
            run()


def test_poses_are_drawn_on_a_copy(net):
    before, poses = PHOTOGRAPH.copy(), net.detect(PHOTOGRAPH)
    drawn = net.draw(PHOTOGRAPH, poses)
    assert (before == PHOTOGRAPH).all()
    assert (drawn != PHOTOGRAPH).any()
    rgb = net.draw(PHOTOGRAPH[:, :, ::-1], poses, order='rgb')
    assert (rgb[:, :, ::-1] == drawn).all()


def test_the_names_of_the_package_are_listed_and_others_are_none():
    assert set(movenet_ros.__all__) <= set(dir(movenet_ros))
    assert len(KEYPOINT_NAMES) == 17 and max(max(edge) for edge in EDGES) == 16
    with pytest.raises(AttributeError, match="no attribute 'MoveNett'"):
        _ = movenet_ros.MoveNett


def test_the_examples_of_the_documentation_run(monkeypatch):
    monkeypatch.chdir(DATA)
    results = doctest.testmod(library)
    assert results.attempted >= 8 and results.failed == 0


def test_the_library_loads_neither_ros_nor_bags_nor_keras():
    code = ('import sys, numpy; from movenet_ros import MoveNet; '
            'MoveNet().detect(numpy.zeros((32, 32, 3), numpy.uint8)); '
            'print([m for m in ("rclpy", "rosbags", "keras", "tensorflow", "movenet_ros.files", '
            '"movenet_ros.measure") if m in sys.modules])')
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True,
                          cwd=ROOT)
    assert done.stdout.strip() == '[]'


def test_programs_that_use_it_are_typed(tmp_path):
    pytest.importorskip('mypy')
    (tmp_path / 'program.py').write_text(
        'import numpy as np\n'
        'from movenet_ros import KEYPOINT_NAMES, MoveNet, Poses\n'
        'picture = np.zeros((48, 64, 3), np.uint8)\n'
        'with MoveNet(model="thunder") as net:\n'
        '    poses: Poses = net(picture, stamp_ns=0)\n'
        '    wrong: int = net.detect(picture)\n')
    done = subprocess.run(
        [sys.executable, '-m', 'mypy', '--strict', '--follow-imports=silent', '--config-file=',
         '--cache-dir', str(tmp_path / 'cache'), '--ignore-missing-imports', 'program.py'],
        capture_output=True, text=True, check=False, cwd=tmp_path,
        env={'MYPYPATH': str(ROOT), 'PATH': ''})
    errors = [line for line in done.stdout.splitlines() if 'error' in line]
    assert [error.split(':')[1] for error in errors[:-1]] == ['6'], done.stdout


def test_a_wheel_of_the_library_alone_needs_neither_ros_nor_a_compiler(tmp_path):
    source = tmp_path / 'source'
    shutil.copytree(ROOT, source, ignore=shutil.ignore_patterns(
        '.*', 'build', 'dist', 'out', '*.egg-info', '__pycache__', 'docs'))
    code = ('import sys; sys.path.insert(0, "build_backend"); import backend; '
            'settings = {"library-only": "true"}; '
            'print(backend.get_requires_for_build_wheel(settings)); '
            'backend.build_wheel(sys.argv[1], settings)')
    done = subprocess.run([sys.executable, '-c', code, str(tmp_path)], cwd=source,
                          capture_output=True, text=True, check=False, env={'PATH': ''})
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith('[]')
    wheel, = tmp_path.glob('*.whl')
    assert wheel.name.endswith('-py3-none-any.whl')
    shutil.unpack_archive(wheel, tmp_path / 'wheel', 'zip')
    metadata = next((tmp_path / 'wheel').glob('*.dist-info/METADATA')).read_text(encoding='utf-8')
    required = [line for line in metadata.splitlines()
                if line.startswith('Requires-Dist') and 'extra' not in line]
    assert required and not [line for line in required if 'ros-' in line]
    files = {path.name for path in (tmp_path / 'wheel').rglob('*')}
    assert {'py.typed', 'library.py', 'manifest.json', 'movenet_thunder.tflite', 'package.xml',
            'one_person.mp4', 'PoseArray.msg', 'index.html', 'view.css', 'view.js'} <= files


def test_warnings_are_none_by_default():
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        MoveNet(model='lightning').close()
