"""`movenet evaluate` from its options to its files."""
import argparse
import json
import shutil
import sys

import numpy as np
import pytest
from support.bags import START, raw, write
from support.paths import DATA

from movenet_ros.cli import evaluate
from movenet_ros.core.network import NetworkInfo
from movenet_ros.errors import MovenetError, ParameterError, SinkError

PICTURE = 'astronaut.jpg'


class Double:
    """A network that sees a person standing in the middle of whatever it is shown."""

    def __init__(self, model, options):
        self.info = NetworkInfo(model, 'double', 'cpu', 1, '', None if model == 'multipose' else 64)
        self.options = options
        self.closed = False
        self.brightest = 0

    def infer(self, pictures, *_):
        self.brightest = max(self.brightest, pictures.max())
        steps = np.arange(17)
        rows = np.column_stack((0.2 + steps // 5 * 0.2, 0.4 + steps % 5 * 0.05, np.full(17, 0.9)))
        if self.info.input_size is not None:
            return np.tile(rows, (len(pictures), 1, 1)).astype(np.float32)
        people = np.zeros((1, 6, 56), np.float32)
        people[0, 0] = [*rows.ravel(), 0.2, 0.4, 0.8, 0.6, 0.9]
        return people

    def close(self):
        self.closed = True


@pytest.fixture
def networks(monkeypatch):
    loaded = []

    def load(model, **options):
        loaded.append(Double(model, options))
        return loaded[-1]
    monkeypatch.setattr(evaluate, 'load_network', load)
    return loaded


@pytest.fixture
def annotations(tmp_path):
    steps = np.arange(17)
    xy = 512 * np.column_stack((0.4 + steps % 5 * 0.05, 0.2 + steps // 5 * 0.2))
    path = tmp_path / 'people.json'
    path.write_text(json.dumps({
        'images': [{'id': 9, 'file_name': PICTURE, 'width': 512, 'height': 512}],
        'annotations': [{
            'id': 1, 'image_id': 9, 'category_id': 1, 'iscrowd': 0, 'area': 30000.0,
            'bbox': [200, 100, 110, 310], 'num_keypoints': 17,
            'keypoints': np.column_stack((xy, np.full(17, 2))).ravel().tolist()}]}),
        encoding='utf-8')
    return path


@pytest.fixture
def shots(tmp_path):
    folder = tmp_path / 'shots'
    folder.mkdir()
    for number in range(30):
        shutil.copy(DATA / PICTURE, folder / f'{number}.jpg')
    return folder


def run(*words):
    parser = argparse.ArgumentParser()
    evaluate.add_arguments(parser)
    return evaluate.run(parser.parse_args([*map(str, words), '--quiet']))


def test_pictures(networks, annotations, tmp_path, capsys):
    pytest.importorskip('pycocotools')
    pytest.importorskip('matplotlib')
    out, plot, sheet = (tmp_path / name for name in ('out.json', 'plot.png', 'sheet.jpg'))
    assert run('--images', DATA, '--annotations', annotations, '--json', out, '--plot', plot,
               '--sheet', sheet) == 0
    modes = json.loads(out.read_text(encoding='utf-8'))['modes']
    assert [mode['mode'] for mode in modes] == [
        f'{model} {passes}' for model in ('lightning', 'thunder')
        for passes in ('1st image', '2nd image', '3rd image')] + [
        f'multipose {how}' for how in (
            '256', '384', '512', '+ lightning', '+ lightning 2nd image', '+ thunder',
            '+ thunder 2nd image')]
    assert list(modes[0]) == ['mode', 'AP', 'AP50', 'AP75', 'AR', 'images', 'people',
                              'ms_per_image']
    whole = [mode for mode in modes if mode['mode'] in ('multipose 256', 'multipose 512')]
    assert [round(mode['AP'], 3) for mode in whole] == [1.0] * 2
    assert plot.read_bytes().startswith(b'\x89PNG')
    assert sheet.read_bytes().startswith(b'\xff\xd8')
    assert '| thunder 3rd image' in capsys.readouterr().out
    assert len(networks) == 3
    assert all(network.closed for network in networks)


def test_a_sweep_over_negatives(networks, shots, tmp_path):
    out = tmp_path / 'out.json'
    run('--negatives', shots, '--model', 'multipose', '--sweep',
        'multipose.min_pose_score=0.5,0.95',
        '--json', out)
    rows = json.loads(out.read_text(encoding='utf-8'))['negatives']
    alone = [row for row in rows if '+' not in row['mode']]
    assert [(row['multipose.min_pose_score'], row['false_positives_per_image'], row['no_person'])
            for row in alone] == [(0.5, 1.0, 0.0)] * 3 + [(0.95, 0.0, 1.0)] * 3


def test_a_sweep_over_what_loads_a_network_loads_it_for_each(networks, shots, tmp_path):
    out = tmp_path / 'out.json'
    run('--negatives', shots, '--model', 'lightning', '--json', out,
        '--sweep', 'engine=litert,keras', '--sweep', 'precision=float32,float16',
        '--sweep', 'min_pose_score=0.2,0.3')
    rows = json.loads(out.read_text(encoding='utf-8'))['negatives']
    assert len(rows) == 3 * 2 * 2 * 2
    assert [(network.options['engine'], network.options['precision']) for network in networks] == [
        ('litert', 'float32'), ('litert', 'float16'), ('keras', 'float32'), ('keras', 'float16')]


def test_sequences(networks, shots, tmp_path):
    pytest.importorskip('matplotlib')
    pytest.importorskip('motmetrics')
    truth, out, plot = (tmp_path / name for name in ('gt.txt', 'out.json', 'plot.png'))
    truth.write_text(''.join(f'{frame},1,200,100,110,310,1\n' for frame in range(1, 31)),
                     encoding='utf-8')
    assert run('--sequence', shots, '--ground-truth', truth, '--model', 'multipose', '--json', out,
               '--plot', plot, '--sweep', 'filter.min_cutoff=1,2', '--sweep', 'filter.beta=0') == 0
    rows = json.loads(out.read_text(encoding='utf-8'))['sequences']
    assert [row['filter.min_cutoff'] for row in rows] == [1.0, 2.0]
    assert rows[0]['images'] == 30
    assert rows[0]['jitter_px'] == pytest.approx(0.0, abs=1e-3)
    assert (rows[0]['switches'], rows[0]['misses'], rows[0]['mota']) == (0, 0, 1.0)
    assert plot.read_bytes().startswith(b'\x89PNG')


@pytest.mark.parametrize('folder', ['img', 'img1'])
def test_a_drawn_clip_is_named_by_the_folder_around_its_pictures(networks, shots, tmp_path, folder):
    clip, out = tmp_path / 'crossing_15hz' / folder, tmp_path / 'out.json'
    shutil.copytree(shots, clip)
    run('--sequence', clip, '--model', 'multipose', '--json', out)
    rows = json.loads(out.read_text(encoding='utf-8'))['sequences']
    assert [row['clip'] for row in rows] == ['crossing_15hz']


def test_images_of_16_bits_are_as_bright_as_process_makes_them(networks, tmp_path):
    bag = write(tmp_path / 'bag', [
        ('/image', raw(np.full((48, 64), 4095, np.uint16), START + index * 10**8, 'mono16'))
        for index in range(3)])
    for words, white in ((), round(4095 * 255 / 65535)), (('--param', 'white_level=4095'), 255):
        run('--sequence', bag, '--model', 'lightning', *words)
        assert networks[-1].brightest == white


def test_settings_without_effect_are_warned_of(networks, shots, capsys):
    words = ['--param', 'people.tiles=2', '--param', 'transport=compressed']
    run('--sequence', shots, '--model', 'lightning', 'multipose', *words)
    assert [line for line in capsys.readouterr().err.splitlines() if 'no effect' in line] == [
        'movenet: warning: no effect: people.tiles = 2 (only with refine lightning/thunder; '
        'here refine none)',
        "movenet: warning: no effect: transport = 'compressed' (only in the node)"]
    # some modes of multipose have a network that refines
    run('--negatives', shots, '--model', 'multipose', *words)
    assert capsys.readouterr().err.count('no effect') == 1


@pytest.mark.parametrize('words', [
    ['--sequence', 'a.mp4', '--negatives', 'folder'], ['--images', 'folder'],
    ['--annotations', 'a.json', '--negatives', 'folder'],
    ['--sequence', 'a.mp4', 'b.mp4', '--ground-truth', 'gt.txt'],
    ['--sequence', 'a.mp4', '--keypoint-truth', 'keypoints.json'],
    ['--negatives', 'folder', '--sheet', 'a.png'], ['--negatives', 'folder', '--plot', 'a.png'],
    ['--sequence', 'a.mp4', '--sweep', 'filter.beta']])
def test_options_that_do_not_go_together(networks, words):
    with pytest.raises(ParameterError):
        run(*words)


def test_an_output_that_cannot_be_written(networks, shots, tmp_path):
    with pytest.raises(SinkError, match='absent'):
        run('--negatives', shots, '--model', 'multipose', '--json', tmp_path / 'absent' / 'o.json')


@pytest.mark.parametrize(('module', 'words'), [
    ('pycocotools', ['--images', 'i', '--annotations', 'a.json']),
    ('motmetrics', ['--sequence', 'a.mp4', '--ground-truth', 'gt.txt']),
    ('matplotlib', ['--sequence', 'a.mp4', '--plot', 'a.png'])])
def test_a_missing_tool_is_told_first(networks, monkeypatch, module, words):
    for name in [name for name in sys.modules if name.partition('.')[0] == module]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MovenetError, match=rf"{module}.*pip install '\.\[evaluate\]'"):
        run(*words)
    assert networks == []


def test_the_networks_see_the_astronaut(tmp_path):
    pytest.importorskip('ai_edge_litert')
    shutil.copy(DATA / PICTURE, tmp_path)
    out = tmp_path / 'out.json'
    run('--negatives', tmp_path, '--model', 'lightning', '--json', out)
    rows = json.loads(out.read_text(encoding='utf-8'))['negatives']
    assert [row['false_positives_per_image'] for row in rows] == [1.0] * 3


@pytest.mark.parametrize('option', ['', '--sequence', '--clip'])
def test_a_clip_by_any_name_and_the_sample_clip_where_none_is_named(networks, tmp_path, capsys,
                                                                   option):
    output = tmp_path / 'clips.json'
    words = [option, str(DATA / 'one_person.mp4')] if option else []
    run(*words, '--quiet', '--json', str(output))
    row, = json.loads(output.read_text(encoding='utf-8'))['sequences']
    assert (row['clip'], row['images']) == ('one_person', 100)
    assert ('measured on the sample clip' in capsys.readouterr().err) == (not option)
