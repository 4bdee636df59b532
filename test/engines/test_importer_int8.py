"""The import of int8 files: calibration inputs, rounding, comparison, and what is rejected.

The real import needs TensorFlow, ai-edge-quantizer and the npm tarball, named by
MOVENET_MODELS_TARBALL.
"""

import importlib.util
import os
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from support.astronauts import astronaut
from support.paths import DATA, MODELS
from test_importer import package_members, write_tarball

from movenet_ros.cli import main
from movenet_ros.core.types import Picture
from movenet_ros.engines.importer import int8
from movenet_ros.engines.importer.calibration import CalibrationPicture, network_inputs
from movenet_ros.engines.importer.difference import keypoint_difference
from movenet_ros.engines.importer.int8 import import_int8
from movenet_ros.engines.importer.rounding import round_weights
from movenet_ros.engines.loading import load_network
from movenet_ros.engines.models import MANIFEST_NAME, load_manifest, verify
from movenet_ros.errors import EngineError, ModelError

TARBALL = os.environ.get('MOVENET_MODELS_TARBALL', '')
NAMES = ('lightning', 'thunder', 'multipose')


@pytest.fixture
def folder(tmp_path):
    """A models folder of our own."""
    return Path(shutil.copytree(MODELS, tmp_path / 'models'))


