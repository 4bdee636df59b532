"""docs/pip.md: what it shows in place of ROS's tools works."""
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from support.paths import ROOT
from support.ros import image

from movenet_ros.cli import main

PAGE = (ROOT / 'docs' / 'pip.md').read_text(encoding='utf-8')
PROGRAMS = dict(re.findall(r'### ([\w ]+)\n\n```python\n(.*?)```', PAGE, re.DOTALL))


def run(title, meanwhile=lambda: None):
    """What a program of the page prints."""
    with subprocess.Popen([sys.executable, '-c', PROGRAMS[title]], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        while process.poll() is None:
            meanwhile()
        out, err = process.communicate()
    assert (process.returncode, err) == (0, '')
    return out


@pytest.fixture
def idle(peer):
    return lambda: peer.spin(0.05)


def test_the_lifecycle(peer, idle):
    peer.bring_to('unconfigured')
    assert run('Configure and activate', idle) == 'configure done\nactivate done\n'
    assert peer.state() == 'active'


def test_a_parameter(peer, idle):
    assert run('Set a parameter', idle) == "['set']\n[12.5, 'lightning']\n"
    assert peer.get('filter.beta') == [12.5]


def test_poses(peer):
    peer.bring_to('active')
    camera = peer.camera()

    def publish():
        camera.publish(image(np.zeros((48, 64, 3), np.uint8)))
        peer.spin(0.05)

    try:
        assert run('Read the poses', publish) == '0 people\n'
    finally:
        camera.close()


def test_diagnostics(peer, idle):
    assert 'state: ' in run('Read the diagnostics', idle)


def test_topics(peer, idle):
    peer.state()
    line = '/diagnostics diagnostic_msgs/msg/DiagnosticArray publishers: 1\n'
    # On a busy machine discovery may take longer than the program waits.
    assert any(line in run('List topics', idle) for _ in range(5))


def test_every_program_of_the_page_is_tried_here():
    source = Path(__file__).read_text(encoding='utf-8')
    assert PROGRAMS and all(f"'{title}'" in source for title in PROGRAMS)


@pytest.mark.parametrize('command', sorted(set(re.findall(r'`movenet (\w[\w-]*)', PAGE))))
def test_every_command_of_the_page_is_there(command, capsys):
    with pytest.raises(SystemExit, match='0'):
        main([command, '--help'])


@pytest.mark.parametrize('part', re.findall(r'\(movenet share-dir\)/([\w/.]+)', PAGE))
def test_every_file_of_the_page_is_there(part):
    assert (ROOT / part).exists()
