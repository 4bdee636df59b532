"""Gestures in the reference keypoints of a clip: a dancer who raises both hands once."""
import json

import numpy as np
import pytest
from support.paths import SHARED
from support.skeleton_3d import poses_at

from movenet_ros.core.gestures.gesture import Gesture
from movenet_ros.core.gestures.recognition import GestureState, update
from movenet_ros.core.skeleton import KEYPOINT_NAMES
from movenet_ros.core.types import NANOSECONDS

REFERENCE = SHARED / 'data' / 'videos' / 'tfjs_pose_1.movenet_lightning_expected.json'
RAISED_BY_EYE = (1.15, 2.6)
"""When both wrists are above the shoulders and away from the head in the clip [s]."""


@pytest.mark.skipif(not REFERENCE.exists(), reason=f'{REFERENCE} is not here')
@pytest.mark.parametrize('every', [1, 2, 6])
def test_a_dancer_raises_both_hands_once(every):
    frames = json.loads(REFERENCE.read_text(encoding='utf-8'))
    state, seen = GestureState(), []
    for number in range(0, len(frames), every):
        xy = np.array([[frames[number][name][axis] for axis in 'xy'] for name in KEYPOINT_NAMES])
        stamp = round(number / 30 * NANOSECONDS)
        state, found = update(state, poses_at(xy[None]), stamp)
        seen.append((number / 30, set(found.of(0))))
    both = {Gesture.LEFT_HAND_RAISED, Gesture.RIGHT_HAND_RAISED}
    times = [time for time, gestures in seen if both <= gestures]
    assert RAISED_BY_EYE[0] + 0.3 <= times[0] <= RAISED_BY_EYE[0] + 0.75
    assert RAISED_BY_EYE[1] <= times[-1] <= RAISED_BY_EYE[1] + 0.6
    assert all(both <= gestures for time, gestures in seen if times[0] <= time <= times[-1])
    others = set().union(*(gestures for _, gestures in seen)) - both
    assert others <= {Gesture.STANDING}
