"""Everything works with networking to the outside cut off, and nothing even tries to get there."""
import json
import subprocess
import sys

import pytest
from support.paths import TESTS

CUT_OFF = ['unshare', '--map-root-user', '--net', sys.executable,
           str(TESTS / 'support' / 'offline.py')]
REACH_OUT = """
import socket
for family, address in ((socket.AF_INET, '192.0.2.1'), (socket.AF_INET6, '2001:db8::1')):
    with socket.socket(family, socket.SOCK_DGRAM) as outward:
        try:
            outward.connect((address, 53))
        except OSError as error:
            print(error)
"""


def run_cut_off(*command):
    return subprocess.run([*CUT_OFF, *command], capture_output=True, text=True, check=False,
                          cwd=TESTS.parent)


def possible():
    try:
        return run_cut_off('true').returncode == 0
    except FileNotFoundError:
        return False


pytestmark = pytest.mark.skipif(
    not possible(), reason='needs the right to make a network namespace: unshare -rn')


def succeed(*command):
    """Runs a command of this Python cut off; returns what was sent and what was rejected."""
    done = run_cut_off(sys.executable, *command)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_an_attempt_is_noticed():
    assert succeed('-c', REACH_OUT)['rejected'] >= 1


def test_the_command_finds_people_and_sends_nothing(tmp_path):
    output = tmp_path / 'poses.jsonl'
    counts = succeed('-m', 'movenet_ros.cli', 'process', str(TESTS / 'data' / 'astronaut.jpg'),
                     '--output', str(output))
    assert json.loads(output.read_text(encoding='utf-8'))['poses']
    assert counts == {'rejected': 0, 'sent': 0}


def test_the_node_answers_and_reaches_for_nothing_but_the_loopback():
    """A test of the node's own: it is configured, activated, shown a person, and finds them."""
    pytest.importorskip('rclpy')
    counts = succeed(
        '-m', 'pytest', '-q', '-p', 'no:cacheprovider', 'test/ros/test_node_images.py::'
        'test_a_person_is_found_and_the_header_comes_back_unchanged')
    assert counts['rejected'] == 0
    assert counts['sent'] > 0
