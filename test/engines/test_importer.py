"""The import of the published graphs: what is rejected, and the real thing where it can be had.

The real import needs TensorFlow and the npm tarball, named by MOVENET_MODELS_TARBALL.
"""

import io
import json
import os
import sys
import tarfile
from pathlib import Path

import numpy as np
import pytest

from movenet_ros.engines.importer.check import check_picture, compare
from movenet_ros.engines.importer.conversion import (
    CENTER_WEIGHT_NODE,
    function,
    make_weight_an_input,
)
from movenet_ros.engines.importer.importer import import_models
from movenet_ros.engines.importer.npm_package import NPM_PACKAGE
from movenet_ros.engines.importer.plans import CENTER_WEIGHT, PLANS
from movenet_ros.engines.importer.tfjs_graph import MAX_MEMBER_BYTES, read_graph, read_members
from movenet_ros.engines.models import MANIFEST_NAME, find_models_dir, load_manifest, verify
from movenet_ros.errors import EngineError, ModelError, SinkError

TARBALL = os.environ.get('MOVENET_MODELS_TARBALL', '')
JSON, BIN = 'package/models/movenet-lightning.json', 'package/models/movenet-lightning.bin'


def tiny_graph(**changes):
    document = {
        'generatedBy': 'https://example.org/google/tiny/1',
        'modelTopology': {'node': [{'name': 'w', 'op': 'Const'}]},
        'weightsManifest': [
            {
                'paths': ['movenet-lightning.bin'],
                'weights': [
                    {
                        'name': 'w',
                        'shape': [2, 2],
                        'dtype': 'float32',
                        'quantization': {'dtype': 'float16', 'original_dtype': 'float32'},
                    },
                    {'name': 'axis', 'shape': [], 'dtype': 'int32'},
                ],
            }
        ],
    }
    return json.dumps({**document, **changes}).encode()


TINY_BIN = np.float16([1, 2, 3, -0.5]).tobytes() + np.int32(-7).tobytes()


def package_members(**changes):
    members = {'package/package.json': json.dumps({'name': NPM_PACKAGE, 'version': '9.9'}).encode()}
    for plan in PLANS:
        members[f'package/models/movenet-{plan.name}.json'] = tiny_graph()
        members[f'package/models/movenet-{plan.name}.bin'] = TINY_BIN
    members.update(changes)
    return members


def write_tarball(path, members):
    with tarfile.open(path, 'w:gz') as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def rejected(tmp_path, members):
    """Imports a tarball that must be rejected before anything is written; returns why."""
    tarball = write_tarball(tmp_path / 'package.tgz', members)
    with pytest.raises(ModelError) as caught:
        import_models(tarball, tmp_path / 'out', lambda line: None)
    assert not (tmp_path / 'out').exists()
    return str(caught.value)


def test_missing_tarball(tmp_path):
    with pytest.raises(ModelError, match=r'none\.tgz cannot be read as a \.tgz file'):
        import_models(tmp_path / 'none.tgz', tmp_path / 'out', lambda line: None)


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / 'package.tgz')
    with pytest.raises(ModelError, match='a named pipe, not a regular file'):
        import_models(tmp_path / 'package.tgz', tmp_path / 'out', lambda line: None)


@pytest.mark.parametrize('content', [b'', b'not a tarball', b'\x1f\x8b broken', b'\0' * 4096])
def test_not_a_tarball(tmp_path, content):
    path = tmp_path / 'package.tgz'
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r'package\.tgz'):
        import_models(path, tmp_path / 'out', lambda line: None)


def test_truncated_tarball(tmp_path):
    rng = np.random.default_rng(0)
    path = write_tarball(tmp_path / 'package.tgz', package_members(noise=rng.bytes(100_000)))
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(ModelError, match=r'package\.tgz'):
        import_models(path, tmp_path / 'out', lambda line: None)


def test_missing_member(tmp_path):
    members = package_members()
    del members[BIN]
    assert f'has no member {BIN}' in rejected(tmp_path, members)


def test_a_link_is_no_member(tmp_path):
    path = tmp_path / 'package.tgz'
    with tarfile.open(path, 'w:gz') as archive:
        info = tarfile.TarInfo(JSON)
        info.type, info.linkname = tarfile.SYMTYPE, '/etc/passwd'
        archive.addfile(info)
    with pytest.raises(ModelError, match='has no member'):
        read_members(path, [JSON])


