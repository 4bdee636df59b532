"""What the server of the page has at which path, where it listens, and how it ends."""
import json
import socket
import threading
import time

import pytest
from support.view import (
    FixedSubject,
    Stream,
    address_of,
    connected,
    exchange,
    nobody_answers,
    post,
    read_all,
    request,
    served,
)

from movenet_ros.core.skeleton import EDGES, KEYPOINT_NAMES
from movenet_ros.core.target.selection import Criterion, Selection
from movenet_ros.errors import ParameterError
from movenet_ros.tools.view import routes
from movenet_ros.tools.view.connections import ConnectionServer
from movenet_ros.tools.view.server import ViewServer


@pytest.fixture(scope='module', name='subject')
def _subject():
    return FixedSubject()


@pytest.fixture(scope='module', name='live')
def _live(subject):
    with served(subject) as running:
        yield running


@pytest.fixture
def page(tmp_path, monkeypatch):
    monkeypatch.setattr(routes, 'PAGE_DIR', tmp_path)
    for name in ('index.html', 'view.css', 'view.js', 'secret.txt'):
        (tmp_path / name).write_text(f'this is {name}')


@pytest.mark.parametrize(('path', 'name', 'content_type'), [
    ('/', 'index.html', 'text/html; charset=utf-8'),
    ('/?token=anything', 'index.html', 'text/html; charset=utf-8'),
    ('/view.css', 'view.css', 'text/css; charset=utf-8'),
    ('/view.js', 'view.js', 'text/javascript; charset=utf-8')])
def test_the_page_has_three_files(live, page, path, name, content_type):
    status, headers, body = request(live, 'GET', path)
    assert (status, headers['Content-Type']) == (200, content_type)
    assert body == f'this is {name}'.encode()


@pytest.mark.parametrize('path', [
    '/secret.txt', '/page/view.js', '/view.js/', '/../secret.txt', '/view.js/../secret.txt',
    '/%2e%2e/secret.txt', '/..%2fsecret.txt', '/view.js%00', '/index.html', '/INFO', '/info/'])
def test_nothing_else_is_there(live, page, path):
    status, _, body = request(live, 'GET', path)
    assert status == 404
    assert 'is not here' in body['error']


def test_a_page_that_is_not_installed_is_named(live, tmp_path, monkeypatch):
    monkeypatch.setattr(routes, 'PAGE_DIR', tmp_path)
    status, _, body = request(live, 'GET', '/view.js')
    assert status == 500
    assert body['error'] == 'view.js of the page cannot be read: No such file or directory'


def test_info_says_what_there_is(live):
    status, headers, body = request(live, 'GET', '/info')
    assert (status, headers['Content-Type']) == (200, 'application/json')
    assert body == {
        'title': 'two cameras', 'kind': 'live', 'cameras': ['front', 'left/rear'],
        'can_select': True, 'duration': None, 'keypoints': list(KEYPOINT_NAMES),
        'edges': [list(edge) for edge in EDGES], 'palette': body['palette']}
    # Okabe and Ito's orange and sky blue
    assert body['palette'][:2] == ['#e69f00', '#56b4e9']


@pytest.mark.parametrize('path', ['/', '/info', '/nothing', '/stream'])
def test_every_answer_has_the_headers_that_protect_the_page(live, page, path):
    _, headers, _ = request(live, 'GET', path)
    policy = headers['Content-Security-Policy'].split('; ')
    assert {"default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' blob:",
            "connect-src 'self'", "frame-ancestors 'none'"} <= {*policy}
    assert headers['X-Content-Type-Options'] == 'nosniff'
    assert headers['Cache-Control'] == 'no-store'
    assert headers['Referrer-Policy'] == 'no-referrer'
    assert headers['Cross-Origin-Resource-Policy'] == 'same-origin'
    assert 'Access-Control-Allow-Origin' not in headers
    assert 'Python' not in headers['Server']


