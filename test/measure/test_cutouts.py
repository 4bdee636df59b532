"""People cut out of annotated pictures."""
import numpy as np
import pytest
from support.annotated import KEYPOINTS, annotation, write_annotated

from movenet_ros.errors import SourceError
from movenet_ros.measure.accuracy.dataset import read_dataset
from movenet_ros.measure.worlds.cutouts import candidates, cut_out

SQUARE = [100, 100, 300, 100, 300, 500, 100, 500]


def standing(number=1, x=0, **values):
    """A person who is a square of 200 x 400 px, `x` px to the right."""
    polygon = [value + x * (index % 2 == 0) for index, value in enumerate(SQUARE)]
    xy = [(110 + x + 11 * index, 110 + 23 * index, 2) for index in range(17)]
    return annotation(id=number, num_keypoints=17, bbox=[100 + x, 100, 200, 400],
                      segmentation=[polygon], keypoints=[v for place in xy for v in place],
                      **values)


def found(tmp_path, wanted, *annotations):
    dataset = read_dataset(*write_annotated(tmp_path, *annotations))
    return [candidate.annotation['id'] for candidate in candidates(dataset, wanted)]


def test_a_person_is_cut_out_along_the_polygon(tmp_path):
    dataset = read_dataset(*write_annotated(tmp_path))
    person = cut_out(candidates(dataset, 1)[0])
    assert person.pixels.shape == (489, 346, 3)
    # the suit is orange (BGR); the flag at the left is not part of it
    assert person.pixels[300, 100].tolist()[2] > 200
    assert person.mask[300, 100] == 255
    assert person.mask[20, 10] == 0
    assert ((person.mask > 0) & (person.mask < 255)).any()
    seen = person.keypoints[:, 2] == 2
    assert seen.tolist() == [place is not None for place in KEYPOINTS]
    assert person.keypoints[0].tolist() == [222 - 20, 125 - 20, 2]


def test_what_lies_outside_of_the_outline_is_hidden(tmp_path):
    moved = annotation()
    moved['keypoints'][0:3] = 400, 100, 1
    person = cut_out(candidates(read_dataset(*write_annotated(tmp_path, moved)), 1)[0])
    assert person.keypoints[:2, 2].tolist() == [1, 2]


def test_a_mirrored_person_has_left_and_right_exchanged(tmp_path):
    person = cut_out(candidates(read_dataset(*write_annotated(tmp_path)), 1)[0])
    other = person.mirrored()
    assert other.keypoints[1].tolist() == [346 - person.keypoints[2, 0], *person.keypoints[2, 1:]]
    assert np.array_equal(other.mask[:, 0], person.mask[:, -1])
    assert np.array_equal(other.mirrored().keypoints, person.keypoints)


@pytest.mark.parametrize('values', [
    {'iscrowd': 1}, {'segmentation': []}, {'segmentation': {'counts': 'x', 'size': [1, 1]}},
    {'segmentation': None}, {'bbox': [20, 20, 345, 150]}, {'keypoints': [1, 1, 2] * 11 + [0] * 18}])
def test_who_cannot_be_cut_out(tmp_path, values):
    with pytest.raises(SourceError, match='none of the 1 annotated people can be cut out'):
        found(tmp_path, 1, annotation(**values))


@pytest.mark.parametrize('polygons', [
    [[1, 2, 3]], ['abc'], [[]], [[1e300, 5, 6, 7, 8, 9]], [SQUARE, [1, None, 3, 4]], [None]])
def test_malformed_polygons_name_the_annotation(tmp_path, polygons):
    with pytest.raises(SourceError, match='annotation 7: each polygon of its segmentation must be'):
        found(tmp_path, 1, standing(7) | {'segmentation': polygons})


def test_polygons_outside_of_the_picture_name_the_annotation(tmp_path):
    with pytest.raises(SourceError, match='annotation 7: its polygons lie outside of the picture'):
        found(tmp_path, 1, standing(7) | {'segmentation': [[900, 900, 950, 900, 950, 950]]})


def test_whole_people_are_preferred_if_there_are_enough(tmp_path):
    people = [annotation(id=1), standing(2), standing(3, x=60)]
    assert found(tmp_path, 2, *people) == [2, 3]


def test_people_who_are_not_whole_are_taken_where_others_are_too_few(tmp_path):
    assert found(tmp_path, 3, annotation(id=1), standing(2), standing(3, x=60)) == [1, 2, 3]


@pytest.mark.parametrize('change', ['edge', 'ankle', 'hidden', 'wide', 'skis'])
def test_who_is_not_whole(tmp_path, change):
    person = standing(1)
    if change == 'edge':
        person['bbox'] = [100, 100, 200, 411]
    elif change == 'ankle':
        person['keypoints'][-1] = 0
    elif change == 'hidden':
        person['segmentation'] = [[100, 100, 300, 100, 300, 300, 100, 300]]
    elif change == 'wide':
        person['bbox'] = [100, 100, 320, 400]
    else:
        person['keypoints'][0::3] = [150 + index for index in range(17)]
    assert found(tmp_path, 1, person, standing(2)) == [2]
