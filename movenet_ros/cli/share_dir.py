"""Prints the folder with the package's own files: config/, launch/, examples/, msg/ and models/."""
from __future__ import annotations

import argparse

from movenet_ros.files.stdout import writing_stdout
from movenet_ros.share import share_dir

EXAMPLES = """\
examples:
  export FASTRTPS_DEFAULT_PROFILES_FILE=$(movenet share-dir)/config/fastdds_large_images.xml
  cp "$(movenet share-dir)"/config/movenet.yaml my.yaml

"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds this command's arguments: none."""


def run(args: argparse.Namespace) -> int:
    """Runs the command."""
    with writing_stdout():
        print(share_dir())
    return 0