def test_nothing_is_written_for_members_that_lead_elsewhere(tmp_path):
    path = write_tarball(tmp_path / 'package.tgz', {'../../escaped': b'x', JSON: b'y'})
    assert read_members(path, [JSON]) == {JSON: b'y'}
    assert sorted(tmp_path.rglob('*')) == [path]


def test_oversized_member(tmp_path):
    path = write_tarball(tmp_path / 'package.tgz', {JSON: bytes(MAX_MEMBER_BYTES + 1)})
    with pytest.raises(ModelError, match=f'{MAX_MEMBER_BYTES + 1} bytes'):
        read_members(path, [JSON])


def test_another_package(tmp_path):
    other = {'package/package.json': b'{"name": "left-pad", "version": "1"}'}
    assert "holds the package 'left-pad'" in rejected(tmp_path, package_members(**other))


@pytest.mark.parametrize('content', [
    b'', b'{', b'[]', b'{"name": "x"}', b'[' * 300_000, b'1' * 5000, b'\xff'])
def test_damaged_package_json(tmp_path, content):
    message = rejected(tmp_path, package_members(**{'package/package.json': content}))
    assert 'package.json' in message


@pytest.mark.parametrize(
    'content',
    [
        b'{',
        b'[]',
        b'[' * 300_000,
        tiny_graph(modelTopology={}),
        tiny_graph(weightsManifest=[{'weights': [{'name': 'w'}]}]),
        tiny_graph(weightsManifest=[{'weights': [{'name': 'w', 'shape': [1], 'dtype': 'x'}]}]),
        tiny_graph(weightsManifest=[{'weights': [{'name': 'w', 'shape': [1e400]}]}]),
    ],
)
def test_damaged_graph(tmp_path, content):
    assert f'{JSON} is not a TF.js graph model' in rejected(
        tmp_path, package_members(**{JSON: content})
    )


def test_unknown_way_of_storing_weights(tmp_path):
    listed = [{'weights': [{'name': 'w', 'shape': [1], 'dtype': 'uint8'}]}]
    message = rejected(tmp_path, package_members(**{JSON: tiny_graph(weightsManifest=listed)}))
    assert 'weight w is stored as uint8' in message


def test_truncated_weights(tmp_path):
    message = rejected(tmp_path, package_members(**{BIN: TINY_BIN[:-1]}))
    assert message == f'{BIN} is truncated: 11 bytes, axis needs 8..12'


def test_too_many_weights(tmp_path):
    message = rejected(tmp_path, package_members(**{BIN: TINY_BIN + b'x'}))
    assert message == f'{BIN} has 13 bytes, its graph uses only 12'


def test_graph_and_weights():
    graph = read_graph({JSON: tiny_graph(), BIN: TINY_BIN}, JSON, BIN)
    assert graph.nodes == ({'name': 'w', 'op': 'Const'},)
    np.testing.assert_array_equal(graph.weights['w'], np.float32([[1, 2], [3, -0.5]]))
    assert graph.weights['w'].dtype == np.float32
    assert graph.weights['axis'] == np.int32(-7)
    assert graph.weights['axis'].dtype == np.int32
    assert set(graph.members) == {JSON, BIN}


def test_without_tensorflow_the_error_names_the_package_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, 'tensorflow', None)
    tarball = write_tarball(tmp_path / 'package.tgz', package_members())
    with pytest.raises(EngineError, match=r"pip install '\.\[import\]'"):
        import_models(tarball, tmp_path / 'out', lambda line: None)
    assert not (tmp_path / 'out').exists()


def test_without_litert_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.setattr('movenet_ros.engines.importer.importer.import_tensorflow', lambda: None)
    monkeypatch.setattr('movenet_ros.engines.litert.PACKAGE', 'no-such-runtime')
    tarball = write_tarball(tmp_path / 'package.tgz', package_members())
    with pytest.raises(EngineError, match='no-such-runtime'):
        import_models(tarball, tmp_path / 'out', lambda line: None)
    assert not (tmp_path / 'out').exists()


def test_folder_that_cannot_be_made(tmp_path, monkeypatch):
    monkeypatch.setattr('movenet_ros.engines.importer.importer.import_tensorflow', lambda: None)
    tarball = write_tarball(tmp_path / 'package.tgz', package_members())
    (tmp_path / 'file').write_text('in the way')
    with pytest.raises(SinkError, match='cannot be written'):
        import_models(tarball, tmp_path / 'file' / 'out', lambda line: None)


