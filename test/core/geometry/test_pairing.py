"""Pairing: which depth image belongs to which poses, whatever comes first."""
import itertools
import random

import pytest

from movenet_ros.core.geometry.pairing import (
    JUMP,
    MOST_DEPTHS,
    MOST_WAITING,
    Outcome,
    Pairing,
)

MS = 1_000_000
FRAME = 33 * MS


def run(events, *, rest=True):
    """Adds ('pose' or 'depth', stamp) and returns what is given out: (stamp, depth, outcome)."""
    pairing, given = Pairing(), []
    for kind, stamp in events:
        # What is added is its own stamp, so that it can be told from what belongs to it.
        add = pairing.add_poses if kind == 'pose' else pairing.add_depth
        pairing, more = add(stamp, stamp)
        given += more
    if rest:
        given += pairing.rest()
    assert all(paired.item == paired.stamp_ns for paired in given)
    return [(paired.stamp_ns, paired.depth, paired.outcome) for paired in given]


def pose(*stamps):
    return [('pose', stamp) for stamp in stamps]


def depth(*stamps):
    return [('depth', stamp) for stamp in stamps]


def alternating(poses, depths):
    return [event for pair in zip(poses, depths, strict=True) for event in
            (('pose', pair[0]), ('depth', pair[1]))]


FRAMES = [FRAME * n for n in range(12)]
MORE_FRAMES = [FRAME * n for n in range(40)]


def test_equal_stamps_are_paired_at_once_from_either_side():
    pairing, given = Pairing().add_poses('poses', 7)
    assert not given
    pairing, (paired,) = pairing.add_depth('depth', 7)
    assert (paired.item, paired.depth, paired.outcome) == ('poses', 'depth', Outcome.EQUAL)
    pairing, given = pairing.add_depth('next', 7 + FRAME)
    assert not given
    _, (paired,) = pairing.add_poses('poses', 7 + FRAME)
    assert (paired.depth, paired.outcome) == ('next', Outcome.EQUAL)


@pytest.mark.parametrize('offset', [-12 * MS, 0, 12 * MS])
def test_any_order_of_arrival_gives_the_same_pairs(offset):
    depths = [stamp + offset for stamp in FRAMES]
    wanted = run([event for pair in zip(FRAMES, depths, strict=True)
                  for event in sorted([('pose', pair[0]), ('depth', pair[1])],
                                      key=lambda event: event[1])])
    assert [given[:2] for given in wanted] == list(zip(FRAMES, depths, strict=True))
    for seed in range(60):
        # The two streams, each in order, with up to four images that the other is behind.
        rng, left, events = random.Random(seed), [pose(*FRAMES), depth(*depths)], []
        while any(left):
            ahead = len(left[1]) - len(left[0])
            side = 0 if ahead <= -4 or not left[1] else 1 if ahead >= 4 or not left[0] else (
                rng.randrange(2))
            side = side if left[side] else 1 - side
            events.append(left[side].pop(0))
        assert run(events) == wanted


def test_the_nearest_within_half_an_interval():
    # Depth 10 ms before and 23 ms after each image.
    depths = [stamp - 10 * MS for stamp in [*FRAMES, FRAME * 12]]
    given = run([*depth(*depths), *pose(*FRAMES)])
    assert given == [(stamp, stamp - 10 * MS, Outcome.NEAR) for stamp in FRAMES]


def test_depth_of_half_the_rate_is_not_taken_for_the_images_between():
    given = run(sorted([*pose(*FRAMES), *depth(*FRAMES[::2], FRAME * 12)],
                       key=lambda event: (event[1], event[0])))
    assert [(found, outcome) for _, found, outcome in given] == [
        item for stamp in FRAMES[::2]
        for item in ((stamp, Outcome.EQUAL), (None, Outcome.NONE_NEAR))]


def test_images_of_half_the_rate_get_the_depth_of_their_stamp():
    given = run([*depth(*FRAMES), *pose(*FRAMES[::2])])
    assert [found for _, found, _ in given] == FRAMES[::2]


def test_at_a_low_rate_depth_must_be_near_in_time_too():
    second = 1000 * MS
    given = run(alternating([second * n for n in range(6)],
                            [second * n + 60 * MS for n in range(6)]))
    assert {found for _, found, _ in given} == {None}
    given = run(alternating([second * n for n in range(6)],
                            [second * n + 15 * MS for n in range(6)]))
    assert {outcome for _, _, outcome in given} == {Outcome.NEAR}


