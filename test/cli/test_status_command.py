"""`movenet status` beside real nodes, on a terminal and in scripts."""
import json
import os
import pty
import re
import signal
import subprocess
import sys

import pytest
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from rclpy.event_handler import PublisherEventCallbacks
from support.hostile_text import HOSTILE, check
from support.process import NodeProcess
from support.ros import DEADLINE

COMMAND = [sys.executable, '-m', 'movenet_ros.cli', 'status']


def report(name='movenet: poses', level=0, message='active', topic='/image'):
    values = {'state': 'active', 'configuration': 'ab', 'images lost': '7'}
    return DiagnosticStatus(name=name, level=bytes([level]), message=message, hardware_id=topic,
                            values=[KeyValue(key=k, value=v) for k, v in values.items()])


@pytest.fixture
def publish(own_peer):
    """Publishes reports, all of them time and again, for as long as a process runs."""
    publisher = own_peer.node.create_publisher(
        DiagnosticArray, '/diagnostics', 10,
        event_callbacks=PublisherEventCallbacks(use_default_callbacks=False))

    def until(condition, *reports):
        def happened():
            publisher.publish(DiagnosticArray(status=reports))
            own_peer.spin(0.1)
            return condition()
        own_peer.until(happened, 'what is shown', DEADLINE)
    return until


def start(*words, **options):
    return subprocess.Popen([*COMMAND, *words], text=True, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, **options)


def read_now(descriptor):
    """What can be read without waiting."""
    os.set_blocking(descriptor, False)
    try:
        return os.read(descriptor, 2**20).decode()
    except BlockingIOError:
        return ''


def test_a_running_node():
    with NodeProcess():
        done = subprocess.run([*COMMAND, '--once', '--json', '--wait', '20'],
                              capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, '')
    line = json.loads(done.stdout)
    assert (line['node'], line['level'], line['values']['state']) == (
        '/movenet', 'OK', 'unconfigured')


def test_no_node():
    done = subprocess.run([*COMMAND, '--wait', '0.5'], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, '')
    assert 'no node of this package has reported on /diagnostics in 0.5 s' in done.stderr
    assert f'ROS_DOMAIN_ID={os.environ["ROS_DOMAIN_ID"]}' in done.stderr


def test_another_node_than_the_one_asked_for(publish):
    with start('--once', '--node', 'robot1/movenet', '--wait', '3') as process:
        publish(lambda: process.poll() is not None, report())
        assert process.wait() == 1
        assert '/robot1/movenet has not reported' in (text := process.stderr.read())
        assert 'those that have: /movenet' in text


@pytest.mark.parametrize(('level', 'code'), [(1, 0), (2, 3)])
def test_the_exit_code_tells_an_error(publish, level, code):
    with start('--once') as process:
        publish(lambda: process.poll() is not None, report(level=level, message=HOSTILE),
                report('eyes: front/poses (/two)'))
        assert process.wait() == code
        text = process.stdout.read()
    assert '/movenet' in text
    assert '/two/eyes' in text
    assert text.isascii()
    check(text)


def test_without_a_terminal_there_are_lines(publish):
    with start() as process:
        text = ''

        def three_lines():
            nonlocal text
            text += read_now(process.stdout.fileno())
            return text.count('\n') >= 3
        publish(three_lines, report())
        process.send_signal(signal.SIGINT)
        assert process.wait(DEADLINE) == 0
    assert set(text.splitlines()) == {'/movenet: OK: active; images lost 7'}


def test_on_a_terminal_the_table_stays_in_place(publish):
    screen, terminal = pty.openpty()
    text = ''

    def refreshed():
        nonlocal text
        text += read_now(screen)
        return len(re.findall(r'\x1b\[\d+A', text)) >= 2
    process = subprocess.Popen(COMMAND, stdout=terminal, env={**os.environ, 'COLUMNS': '60'})
    os.close(terminal)
    publish(refreshed, report(level=1, message=HOSTILE))
    process.send_signal(signal.SIGTERM)
    assert process.wait(DEADLINE) == 0
    os.close(screen)
    tables = re.split(r'(?:\x1b\[\d+A)?\r\x1b\[J', text)
    check(tables[1].replace('\r\n', '\n'))
    rows = tables[1].count('\r\n')
    assert re.findall(r'\x1b\[(\d+)A', text) == [str(rows)] * (len(tables) - 2)


def test_a_node_that_vanishes_is_an_error(publish):
    with start('--json') as process:
        publish(lambda: read_now(process.stdout.fileno()), report())
        os.set_blocking(process.stdout.fileno(), True)
        for line in process.stdout:
            if json.loads(line)['silent']:
                break
        process.send_signal(signal.SIGINT)
        process.stdout.read()
        assert process.wait(DEADLINE) == 3
