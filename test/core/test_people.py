"""Several people, each read from a crop of their own, in pictures that the tests draw."""
import cv2
import numpy as np
import pytest

from movenet_ros.config import Config
from movenet_ros.core.crop import box_crop
from movenet_ros.core.inference import run_inference
from movenet_ros.core.network import NetworkInfo, Networks
from movenet_ros.core.refined.detection import crop_around, detect_people
from movenet_ros.core.pipeline import advance
from movenet_ros.core.skeleton import HIPS, SHOULDERS
from movenet_ros.core.state import State
from movenet_ros.core.types import Crop, Detections, Picture

WIDTH, HEIGHT = 640, 480
STEP = 33_333_333
HALF = 60.0
SPOT = 40
RAW = {'model': 'multipose', 'refine': 'thunder', 'filter.enabled': False,
       'people.second_long_side': 0}


def body(x, y, half):
    """[17,2] keypoints around the hips of a person whose crop has this half side."""
    xy = np.column_stack((np.full(17, x), np.linspace(y - half / 1.2, y + half / 1.2, 17)))
    xy[::2, 0] += half / 3
    xy[list(HIPS)] = (x - half / 10, y), (x + half / 10, y)
    xy[list(SHOULDERS)] = (x - half / 6, y - half / 4), (x + half / 6, y - half / 4)
    return xy