@pytest.mark.parametrize('method', ['HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
@pytest.mark.parametrize(('path', 'right'), [
    ('/', 'GET'), ('/info', 'GET'), ('/stream', 'GET'), ('/target', 'POST'),
    ('/playback', 'POST')])
def test_a_wrong_method_is_not_allowed(live, path, right, method):
    status, headers, body = request(live, method, path)
    assert (status, headers['Allow']) == (405, right)
    assert method == 'HEAD' or body['error'] == f'{path} has {right}, not {method}'


@pytest.mark.parametrize(('method', 'path'), [
    ('POST', '/info'), ('POST', '/stream'), ('GET', '/target'), ('GET', '/playback')])
def test_get_and_post_are_told_apart(live, method, path):
    assert request(live, method, path, '' if method == 'POST' else None)[0] == 405


def test_a_method_that_nobody_knows_is_not_implemented(live):
    status, _, body = request(live, 'BREW', '/info')
    assert status == 501
    assert 'BREW' in body['error']


@pytest.mark.parametrize(('fields', 'selection'), [
    ({'criterion': 'none'}, Selection()),
    ({'criterion': 'nearest', 'id': None, 'x': None, 'y': None}, Selection(Criterion.NEAREST)),
    ({'criterion': 'id', 'id': 7}, Selection(Criterion.ID, id=7)),
    ({'criterion': 'point', 'x': 320.5, 'y': 2}, Selection(Criterion.POINT, x=320.5, y=2.0))])
def test_a_target_is_chosen(live, subject, fields, selection):
    subject.selected.clear()
    status, _, body = post(live, '/target', {'camera': 'left/rear', **fields})
    assert (status, body) == (200, {'message': f'following by {fields["criterion"]}'})
    assert subject.selected == [('left/rear', selection)]


def test_what_the_node_rejects_is_told(live, subject, monkeypatch):
    monkeypatch.setattr(subject, 'error', nobody_answers())
    status, _, body = post(live, '/target', {'camera': 'front', 'criterion': 'nearest'})
    assert (status, body) == (409, {'error': 'the node does not answer'})


def test_a_fault_of_ours_is_told_and_seen_and_ends_nothing(live, subject, monkeypatch, capfd):
    monkeypatch.setattr(subject, 'error', ZeroDivisionError('by zero'))
    status, _, body = post(live, '/target', {'camera': 'front', 'criterion': 'nearest'})
    assert (status, body) == (500, {'error': "ZeroDivisionError('by zero')"})
    assert 'ZeroDivisionError: by zero' in capfd.readouterr().err
    assert request(live, 'GET', '/info')[0] == 200


def test_a_target_of_an_unknown_camera(live):
    status, _, body = post(live, '/target', {'camera': 'rear', 'criterion': 'nearest'})
    assert status == 404
    assert body['error'] == (
        "parameter 'camera' = 'rear': is unknown; known are: front, left/rear")


def test_where_no_target_can_be_chosen():
    with served(FixedSubject(can_select=False)) as running:
        status, _, body = post(running, '/target', {'camera': 'front', 'criterion': 'nearest'})
    assert (status, body) == (409, {'error': 'a target cannot be chosen here'})


def test_a_recording_is_paused_and_moved():
    subject = FixedSubject(duration=10.0)
    with served(subject) as running:
        assert request(running, 'GET', '/info')[2]['duration'] == 10.0
        for fields in ({'paused': True}, {'position': 10}, {'paused': False, 'position': 2.5}):
            status, _, body = post(running, '/playback', fields)
            assert (status, body) == (200, {})
        status, _, body = post(running, '/playback', {'position': 10.01})
    assert subject.played == [(True, None), (None, 10.0), (False, 2.5)]
    assert (status, body) == (
        400, {'error': "parameter 'position' = 10.01: must be a number from 0 to 10"})


def test_what_is_live_cannot_be_moved(live):
    assert post(live, '/playback', {'paused': True})[0] == 409


@pytest.mark.parametrize(('query', 'status', 'cause'), [
    ('', 400, "'camera' = []"), ('?camera=front&camera=front', 400, 'must be given once'),
    ('?camera=', 404, "'camera' = ''"), ('?camera=rear', 404, 'known are: front, left/rear'),
    ('?camera=%1b[31m', 404, r"'\x1b[31m'"), ('?camera=%ff', 404, 'is unknown'),
    ('?' + '&'.join(9 * ['a=1']), 400, 'more than 8 fields')])
def test_a_stream_of_no_camera(live, query, status, cause):
    got, _, body = request(live, 'GET', f'/stream{query}')
    assert got == status
    assert cause in body['error']


def test_a_name_with_special_characters_is_found(live, subject):
    stream = Stream(live, 'left%2Frear')
    subject.feeds['left/rear'].publish(b'record')
    assert stream.record(6) == b'record'
    stream.close()


def test_requests_are_not_logged(live, capfd):
    request(live, 'GET', '/info')
    request(live, 'GET', '/nothing')
    exchange(live, b'nonsense\r\n\r\n')
    with connected(live) as leaving:
        leaving.sendall(b'GET /info HTTP/1.1\r\n')
    assert capfd.readouterr() == ('', '')


def test_a_taken_port_is_named():
    with served() as running:
        port = address_of(running)[1]
        with pytest.raises(ParameterError) as caught:
            ViewServer(FixedSubject(), port=port)
    assert str(caught.value).startswith(f"parameter '--port' = {port}: is taken")


@pytest.mark.parametrize('port', [-1, 65536])
def test_an_impossible_port_is_named(port):
    with pytest.raises(ParameterError, match=f"'--port' = {port}: must be 0 to 65535"):
        ViewServer(FixedSubject(), port=port)


@pytest.mark.parametrize('host', [
    '', '192.0.2.7', '300.1.1.1', '1.2.3.4.5', 'a name', 'x' * 300, 'a..b'])
def test_a_host_that_is_not_ours_is_named(host):
    with pytest.raises(ParameterError, match='must be a name or address of this machine') as caught:
        ViewServer(FixedSubject(), host=host)
    assert caught.value.name == '--host'
    assert 'rrno' not in str(caught.value)


def test_an_ipv6_address():
    try:
        socket.create_server(('::1', 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip('no IPv6 here')
    with served(host='::1') as running:
        assert running.url == f'http://[::1]:{address_of(running)[1]}/'
        assert request(running, 'GET', '/info')[0] == 200


def view_threads():
    return {thread for thread in threading.enumerate() if thread.name.startswith('view ')}


def test_closing_ends_everything_within_a_second():
    # Whoever it is: in a stream, silent, in the middle of a request, or not reading.
    subject, before = FixedSubject(), view_threads()
    running = ViewServer(subject)
    with running:
        stream = Stream(running)
        subject.feeds['front'].publish(b'record')
        assert stream.record(6) == b'record'
        silent, slow, stuck = (connected(running, 4096) for _ in range(3))
        slow.sendall(b'POST /target HTTP/1.1\r\n')
        stuck.sendall(b'GET /stream?camera=left/rear HTTP/1.1\r\nHost: %s:%d\r\n\r\n' % (
            address_of(running)[0].encode(), address_of(running)[1]))
        assert stuck.recv(8) == b'HTTP/1.1'
        subject.feeds['left/rear'].publish(bytes(8_000_000))
        started = time.monotonic()
    assert time.monotonic() - started < 1.0
    assert view_threads() <= before
    assert stream.record(1) == b''
    for connection in (silent, slow, stuck):
        connection.close()
    stream.close()
    running.close()
    with pytest.raises(OSError, match='refused'):
        connected(running)


def test_a_server_that_never_started_can_be_closed():
    running = ViewServer(FixedSubject())
    running.close()
    running.close()
    ViewServer(FixedSubject(), port=address_of(running)[1]).close()


def test_more_streams_than_there_may_be(monkeypatch):
    monkeypatch.setattr(ConnectionServer, 'most_streams', 2)
    subject = FixedSubject()
    with served(subject) as running:
        streams = [Stream(running), Stream(running)]
        status, headers, body = request(running, 'GET', '/stream?camera=front')
        assert (status, headers['Retry-After']) == (503, '5')
        assert 'close another page' in body['error']
        assert request(running, 'GET', '/info')[0] == 200
        streams.pop().close()
        deadline = time.monotonic() + 10
        while subject.feeds['front'].watchers > 1 and time.monotonic() < deadline:
            # a stream finds out that its client has left when it sends
            subject.feeds['front'].publish(b'record')
        streams.append(Stream(running))
        assert streams[-1].response.status == 200
        for stream in streams:
            stream.close()


def test_more_connections_than_there_may_be(monkeypatch):
    monkeypatch.setattr(ConnectionServer, 'most_connections', 2)
    with served() as running:
        # each is answered, so that it surely is a connection
        first, second = (connected(running) for _ in range(2))
        for connection in (first, second):
            connection.sendall(b'GET /info HTTP/1.1\r\nHost: localhost:%d\r\n\r\n'
                               % address_of(running)[1])
            assert connection.recv(12) == b'HTTP/1.1 200'
        with connected(running) as third:
            answer = read_all(third)
        assert answer.startswith(b'HTTP/1.1 503 Service Unavailable\r\n')
        assert json.loads(answer.partition(b'\r\n\r\n')[2]) == {'error': 'too many connections'}
        first.close()
        deadline = time.monotonic() + 10
        while (status := request(running, 'GET', '/info')[0]) == 503:
            assert time.monotonic() < deadline
        assert status == 200
        second.close()
