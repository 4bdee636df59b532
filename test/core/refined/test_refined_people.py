"""Several people, each read from a crop of their own, in pictures that the tests draw."""
import cv2
import numpy as np
import pytest

from movenet_ros.config import Config
from movenet_ros.core.inference import run_inference
from movenet_ros.core.network import NetworkInfo, Networks
from movenet_ros.core.pipeline import advance
from movenet_ros.core.refined.detection import detect_people
from movenet_ros.core.refined.reading import CROP_SCALE
from movenet_ros.core.skeleton import HIPS, SHOULDERS
from movenet_ros.core.state import State
from movenet_ros.core.types import Picture

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

    def infer(self, pictures, _=None, max_people=6):
        self.calls += 1
        rows = np.zeros((1, max_people, 56), np.float32)
        height, width = pictures.shape[1:3]
        for row, (x, y, side) in enumerate(spots(pictures[0])[:max_people]):
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
        person = body(0.5, 0.5, 0.6 / CROP_SCALE)
        rows = np.tile(np.column_stack((person[:, ::-1], np.full(17, 0.9))),
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


def test_when_a_person_is_lost_people_are_detected_in_the_same_image():
    frames = [*still(3, LEFT, RIGHT), *still(1, LEFT, start=3 * STEP)]
    finder, _, result = run(frames, {'people.period': 60.0})
    assert ids(result) == [[1, 2]] * 3 + [[1]]
    assert finder.calls == 2


def test_a_lost_person_is_found_within_the_period_and_keeps_the_id():
    frames = [*still(3, LEFT, RIGHT), *still(5, LEFT, start=3 * STEP),
              *still(12, LEFT, RIGHT, start=8 * STEP)]
    _, _, result = run(frames, {'people.period': 0.3})
    assert ids(result)[:8] == [[1, 2]] * 3 + [[1]] * 5
    # Detected in image 3, and again 0.3 s later.
    assert ids(result)[13:] == [[1, 2]] * 7


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


def test_with_max_people_1_the_same_person_is_read_also_when_another_centre_is_stronger():
    # The detector lists people from left to right, as MultiPose does by the strength of centres.
    _, _, result = run([*still(2, MIDDLE), *still(3, LEFT, MIDDLE, start=2 * STEP)],
                       {'people.max_people': 1, 'people.period': 0.0})
    assert ids(result) == [[1]] * 5


def test_people_of_low_detection_score_are_not_read():
    _, reader, (poses,) = run(still(1, LEFT), finder=SpotDetector(score=0.04))
    assert (len(poses), reader.read) == (0, 0)


def test_a_detection_without_a_person_in_its_crop_is_not_published():
    class FalsePositives(SpotDetector):
        def infer(self, pictures, *decoding):
            return super().infer(np.full_like(pictures, 255), *decoding)
    _, reader, (poses,) = run(still(1), finder=FalsePositives())
    assert (len(poses), reader.read) == (0, 1)


def test_with_tiles_more_people_are_detected():
    crowd = [(60 + 85 * i, y) for i in range(7) for y in (100, 380)]
    alone = Config().replace({**RAW, 'people.max_people': 6})
    tiled = alone.replace({'people.tiles': 2, 'people.max_similarity': 0.4})
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


def test_a_looping_recording_restarts_tracking():
    frames = [*still(3, LEFT, start=10 * STEP), *still(2, LEFT)]
    finder, _, result = run(frames, {'people.period': 60.0})
    assert ids(result) == [[1]] * 3 + [[2]] * 2
    assert finder.calls == 2


def test_the_info_of_two_networks_names_both():
    networks = Networks(SpotDetector(), SpotReader())
    assert (networks.info.model, networks.info.sha256) == ('multipose+thunder', 'a+b')


class Slides(SpotReader):
    """Reads somebody who stands at the edge of the crop."""

    def infer(self, pictures, *decoding):
        rows = super().infer(pictures, *decoding)
        rows[:, :, :2] += 0.6
        return rows


def run_with(reader, frames, score=0.6):
    """The poses of each frame, with another second network."""
    config, state, result = Config().replace(RAW), State(), []
    networks = Networks(SpotDetector(score), reader)
    for stamp, people in frames:
        state, poses = advance(state, world(*people), stamp, networks, config)
        result.append(poses)
    return result


def test_nobody_is_published_whose_reading_does_not_agree_with_the_detection():
    assert [len(poses) for poses in run_with(Slides(), still(3, LEFT))] == [0, 0, 0]


class SlidesLater(SpotReader):
    """Reads the person at first, and from the third image on somebody else."""

    def infer(self, pictures, *decoding):
        is_first = self.read < 2
        rows = super().infer(pictures, *decoding)
        rows[:, :, :2] += 0.0 if is_first else 0.6
        return rows


def test_where_a_reading_slides_away_the_keypoints_of_multipose_are_published():
    first, *later = run_with(SlidesLater(), still(6, LEFT))
    for poses in later:
        assert poses.id.tolist() == first.id.tolist()
        np.testing.assert_allclose(poses.xy[0], body(*LEFT, HALF), atol=4)


def test_a_reading_that_slides_away_from_a_faint_detection_is_not_published():
    found = run_with(SlidesLater(), still(6, LEFT), score=0.12)
    assert [len(poses) for poses in found] == [1, 1, 0, 0, 0, 0]


def test_after_a_pause_longer_than_max_age_a_person_has_to_be_read_again():
    found = run_with(SlidesLater(), [*still(2, LEFT), *still(1, LEFT, start=5 * 10 ** 9)])
    assert [len(poses) for poses in found] == [1, 1, 0]


def test_after_a_pause_longer_than_max_age_people_are_detected_at_once():
    finder, _, result = run([*still(2, LEFT), *still(2, LEFT, start=5 * 10 ** 9)],
                            {'people.period': 60.0})
    assert finder.calls == 2
    assert ids(result) == [[1], [1], [2], [2]]


class BoxesJitter(SpotDetector):
    """Detects the same keypoints each time, but in boxes of different sizes."""

    def infer(self, pictures, _=None, max_people=6):
        rows = super().infer(pictures, max_people=max_people)
        margin = 0.001 * self.calls
        rows[:, :, 51:55] += (-margin, -margin, margin, margin)
        return rows


def test_the_box_of_a_person_at_rest_is_the_same_with_and_between_detections():
    finder, _, result = run(still(20, LEFT), {'people.period': 0.2}, BoxesJitter())
    assert finder.calls == 3
    for poses in result[1:]:
        np.testing.assert_allclose(poses.box, result[0].box, atol=0.01)


def test_people_who_come_close_are_detected_in_every_image():
    apart = run(still(5, (200, 240), (420, 240)), {'people.period': 60.0})[0].calls
    close = run(still(5, (300, 220), (300, 270)), {'people.period': 60.0})[0].calls
    assert (apart, close) == (1, 5)


def test_the_reader_is_told_where_the_centre_of_the_person_is():
    class Remembers(SpotReader):
        def infer(self, pictures, center_weight=None, max_people=6):
            self.weight = center_weight
            return super().infer(pictures)
    reader = Remembers()
    run_with(reader, still(1, LEFT))
    side = reader.info.input_size // 4
    assert reader.weight.shape == (1, side, side)
    row, column = np.unravel_index(int(reader.weight[0].argmax()), (side, side))
    assert abs(row - side / 2) <= 1 and abs(column - side / 2) <= 2


def crossing(count=40):
    """Two people who walk towards and past each other."""
    return [(i * STEP, ((150 + 8 * i, 240), (490 - 8 * i, 250))) for i in range(count)]


def test_people_who_cross_keep_their_ids():
    _, _, result = run(crossing(), {'people.max_similarity': 1.0})
    first, last = result[0], result[-1]
    left = first.id[first.xy[:, 11, 0].argmin()]
    assert last.id[last.xy[:, 11, 0].argmax()] == left
    assert {number for poses in result for number in poses.id.tolist()} == {1, 2}


CLOSE = (300, 240), (312, 240)


class Detects(SpotDetector):
    """Detects people at these places in each image, the last ones in all later images."""

    def __init__(self, *images):
        super().__init__()
        self.images = images

    def infer(self, pictures, _=None, max_people=6):
        places = self.images[min(self.calls, len(self.images) - 1)]
        self.calls += 1
        rows = np.zeros((1, max_people, 56), np.float32)
        for row, place in enumerate(places):
            xy = body(*place, HALF) / (WIDTH, HEIGHT)
            rows[0, row, :51] = np.column_stack((xy[:, ::-1], np.full(17, 0.7))).ravel()
            rows[0, row, 51:] = *xy.min(axis=0)[::-1], *xy.max(axis=0)[::-1], self.score
        return rows


class Reads(SpotReader):
    """Reads each person so many pixels to the right of where they are, image by image."""

    def __init__(self, *images):
        super().__init__()
        self.images = iter(images)

    def infer(self, pictures, *_):
        rows = np.tile(np.column_stack((body(0.5, 0.5, 0.6 / CROP_SCALE)[:, ::-1],
                                        np.full(17, 0.9))), (len(pictures), 1, 1))
        side = CROP_SCALE * 2 * HALF / 1.2
        # The hips are 5 px to the left of the middle of the box, and of the crop.
        rows[:, :, 1] += (np.array(next(self.images))[:, None] - 5) / side
        return rows.astype(np.float32)


def run_close(detector, reader, count):
    config, state, result = Config().replace({**RAW, 'people.period': 0.0}), State(), []
    for stamp, people in still(count):
        state, poses = advance(state, world(*people), stamp, Networks(detector, reader), config)
        result.append(poses)
    return result


def test_whose_reading_is_that_of_a_neighbour_is_published_as_multipose_detected_them():
    _, poses = run_close(Detects(CLOSE), Reads((0, 0), (0, -12)), 2)
    assert sorted(poses.id.tolist()) == [1, 2]
    np.testing.assert_allclose(np.sort(poses.xy[:, 12, 0]), (306, 318), atol=1)


def test_a_new_person_does_not_displace_one_who_is_tracked():
    detector = Detects(CLOSE[:1], CLOSE)
    first, poses = run_close(detector, Reads((0,), (6, 0)), 2)
    assert (first.id.tolist(), poses.id.tolist()) == ([1], [1])
