"""Drawn clips: whether what is in the images is what their truth says."""
import math

import cv2
import numpy as np
import pytest

from movenet_ros.errors import SinkError
from movenet_ros.measure.accuracy.identity import read_truth
from movenet_ros.measure.accuracy.keypoint_tracking import read_keypoints
from movenet_ros.measure.worlds.cutouts import CutOut
from movenet_ros.measure.worlds.drawing import covering, drawn_background, paste, sprite
from movenet_ros.measure.worlds.motion import along, bob, view
from movenet_ros.measure.worlds.scenes import LEFT, SCENES, Actor, Camera, Scene
from movenet_ros.measure.worlds.truth import write_world
from movenet_ros.measure.worlds.world import images

COLOURS = np.array([(0, 0, 255), (0, 255, 0), (255, 0, 0), (0, 255, 255), (255, 0, 255),
                    (255, 255, 0), (255, 255, 255), (0, 100, 255)], np.uint8)
"""BGR, of the people; the background is black, posts are grey."""


def figures(count, width=36, height=120):
    """People of one colour each, with keypoints within."""
    grid = np.linspace(0.1, 0.9, 17)
    keypoints = np.column_stack((width * grid[::-1], height * grid, np.full(17, 2.0)))
    mask = np.full((height, width), 255, np.uint8)
    return [CutOut(np.broadcast_to(COLOURS[row], (height, width, 3)), mask, keypoints)
            for row in range(count)]


def world(scene, rate=2.0, background=None):
    black = np.zeros((10, 10, 3), np.uint8)
    return list(images(scene, figures(len(scene.actors)),
                       black if background is None else background, rate))


def has_colour(image, person):
    """bool [480,640], where the image has the colour of a person."""
    colour = COLOURS[person.id - 1].astype(int)
    return np.abs(image.astype(int) - colour).max(axis=2) < 40


@pytest.mark.parametrize('name', SCENES)
def test_boxes_visible_shares_and_keypoints_are_those_of_the_image(name):
    for image, people in world(SCENES[name]):
        for person in people:
            mine = has_colour(image, person)
            assert mine.sum() == pytest.approx(person.visible * person.area,
                                               abs=0.06 * person.area + 20)
            rows, columns = np.nonzero(mine)
            if len(rows) and person.visible > 0.99:
                extent = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
                assert person.box == pytest.approx(extent, abs=2)
            for x, y, visibility in person.keypoints.tolist():
                if 2 <= x < 638 and 2 <= y < 478:
                    near = mine[int(y) - 1:int(y) + 2, int(x) - 1:int(x) + 2]
                    assert near.any() if visibility == 2 else not near.all()
                elif not (0 <= x < 640 and 0 <= y < 480):
                    assert visibility == 1


def test_the_nearer_person_hides_the_other_and_a_post_hides_everybody():
    here = ((0.0, 0.5),)
    scene = Scene(1.0, (Actor(0.4, here), Actor(0.6, here)), posts=((0.0, 1.0),))
    _, people = world(Scene(1.0, scene.actors))[0]
    assert people[0].visible < 0.3
    assert people[1].visible == pytest.approx(1.0, abs=0.01)
    assert (people[1].keypoints[:, 2] == 2).all()
    assert (people[0].keypoints[:, 2] == 1).sum() >= 8
    assert [person.visible for person in world(scene)[0][1]] == [0.0, 0.0]


def test_people_are_drawn_to_a_fraction_of_a_pixel():
    image = np.zeros((40, 40, 3), np.uint8)
    covered = paste(image, sprite(figures(1, width=8, height=20)[0], 20), 10.25, 5.75)
    red = image[:, :, 2]
    assert red[10, 9:20].tolist() == [0, 191, 255, 255, 255, 255, 255, 255, 255, 64, 0]
    assert red[4:7, 14].tolist() == [0, 64, 255]
    assert red[24:27, 14].tolist() == [255, 191, 0]
    assert covered.sum() == 8 * 20


def test_half_of_a_person_at_the_edge_is_visible():
    _, (person,) = world(Scene(1.0, (Actor(0.5, ((0.0, 0.0),)),)))[0]
    assert person.visible == pytest.approx(0.5, abs=0.03)
    assert person.box[0] == 0
    outside = person.keypoints[:, 0] < 0
    assert outside.any()
    assert np.array_equal(person.keypoints[:, 2] == 1, outside)


def test_a_rate_changes_how_often_a_world_is_seen_and_nothing_else():
    slow, fast = world(SCENES['shake'], 2.0), world(SCENES['shake'], 4.0)
    assert (len(slow), len(fast)) == (16, 32)
    for (image, people), (other, others) in zip(slow, fast[::2], strict=True):
        assert np.array_equal(image, other)
        assert [person.box.tolist() for person in people] == [
            person.box.tolist() for person in others]


def test_whoever_leaves_comes_back_with_the_same_id():
    present = [{person.id for person in people} for _, people in world(SCENES['leave_return'], 30)]
    away = {number: [frame for frame, ids in enumerate(present) if number not in ids]
            for number in (1, 2, 3)}
    assert away[3] == []
    assert len(away[2]) / 30 == pytest.approx(3.1, abs=0.2)
    assert len(away[1]) / 30 == pytest.approx(2 * 0.25, abs=0.1)
    assert {1, 2, 3} == present[0] == present[-1]


