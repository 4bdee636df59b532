"""Which detected person is which tracked one."""
from dataclasses import replace

import numpy as np
import pytest

from movenet_ros.core.refined.assignment import assign
from movenet_ros.core.types import Detections, Picture

RED, BLUE = (220, 20, 20), (20, 20, 220)


def people(*places, score=0.6):
    """People 0.1 wide and 0.4 high whose middles are at these places (x, y)."""
    shape = np.column_stack((np.tile((-0.05, 0.05), 9)[:17], np.linspace(-0.2, 0.2, 17)))
    xy = np.array([shape + place for place in places]).reshape(-1, 17, 2)
    box = np.array([(x - 0.05, y - 0.2, x + 0.05, y + 0.2) for x, y in places]).reshape(-1, 4)
    return Detections(xy, np.full((len(places), 17), 0.9), box, np.full(len(places), score))


def picture(*painted):
    """A picture with a stripe of a colour around each x."""
    pixels = np.zeros((200, 200, 3), np.uint8)
    for x, color in painted:
        pixels[:, round((x - 0.06) * 200):round((x + 0.06) * 200)] = color
    return Picture(pixels)


def tracked(image, *places):
    """The candidates of a first image, as if they were tracked since: ids 1, 2, ..."""
    return [replace(person, id=number, is_detected=False)
            for number, person in enumerate(assign([], people(*places), image), start=1)]


def test_the_first_people_are_all_new():
    found = assign([], people((0.2, 0.5), (0.8, 0.5)), picture())
    assert [person.is_new for person in found] == [True, True]


def test_everybody_takes_the_detection_at_their_place_and_the_rest_is_new():
    known = tracked(picture(), (0.2, 0.5), (0.8, 0.5))
    found = assign(known, people((0.5, 0.5), (0.82, 0.5), (0.21, 0.5)), picture())
    assert [person.id for person in found] == [1, 2, None]
    assert [round(float(person.expected.box[0, 0]), 2) for person in found] == [0.16, 0.77, 0.45]


def test_who_is_not_detected_keeps_no_detection():
    known = tracked(picture(), (0.2, 0.5), (0.8, 0.5))
    found = assign(known, people((0.8, 0.5)), picture())
    assert [person.is_detected for person in found] == [False, True]


def test_a_person_far_away_is_somebody_else():
    found = assign(tracked(picture(), (0.2, 0.5)), people((0.6, 0.5)), picture())
    assert [person.id for person in found] == [1, None]
    assert not found[0].is_detected


@pytest.mark.parametrize('colors', [(RED, BLUE), (BLUE, RED)])
def test_colours_decide_between_people_who_are_equally_near(colors):
    before = picture((0.45, RED), (0.57, BLUE))
    known = tracked(before, (0.45, 0.5), (0.57, 0.5))
    now = picture((0.46, colors[0]), (0.58, colors[1]))
    found = assign(known, people((0.46, 0.5), (0.58, 0.5)), now)
    places = [float(person.expected.box[0, 0]) for person in found]
    assert (places[0] < places[1]) == (colors[0] == RED)


def test_a_detection_with_a_higher_score_is_assigned_first():
    known = tracked(picture(), (0.5, 0.5))
    weak, strong = people((0.5, 0.5), score=0.1), people((0.52, 0.5), score=0.5)
    found = assign(known, Detections.joined([weak, strong]), picture())
    assert found[0].score == 0.5


@pytest.mark.parametrize(('place', 'score', 'count'), [
    ((0.52, 0.6), 0.1, 1),   # most of it within the person who was detected
    ((0.52, 0.6), 0.2, 2),   # so, too, but MultiPose is sure: two people
    ((0.58, 0.5), 0.1, 2),   # next to the person
    ((0.5, 0.2), 0.1, 2),    # above
])
def test_a_weak_detection_within_a_person_is_that_person(place, score, count):
    known = tracked(picture(), (0.5, 0.5))
    detected = Detections.joined([people((0.5, 0.5)), people(place, score=score)])
    found = assign(known, detected, picture())
    assert [person.id for person in found] == [1, None][:count]


def test_weak_detections_are_new_people_where_nobody_is_tracked():
    assert len(assign([], people((0.5, 0.5), (0.52, 0.5), score=0.1), picture())) == 2


def test_a_box_that_still_fits_is_kept_so_that_the_crop_does_not_jitter():
    known = tracked(picture(), (0.5, 0.5))
    [near] = assign(known, people((0.502, 0.5)), picture())
    [far] = assign(known, people((0.54, 0.5)), picture())
    assert near.crop_box.tolist() == known[0].crop_box.tolist()
    assert far.crop_box.tolist() == far.expected.box[0].tolist()
