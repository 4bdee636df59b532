"""The table of `movenet status`: what it shows, and that it fits any terminal."""
import unicodedata

import pytest
from support.hostile_text import HOSTILE, check

from movenet_ros.errors import printable
from movenet_ros.ros.diagnostics.levels import Level
from movenet_ros.tools.node_status import CameraStatus
from movenet_ros.tools.status import LatestStatuses
from movenet_ros.tools.status_table import StatusRow, as_json, log_lines, table_lines

VALUES = {'state': 'active', 'configuration': 'ab', 'model': 'lightning',
          'engine chosen': 'this machine shows no GPU', 'input rate [Hz]': '30.00',
          'inference p50 [ms]': '4.00', 'inference max [ms]': '9.00', 'images skipped': '2'}


def row(camera='front', *, namespace='/', level=0, message='active', topic='/image', age=0.1,
        silent=False, received=10.0, **values):
    return StatusRow(CameraStatus('movenet', namespace, camera, Level(level), message, topic,
                                  {**VALUES, **values}, received), age, silent)


def test_a_column_for_each_camera():
    lines = table_lines([row('front'), row('', namespace='/two', model='multipose')], 120)
    table = {words[0]: words for words in ([w.strip() for w in line.split('  ') if w.strip()]
                                           for line in lines)}
    assert table['node'] == ['node', '/movenet', '/two/movenet']
    assert table['camera'] == ['camera', 'front', '-']
    assert table['status'] == ['status', 'OK', 'OK']
    assert table['model'] == ['model', 'lightning', 'multipose']
    assert table['inference p50/max [ms]'][1:] == ['4.00 / 9.00', '4.00 / 9.00']
    assert not {'configuration', 'engine chosen'} & set(table)


def test_a_value_that_one_camera_has_comes_after_that_before_it():
    late = dict(VALUES)
    late['images rejected: encoding'] = '3'
    late['people'] = '1'
    lines = table_lines([row(), row('rear', **late)], 120)
    at = next(i for i, line in enumerate(lines) if line.startswith('images rejected: encoding'))
    assert lines[at].split() == ['images', 'rejected:', 'encoding', '-', '3']
    assert lines[at - 1].startswith('images skipped')
    assert lines[at + 1].startswith('people')


def test_what_is_not_all_right_is_said_in_full():
    text = 'no image for 8.0 s: ' + 'is the camera running? ' * 5
    lines = table_lines([row(), row('rear', level=2, message=text.strip()),
                         row('left', level=1, message='3 images rejected')], 60)
    said = ' '.join(' '.join(lines).split())
    assert f'ERROR: /movenet rear: {text.strip()}' in said
    assert 'WARN: /movenet left: 3 images rejected' in said
    assert 'OK: ' not in said


def test_a_silent_node_is_an_error():
    silent = row(age=12.3, silent=True)
    assert silent.has_error
    lines = table_lines([silent], 80)
    assert any(line.split() == ['status', 'silent', 'for', '12', 's'] for line in lines)
    assert 'silent for 12 s: /movenet front: active' in lines


def columns(text):
    return sum(1 + (unicodedata.east_asian_width(character) in 'WF') for character in text)


@pytest.mark.parametrize('width', [24, 40, 80, 200])
def test_no_line_is_wider_than_the_terminal(width):
    long = '/a_very_long_name' * 12 + '/image'
    rows = [row('front', topic=long, level=1, message=printable(HOSTILE) * 4),
            row('rear', namespace=long, level=2, message='画像' * 100, model='画像' * 100),
            row('left', **{'images rejected: ' + 'x' * 90: '1'}), row('right')]
    lines = table_lines(rows, width)
    assert max(map(columns, lines)) <= width
    # of a topic its end is kept
    assert any(line.startswith('topic') and '/image' in line for line in lines)
    assert sum(line.startswith('camera') for line in lines) >= (4 if width < 40 else 1)


def test_a_log_and_json_have_everything():
    one = row(level=1, message='2 images rejected')
    line, = log_lines([one])
    assert line.startswith('/movenet front: WARN: 2 images rejected; model lightning; ')
    assert 'inference p50/max [ms] 4.00 / 9.00' in line
    assert as_json(one) == {
        'node': '/movenet', 'camera': 'front', 'level': 'WARN', 'message': '2 images rejected',
        'topic': '/image', 'age': 0.1, 'silent': False, 'values': VALUES}
    check('\n'.join(log_lines([row(message=printable(HOSTILE))])))


def test_a_node_reports_all_its_cameras_at_once():
    latest = LatestStatuses()
    latest.update([row('front').status, row('rear').status, row(namespace='/two').status])
    latest.update([row('left', received=11.0).status])
    assert [(r.name, r.age, r.is_silent) for r in latest.rows(12.0)] == [
        ('/movenet left', 1.0, False), ('/two/movenet front', 2.0, False)]


def test_a_node_that_reports_seldom_is_not_silent_for_long():
    latest = LatestStatuses()
    latest.update([row(received=10.0).status])
    assert [r.is_silent for r in latest.rows(13.5)] == [True]
    latest.update([row(received=20.0).status])
    assert [r.is_silent for r in latest.rows(44.0)] == [False]
    assert [r.is_silent for r in latest.rows(46.0)] == [True]


def test_a_node_that_is_silent_for_long_is_left_out_but_for_the_last():
    latest = LatestStatuses()
    latest.update([row(received=10.0).status, row(namespace='/two', received=10.0).status])
    latest.update([row(namespace='/two', received=11.0).status])
    assert [r.name for r in latest.rows(609.0)] == ['/movenet front', '/two/movenet front']
    for now in 610.1, 10_000.0:
        assert [(r.name, r.is_silent) for r in latest.rows(now)] == [('/two/movenet front', True)]
    latest.update([row(received=10_000.0).status])
    assert [(r.name, r.is_silent) for r in latest.rows(10_001.0)] == [('/movenet front', False)]


def test_other_nodes_than_the_one_asked_for_are_only_named():
    latest = LatestStatuses('/two/movenet')
    latest.update([row().status])
    assert not latest.changed
    latest.update([row(namespace='/two').status])
    assert latest.changed
    assert [r.name for r in latest.rows(11.0)] == ['/two/movenet front']
    assert latest.others == {'/movenet'}