def test_the_camera_moves_background_and_people_alike():
    picture = np.zeros((680, 840, 3), np.uint8)
    picture[:, 410:430] = 90
    scene = Scene(2.0, (Actor(0.5, ((0.0, 0.7),)),), camera=Camera(pan=0.1, shake=3.0))
    places = []
    for image, (person,) in world(scene, 10, picture):
        columns = np.flatnonzero(image[5, :, 0] > 45)
        places.append((columns.mean(), person.box[0]))
    stripe, left = np.ptp(places, axis=0)
    assert stripe == pytest.approx(left, abs=1.0)
    assert stripe > 60


def test_people_stand_still_between_walks_and_start_gently():
    path = ((0.0, 0.2), (1.0, 0.2), (2.0, 0.8), (3.0, 0.8))
    assert along(path, 0.5, 10, 640) == pytest.approx(0.2 * 640)
    assert along(path, 1.5, 10, 640) == pytest.approx(0.5 * 640)
    # at the corner: an eighth of what is walked in the time of smoothing
    assert along(path, 1.0, 10, 640) == pytest.approx(0.2 * 640 + 0.6 * 640 * 0.2 / 8, rel=0.02)
    assert along(((0.0, LEFT),), 0.0, 10, 640) == -10


def test_walking_lifts_a_person_once_a_step():
    assert [bob(0.0, 200), bob(80.0, 200)] == pytest.approx([0.0, 0.0])
    assert bob(40.0, 200) == pytest.approx(0.012 * 200)


def test_a_camera_at_rest_does_not_move():
    assert view(Camera(), 1.234, 640) == (0.0, 0.0)
    x, y = view(Camera(pan=0.1, period=4.0), 1.0, 640)
    assert (x, y) == (pytest.approx(64.0), 0.0)


def test_a_drawn_background_is_the_same_for_the_same_numbers():
    first, second, other = (drawn_background(80, 60, np.random.default_rng(seed))
                            for seed in (1, 1, 2))
    assert first.shape == (60, 80, 3)
    assert np.array_equal(first, second) and not np.array_equal(first, other)


@pytest.mark.parametrize('shape', [(50, 300), (300, 50), (10, 10), (900, 1000)])
def test_a_background_covers_the_image(shape):
    assert covering(np.full((*shape, 3), 7, np.uint8), 90, 70).shape == (70, 90, 3)


def test_the_files_of_a_world(tmp_path):
    scene = Scene(2.0, (Actor(0.5, ((0.0, 0.0), (2.0, 0.5))), Actor(0.6, ((0.0, -0.02),))))
    drawn = world(scene, 3.0)
    folder = tmp_path / 'new' / 'world'
    assert write_world(folder, drawn, 3.0) == 6
    assert [path.name for path in sorted((folder / 'img').iterdir())] == [
        f'{number:06d}.jpg' for number in range(1, 7)]
    assert cv2.imread(str(folder / 'img' / '000006.jpg')).shape == (480, 640, 3)
    truth, bodies = read_truth(folder / 'gt.txt'), read_keypoints(folder / 'keypoints.json')
    for frame, (_, people) in enumerate(drawn):
        assert truth[frame].id.tolist() == [person.id for person in people]
        assert truth[frame].counts.tolist() == [person.visible >= 0.25 for person in people]
        assert truth[frame].box == pytest.approx(np.array([p.box for p in people]), abs=0.02)
        for person in people:
            body = bodies[frame][person.id]
            assert body.xy == pytest.approx(person.keypoints[:, :2], abs=0.01)
            assert body.seen.tolist() == (person.keypoints[:, 2] == 2).tolist()
            assert body.area == person.area
    assert {count for boxes in truth.values() for count in boxes.counts.tolist()} == {True, False}
    line = (folder / 'gt.txt').read_text(encoding='utf-8').splitlines()[0].split(',')
    assert len(line) == 9 and float(line[8]) == pytest.approx(drawn[0][1][0].visible, abs=1e-3)


def test_a_shorter_world_leaves_no_picture_of_a_longer_one(tmp_path):
    scene = Scene(1.0, (Actor(0.5, ((0.0, 0.5),)),))
    for rate, count in ((5.0, 5), (2.0, 2)):
        write_world(tmp_path, world(scene, rate), rate)
        assert len(list((tmp_path / 'img').iterdir())) == count


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / 'file').write_text('')
    with pytest.raises(SinkError, match='file/img: cannot be written'):
        write_world(tmp_path / 'file', [], 1.0)


def test_scenes_have_people_of_the_sizes_that_they_are_about():
    heights = {name: [actor.height for actor in scene.actors] for name, scene in SCENES.items()}
    assert heights['empty'] == []
    assert len(heights['crowd']) == len(heights['far']) == 8
    assert all(0.25 <= height <= 0.40 for height in heights['crowd'])
    assert all(0.12 <= height <= 0.18 for height in heights['far'])
    assert all(abs(height - 0.6) < 0.07 for height in heights['crossing'])
    assert all(5 <= scene.seconds <= 8 for scene in SCENES.values())
    # no two are equally near: who hides whom is not left to chance
    assert all(len(set(values)) == len(values) for values in heights.values())
    assert all(math.isfinite(time) and sorted(path) == list(path) for scene in SCENES.values()
               for actor in scene.actors for path in [[when for when, _ in actor.path]]
               for time in path)
