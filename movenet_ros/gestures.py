"""What people do: gestures, posture and joint angles from poses, without ROS.

    >>> import cv2
    >>> from movenet_ros import MoveNet
    >>> from movenet_ros.gestures import JOINT_NAMES, Gesture, GestureState, update
    >>> picture, state = cv2.imread('astronaut.jpg'), GestureState()
    >>> with MoveNet(model='thunder') as net:
    ...     for image in range(30):
    ...         stamp_ns = image * 33_333_333
    ...         poses = net(picture, stamp_ns=stamp_ns)
    ...         state, gestures = update(state, poses, stamp_ns)
    >>> [gesture.name for gesture in gestures.of(0)]
    []
    >>> bool(gestures.active[0, Gesture.LEFT_HAND_RAISED])
    False
    >>> elbow = gestures.joint_angle[0, JOINT_NAMES.index('right_elbow')]  # [rad]
    >>> 0 <= elbow <= 3.1416
    True

People are known by the ids of their poses, and times are those of the stamps. Where the
positions of keypoints in the camera's frame are known, they are a fourth argument; then
angles, posture and the direction in which an arm points are those in space.

`Repetitions` counts squats and push-ups.
"""
from movenet_ros.core.gestures.angles import JOINT_NAMES, JOINTS
from movenet_ros.core.gestures.gesture import Gesture
from movenet_ros.core.gestures.recognition import (
    Gestures,
    GestureSettings,
    GestureState,
    update,
)
from movenet_ros.core.gestures.repetitions import PUSH_UP, SQUAT, Exercise, Repetitions

__all__ = ['JOINTS', 'JOINT_NAMES', 'PUSH_UP', 'SQUAT', 'Exercise', 'Gesture', 'GestureSettings',
           'GestureState', 'Gestures', 'Repetitions', 'update']
