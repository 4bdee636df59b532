"""Who the one person of a single-person model is: in numbers, and in films cut from the clips."""

import cv2
import numpy as np
import pytest
from support.paths import DATA

from movenet_ros.config import Config
from movenet_ros.core.pipeline import advance
from movenet_ros.core.same_person import is_same_person, pose_similarity, recognise
from movenet_ros.core.skeleton import MIRRORED
from movenet_ros.core.state import State
from movenet_ros.core.tracker import NEW_ID, Tracks, oks, track
from movenet_ros.core.types import NANOSECONDS, Detections, Picture
from movenet_ros.engines.loading import load_networks

STEP = 33_333_333
CONFIG = Config().tracker
STANDING = np.array([
    (50, 10), (52, 8), (48, 8), (55, 9), (45, 9), (60, 25), (40, 25), (64, 40), (36, 40), (65, 54),
    (35, 54), (56, 55), (44, 55), (57, 75), (43, 75), (57, 95), (43, 95)]) / 200
SITTING = np.array([
    (30, 30), (32, 28), (28, 28), (34, 29), (26, 29), (38, 45), (22, 45), (46, 58), (24, 60),
    (58, 60), (36, 66), (36, 75), (24, 75), (62, 74), (52, 76), (64, 98), (54, 98)]) / 200


def person(xy, score=0.9):
    """One person with these keypoints."""
    low, high = xy.min(axis=0), xy.max(axis=0)
    return Detections(xy[None], np.full((1, 17), score), np.hstack((low, high))[None], np.ones(1))


def beside(x, y):
    """A person standing this far from the first."""
    return person(STANDING + np.array((x, y)))


def seen(*people, step=STEP):
    """The tracks of people who were detected one after the other, each with a new id."""
    tracks = Tracks()
    for index, one in enumerate(people):
        tracks, _ = track(tracks, one, index * step, CONFIG, [NEW_ID])
    return tracks


def followed(now, elapsed=STEP):
    return is_same_person(seen(person(STANDING)).tracks[0], now, elapsed, CONFIG)


def test_the_similarity_of_poses_is_that_of_keypoints_once_they_are_placed_alike():
    rng = np.random.default_rng(1)
    for _ in range(50):
        before = seen(person(STANDING + rng.normal(0, 0.01, STANDING.shape))).tracks[0]
        score, xy = rng.uniform(0, 1, 17), STANDING + rng.normal(0, 0.01, STANDING.shape)
        found = pose_similarity(before, (0.3 + 1.2 * xy).tolist(), score.tolist(), CONFIG)
        both = score >= CONFIG.oks_min_keypoint_score
        now, old = xy[both] - xy[both].mean(0), before.xy[both] - before.xy[both].mean(0)
        placed = (xy - xy[both].mean(0)) * np.sqrt((old ** 2).sum() / (now ** 2).sum())
        people = Detections((placed + before.xy[both].mean(0))[None], score[None], np.zeros((1, 4)),
                            np.ones(1))
        expected = oks(people, before.xy[None], before.keypoint_score[None], CONFIG)[0, 0]
        assert found == pytest.approx(expected, abs=1e-12)


def test_the_same_pose_is_the_same_person_however_far_it_jumps():
    assert followed(person(STANDING))
    assert followed(beside(0.4, -0.1))
    assert followed(person(STANDING * 1.3 + 0.2))


def test_another_pose_or_a_much_larger_one_is_another_person():
    assert not followed(person(SITTING))
    assert not followed(person(SITTING + STANDING.mean(axis=0) - SITTING.mean(axis=0)))
    assert not followed(person(STANDING * 1.6))
    assert not followed(person(STANDING / 1.6))


def test_left_and_right_swapped_is_the_same_person():
    assert followed(person(STANDING[list(MIRRORED)]))


def test_with_too_few_keypoints_it_is_the_same_person():
    now = person(SITTING)
    now.keypoint_score[0] = 0.1
    now.keypoint_score[0, [0, 9, 13]] = 0.9
    assert followed(now)
    now.keypoint_score[0, 16] = 0.9
    assert not followed(now)


def test_with_all_keypoints_in_one_place_it_is_the_same_person():
    assert followed(person(np.full((17, 2), 0.3)))
    point = seen(person(np.full((17, 2), 0.3))).tracks[0]
    assert is_same_person(point, person(STANDING), STEP, CONFIG)


@pytest.mark.parametrize('sign', [1, -1])
def test_the_required_similarity_falls_with_time(sign):
    # Similar by 0.47: enough from 0.16 s on.
    now = person(STANDING + 0.6 * (SITTING - STANDING))
    assert not followed(now, sign * 150_000_000)
    assert followed(now, sign * 170_000_000)


def recognised(tracks, now, stamp_ns=3 * STEP, by_box=True):
    return recognise(tracks, now, stamp_ns, stamp_ns, CONFIG, by_box=by_box)


def test_a_lost_person_is_recognised_at_the_same_place():
    tracks, _ = track(seen(person(STANDING)), Detections.empty(), STEP, CONFIG)
    assert recognised(tracks, person(STANDING + 0.02)) == 1
    assert recognised(tracks, beside(0.6, 0)) == NEW_ID
    assert recognised(tracks, person(STANDING), NANOSECONDS) == 1
    assert recognised(tracks, person(STANDING), NANOSECONDS + 1) == NEW_ID


