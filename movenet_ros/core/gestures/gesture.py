"""What is recognised, and in which order the results list it."""
from __future__ import annotations

import enum


class Gesture(enum.IntEnum):
    """A gesture or posture; the value is its column in `Gestures.active`.

    Left and right are the person's own. In a mirrored image they are the other way round.
    """

    LEFT_HAND_RAISED = 0
    """The wrist is clearly above the shoulder and not at the head, and the forearm points up."""
    RIGHT_HAND_RAISED = 1
    LEFT_HAND_WAVING = 2
    """The hand is held up and moves sideways to and fro."""
    RIGHT_HAND_WAVING = 3
    ARMS_CROSSED = 4
    """The person faces the camera, each wrist is at the other arm."""
    LEFT_ARM_POINTING = 5
    """The arm is stretched and away from the body, and the other one is not."""
    RIGHT_ARM_POINTING = 6
    STANDING = 7
    """On the feet, also in walking: upright, with a stretched leg below the hip."""
    SITTING = 8
    """Upright, with the knees not much lower than the hips. Squatting looks the same."""
    LYING = 9
    """Torso and thighs are closer to horizontal than to vertical. A push-up looks the same."""


COUNT = len(Gesture)
