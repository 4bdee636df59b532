"""What is read out of /diagnostics: every camera of this package's nodes, and nothing else."""
import time

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from support.hostile_text import HOSTILE, check

from movenet_ros.tools.node_status import NodeStatusInput, read_statuses


def status(name='movenet: poses', level=0, message='active', topic='/image', **values):
    values = {'state': 'active', 'configuration': '0123456789abcdef', **values}
    return DiagnosticStatus(
        name=name, level=bytes([level]), message=message, hardware_id=topic,
        values=[KeyValue(key=key, value=value) for key, value in values.items()])


def read(*statuses):
    return read_statuses(DiagnosticArray(status=statuses), received=5.0)


def test_a_name_holds_node_camera_and_namespace():
    names = ['movenet: poses', 'movenet: front/poses', 'eyes: poses (/robot1)',
             'eyes: left/poses (/robots/two)']
    assert [(s.node, s.camera, s.namespace, s.full_name) for s in read(*map(status, names))] == [
        ('movenet', '', '/', '/movenet'), ('movenet', 'front', '/', '/movenet'),
        ('eyes', '', '/robot1', '/robot1/eyes'),
        ('eyes', 'left', '/robots/two', '/robots/two/eyes')]


def test_what_other_nodes_report_is_left_out():
    other = DiagnosticStatus(name='laser: poses', level=b'\0')
    assert read(status('camera: driver'), status('movenet'), status(''), other,
                status('movenet: poses (robot1)'), status('movenet: front/poses\n')) == []


def test_all_else_is_as_it_was_reported():
    found, = read(status(level=1, message='2 images rejected', topic='/front/image',
                         model='lightning'))
    assert (found.level, found.message, found.topic, found.received) == (
        1, '2 images rejected', '/front/image', 5.0)
    assert found.values == {'state': 'active', 'configuration': '0123456789abcdef',
                            'model': 'lightning'}


def test_text_from_outside_is_printable():
    found, = read(status(level=255, message=HOSTILE, topic=HOSTILE, **{HOSTILE: HOSTILE}))
    assert found.level == 3
    for text in (found.message, found.topic, *list(found.values.items())[-1]):
        check(text)


def test_reports_of_a_node_arrive(own_peer):
    came = []
    publisher = own_peer.node.create_publisher(DiagnosticArray, '/diagnostics', 10)
    status_input = NodeStatusInput(own_peer.node, came.append)
    own_peer.until(lambda: publisher.get_subscription_count())
    before = time.monotonic()
    publisher.publish(DiagnosticArray(status=[status('camera: driver')]))
    publisher.publish(DiagnosticArray(status=[status('camera: driver'), status()]))
    own_peer.until(lambda: came)
    assert status_input is not None
    assert [[s.full_name for s in statuses] for statuses in came] == [['/movenet']]
    assert before <= came[0][0].received <= time.monotonic()