def test_poses_wait_for_no_more_than_the_first_depth_that_is_not_earlier():
    before, after = FRAME - 5 * MS, FRAME + 28 * MS
    waiting = [*depth(0), *pose(0), *depth(before), *pose(FRAME)]
    assert [stamp for stamp, *_ in run(waiting, rest=False)] == [0]
    assert run([*waiting, *depth(after)], rest=False)[1] == (FRAME, before, Outcome.NEAR)


def test_where_depth_stops_poses_wait_once_and_then_no_longer():
    pairing, given = Pairing(), []
    for kind, stamp in alternating(FRAMES, FRAMES):
        pairing, more = getattr(pairing, {'pose': 'add_poses', 'depth': 'add_depth'}[kind])(
            stamp, stamp)
        given += more
    held = []
    for number in range(12, 100):
        pairing, more = pairing.add_poses(number, FRAME * number)
        given += more
        held.append(len(pairing.waiting))
    assert max(held) == 7  # 0.2 s
    # Depth was in time with image 11, and might come every 2 s.
    assert held.index(0) == 11 + 2000 // 33 + 1 - 12
    assert set(held[held.index(0):]) == {0}
    outcomes = [paired.outcome for paired in given[12:]]
    late = outcomes.count(Outcome.NONE_IN_TIME)
    assert outcomes == [Outcome.NONE_IN_TIME] * late + [Outcome.STOPPED] * (88 - late)
    # It comes again: one image is given out before its depth, and then all have theirs.
    again = []
    for number in range(100, 105):
        pairing, more = pairing.add_poses(number, FRAME * number)
        again += more
        pairing, more = pairing.add_depth(number, FRAME * number)
        again += more
    assert [paired.outcome for paired in again] == [Outcome.STOPPED] + [Outcome.EQUAL] * 4


def test_depth_that_lags_by_more_than_poses_wait_holds_nothing_up():
    events = [event for number in range(40) for event in
              (*pose(FRAME * number), *depth(FRAME * (number - 10)))]
    given = run(events, rest=False)
    assert [outcome for _, _, outcome in given] == (
        [Outcome.NONE_IN_TIME] + [Outcome.STOPPED] * 39)


def test_depth_that_lags_by_less_is_awaited():
    events = [event for number in range(40) for event in
              (*pose(FRAME * number), *depth(FRAME * (number - 4)))]
    assert [outcome for _, _, outcome in run(events, rest=False)] == [Outcome.EQUAL] * 36


@pytest.mark.parametrize('hz', [0.5, 1, 2, 4])
@pytest.mark.parametrize('later', [-10 * MS, 0, 30 * MS, 150 * MS])
def test_slow_depth_belongs_to_its_image_whichever_comes_first(hz, later):
    rate, count = 30, 300
    images = [(number * FRAME, 'pose', number * FRAME) for number in range(count)]
    depths = [(number * FRAME + later, 'depth', number * FRAME)
              for number in range(0, count, round(rate / hz))]
    # By when they come; of equal ones the image first.
    events = sorted([*images, *depths], key=lambda event: (event[0], event[1] == 'depth'))
    given = run([event[1:] for event in events])
    assert [stamp for stamp, found, _ in given if found is not None] == [
        stamp for *_, stamp in depths]


