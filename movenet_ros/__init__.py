"""MoveNet for ROS 2: human poses from camera images.

    >>> from movenet_ros import MoveNet
    >>> poses = MoveNet().detect(picture)  # doctest: +SKIP

The names below are loaded when they are first used, so that importing the package costs nothing.
"""
from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from movenet_ros.config import Config
    from movenet_ros.core.skeleton import EDGES, KEYPOINT_NAMES
    from movenet_ros.core.types import Picture, Poses
    from movenet_ros.errors import MovenetError
    from movenet_ros.library import MoveNet, Stream

__all__ = ['EDGES', 'KEYPOINT_NAMES', 'Config', 'MoveNet', 'MovenetError', 'Picture', 'Poses',
           'Stream']

# The generated message package has the same name and may lie in another folder: find both.
__path__ = __import__('pkgutil').extend_path(__path__, __name__)

_MODULES = {
    'Config': 'movenet_ros.config',
    'EDGES': 'movenet_ros.core.skeleton',
    'KEYPOINT_NAMES': 'movenet_ros.core.skeleton',
    'MoveNet': 'movenet_ros.library',
    'MovenetError': 'movenet_ros.errors',
    'Picture': 'movenet_ros.core.types',
    'Poses': 'movenet_ros.core.types',
    'Stream': 'movenet_ros.library',
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    value = globals()[name] = getattr(importlib.import_module(_MODULES[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
