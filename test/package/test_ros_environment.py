"""Processes that keep to themselves."""
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack

import pytest

from movenet_ros.ros_environment import INHERITED_MARK, isolated, own_domain


def test_they_hear_only_one_another_and_keep_all_else():
    before = {'HOME': '/root', 'ROS_DOMAIN_ID': '5', INHERITED_MARK: '1'}
    assert isolated(before, 7, '/logs') == {
        'HOME': '/root', 'ROS_DOMAIN_ID': '7', 'ROS_AUTOMATIC_DISCOVERY_RANGE': 'LOCALHOST',
        'ROS_LOG_DIR': '/logs', 'RCUTILS_LOGGING_BUFFERED_STREAM': '0'}
    assert before['ROS_DOMAIN_ID'] == '5'


def domain_of(own=''):
    with own_domain({'ROS_DOMAIN_ID': own}) as domain:
        return domain


@pytest.fixture
def no_other_program(tmp_path, monkeypatch):
    """Domains are reserved where nobody else does."""
    monkeypatch.setattr(tempfile, 'tempdir', str(tmp_path))


@pytest.mark.usefixtures('no_other_program')
def test_the_domain_is_never_that_of_the_user_and_each_time_another():
    for own in ('7', '007', ' 7'):
        domains = [domain_of(own) for _ in range(99)]
        assert sorted(domains) == [number for number in range(1, 101) if number != 7]
    assert {domain_of() for _ in range(100)} == set(range(1, 101))


@pytest.mark.usefixtures('no_other_program')
def test_the_domain_is_not_that_of_another_program():
    code = ('import os; from movenet_ros.ros_environment import own_domain\n'
            'with own_domain({}) as domain:\n'
            '    print(domain, flush=True)\n'
            '    input()\n')
    environment = {**os.environ, 'TMPDIR': tempfile.gettempdir()}
    with subprocess.Popen([sys.executable, '-c', code], text=True, stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, env=environment) as other:
        taken = int(other.stdout.readline())
        assert taken not in {domain_of() for _ in range(200)}
        other.communicate('\n')
    assert taken in {domain_of() for _ in range(100)}


@pytest.mark.usefixtures('no_other_program')
def test_where_all_are_taken_there_is_still_one():
    with ExitStack() as stack:
        domains = [stack.enter_context(own_domain({})) for _ in range(101)]
    assert set(domains[:100]) == set(range(1, 101)) and domains[100] in domains
