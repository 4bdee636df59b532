"""The trackers, asserted frame by frame."""
import math

import numpy as np
import pytest

from movenet_ros.config.declarations import TrackerConfig
from movenet_ros.core.tracker import Tracks, iou, oks, track
from movenet_ros.core.types import Detections

SECOND = 1_000_000_000
IOU, OKS = TrackerConfig(), TrackerConfig(similarity='oks')


def people(*centres, score=0.9):
    """People 0.2 wide and 0.4 high, keypoints spread evenly along the box's diagonal."""
    xy = np.array([np.linspace((x - 0.1, y - 0.2), (x + 0.1, y + 0.2), 17) for x, y in centres])
    box = np.array([(x - 0.1, y - 0.2, x + 0.1, y + 0.2) for x, y in centres])
    count = len(centres)
    return Detections(xy.reshape(-1, 17, 2), np.full((count, 17), score), box.reshape(-1, 4),
                      np.full(count, 0.9))


def follow(frames, config=IOU):
    """Ids of each frame; a frame is (seconds, detections)."""
    tracks, ids = Tracks(), []
    for seconds, detections in frames:
        tracks, current = track(tracks, detections, round(seconds * SECOND), config)
        ids.append([t.id for t in current])
    return ids


@pytest.mark.parametrize('config', [IOU, OKS])
def test_people_keep_their_ids_while_they_move(config):
    frames = [(i * 0.1, people((0.2 + 0.01 * i, 0.5), (0.8 - 0.01 * i, 0.5))) for i in range(5)]
    assert follow(frames, config) == [[1, 2]] * 5


@pytest.mark.parametrize('config', [IOU, OKS])
def test_ids_follow_people_when_the_order_changes(config):
    left, right = (0.2, 0.5), (0.8, 0.5)
    frames = [(0, people(left, right)), (0.1, people(right, left))]
    assert follow(frames, config) == [[1, 2], [2, 1]]


def test_a_new_person_gets_the_next_id():
    assert follow([(0, people((0.2, 0.5))), (0.1, people((0.8, 0.5), (0.2, 0.5))),
                   (0.2, people((0.5, 0.5), (0.2, 0.5)))]) == [[1], [2, 1], [3, 1]]


def test_a_person_hidden_for_a_second_keeps_the_id():
    here, empty = people((0.5, 0.5)), people()
    assert follow([(0, here), (0.5, empty), (1.0, here)]) == [[1], [], [1]]


def test_a_track_says_for_how_long_it_was_not_seen():
    here, empty = people((0.5, 0.5)), people()
    tracks, unseen = Tracks(), []
    for seconds, detections in [(0, here), (0.5, here), (0.7, empty), (1.2, here), (1.2, here)]:
        tracks, current = track(tracks, detections, round(seconds * SECOND), IOU)
        unseen += [t.unseen_ns / SECOND for t in current]
    assert unseen == [0.0, 0.0, 0.7, 0.0]


def test_a_person_hidden_for_longer_gets_a_new_id():
    here, empty = people((0.5, 0.5)), people()
    assert follow([(0, here), (0.5, empty), (1.001, here)]) == [[1], [], [2]]


def test_tracks_age_by_time_and_not_by_images():
    here, empty = people((0.5, 0.5)), people()
    many = [(i / 100, empty) for i in range(1, 99)]
    assert follow([(0, here), *many, (0.99, here)])[-1] == [1]


CROWD = [(x / 8, y / 5) for x in range(1, 8) for y in range(1, 5)]
SLOW = 1 / 0.6  # s, for 28 people in tiles


def test_ids_are_kept_from_one_image_to_the_next_however_slow():
    crowd = people(*CROWD)
    frames = [(i * SLOW, crowd) for i in range(5)]
    assert follow(frames, TrackerConfig(max_tracks=28)) == [list(range(1, 29))] * 5


