"""What the commands say where rosbags is not installed: no distribution packages it."""
import subprocess
import sys

import pytest
from support.bags import image, write
from support.paths import DATA

WITHOUT_ROSBAGS = """
import sys
sys.modules['rosbags'] = None
from movenet_ros.cli import main
sys.exit(main(sys.argv[1:]))
"""


def run(*words):
    return subprocess.run([sys.executable, '-c', WITHOUT_ROSBAGS, *map(str, words)],
                          capture_output=True, text=True, check=False)


@pytest.mark.parametrize('output', ['poses.mcap', 'poses'])
def test_a_bag_cannot_be_written(tmp_path, output):
    done = run('process', DATA / 'astronaut.jpg', '--quiet', '--output', tmp_path / output)
    assert done.returncode == 1
    assert 'movenet: a bag needs the package rosbags' in done.stderr
    assert done.stderr.endswith(': pip install rosbags\n')
    assert 'Traceback' not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_bag_cannot_be_read(tmp_path):
    write(tmp_path / 'bag', [('/image', image(0))])
    done = run('process', tmp_path / 'bag', '--quiet', '--output', tmp_path / 'poses.jsonl')
    assert done.returncode == 1
    assert 'pip install rosbags' in done.stderr


def test_pictures_and_videos_need_none(tmp_path):
    done = run('process', DATA / 'astronaut.jpg', '--quiet', '--output', tmp_path / 'poses.jsonl')
    assert done.returncode == 0
    assert (tmp_path / 'poses.jsonl').stat().st_size
