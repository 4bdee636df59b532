"""`movenet status` beside real nodes, on a terminal and in scripts.

Starting takes longer than all else, so the commands of most tests run at the same time.
"""
import contextlib
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
from support.ros import DEADLINE, Peer

COMMAND = [sys.executable, '-m', 'movenet_ros.cli', 'status']
PATIENT = '--wait', '30'
WORDS = {
    'warning': ['--once', '--node', 'movenet', *PATIENT],
    'error': ['--once', *PATIENT],
    'absent': ['--once', '--node', '/absent', '--wait', '8'],
    'real': ['--once', '--json', '--node', '/real/movenet', *PATIENT],
    'log': ['--node', '/movenet', *PATIENT],
    'terminal': ['--node', '/movenet', *PATIENT],
    'vanished': ['--json', '--node', '/movenet', *PATIENT],
}


def report(name, level, topic='/image'):
    values = {'state': 'active', 'configuration': 'ab', 'images lost': '7'}
    return DiagnosticStatus(name=name, level=bytes([level]), message=HOSTILE, hardware_id=topic,
                            values=[KeyValue(key=k, value=v) for k, v in values.items()])


class Shown:
    """A command, and what it writes to stdout."""

    def __init__(self, words, on_terminal):
        self.reader, writer = pty.openpty() if on_terminal else os.pipe()
        os.set_blocking(self.reader, False)
        self.process = subprocess.Popen(
            [*COMMAND, *words], stdout=writer, stderr=subprocess.PIPE, text=True,
            env={**os.environ, 'COLUMNS': '60'})
        os.close(writer)
        self._text = b''

    @property
    def text(self):
        try:
            while more := os.read(self.reader, 2**16):
                self._text += more
        except OSError:
            # nothing more for now, or a terminal that is closed
            pass
        return self._text.decode()

    @property
    def code(self):
        return self.process.poll()

    def close(self):
        self.process.kill()
        self.process.communicate()
        os.close(self.reader)


def is_shown(shown):
    return (all(shown[name].code is not None for name in ('warning', 'error', 'absent', 'real'))
            and shown['log'].text.count('\n') >= 3 and '"silent": false' in shown['vanished'].text
            and len(re.findall(r'\x1b\[\d+A', shown['terminal'].text)) >= 2)


@pytest.fixture(scope='module')
def shown():
    """All commands, after they have ended: exit codes, outputs and errors."""
    with contextlib.ExitStack() as stack:
        peer = Peer()
        stack.callback(peer.close)
        publisher = peer.node.create_publisher(
            DiagnosticArray, '/diagnostics', 10,
            event_callbacks=PublisherEventCallbacks(use_default_callbacks=False))
        node = stack.enter_context(NodeProcess('-r', '__ns:=/real'))
        shown = {}
        for name, words in WORDS.items():
            shown[name] = Shown(words, name == 'terminal')
            stack.callback(shown[name].close)

        def publish():
            publisher.publish(DiagnosticArray(status=[
                report('movenet: poses', 1), report('eyes: front/poses (/two)', 2)]))
            peer.spin(0.1)
            return is_shown(shown)
        peer.until(publish, 'what is shown', 2 * DEADLINE)
        node.stop()
        # now all nodes are silent
        for name, number in (('log', signal.SIGINT), ('terminal', signal.SIGTERM)):
            shown[name].process.send_signal(number)
        peer.until(lambda: '"silent": true' in shown['vanished'].text)
        shown['vanished'].process.send_signal(signal.SIGINT)
        return ({name: one.process.wait(DEADLINE) for name, one in shown.items()},
                {name: one.text for name, one in shown.items()},
                {name: one.process.stderr.read() for name, one in shown.items()})


def test_the_exit_code_tells_an_error(shown):
    codes, _, _ = shown
    assert codes == {'warning': 0, 'error': 3, 'absent': 1, 'real': 0, 'log': 0, 'terminal': 0,
                     'vanished': 3}


def test_a_table_has_all_nodes(shown):
    _, texts, errors = shown
    for node in '/movenet', '/two/eyes':
        assert re.search(rf' {node}\b', texts['error'])
    check(texts['error'])
    assert '/two/eyes' not in texts['warning']
    assert texts['error'].isascii()
    assert errors['error'] == ''


def test_a_real_node(shown):
    _, texts, _ = shown
    line = json.loads(texts['real'])
    assert (line['node'], line['level'], line['values']['state']) == (
        '/real/movenet', 'OK', 'unconfigured')


def test_another_node_than_the_one_asked_for(shown):
    _, texts, errors = shown
    assert texts['absent'] == ''
    assert 'the node /absent has not reported on /diagnostics in 8 s' in errors['absent']
    assert re.search(r'those that have: /movenet, (/real/movenet, )?/two/eyes', errors['absent'])


def test_without_a_terminal_there_are_lines(shown):
    _, texts, _ = shown
    check(texts['log'])
    line, = set(texts['log'].splitlines())
    assert re.fullmatch('/movenet: WARN: .*; images lost 7', line)


def test_on_a_terminal_the_table_stays_in_place(shown):
    _, texts, _ = shown
    tables = re.split(r'(?:\x1b\[\d+A)?\r\x1b\[J', texts['terminal'])
    check(tables[1].replace('\r\n', '\n'))
    rows = tables[1].count('\r\n')
    assert re.findall(r'\x1b\[(\d+)A', texts['terminal']) == [str(rows)] * (len(tables) - 2)


def test_no_node():
    done = subprocess.run([*COMMAND, '--wait', '0.5'], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, '')
    assert 'no node of this package has reported on /diagnostics in 0.5 s' in done.stderr
    assert f'ROS_DOMAIN_ID={os.environ["ROS_DOMAIN_ID"]}' in done.stderr


def test_an_interruption_before_there_is_anything_to_show(own_peer):
    with subprocess.Popen([*COMMAND, '--wait', '60'], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True) as process:
        own_peer.until(lambda: 'movenet_status' in own_peer.node.get_node_names(), 'the command')
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=DEADLINE) == ('', '')
        assert process.returncode == 130