def test_all_people_of_the_last_image_are_kept_also_more_than_max_tracks():
    crowd = people(*CROWD)
    assert follow([(0, crowd), (0.1, crowd)]) == [list(range(1, 29))] * 2
    tracks, _ = track(Tracks(), crowd, 0, IOU)
    tracks, _ = track(tracks, people(), SECOND // 10, IOU)
    assert len(tracks.tracks) == IOU.max_tracks


def test_slow_images_may_be_irregular():
    here, empty = people((0.5, 0.5)), people()
    times = [0, 1.4, 3.3, 4.8, 5.1, 5.4, 7.0]
    assert follow([(t, here) for t in times]) == [[1]] * 7
    # Twice 1.3 s is not over when a person is missed in one image, and is in two.
    frames = [(0, here), (1.3, here), (2.6, empty), (3.9, here), (5.2, empty), (6.5, empty),
              (7.8, here)]
    assert follow(frames) == [[1], [1], [], [1], [], [], [2]]


def test_at_a_camera_rate_a_pause_does_not_extend_the_life_of_tracks():
    here = people((0.5, 0.5))
    quick = [(i / 30, here) for i in range(30)]
    assert follow([*quick, (29 / 30 + 1.0, here)])[-1] == [1]
    assert follow([*quick, (29 / 30 + 1.001, here)])[-1] == [2]


@pytest.mark.parametrize(('pause', 'expected'), [(10.0, 1), (10.001, 2), (60.0, 2)])
def test_after_a_long_pause_all_people_get_new_ids(pause, expected):
    here = people((0.5, 0.5))
    assert follow([(0, here), (pause, here)])[-1] == [expected]
    assert follow([(0, here), (8, here), (8 + pause, here)])[-1] == [expected]


def test_after_a_pause_a_person_elsewhere_does_not_get_an_old_id():
    assert follow([(0, people((0.2, 0.5))), (5, people((0.8, 0.5)))]) == [[1], [2]]


def test_a_pause_has_no_effect_for_long():
    """Half a second later tracks are forgotten when they always are."""
    here, empty = people((0.5, 0.5)), people()
    frames = [(0, here), (10, here), *((10 + i / 30, here) for i in range(1, 16))]
    last = frames[-1][0]
    assert follow([*frames, (last + 1 / 30, empty), (last + 1.001, here)])[-1] == [2]


def test_a_track_is_renewed_by_every_match():
    here = people((0.5, 0.5))
    assert follow([(t, here) for t in (0, 0.9, 1.8, 2.7)]) == [[1]] * 4


def crossing(start=0.205, speed=0.3, rate=30):
    """Two people who walk through each other, from one side of the image to the other."""
    return [(i / rate, people((start + speed * i / rate, 0.5), (1 - start - speed * i / rate, 0.5)))
            for i in range(60)]


@pytest.mark.parametrize('similarity', ['iou', 'oks'])
def test_people_who_cross_keep_their_ids(similarity):
    assert follow(crossing(), TrackerConfig(similarity=similarity)) == [[1, 2]] * 60


def test_without_prediction_people_who_cross_swap_ids():
    assert follow(crossing(), TrackerConfig(predict=False))[-1] == [2, 1]


def test_a_person_hidden_while_walking_keeps_the_id():
    frames = [(i / 30, people((0.1 + 0.3 * i / 30, 0.5))) for i in range(75)]
    hidden = [(t, people() if 1.0 <= t < 1.9 else seen) for t, seen in frames]
    assert follow(hidden)[-1] == [1]
    assert follow(hidden, TrackerConfig(predict=False))[-1] == [2]


def test_a_person_who_stops_while_hidden_is_matched_if_near():
    frames = [(i / 30, people((0.1 + 0.3 * min(i, 30) / 30, 0.5))) for i in range(75)]
    hidden = [(t, people() if 1.0 < t < 1.3 else seen) for t, seen in frames]
    assert follow(hidden)[-1] == [1]


def test_too_little_overlap_gives_a_new_id():
    # Boxes 0.2 wide, moved by d, overlap by (0.2 - d) / (0.2 + d): 0.15 at d = 0.1478.
    assert follow([(0, people((0.3, 0.5))), (0.1, people((0.447, 0.5)))]) == [[1], [1]]
    assert follow([(0, people((0.3, 0.5))), (0.1, people((0.449, 0.5)))]) == [[1], [2]]


def test_the_first_detection_is_matched_first():
    # Both overlap track 1; the first takes it though the second is nearer.
    frames = [(0, people((0.5, 0.5))), (0.1, people((0.55, 0.5), (0.5, 0.5)))]
    assert follow(frames) == [[1], [1, 2]]


def test_only_the_most_recent_tracks_are_kept():
    config = TrackerConfig(max_tracks=2)
    places = [(0.1, 0.5), (0.5, 0.5), (0.9, 0.5)]
    frames = [(0.0, people(places[0])), (0.1, people(places[1])), (0.2, people(places[2])),
              (0.3, people(places[1])), (0.4, people(places[0]))]
    assert follow(frames, config) == [[1], [2], [3], [2], [4]]


def test_ages_count_from_the_first_detection():
    tracks, _ = track(Tracks(), people((0.5, 0.5)), 2 * SECOND, IOU)
    _, current = track(tracks, people((0.5, 0.5)), 3 * SECOND, IOU)
    assert (current[0].born_ns, current[0].last_ns) == (2 * SECOND, 3 * SECOND)


def test_iou_by_hand():
    boxes = np.array([[0.0, 0.0, 2.0, 2.0]])
    others = np.array([[1.0, 1.0, 3.0, 3.0], [0.0, 0.0, 2.0, 2.0], [2.0, 0.0, 3.0, 1.0],
                       [5.0, 5.0, 6.0, 6.0]])
    np.testing.assert_allclose(iou(boxes, others), [[1 / 7, 1.0, 0.0, 0.0]])


def test_iou_of_boxes_without_area_is_zero():
    point = np.array([[1.0, 1.0, 1.0, 1.0]])
    assert iou(point, point) == 0


def test_oks_by_hand():
    before, now = people((0.5, 0.5)), people((0.51, 0.5))
    spread = 2 * (0.2 * 0.4 + 1e-6)
    expected = np.mean([math.exp(-0.01 ** 2 / (spread * (2 * f) ** 2)) for f in OKS.oks_falloffs])
    found = oks(now, before.xy, before.keypoint_score, OKS)
    np.testing.assert_allclose(found, [[expected]])


def test_oks_with_too_few_keypoints_in_common_is_zero():
    before, now = people((0.5, 0.5)), people((0.5, 0.5))
    now.keypoint_score[0, 3:] = 0.29
    assert oks(now, before.xy, before.keypoint_score, OKS) == 0
    now.keypoint_score[0, 3] = 0.3
    assert oks(now, before.xy, before.keypoint_score, OKS) == 1


def test_oks_matches_no_person_without_visible_keypoints():
    unsure = people((0.5, 0.5), score=0.1)
    assert follow([(0, unsure), (0.1, unsure)], OKS) == [[1], [2]]


def test_many_people_at_once():
    crowd = people(*[(x / 10, y / 4) for x in range(1, 10, 2) for y in (1, 3)])
    assert follow([(0, crowd), (0.1, crowd)]) == [list(range(1, 11))] * 2


def half_hidden(x, visible):
    """A person at x of whom only the left part of the box and some keypoints are visible."""
    whole = people((x, 0.5))
    score = np.where(np.arange(17) < round(17 * visible), 0.9, 0.05)
    box = whole.box.copy()
    box[0, 2] = box[0, 0] + 0.2 * visible
    return Detections(whole.xy, score[None], box, whole.score)


def velocity_x(by_keypoints):
    """The velocity of a person who walks at 0.5 /s and disappears behind something."""
    tracks = Tracks()
    for i in range(20):
        visible = min(1.0, 1.5 - 0.05 * i)
        tracks, (last,) = track(tracks, half_hidden(0.2 + i / 60, visible), round(i * SECOND / 30),
                                IOU, velocity_by_keypoints=by_keypoints)
    return last.velocity[0]


def test_the_velocity_by_keypoints_is_right_while_a_person_is_partly_hidden():
    assert velocity_x(by_keypoints=True) == pytest.approx(0.5, rel=0.02)
    assert velocity_x(by_keypoints=False) < 0.45
