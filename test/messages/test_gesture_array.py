"""GestureArray as bytes: what the message type of bags reads from them."""
import struct

import numpy as np
import pytest
from support.gestures import field_of, random_gestures

from movenet_ros.core.gestures.angles import JOINT_NAMES
from movenet_ros.core.gestures.gesture import Posture
from movenet_ros.files.bags.typestore import typestore
from movenet_ros.messages.gesture_array import FLAGS, GESTURE_ARRAY, serialize_gestures
from movenet_ros.messages.published_image import PublishedImage


def published(frame_id='camera', sequence=7):
    return PublishedImage((-12, 2**32 - 1), frame_id, 640, 480, sequence, 'multipose')


# Lengths of texts that need 0 to 3 bytes to the next multiple of 4
@pytest.mark.parametrize('frame_id', ['', 'a', 'ab', 'abc', 'Käfer'])
@pytest.mark.parametrize('count', [0, 1, 6])
def test_the_bytes_are_those_of_the_type(count, frame_id):
    raw = serialize_gestures(published(frame_id), random_gestures(count))
    message = typestore().deserialize_cdr(raw, GESTURE_ARRAY)
    assert (message.header.stamp.sec, message.header.stamp.nanosec) == (-12, 2**32 - 1)
    assert (message.header.frame_id, message.sequence) == (frame_id, 7)
    assert len(message.people) == count
    assert bytes(typestore().serialize_cdr(message, GESTURE_ARRAY)) == raw


def test_every_number_has_its_place():
    gestures = random_gestures(8)
    raw = serialize_gestures(published(), gestures)
    for row, person in enumerate(typestore().deserialize_cdr(raw, GESTURE_ARRAY).people):
        assert person.id == gestures.id[row]
        for gesture in FLAGS:
            assert getattr(person, field_of(gesture)) == gestures.active[row, gesture]
        assert person.posture == gestures.posture[row]
        for arm, side in enumerate(('left', 'right')):
            for name in ('direction', 'ray'):
                np.testing.assert_array_equal(getattr(person, f'{side}_arm_{name}'),
                                              getattr(gestures, name)[row, arm])
        np.testing.assert_array_equal(person.joint_angles, gestures.joint_angle[row])
        np.testing.assert_array_equal(person.is_spatial, gestures.is_spatial[row])


def test_postures_and_joints_are_those_of_the_core():
    kind = typestore().types['movenet_ros/msg/PersonGestures']
    assert all(getattr(kind, posture.name) == posture for posture in Posture)
    assert [getattr(kind, name.upper()) for name in JOINT_NAMES] == list(range(8))


def test_numbers_that_do_not_fit_are_rejected():
    with pytest.raises(struct.error):
        serialize_gestures(published(sequence=2**32), random_gestures(0))