def test_inputs_are_what_the_pipelines_give_the_networks():
    pytest.importorskip('ai_edge_litert', reason='LiteRT is not installed')
    networks = {name: load_network(name, threads=2, engine='litert') for name in NAMES}
    inputs = network_inputs(Picture(astronaut(480, 640)), networks)
    for name, side in (('lightning', 192), ('thunder', 256)):
        assert len(inputs[name]) > 1, 'the whole picture and crops'
        assert {pixels.shape for pixels in inputs[name]} == {(side, side, 3)}
        assert (inputs[name][0][:side // 10] == 0).all(), 'the whole picture, padded'
        assert len({pixels.tobytes() for pixels in inputs[name]}) == len(inputs[name])
    assert {pixels.shape for pixels in inputs['multipose']} == {(192, 256, 3), (384, 512, 3)}


def test_weights_are_rounded_such_that_outputs_change_least():
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(400, 24)) @ rng.normal(size=(24, 24)) + 1
    moments = inputs.T @ inputs / len(inputs)
    weights = rng.normal(size=(16, 24)).astype(np.float32)
    step = np.abs(weights).max(axis=1, keepdims=True) / 127
    rounded = round_weights(weights, moments)
    steps = rounded / step
    np.testing.assert_allclose(steps, np.round(steps), atol=1e-3)
    assert np.abs(steps).max() < 127.01
    plain = np.round(weights / step) * step

    def error(found):
        return np.square(inputs @ (found - weights).T).mean()
    assert error(rounded) < 0.7 * error(plain)


def test_weights_of_independent_inputs_are_rounded_to_the_nearest():
    weights = np.float32([[127, 3.3, -5.6, 0.2], [12.7, 0.04, -0.26, 12.7]])
    rounded = round_weights(weights, np.eye(4))
    np.testing.assert_allclose(rounded, [[127, 3, -6, 0], [12.7, 0, -0.3, 12.7]], atol=1e-5)


class Rows:
    """A network of which the rows are known."""

    def __init__(self, rows):
        self.rows = rows

    def infer(self, pictures):
        return self.rows[None]


def test_people_are_compared_whatever_their_order():
    rows = np.zeros((3, 56), np.float32)
    rows[:, :51] = np.tile([0.2, 0.3, 0.9], 17)
    rows[1, :51] = np.tile([0.6, 0.7, 0.9], 17)
    rows[:, 55] = [0.5, 0.4, 0.05]
    other = rows[[2, 1, 0]]
    other[:, 0:51:3] += np.float32(0.01)
    found = keypoint_difference(Rows(rows), Rows(other), [np.zeros((100, 200, 3), np.uint8)])
    assert found.keypoints == 2 * 17
    assert found.median == pytest.approx(1.0, abs=0.01)


def test_tarball_of_other_files(folder, tmp_path):
    tarball = write_tarball(tmp_path / 'package.tgz', package_members())
    before = (folder / MANIFEST_NAME).read_bytes()
    with pytest.raises(ModelError, match=r"'lightning': .* was not made from this tarball"):
        import_int8(tarball, folder, [], lambda line: None)
    assert (folder / MANIFEST_NAME).read_bytes() == before


def test_without_the_quantizer_the_error_names_the_package_to_install(folder, monkeypatch):
    monkeypatch.setattr('movenet_ros.engines.importer.quantisation.PACKAGE', 'no-such-quantizer')
    monkeypatch.setattr(int8, 'import_tensorflow', lambda: None)
    monkeypatch.setattr(int8, 'read_npm_package', lambda tarball: None)
    monkeypatch.setattr(int8, '_check_origin', lambda entry, package: None)
    with pytest.raises(EngineError, match=r"no-such-quantizer.*pip install '\.\[import\]'"):
        import_int8(Path('package.tgz'), folder, [], lambda line: None)


@pytest.mark.parametrize('options', [
    ['--precision', 'int8'], ['--calibration', '.'],
    ['--precision', 'float32', '--calibration', '.']])
def test_calibration_belongs_to_int8(options, capsys, folder):
    words = ['models', 'import', 'package.tgz', '--models-dir', str(folder), *options]
    assert main(words) == 2
    assert '--calibration' in capsys.readouterr().err


def pictures_of_people():
    frames = []
    capture = cv2.VideoCapture(str(DATA / 'several_people.mp4'))
    while (image := capture.read()[1]) is not None:
        frames.append(CalibrationPicture(f'{len(frames):064}', Picture(image, 'bgr')))
    return frames[::20]


@pytest.mark.skipif(not TARBALL, reason='MOVENET_MODELS_TARBALL names no npm tarball')
@pytest.mark.filterwarnings('default')
def test_real_import_adds_int8_files(folder, monkeypatch):
    pytest.importorskip('tensorflow', reason='TensorFlow is not installed')
    if importlib.util.find_spec('ai_edge_quantizer') is None:
        pytest.skip('TensorFlow is not installed with ai-edge-quantizer')
    floats = {name: load_manifest(folder).entry(name).sha256 for name in NAMES}
    manifest = import_int8(Path(TARBALL), folder, pictures_of_people(), lambda line: None)
    for name in NAMES:
        verify(manifest.entry(name))
        verify(manifest.entry(name).variant('int8'))
        assert manifest.entry(name).sha256 == floats[name]
    before = sorted((path.name, path.read_bytes()) for path in folder.iterdir())
    import_int8(Path(TARBALL), folder, pictures_of_people(), lambda line: None)
    assert sorted((path.name, path.read_bytes()) for path in folder.iterdir()) == before
    monkeypatch.setattr(int8, 'MAX_MEDIAN_DIFFERENCE', 0.01)
    with pytest.raises(ModelError, match='nothing was written'):
        import_int8(Path(TARBALL), folder, pictures_of_people(), lambda line: None)
    assert sorted((path.name, path.read_bytes()) for path in folder.iterdir()) == before


def test_ap_of_the_same_bytes_is_kept():
    ap = [{'pictures': 'a', 'float32': 0.5, 'int8': 0.49}]
    model = {'variants': {'int8': {'sha256': 'x', 'ap': ap}}}
    assert int8._with_ap({'sha256': 'x'}, model) == {'sha256': 'x', 'ap': ap}
    assert int8._with_ap({'sha256': 'y'}, model) == {'sha256': 'y'}
    assert int8._with_ap({'sha256': 'y'}, {}) == {'sha256': 'y'}
