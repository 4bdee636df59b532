"""The types of the messages in bags."""
from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from movenet_ros.share import share_dir

if TYPE_CHECKING:
    from rosbags.typesys.store import Typestore

OWN_TYPES = ('Keypoint', 'PersonEvent', 'PersonPose', 'PoseArray', 'PoseInfo', 'Keypoint3D',
             'PersonPose3D', 'PoseArray3D', 'PersonGestures', 'GestureArray', 'Target')


@cache
def typestore() -> Typestore:
    """The standard message types and ours, which are read from our .msg files.

    Raises:
        MovenetError: The .msg files are missing.
    """
    from rosbags.typesys import Stores, get_types_from_msg, get_typestore
    store, types = get_typestore(Stores.ROS2_HUMBLE), {}
    for name in OWN_TYPES:
        text = (share_dir() / 'msg' / f'{name}.msg').read_text(encoding='utf-8')
        types.update(get_types_from_msg(text, f'movenet_ros/msg/{name}'))
    store.register(types)
    return store
