"""setuptools' build backend, which also asks for the ROS wheels of the chosen release."""
from __future__ import annotations

from typing import Any

import requirements
from setuptools.build_meta import *  # noqa: F403 - offers all of setuptools' hooks


def get_requires_for_build_wheel(config_settings: Any = None) -> list[str]:
    return requirements.build()


def get_requires_for_build_editable(config_settings: Any = None) -> list[str]:
    return requirements.build()
