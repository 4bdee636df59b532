"""COCO's numbers on made-up annotations, worked out by hand, and false people."""
import json
import os
import shutil

import numpy as np
import pytest
from support.paths import DATA

from movenet_ros.config import Config
from movenet_ros.core.network import NetworkInfo
from movenet_ros.core.types import Picture, Poses
from movenet_ros.errors import ImageError, MovenetError, ParameterError, SourceError
from movenet_ros.measure.accuracy.dataset import Dataset, read_dataset, read_folder
from movenet_ros.measure.accuracy.modes import Mode, picture_modes
from movenet_ros.measure.accuracy.pictures import measure_accuracy, measure_negatives
from movenet_ros.measure.accuracy.report import table
from movenet_ros.measure.accuracy.sheet import worst, write_sheet
from movenet_ros.measure.accuracy.sweep import settings
from movenet_ros.measure.report.files import write_json
from movenet_ros.measure.report.tools import tool

PICTURE = 'astronaut.jpg'
WIDTH, HEIGHT = 512, 512
SIDE = 160.0


def keypoints(left, top):
    """[17,2]: a made-up person that fills a square of SIDE."""
    steps = np.arange(17)
    return np.column_stack((left + steps % 5 * SIDE / 4, top + steps // 5 * SIDE / 3))


PEOPLE = {1: [keypoints(40, 60)], 2: [keypoints(40, 60), keypoints(300, 280)], 3: []}


def annotation(number, image, xy, **other):
    low = xy.min(axis=0)
    return {'id': number, 'image_id': image, 'category_id': 1, 'iscrowd': 0, 'area': SIDE ** 2,
            'bbox': [*low, SIDE, SIDE], 'num_keypoints': 17,
            'keypoints': np.column_stack((xy, np.full(17, 2))).ravel().tolist(), **other}


@pytest.fixture
def coco():
    people = [(image, xy) for image, people in PEOPLE.items() for xy in people]
    return {
        'images': [{'id': image, 'file_name': PICTURE, 'width': WIDTH, 'height': HEIGHT,
                    'coco_split': 'val2017' if image < 3 else 'train2017'} for image in PEOPLE],
        'annotations': [annotation(number, image, xy)
                        for number, (image, xy) in enumerate(people, start=1)]}


@pytest.fixture
def read(coco, tmp_path):
    def read(split=None):
        path = tmp_path / 'people.json'
        path.write_text(json.dumps(coco), encoding='utf-8')
        return read_dataset(DATA, path, split)
    return read


def poses(*people, score=0.9):
    count = len(people)
    return Poses(np.array(people, np.float32).reshape(count, 17, 2),
                 np.full((count, 17), score, np.float32), np.zeros((count, 4), np.float32),
                 np.full(count, score, np.float32), np.arange(1, count + 1, dtype=np.int32),
                 np.zeros(count, np.float32), np.ones((count, 17), np.bool_),
                 np.zeros((count, 2), np.float32), np.zeros(count, np.bool_),
                 np.zeros(count, np.float32))


def answers(*given):
    """A mode that gives one answer after the other, whatever it sees."""
    left = list(given)
    return Mode('made up', lambda picture: left.pop(0))


def ap(dataset, *given):
    pytest.importorskip('pycocotools')
    return measure_accuracy(dataset, [answers(*given)])[0]


def test_everybody_found_is_one(read):
    result = ap(read(), poses(*PEOPLE[1]), poses(*PEOPLE[2]), poses())
    assert result.row() | {'ms_per_image': 0} == {
        'mode': 'made up', 'AP': 1.0, 'AP50': 1.0, 'AP75': 1.0, 'AR': 1.0, 'images': 3,
        'people': 3, 'ms_per_image': 0}


def test_nobody_found_is_nothing(read):
    result = ap(read(), poses(), poses(), poses())
    assert (result.accuracy.ap, result.accuracy.ar) == (0.0, 0.0)
    assert [case.found for case in result.accuracy.cases] == [None] * 3


def test_one_of_three_found(read):
    accuracy = ap(read(), poses(*PEOPLE[1]), poses(), poses()).accuracy
    # Precision is 1 up to recall 1/3, that is at 0.00 ... 0.33: 34 of COCO's 101 points.
    assert accuracy.ap == pytest.approx(34 / 101)
    assert accuracy.ar == pytest.approx(1 / 3)


def test_a_false_person_costs_by_its_rank(read):
    nobody_there = keypoints(300, 20)
    found = [poses(*PEOPLE[1]), poses(*PEOPLE[2])]
    assert ap(read(), *found, poses(nobody_there, score=0.95)).accuracy.ap == pytest.approx(3 / 4)
    assert ap(read(), *found, poses(nobody_there, score=0.1)).accuracy.ap == pytest.approx(1)


def test_similarity_is_that_of_coco(read):
    # All keypoints off by d: OKS is the mean of exp(-d^2 / (2 area (2 falloff)^2)).
    distance = 12.0
    falloffs = np.array(Config().tracker.oks_falloffs)
    expected = np.exp(-distance ** 2 / (2 * SIDE ** 2 * (2 * falloffs) ** 2)).mean()
    moved = PEOPLE[1][0] + (distance, 0)
    accuracy = ap(read().alone(), poses(moved)).accuracy
    assert accuracy.cases[0].oks == pytest.approx(expected, abs=1e-6)
    assert accuracy.ap == pytest.approx(sum(expected >= 0.5 + 0.05 * i for i in range(10)) / 10)


def test_crowds_and_people_without_keypoints_need_not_be_found(coco, read):
    coco['annotations'][1] |= {'iscrowd': 1}
    coco['annotations'][2] |= {'keypoints': [0] * 51, 'num_keypoints': 0}
    result = ap(read(), poses(*PEOPLE[1]), poses(*PEOPLE[2]), poses())
    assert (result.people, result.accuracy.ap) == (1, pytest.approx(1))


def test_the_split_chooses_pictures(read):
    assert len(read('val2017').shots) == 2
    with pytest.raises(SourceError, match=r"no picture has coco_split 'test'.*train2017, val2017"):
        read('test')


def test_single_person_modes_answer_for_pictures_of_one(read):
    pytest.importorskip('pycocotools')
    modes = [Mode('one', lambda picture: poses(*PEOPLE[1]), single=True),
             Mode('many', lambda picture: poses(*PEOPLE[2]))]
    one, many = measure_accuracy(read('val2017'), modes)
    assert (one.images, one.people, many.images, many.people) == (1, 1, 2, 3)
    every, _ = measure_accuracy(read('val2017'), modes, every_picture=True)
    assert (every.images, every.people) == (2, 3)
    assert every.accuracy.ar == pytest.approx(2 / 3)


def test_no_picture_of_one_person_is_told(coco, read):
    del coco['images'][0], coco['annotations'][0]
    with pytest.raises(SourceError, match='--every-picture'):
        read().alone()


@pytest.mark.parametrize(('change', 'message'), [
    ({'images': None}, 'not an annotation of keypoints'),
    ({'images': []}, 'lists no pictures'),
    ({'annotations': [{'image_id': 1}]}, 'not an annotation of keypoints'),
    ({'annotations': [annotation(1, 1, keypoints(0, 0), keypoints=[1.0] * 50)]}, '50 numbers'),
])
def test_a_file_that_is_no_annotation(coco, read, change, message):
    coco.update(change)
    with pytest.raises(SourceError, match=message):
        read()


def test_files_that_are_not_there(coco, read, tmp_path):
    with pytest.raises(SourceError, match=r'absent\.json'):
        read_dataset(DATA, tmp_path / 'absent.json')
    coco['images'][1]['file_name'] = 'absent.jpg'
    with pytest.raises(SourceError, match=r'absent\.jpg.*0 more of 3'):
        read()
    with pytest.raises(SourceError, match='no such folder'):
        read_folder(tmp_path / 'absent')
    with pytest.raises(SourceError, match='no picture in this folder'):
        read_folder(tmp_path)


def test_pictures_of_a_folder_are_told_by_their_content(tmp_path):
    os.mkfifo(tmp_path / 'pipe.png')
    (tmp_path / 'text.txt').write_text('no picture')
    for name in ('shot10.dat', 'shot2.png', '.hidden.png'):
        shutil.copy(DATA / 'astronaut.jpg', tmp_path / name)
    shots = read_folder(tmp_path)
    assert [shot.path.name for shot in shots] == ['shot2.png', 'shot10.dat']
    assert shots[1].picture().pixels.shape == (512, 512, 3)


def test_a_picture_that_is_not_the_annotated_one(coco, read, tmp_path):
    coco['images'][0]['width'] = 640
    with pytest.raises(SourceError, match=r'512 x 512 px, but annotated as 640 x 512'):
        read().shots[0].picture()
    (tmp_path / 'broken.jpg').write_bytes(b'no picture')
    with pytest.raises(ImageError, match=r'broken\.jpg'):
        measure_negatives(read_folder(tmp_path), [answers(poses())])


def test_false_people_are_counted(read):
    found = measure_negatives(read().shots, [answers(poses(), poses(*PEOPLE[2]), poses())])[0]
    assert found.row() | {'ms_per_image': 0} == {
        'mode': 'made up', 'false_positives_per_image': pytest.approx(2 / 3),
        'no_person': pytest.approx(2 / 3), 'images': 3, 'ms_per_image': 0}


class Double:
    """A network that always sees the same, and counts how often it is asked."""

    def __init__(self, model):
        self.info = NetworkInfo(model, 'double', 'cpu', 1, '', None if model == 'multipose' else 64)
        self.shapes = []

    def infer(self, pictures, *_):
        self.shapes.append(pictures.shape[1:3])
        if self.info.input_size is None:
            rows = np.full((1, 6, 56), 0.5, np.float32)
            rows[:, :, :51] = diagonal(0.25, 0.75).ravel()
            rows[:, :, 51:55] = 0.25, 0.25, 0.75, 0.75
            return rows
        return diagonal(0.02, 0.98)[None]


def diagonal(start, stop):
    """Keypoints on the diagonal of the network's input, as y, x, score."""
    place = np.linspace(start, stop, 17, dtype=np.float32)
    return np.column_stack((place, place, np.full(17, 0.5, np.float32)))


def test_modes_are_passes_of_the_chain():
    networks = {model: Double(model) for model in ('lightning', 'thunder', 'multipose')}
    modes = picture_modes(Config(), ['lightning', 'multipose'], networks.__getitem__)
    assert [(mode.name, mode.single) for mode in modes] == [
        ('lightning 1st image', True), ('lightning 2nd image', True),
        ('lightning 3rd image', True),
        ('multipose 256', False), ('multipose 384', False), ('multipose 512', False),
        ('multipose + lightning', False), ('multipose + lightning 2nd image', False),
        ('multipose + thunder', False), ('multipose + thunder 2nd image', False)]
    picture = Picture(np.zeros((48, 64, 3), np.uint8))
    assert [len(mode.detect(picture)) for mode in modes[:6]] == [1, 1, 1, 6, 6, 6]
    # The first image is looked at twice.
    assert len(networks['lightning'].shapes) == 2 + 3 + 4
    assert networks['multipose'].shapes == [(192, 256), (288, 384), (384, 512)]
    # Six people on the same spot are one, read once an image.
    assert [len(mode.detect(picture)) for mode in modes[6:]] == [1, 1, 1, 1]
    assert len(networks['thunder'].shapes) == 1 + 2


def test_a_sweep_is_a_grid():
    points = settings(Config(), ['filter.beta=0,1.5', 'filter.enabled=true,false'])
    assert [point.label for point in points] == [
        'filter.beta=0, filter.enabled=True', 'filter.beta=0, filter.enabled=False',
        'filter.beta=1.5, filter.enabled=True', 'filter.beta=1.5, filter.enabled=False']
    assert points[3].config.filter.beta == 1.5
    assert [point.values for point in settings(Config(), [])] == [{}]


@pytest.mark.parametrize('texts', [
    ['filter.beta'], ['filter.beta='], ['filter.bta=1'], ['filter.beta=-1'], ['model=thunder'],
    ['tracker.oks_falloffs=1'], ['filter.beta=1', 'filter.beta=2']])
def test_a_sweep_that_cannot_be(texts):
    with pytest.raises(ParameterError):
        settings(Config(), texts)


def test_tables_and_json_leave_out_what_is_no_number(tmp_path):
    rows = [{'mode': 'a', 'AP': 0.12345}, {'mode': 'bc', 'AP': float('nan'), 'images': 3}]
    assert table(rows).splitlines() == [
        '| mode |    AP | images |', '|------|------:|-------:|', '| a    | 0.123 |      - |',
        '| bc   |     - |      3 |']
    write_json(tmp_path / 'out.json', {'modes': rows})
    written = json.loads((tmp_path / 'out.json').read_text(encoding='utf-8'))
    assert written == {'modes': [{'mode': 'a', 'AP': 0.12345},
                                 {'mode': 'bc', 'AP': None, 'images': 3}]}


def test_the_sheet_shows_the_worst_case_of_each_picture(read, tmp_path):
    result = ap(read(), poses(*PEOPLE[1]), poses(PEOPLE[2][0]), poses())
    cases = worst(result.accuracy.cases)
    assert [(case.shot.id, round(case.oks, 2)) for case in cases] == [(2, 0.0), (1, 1.0)]
    write_sheet(tmp_path / 'sheet.png', [result])
    assert (tmp_path / 'sheet.png').stat().st_size > 1000


def test_a_data_set_without_people_has_no_accuracy(read):
    shots = read().shots[2:]
    assert np.isnan(ap(Dataset(shots, ()), poses()).accuracy.ap)


def test_a_missing_tool_names_the_extra():
    with pytest.raises(MovenetError, match=r'no_such_tool.*\.\[evaluate\]'):
        tool('no_such_tool.part')
