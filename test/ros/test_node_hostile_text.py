"""Hostile text that reaches a running node: its log and /diagnostics stay lines of its own."""
import os
from pathlib import Path

import pytest
from rclpy.impl.logging_severity import LoggingSeverity
from support.hostile_text import HOSTILE, check
from support.ros import DEADLINE, Peer, values_of
from support.watched import compressed, raw, watched

from movenet_ros.errors import printable
from movenet_ros.ros.logger import PrintableLogger
from movenet_ros.ros.node import MovenetNode


def log_files(node):
    """What the node wrote to its log file."""
    found = [path for path in Path(os.environ['ROS_LOG_DIR']).glob('*.log')
             if f'_{node.process.pid}_' in path.name]
    assert len(found) == 1
    # as bytes are: universal newlines would hide a carriage return
    return found[0].read_bytes().decode()


def check_status(status):
    texts = [status.name, status.message, status.hardware_id,
             *(text for pair in status.values for text in (pair.key, pair.value))]
    for text in texts:
        assert printable(text) == text
    assert any('forged' in text for text in texts)


def test_a_parameter(node, peer):
    peer.bring_to('unconfigured')
    before = peer.get('models_dir')[0]
    assert peer.set(models_dir=HOSTILE, diagnostics__period=0.1) == []
    with peer.diagnostics() as reports:
        assert not peer.transition('configure')
        status = peer.until(
            lambda: [r.status[0] for r in reports if 'forged' in r.status[0].message],
            'a report of it')[-1]
        check_status(status)
    assert peer.set(models_dir=before) == []
    (reason,) = peer.set(model=HOSTILE)
    check(reason)
    assert '\n' not in reason
    node.wait_for_line('cannot configure', DEADLINE)
    check(log_files(node))
    check(node.text)


@pytest.mark.parametrize('transport', ['raw', 'compressed'])
def test_an_image(node, peer, transport):
    with watched(node, peer, transport) as it:
        bad = raw(encoding=HOSTILE) if transport == 'raw' else compressed(b'', HOSTILE)
        it.camera.publish(bad, frame_id=HOSTILE)
        peer.until(lambda: it.values().get('images rejected') == '1', 'a rejected image')
        answer = it.show(frame_id=HOSTILE)
        assert answer.header.frame_id == HOSTILE
        status = it.report()
        assert values_of(status)['images rejected'] == '1'
        for text in (status.message, *values_of(status).values()):
            assert printable(text) == text
    assert not [line for line in node.lines if line.startswith('[ERROR] forged')]
    assert all(printable(line) == line for line in node.lines)
    log = log_files(node).split('\n')
    assert all(printable(line) == line for line in log)


def test_whatever_the_node_logs(capfd):
    peer = Peer()
    node = MovenetNode(context=peer.context, use_global_arguments=False)
    capfd.readouterr()
    node.get_logger().warning(HOSTILE)
    # from another place at another level, which rclpy takes for one place unless it knows better
    node.get_logger().error('käse 摄像头')
    node.destroy_node()
    peer.close()
    first, *others, last = capfd.readouterr().err.strip().split('\n')
    assert '[WARN]' in first
    assert all(line.startswith('    ') for line in others)
    assert '[ERROR]' in last and last.endswith('[movenet]: käse 摄像头')
    assert all(printable(line) == line for line in (first, *others))
    assert 'forged' in others[0]


def test_the_logger_takes_what_that_of_rclpy_takes(capfd):
    logger = PrintableLogger('plain')
    assert logger.info('one\x1b[2J')
    assert logger.log('two', LoggingSeverity.WARN, name='other')
    said = capfd.readouterr().err
    assert '[plain]: one\\x1b[2J' in said
    assert '[WARN]' in said and '[other]: two' in said