def test_inputs_and_outputs_are_those_of_the_shipped_files():
    shipped = load_manifest(find_models_dir())
    for plan in PLANS:
        entry = shipped.entry(plan.name)
        assert plan.inputs == entry.inputs
        assert plan.outputs == entry.outputs


@pytest.mark.filterwarnings('default')
def test_the_weight_of_the_center_heatmap_becomes_an_input():
    tf = pytest.importorskip('tensorflow', reason='TensorFlow is not installed')
    with tf.Graph().as_default() as graph:
        center = tf.compat.v1.placeholder(tf.float32, (1, 2, 2, 1), 'center')
        published = tf.constant(np.full((2, 2, 1), 3, np.float32), name=CENTER_WEIGHT_NODE)
        tf.multiply(center, published, name='Identity')
    definition = graph.as_graph_def()
    make_weight_an_input(tf, definition)
    assert CENTER_WEIGHT_NODE not in {node.name for node in definition.node}
    pruned = function(tf, definition, ['center:0', f'{CENTER_WEIGHT}:0'], ['Identity:0'])
    [found] = pruned(tf.ones((1, 2, 2, 1)), tf.constant([[[1.0], [2]], [[3], [4]]]))
    np.testing.assert_array_equal(found[0, :, :, 0], [[1, 2], [3, 4]])


def test_check_picture_is_a_picture():
    picture = check_picture(64, 96)
    assert picture.shape == (64, 96, 3)
    assert picture.dtype == np.uint8
    assert picture.std() > 20
    np.testing.assert_array_equal(picture, check_picture(64, 96))


def test_compare_single_pose_ignores_places_of_faint_keypoints():
    expected = np.zeros((1, 1, 17, 3), np.float32)
    expected[..., 2] = [0.5] * 3 + [0.01] * 14
    found = expected.copy()
    found[0, 0, 0, :2] += 0.25
    found[0, 0, 5, :2] += 0.75
    found[0, 0, 6, 2] += 0.125
    assert compare(expected, found) == (0.125, 0.25, 3)


def test_compare_multipose_compares_people_and_boxes():
    expected = np.zeros((1, 6, 56), np.float32)
    expected[0, 0, 55] = 0.5
    found = expected.copy()
    found[0, 0, 52] += 0.25
    found[0, 1, 52] += 0.75
    found[0, 1, 55] += 0.125
    assert compare(expected, found) == (0.125, 0.25, 0)


@pytest.mark.filterwarnings('default')
def test_a_graph_that_tensorflow_does_not_take(tmp_path):
    pytest.importorskip('tensorflow', reason='TensorFlow is not installed')
    tarball = write_tarball(tmp_path / 'package.tgz', package_members())
    with pytest.raises(ModelError, match=r'lightning: TensorFlow .* cannot convert the graph'):
        import_models(tarball, tmp_path / 'out', lambda line: None)
    assert list((tmp_path / 'out').iterdir()) == []


@pytest.mark.skipif(not TARBALL, reason='MOVENET_MODELS_TARBALL names no npm tarball')
@pytest.mark.filterwarnings('default')
def test_real_import_gives_the_shipped_files(tmp_path):
    tf = pytest.importorskip('tensorflow', reason='TensorFlow is not installed')
    lines = []
    manifest = import_models(Path(TARBALL), tmp_path / 'out', lines.append)
    shipped = load_manifest(find_models_dir())
    assert manifest.models.keys() == shipped.models.keys()
    assert sum('scores differ by' in line for line in lines) == 5
    for name, entry in manifest.models.items():
        verify(entry)
        if shipped.entry(name).origin['converter']['tensorflow'] == tf.__version__:
            assert entry.sha256 == shipped.entry(name).sha256
    names = {entry.path.name for entry in manifest.models.values()} | {MANIFEST_NAME}
    assert {path.name for path in (tmp_path / 'out').iterdir()} == names


@pytest.mark.skipif(not TARBALL, reason='MOVENET_MODELS_TARBALL names no npm tarball')
@pytest.mark.filterwarnings('default')
def test_a_file_that_differs_is_rejected_and_nothing_is_written(tmp_path, monkeypatch):
    pytest.importorskip('tensorflow', reason='TensorFlow is not installed')
    monkeypatch.setattr('movenet_ros.engines.importer.importer.SCORE_TOLERANCE', 0.0)
    with pytest.raises(ModelError, match='nothing was written'):
        import_models(Path(TARBALL), tmp_path / 'out', lambda line: None)
    assert list((tmp_path / 'out').iterdir()) == []
