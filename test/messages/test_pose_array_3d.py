"""PoseArray3D as bytes: what the message type of bags reads from them."""
import struct

import numpy as np
import pytest
from support.poses_3d import random_poses_3d
from support.sinks import random_poses

from movenet_ros.core.geometry.poses_3d import Reason
from movenet_ros.files.bags.typestore import typestore
from movenet_ros.messages.pose_array_3d import POSE_ARRAY_3D, serialize_3d
from movenet_ros.messages.published_image import PublishedImage

KEYPOINT = ('position', 'ray', 'spread', 'reason')


def published(frame_id='camera', sequence=7):
    return PublishedImage((-12, 2**32 - 1), frame_id, 640, 480, sequence, 'multipose')


# Lengths of texts that need 0 to 3 bytes to the next multiple of 4
@pytest.mark.parametrize('frame_id', ['', 'a', 'ab', 'abc', 'Käfer'])
@pytest.mark.parametrize('count', [0, 1, 6])
def test_the_bytes_are_those_of_the_type(count, frame_id):
    poses, poses_3d = random_poses(count), random_poses_3d(count)
    raw = serialize_3d(published(frame_id), poses, poses_3d)
    message = typestore().deserialize_cdr(raw, POSE_ARRAY_3D)
    assert (message.header.stamp.sec, message.header.stamp.nanosec) == (-12, 2**32 - 1)
    assert (message.header.frame_id, message.sequence) == (frame_id, 7)
    assert len(message.poses) == count
    assert bytes(typestore().serialize_cdr(message, POSE_ARRAY_3D)) == raw


def test_every_number_has_its_place():
    poses, poses_3d = random_poses(3), random_poses_3d(3)
    message = typestore().deserialize_cdr(serialize_3d(published(), poses, poses_3d),
                                          POSE_ARRAY_3D)
    for row, person in enumerate(message.poses):
        assert (person.id, np.float32(person.score)) == (poses.id[row], poses.score[row])
        for name in ('ray', 'position', 'velocity', 'distance'):
            np.testing.assert_array_equal(np.float32(getattr(person, name)),
                                          getattr(poses_3d, name)[row])
        np.testing.assert_array_equal(np.float32([person.near, person.far]), poses_3d.extent[row])
        for index, keypoint in enumerate(person.keypoints):
            for name in KEYPOINT:
                np.testing.assert_array_equal(
                    np.float32(getattr(keypoint, name)),
                    np.float32(getattr(poses_3d, f'keypoint_{name}')[row, index]))
            assert np.float32(keypoint.score) == poses.keypoint_score[row, index]
            assert keypoint.visible == poses.visible[row, index]


def test_the_reasons_are_those_of_the_core():
    kind = typestore().types['movenet_ros/msg/Keypoint3D']
    assert all(getattr(kind, reason.name) == reason for reason in Reason)


def test_numbers_that_do_not_fit_are_rejected():
    with pytest.raises(struct.error):
        serialize_3d(published(sequence=2**32), random_poses(0), random_poses_3d(0))
