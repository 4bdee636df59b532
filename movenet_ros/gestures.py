"""What people do: gestures, posture and joint angles from poses, without ROS.

    >>> import cv2
    >>> from movenet_ros import MoveNet
    >>> from movenet_ros.gestures import JOINT_NAMES, Gesture, GestureState, update
    >>> net, state = MoveNet(), GestureState()
    >>> video = cv2.VideoCapture('several_people.mp4')
    >>> for image in range(82):
    ...     stamp_ns = image * 33_333_333
    ...     poses = net(video.read()[1], stamp_ns=stamp_ns)
    ...     state, gestures = update(state, poses, stamp_ns)
    >>> [gesture.name for gesture in gestures.of(0)]
    ['RIGHT_HAND_RAISED', 'STANDING']
    >>> bool(gestures.active[0, Gesture.LEFT_HAND_RAISED])
    False
    >>> knee = gestures.joint_angle[0, JOINT_NAMES.index('right_knee')]
    >>> print(f'{knee:.1f} rad')
    3.1 rad
    >>> net.close()

People are known by the ids of their poses, and times are those of the stamps. Where positions of
keypoints in the camera's optical frame are known, they are a fourth argument: angles, posture and
the direction in which an arm points are those in space then.

`Repetitions` counts squats and push-ups.
"""
from movenet_ros.core.gestures.angles import JOINT_NAMES, JOINTS
from movenet_ros.core.gestures.gesture import Gesture, Gestures, Posture
from movenet_ros.core.gestures.recognition import GestureSettings, GestureState, update
from movenet_ros.core.gestures.repetitions import PUSH_UP, SQUAT, Exercise, Repetitions

__all__ = ['JOINTS', 'JOINT_NAMES', 'PUSH_UP', 'SQUAT', 'Exercise', 'Gesture', 'GestureSettings',
           'GestureState', 'Gestures', 'Posture', 'Repetitions', 'update']