def test_another_person_in_the_same_box_is_not_recognised_by_keypoints():
    tracks = seen(person(STANDING))
    other = person(SITTING + STANDING.mean(axis=0) - SITTING.mean(axis=0))
    assert recognised(tracks, other) == 1
    assert recognised(tracks, other, by_box=False) == NEW_ID


def test_a_box_without_area_is_recognised_by_its_keypoints():
    line = STANDING.copy()
    line[:, 0] = 0.3
    assert recognised(seen(person(line)), person(line)) == 1


def test_of_several_the_most_similar_is_recognised():
    tracks = seen(person(STANDING), beside(0.05, 0))
    assert recognised(tracks, beside(0.01, 0)) == 1
    assert recognised(tracks, beside(0.04, 0)) == 2


def test_without_tracks_no_person_is_recognised():
    assert recognised(Tracks(), person(STANDING)) == NEW_ID


# Films, cut from the clips

WIDTH, HEIGHT = 1280, 480


def clip(name, count):
    capture = cv2.VideoCapture(str(DATA / name))
    frames = [capture.read()[1] for _ in range(count)]
    capture.release()
    return frames


EMPTY_SCENE = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)


def scene(pixels, left=0, width=WIDTH):
    """Pixels at this place in a wide grey image."""
    image = EMPTY_SCENE[:, :width].copy()
    scale = HEIGHT / pixels.shape[0]
    small = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    image[:, left:left + small.shape[1]] = small
    return image


@pytest.fixture(scope='module')
def networks():
    loaded = load_networks(Config())
    yield loaded
    loaded.close()


def ids(networks, film, step=STEP):
    """The id in each image, 0 where no person is detected."""
    state, result = State(), []
    for index, image in enumerate(film):
        state, poses = advance(state, Picture(image, 'bgr'), index * step, networks, Config())
        result.append(int(poses.id[0]) if len(poses) else 0)
    return result


@pytest.fixture(scope='module')
def walker():
    """The images of a clip of one person."""
    return clip('one_person.mp4', 100)


@pytest.fixture(scope='module')
def here(walker):
    """The first of them, at the left of a wide image."""
    return [scene(frame) for frame in walker[:8]]


@pytest.fixture(scope='module')
def portrait():
    """Another person."""
    return cv2.imread(str(DATA / 'astronaut.jpg'))


def test_a_cut_to_another_person_elsewhere_gives_a_new_id(networks, here, portrait):
    film = here + [scene(portrait, 700)] * 4
    assert ids(networks, film) == [1] * 8 + [0] + [2] * 3


def test_a_cut_to_another_person_at_the_same_place_gives_a_new_id_and_back_the_old(
        networks, walker, here, portrait):
    film = here + [scene(portrait)] * 4 + [scene(frame) for frame in walker[8:12]]
    assert ids(networks, film) == [1] * 8 + [2] * 4 + [1] * 4


def test_a_person_who_appears_elsewhere_than_one_who_left_gets_a_new_id(networks, walker, here):
    film = [*here, *[EMPTY_SCENE] * 5, *(scene(frame, 870) for frame in walker[13:17])]
    assert ids(networks, film) == [1] * 8 + [0] * 5 + [2] * 4


def test_a_person_lost_for_a_moment_keeps_the_id_at_the_same_place(networks, walker):
    film = [scene(frame, 100, 640) for frame in walker[:30]]
    film[8:20] = [EMPTY_SCENE[:, :640]] * 12
    assert ids(networks, film) == [1] * 8 + [0] * 12 + [1] * 10


def test_a_person_lost_for_longer_than_a_second_gets_a_new_id(networks, here):
    film = [*here[:4], *[EMPTY_SCENE] * 2, *here[4:8]]
    assert set(ids(networks, film, NANOSECONDS // 2)) == {0, 1, 2}


@pytest.mark.parametrize('jump', [60, 90, 120])
def test_a_person_who_jumps_aside_keeps_the_id(networks, walker, here, jump):
    film = here + [scene(frame, jump) for frame in walker[8:12]] + [
        scene(frame) for frame in walker[12:16]]
    assert set(ids(networks, film)) == {1}


@pytest.mark.parametrize('stride', [1, 3, 6, 15])
def test_one_person_has_one_id_at_any_rate(networks, walker, stride):
    found = ids(networks, walker[::stride], stride * STEP)
    assert set(found) == {1}


def test_ids_are_kept_from_one_image_to_the_next_however_slow(networks, walker):
    slow = round(NANOSECONDS / 0.6)
    film = [scene(frame, 100, 640) for frame in walker[:40:10]]
    assert ids(networks, film, slow) == [1] * 4
    gone = [EMPTY_SCENE[:, :640]] * 2
    assert ids(networks, [*film, *gone, film[0]], slow) == [1] * 4 + [0, 0, 2]


def test_after_a_pause_the_crop_follows_no_person(networks, walker):
    """At a camera's rate a person who is there after a long pause gets a new id."""
    config, state, found = Config(), State(), []
    for index, frame in enumerate(walker[:12]):
        stamp = index * STEP + (5 * NANOSECONDS if index >= 8 else 0)
        state, poses = advance(state, Picture(frame, 'bgr'), stamp, networks, config)
        found.append(poses.id.tolist())
    assert found == [[1]] * 8 + [[2]] * 4
