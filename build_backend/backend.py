"""setuptools' build backend, with two kinds of wheels.

By default a wheel holds everything: it needs the ROS wheels of the chosen release, and a compiler
for the messages. With the setting `library-only=true`, as in

    pip install -C library-only=true .

it holds the Python modules and the models, for every platform, and needs neither.
"""
from __future__ import annotations

import os
from typing import Any

import requirements
from setuptools import build_meta
from setuptools.build_meta import *  # noqa: F403 - offers all of setuptools' hooks

SETTING = 'library-only'


def get_requires_for_build_wheel(config_settings: Any = None) -> list[str]:
    return _requires(config_settings)


def get_requires_for_build_editable(config_settings: Any = None) -> list[str]:
    return _requires(config_settings)


def prepare_metadata_for_build_wheel(metadata_directory: str,
                                     config_settings: Any = None) -> str:
    _choose(config_settings)
    return str(build_meta.prepare_metadata_for_build_wheel(metadata_directory))


def build_wheel(wheel_directory: str, config_settings: Any = None,
                metadata_directory: str | None = None) -> str:
    _choose(config_settings)
    return str(build_meta.build_wheel(wheel_directory, None, metadata_directory))


def _requires(config_settings: Any) -> list[str]:
    _choose(config_settings)
    return requirements.build()


def _choose(config_settings: Any) -> None:
    """Tells requirements.py and setup.py, which setuptools runs in this process."""
    value = str((config_settings or {}).get(SETTING, 'false')).lower()
    if value not in ('true', 'false'):
        raise SystemExit(f'{SETTING} is {value!r}, but must be true or false')
    if value == 'true':
        os.environ[requirements.LIBRARY_ONLY] = '1'