def world(*people):
    """A dark picture with a bright spot at the hips of each person."""
    pixels = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    for x, y in people:
        pixels[y - SPOT // 2:y + SPOT // 2, x - SPOT // 2:x + SPOT // 2] = 255
    return Picture(pixels)


class SpotDetector:
    """In place of MultiPose: detects a person at each bright spot of its input."""

    info = NetworkInfo('multipose', 'test', 'cpu', 1, 'a', None)

    def __init__(self, score=0.6):
        self.score, self.calls = score, 0

    def infer(self, pictures, *_):
        self.calls += 1
        rows = np.zeros((1, 6, 56), np.float32)
        height, width = pictures.shape[1:3]
        for row, (x, y, side) in enumerate(spots(pictures[0])[:6]):
            xy = body(x, y, HALF * side / SPOT) / (width, height)
            rows[0, row, :51] = np.column_stack((xy[:, ::-1], np.full(17, 0.7))).ravel()
            low, high = xy.min(axis=0), xy.max(axis=0)
            rows[0, row, 51:] = low[1], low[0], high[1], high[0], self.score
        return rows

    def close(self):
        pass


class SpotReader:
    """In place of the second network: reads a person in the crop if its middle is bright."""

    info = NetworkInfo('thunder', 'test', 'cpu', 1, 'b', 64)

    def __init__(self):
        self.read = 0

    def infer(self, pictures, *_):
        self.read += len(pictures)
        rows = np.tile(np.column_stack((body(0.5, 0.5, 0.5)[:, ::-1], np.full(17, 0.9))),
                       (len(pictures), 1, 1))
        rows[pictures[:, 30:34, 30:34].mean(axis=(1, 2, 3)) < 100, :, 2] = 0.05
        return rows.astype(np.float32)

    def close(self):
        pass


def spots(pixels):
    """Middle (x, y) and side of each bright spot, from left to right."""
    bright = (pixels[:, :, 0] > 100).astype(np.uint8)
    _, _, stats, centres = cv2.connectedComponentsWithStats(bright)
    sides = np.sqrt(stats[1:, cv2.CC_STAT_AREA])
    return sorted((x, y, side) for (x, y), side in zip(
        centres[1:].tolist(), sides.tolist(), strict=True))


def run(frames, values=(), finder=None):
    """Frames are (stamp, people); gives finder, reader, and the poses of each frame."""
    finder, reader = finder or SpotDetector(), SpotReader()
    config, state, result = Config().replace({**RAW, **dict(values)}), State(), []
    for stamp, people in frames:
        state, poses = advance(state, world(*people), stamp, Networks(finder, reader), config)
        result.append(poses)
    return finder, reader, result


def ids(result):
    """The ids from left to right."""
    return [poses.id[np.argsort(poses.xy[:, 11, 0])].tolist() for poses in result]


def still(count, *people, start=0):
    return [(start + i * STEP, people) for i in range(count)]


LEFT, MIDDLE, RIGHT = (150, 240), (320, 240), (500, 240)


def test_each_person_is_read_at_their_place():
    _, _, (poses,) = run(still(1, LEFT, RIGHT))
    assert len(poses) == 2
    for x, y in (LEFT, RIGHT):
        row = int(np.abs(poses.xy[:, list(HIPS), 0].mean(axis=1) - x).argmin())
        np.testing.assert_allclose(poses.xy[row], body(x, y, HALF), atol=4)


def test_the_score_combines_those_of_both_networks():
    _, _, (poses,) = run(still(1, LEFT))
    assert poses.score[0] == pytest.approx(np.sqrt(0.9 * 0.6))


def test_people_are_detected_every_period_and_read_in_every_image():
    finder, reader, result = run(still(30, LEFT, RIGHT), {'people.period': 0.3})
    # At 0.00, 0.33 and 0.67 s.
    assert finder.calls == 3
    assert reader.read >= 60
    assert ids(result) == [[1, 2]] * 30


def test_with_period_0_people_are_detected_in_every_image():
    assert run(still(5, LEFT), {'people.period': 0.0})[0].calls == 5


def test_while_the_clock_is_paused_people_are_detected_in_every_image():
    assert run([(7, (LEFT,))] * 5)[0].calls == 5


def test_a_new_person_is_detected_within_the_period():
    frames = still(5, LEFT) + still(12, LEFT, RIGHT, start=5 * STEP)
    _, _, result = run(frames, {'people.period': 0.3})
    first = next(i for i, poses in enumerate(result) if len(poses) == 2)
    assert (frames[first][0] - 5 * STEP) / 1e9 <= 0.3
    assert ids(result)[-1] == [1, 2]


def test_without_people_they_are_detected_every_period():
    finder, reader, result = run(still(30))
    assert (finder.calls, reader.read, sum(map(len, result))) == (3, 0, 0)


def test_after_a_person_is_lost_people_are_detected_at_once_and_the_id_is_kept():
    frames = [*still(3, LEFT, RIGHT), *still(1, LEFT, start=3 * STEP),
              *still(3, LEFT, RIGHT, start=4 * STEP)]
    finder, _, result = run(frames, {'people.period': 60.0})
    assert ids(result) == [[1, 2]] * 3 + [[1]] + [[1, 2]] * 3
    assert finder.calls == 2


def test_a_person_who_returns_after_a_second_gets_a_new_id():
    frames = [*still(2, LEFT, RIGHT), *still(33, LEFT, start=2 * STEP),
              *still(2, LEFT, RIGHT, start=35 * STEP)]
    assert ids(run(frames, {'people.period': 0.0})[2])[-1] == [1, 3]


def test_people_who_are_too_similar_are_one_person():
    near = still(1, (300, 240), (345, 240))
    assert len(run(near, {'people.max_similarity': 0.7})[2][0]) == 2
    assert len(run(near, {'people.max_similarity': 0.0})[2][0]) == 1


def test_at_most_max_people_are_read():
    crowd = [(60 + 100 * i, 240) for i in range(6)]
    _, reader, (poses,) = run(still(1, *crowd), {'people.max_people': 4})
    assert (len(poses), reader.read) == (4, 4)


def test_people_of_low_detection_score_are_not_read():
    _, reader, (poses,) = run(still(1, LEFT), finder=SpotDetector(score=0.04))
    assert (len(poses), reader.read) == (0, 0)


def test_a_detection_without_a_person_in_its_crop_is_not_published():
    class FalsePositives(SpotDetector):
        def infer(self, pictures, *_):
            return super().infer(np.full_like(pictures, 255))
    _, reader, (poses,) = run(still(1), finder=FalsePositives())
    assert (len(poses), reader.read) == (0, 1)


def test_with_tiles_more_than_six_people_are_detected():
    crowd = [(60 + 85 * i, y) for i in range(7) for y in (100, 380)]
    alone = Config().replace(RAW)
    tiled = Config().replace({**RAW, 'people.tiles': 2, 'people.max_similarity': 0.4})
    assert len(run_inference(detect_people(world(*crowd), SpotDetector(), alone))) == 6
    found = run_inference(detect_people(world(*crowd), SpotDetector(), tiled))
    assert len(found) == len(crowd)
    hips = found.xy[:, list(HIPS)].mean(axis=1) * (WIDTH, HEIGHT)
    np.testing.assert_allclose(sorted(map(tuple, hips.tolist())), sorted(crowd), atol=6)


def test_many_people_keep_their_ids_when_images_take_longer_than_max_age():
    crowd = [(60 + 85 * i, y) for i in range(7) for y in (100, 380)]
    frames = [(round(i * 1e9 / 0.6), crowd) for i in range(4)]
    _, reader, result = run(frames, {
        'people.tiles': 2, 'people.max_similarity': 0.4, 'people.max_people': 28,
        'tracker.max_tracks': 5})
    assert reader.read >= 4 * 14
    # From left to right, in the upper row and then in the lower one.
    in_place = [poses.id[np.lexsort((poses.xy[:, 11, 0], poses.xy[:, 11, 1] > 240))].tolist()
                for poses in result]
    assert sorted(in_place[0]) == list(range(1, 15))
    assert in_place == [in_place[0]] * 4


def test_a_late_image_triggers_no_detection():
    frames = [(stamp * STEP, (LEFT,)) for stamp in (0, 1, 3, 2, 4, 5)]
    finder, _, result = run(frames, {'people.period': 60.0})
    assert finder.calls == 1
    assert ids(result) == [[1]] * 6


def test_a_second_long_side_adds_a_run_of_multipose():
    finder = SpotDetector()
    config = Config().replace({**RAW, 'people.second_long_side': 512})
    run_inference(detect_people(world(LEFT), finder, config))
    assert finder.calls == 2


def test_without_a_visible_torso_the_crop_encloses_the_box():
    score = np.full((1, 17), 0.9)
    score[0, list(HIPS)] = 0.0
    box = np.array([[0.25, 0.25, 0.5, 0.75]])
    person = Detections(np.full((1, 17, 2), 0.4), score, box, np.ones(1))
    config = Config()
    crop = crop_around(person, 0, (WIDTH, HEIGHT), config)
    # 160 px by 240 px: 240 / 2 * 1.2 around the middle.
    assert crop == Crop(240 - 144.0, 240 - 144.0, 240 + 144.0, 240 + 144.0)
    assert crop == box_crop(box[0] * (640, 480, 640, 480), config.crop)


def test_a_looping_recording_restarts_tracking():
    frames = [*still(3, LEFT, start=10 * STEP), *still(2, LEFT)]
    finder, _, result = run(frames, {'people.period': 60.0})
    assert ids(result) == [[1]] * 3 + [[2]] * 2
    assert finder.calls == 2


def test_the_info_of_two_networks_names_both():
    networks = Networks(SpotDetector(), SpotReader())
    assert (networks.info.model, networks.info.sha256) == ('multipose+thunder', 'a+b')
