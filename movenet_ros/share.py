"""Finds the files that are installed with the package: config/, examples/, models/, clips/ etc."""
from __future__ import annotations

import os
import sys
from importlib.metadata import version
from pathlib import Path
from xml.etree import ElementTree

from movenet_ros.errors import MovenetError, SourceError

INSTALLED = Path('share', 'movenet_ros')


def large_image_profile() -> dict[str, str]:
    """The environment variable, with its value, that lets Fast DDS carry large images.

    The publisher of the images needs it: see config/fastdds_large_images.xml.
    """
    # Renamed with Kilted, whose rclpy is 9; there the old name draws a warning.
    old = int(version('rclpy').partition('.')[0]) < 9
    name = 'FASTRTPS_DEFAULT_PROFILES_FILE' if old else 'FASTDDS_DEFAULT_PROFILES_FILE'
    return {name: str(share_dir() / 'config' / 'fastdds_large_images.xml')}


def share_dir() -> Path:
    """The folder with the package's files.

    A source checkout is its own share folder. Otherwise they lie under the prefix that the
    modules were installed in, by pip or colcon; and if not there, under that of this Python
    or one of AMENT_PREFIX_PATH.

    Raises:
        MovenetError: There is none; says where it looked.
    """
    package = Path(__file__).resolve().parent
    if (package.parent / 'package.xml').is_file():
        return package.parent
    prefixes = [*package.parents, Path(sys.prefix),
                *map(Path, filter(None, os.environ.get('AMENT_PREFIX_PATH', '').split(os.pathsep)))]
    for prefix in prefixes:
        if (prefix / INSTALLED / 'package.xml').is_file():
            return prefix / INSTALLED
    looked = ', '.join(dict.fromkeys(str(prefix) for prefix in prefixes))
    raise MovenetError(f"the package's own files, {INSTALLED}, are under none of: {looked}. "
                       'Install the package again, or source the workspace it was built in')


def package_version() -> str:
    """The version of the package."""
    # There is no Python metadata of a package that colcon built.
    text = ElementTree.parse(share_dir() / 'package.xml').getroot().findtext('version')
    return text or 'unknown'


def sample_clip(name: str) -> Path:
    """A clip of people that comes with the package.

    Args:
        name: one_person.mp4 or several_people.mp4.

    Raises:
        SourceError: It is not installed.
    """
    share = share_dir()
    # in a checkout, and where it is installed
    places = [share / 'test' / 'data' / name, share / 'clips' / name]
    for path in places:
        if path.is_file():
            return path
    raise SourceError(f'{places[-1]}: this sample clip is not there; install the package again, '
                      'or name a video of people with --clip')