@pytest.mark.parametrize(('rate', 'late'), [(60, 140), (60, 190), (90, 190)])
def test_depth_may_be_as_late_at_a_high_rate(rate, late):
    stamps = [number * 1000 * MS // rate for number in range(200)]
    events = sorted([*((stamp, 'pose', stamp) for stamp in stamps),
                     *((stamp + late * MS, 'depth', stamp) for stamp in stamps)])
    given = run([event[1:] for event in events])
    assert {outcome for *_, outcome in given} == {Outcome.EQUAL}


@pytest.mark.parametrize('first', ['pose', 'depth'])
@pytest.mark.parametrize('length', [3, 10, 24, 31, 40])
def test_a_recording_that_loops_is_paired_in_every_loop(first, length):
    loop = sorted(alternating(MORE_FRAMES[:length], MORE_FRAMES[:length]),
                  key=lambda event: (event[1], event[0] != first))
    given = run(loop * 5)
    assert given == [(stamp, stamp, Outcome.EQUAL) for stamp in MORE_FRAMES[:length]] * 5


@pytest.mark.parametrize('first', ['pose', 'depth'])
def test_a_clock_that_goes_back_starts_again(first):
    start = 100 * 1000 * MS
    before = [start + stamp for stamp in FRAMES]
    order = sorted(alternating(FRAMES, FRAMES), key=lambda event: (event[1], event[0] != first))
    given = run([*alternating(before, before), *pose(start + FRAME * 12), *order])
    assert given[:12] == [(stamp, stamp, Outcome.EQUAL) for stamp in before]
    assert given[12] == (start + FRAME * 12, None, Outcome.NONE_IN_TIME)
    assert given[13:] == [(stamp, stamp, Outcome.EQUAL) for stamp in FRAMES]


@pytest.mark.parametrize('ahead', ['pose', 'depth'])
def test_a_clock_that_goes_back_for_one_of_the_two_first(ahead):
    start = 100 * 1000 * MS
    before = [start + stamp for stamp in FRAMES]
    old = [*alternating(before, before)]
    one, other = (pose, depth) if ahead == 'pose' else (depth, pose)
    # One of them has restarted for three images when the other still has the last one of before.
    events = [*old, *one(*FRAMES[:3]), *other(start + FRAME * 12), *other(*FRAMES[:3]),
              *alternating(FRAMES[3:], FRAMES[3:])]
    paired = [(stamp, found) for stamp, found, _ in run(events) if stamp < start]
    assert paired == [(stamp, stamp) for stamp in FRAMES]


def test_depth_that_goes_back_to_almost_a_jump_before_poses_gives_each_out_once():
    waiting = [8900 * MS, 9000 * MS]
    # Depth is from before at first; then the later of the two is too far ahead of it.
    events = [*depth(20_000 * MS), *pose(*waiting), *depth(7950 * MS)]
    assert [stamp for stamp, _, _ in run(events)] == waiting


def test_a_single_stamp_of_zero_does_no_lasting_harm():
    start = 100 * 1000 * MS
    stamps = [start + stamp for stamp in FRAMES]
    events = alternating(stamps, stamps)
    given = run([*events[:8], *pose(0), *depth(0), *events[8:]])
    assert [stamp for stamp, *_ in given] == [*stamps[:4], 0, *stamps[4:]]
    assert all(stamp == found for stamp, found, _ in given)


def test_late_and_repeated_poses_are_given_out_in_order():
    stamps = [0, FRAME, FRAME, 2 * FRAME, FRAME + MS, 3 * FRAME]
    given = run([*depth(0, FRAME, 2 * FRAME), *pose(*stamps), *depth(3 * FRAME)])
    assert [stamp for stamp, *_ in given] == stamps
    assert [found for _, found, _ in given] == [0, FRAME, FRAME, 2 * FRAME, FRAME, 3 * FRAME]


def test_memory_is_bounded_and_each_pose_is_given_out_once():
    for seed in range(30):
        rng, pairing, given, added = random.Random(seed), Pairing(), [], []
        for number in range(400):
            stamp = rng.choice([number * FRAME, rng.randrange(20 * JUMP), 0])
            if rng.random() < 0.5:
                added.append(number)
                pairing, more = pairing.add_poses(number, stamp)
            else:
                pairing, more = pairing.add_depth(number, stamp)
            given += [paired.item for paired in more]
            assert len(pairing.waiting) <= MOST_WAITING
            assert len(pairing.depths) <= MOST_DEPTHS
            assert len(pairing.pose_stamps.stamps_ns) <= 30
            assert len(pairing.depth_stamps.stamps_ns) <= 30
        assert [*given, *(paired.item for paired in pairing.rest())] == added


def test_pairs_only_come_from_within_the_largest_offset():
    for seed, rate in itertools.product(range(20), (10, 15, 30, 60)):
        rng = random.Random(seed)
        events = [(kind, int(number * 10**9 / rate + rng.uniform(-0.4, 0.4) * 10**9 / rate))
                  for number in range(50) for kind in ('pose', 'depth')]
        for stamp, found, outcome in run(events):
            assert (found is None) == (outcome not in (Outcome.EQUAL, Outcome.NEAR))
            assert found is None or abs(found - stamp) <= 50 * MS


def test_what_comes_later_does_not_change_what_is_near():
    # Depth comes as often as images, and then three times as often.
    poses, depths = [100 * MS * n for n in range(10)], [100 * MS * n + 30 * MS for n in range(10)]
    later = [depths[-1] + FRAME * n for n in range(1, 11)]
    wanted = [(stamp, stamp + 30 * MS, Outcome.NEAR) for stamp in poses[1:]]
    assert run([*alternating(poses, depths), *depth(*later)])[1:] == wanted
    assert run([*depth(*depths, *later), *pose(*poses)])[1:] == wanted


def test_of_two_that_are_as_near_the_earlier_one():
    given = run([*depth(*FRAMES), *pose(FRAME * 5 // 2)])
    assert given == [(FRAME * 5 // 2, FRAME * 2, Outcome.NEAR)]


def test_depth_without_any_poses_does_not_fill_the_memory():
    pairing = Pairing()
    for number in range(100):
        pairing, given = pairing.add_depth(number, FRAME * number)
        assert not given
    assert [number for _, number in pairing.depths] == list(range(80, 100))
