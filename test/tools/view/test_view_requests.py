"""Requests that no browser sends: malformed, endless, too large, or two in one."""
import contextlib
import http.client
import json
import re
import socket

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.view import (
    FixedSubject,
    address_of,
    connected,
    exchange,
    post,
    read_all,
    request,
    served,
)

from movenet_ros.errors import ParameterError
from movenet_ros.tools.view import request_reader
from movenet_ros.tools.view.request_fields import playback_request, target_request

NEAREST = {'camera': 'front', 'criterion': 'nearest'}
JSON = b'Content-Type: application/json\r\n'


@pytest.fixture(scope='module', name='subject')
def _subject():
    return FixedSubject()


@pytest.fixture(scope='module', name='server')
def _server(subject):
    with served(subject) as running:
        yield running


@pytest.fixture(autouse=True)
def _is_quiet_and_unharmed(server, subject, capfd):
    subject.selected.clear()
    yield
    assert request(server, 'GET', '/info')[0] == 200
    assert capfd.readouterr() == ('', '')


def host(server):
    return b'Host: localhost:%d\r\n' % address_of(server)[1]


def statuses(answer):
    return [int(status) for status in re.findall(rb'HTTP/1\.1 (\d{3}) ', answer)]


def error_of(answer):
    return json.loads(answer.rpartition(b'\r\n\r\n')[2])['error']


FIELDS = [
    ('nonsense', "parameter 'body'"), ('', 'must be JSON'), ('[]', 'must be a JSON object'),
    ('null', 'must be a JSON object'), ('{"camera": NaN}', 'NaN is no number'),
    ('{"camera": "front", "criterion": "id", "id": Infinity}', 'Infinity is no number'),
    (b'\xff\xfe{}', 'must be JSON'), ('[' * 4000, 'must be JSON'), ('{"a":' * 800, 'must be JSON'),
    ({}, "parameter 'camera' = None"), ({**NEAREST, 'camera': 3}, "parameter 'camera' = 3"),
    ({**NEAREST, 'camera': ['front']}, "parameter 'camera' = ['front']"),
    ({'camera': 'front'}, "parameter 'criterion' = None: must be one of none, nearest, "),
    ({**NEAREST, 'criterion': 'NEAREST'}, "parameter 'criterion' = 'NEAREST'"),
    ({**NEAREST, 'criterion': ['id']}, "parameter 'criterion' = ['id']"),
    ({**NEAREST, 'speed': 1}, "parameter 'speed' = 1: is unknown; known are camera, "),
    *(({**NEAREST, 'criterion': 'id', 'id': bad}, f"parameter 'id' = {bad!r}: must be an integer")
      for bad in (None, 0, -1, 1.0, True, '1', 2 ** 31, [1])),
    ('{"camera": "front", "criterion": "id", "id": %s}' % ('9' * 4000), "parameter 'id' = "),
    *(({**NEAREST, 'criterion': 'point', 'x': bad, 'y': 1}, f"parameter 'x' = {bad!r}: must be a")
      for bad in (None, True, '1', [], {}, 1e7, -1e7)),
    ('{"camera": "front", "criterion": "point", "x": 1, "y": 1e999}', "parameter 'y' = inf"),
]


@pytest.mark.parametrize(('fields', 'cause'), FIELDS)
def test_a_wrong_body_is_rejected_with_its_cause(server, subject, fields, cause):
    status, _, body = post(server, '/target', fields)
    assert status == 400
    assert cause in body['error'] and len(body['error']) < 500
    assert subject.selected == []


@pytest.mark.parametrize('fields', [
    {'paused': 1}, {'paused': 'true'}, {'position': True}, {'position': '1'}, {'position': -0.1},
    {'position': 10.5}, {'position': [1]}, {'speed': 2}, 'x', '{"position": NaN}'])
def test_a_wrong_playback_is_rejected(fields):
    body = fields if isinstance(fields, str) else json.dumps(fields)
    with pytest.raises(ParameterError, match='parameter'):
        playback_request(body.encode(), 10.0)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5)
NAMES = st.sampled_from(['camera', 'criterion', 'id', 'x', 'y', 'paused', 'position'])
CRITERIA = st.sampled_from(['none', 'nearest', 'id', 'point'])


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.dictionaries(NAMES, VALUES | CRITERIA).map(json.dumps).map(str.encode)
       | st.binary(max_size=50))
def test_any_body_is_a_request_or_an_error_of_ours(body):
    for read in (target_request, lambda body: playback_request(body, 5.0)):
        with contextlib.suppress(ParameterError):
            read(body)


@pytest.mark.parametrize('content_type', [
    None, '', 'text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=a',
    'application/jsonp', 'text/plain; application/json', 'message/rfc822'])
def test_what_a_form_of_another_site_can_send_is_rejected(server, subject, content_type):
    headers = {} if content_type is None else {'Content-Type': content_type}
    status, _, body = request(server, 'POST', '/target', json.dumps(NEAREST), headers)
    assert status == 415
    assert body['error'].endswith('must be application/json')
    assert subject.selected == []


def test_json_may_have_a_character_set(server):
    headers = {'Content-Type': 'Application/JSON; charset=utf-8'}
    assert request(server, 'POST', '/target', json.dumps(NEAREST), headers)[0] == 200


@pytest.mark.parametrize('length', [4097, 100_000, 999_999_999])
def test_a_long_body_is_not_read(server, length):
    with connected(server) as connection:
        connection.sendall(b'POST /target HTTP/1.1\r\n' + host(server) + JSON
                           + b'Content-Length: %d\r\n\r\n' % length + bytes(100_000))
        answer = read_all(connection)
    assert statuses(answer) == [413]
    assert f'a body of {length} bytes' in error_of(answer)


SMUGGLED = b'POST /target HTTP/1.1\r\nHost: localhost\r\n\r\n'


@pytest.mark.parametrize(('headers', 'status'), [
    (b'Transfer-Encoding: chunked\r\n', 501),
    (b'Transfer-Encoding: chunked\r\nContent-Length: 5\r\n', 501),
    (b'Transfer-Encoding : chunked\r\nContent-Length: 5\r\n', 400),
    (b'Transfer-Encoding: identity\r\n', 501), (b'Transfer-Encoding:\tx\r\n', 501),
    (b'Content-Length: 5\r\nContent-Length: 6\r\n', 400),
    (b'Content-Length: 5\r\nContent-Length: 5\r\n', 400),
    (b'Content-Length: 5, 5\r\n', 400), (b'Content-Length: +5\r\n', 400),
    (b'Content-Length: -5\r\n', 400), (b'Content-Length: 0x5\r\n', 400),
    (b'Content-Length: 5_0\r\n', 400), (b'Content-Length: \xb2\r\n', 400),
    (b'Content-Length:\r\n', 400), (b'Content-Length: 5\r\n 0\r\n', 400),
    (b'Content-Length: 9999999999999999999\r\n', 400), (b'Content-Length : 5\r\n', 400),
    (b'X: a\rContent-Length: 5\r\nContent-Length: 0\r\n', 400),
    (b'no colon\r\nContent-Length: 5\r\n', 400), (b' folded: first\r\n', 411),
    (b': no name\r\nContent-Length: 5\r\n', 400), (b'', 411)])
@pytest.mark.parametrize('first', [True, False])
def test_where_a_request_ends_must_be_clear(server, subject, headers, status, first):
    # What comes after such headers may be a body, or a hidden request: neither is answered.
    parts = (host(server), headers) if not first else (headers, host(server))
    answer = exchange(server, b'POST /target HTTP/1.1\r\n' + JSON + b''.join(parts) + b'\r\n'
                      + SMUGGLED + SMUGGLED)
    assert statuses(answer) == [status]
    assert b'Connection: close\r\n' in answer
    assert subject.selected == []


def test_the_body_of_a_get_is_not_the_next_request(server):
    answer = exchange(server, b'GET /info HTTP/1.1\r\n' + host(server)
                      + b'Content-Length: %d\r\n\r\n' % len(SMUGGLED) + SMUGGLED)
    assert statuses(answer) == [200]


def test_chunks_that_are_malformed_are_not_read(server):
    answer = exchange(server, b'POST /target HTTP/1.1\r\n' + host(server) + JSON
                      + b'Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n-1\r\n\r\n0\r\n\r\n')
    assert statuses(answer) == [501]
    assert "Transfer-Encoding 'chunked': send Content-Length instead" in error_of(answer)


def test_requests_one_after_the_other_on_a_connection(server, subject):
    body = json.dumps(NEAREST).encode()
    get = b'GET /info HTTP/1.1\r\n' + host(server) + b'\r\n'
    choose = (b'POST /target HTTP/1.1\r\n' + host(server) + JSON
              + b'Content-Length: %d\r\n\r\n' % len(body) + body)
    missing = b'GET /nothing HTTP/1.1\r\n' + host(server) + b'\r\n'
    answer = exchange(server, get + choose + missing + choose)
    assert statuses(answer) == [200, 200, 404, 200]
    assert len(subject.selected) == 2


@pytest.mark.parametrize(('sent', 'status'), [
    (b'GET\r\n\r\n', 400), (b'GET /info HTTP/9.9.9\r\n', 400), (b'GET /info HTTP/2.0\r\n', 505),
    (b'GET /info FTP/1.1\r\n', 400), (b'GET / info HTTP/1.1\r\n', 400),
    (b'\x16\x03\x01\x02\r\n', 400), (b'GET /' + 70_000 * b'a' + b' HTTP/1.1\r\n', 431),
    (b'\0 \0 \0\r\n\r\n', 400)])
def test_a_request_line_that_is_malformed(server, sent, status):
    answer = exchange(server, sent)
    assert statuses(answer) == [status]
    assert b'Content-Security-Policy: ' in answer


@pytest.mark.parametrize('target', [
    b'http://evil.example/info', b'http://localhost/info', b'info', b'*', b'/\xff', b'/info#x',
    b'/info;x', b'/\\..\\secret'])
def test_other_forms_of_a_target_are_not_here(server, target):
    answer = exchange(server, b'GET ' + target + b' HTTP/1.1\r\n' + host(server) + b'\r\n')
    assert statuses(answer) == [404]


def test_the_old_protocol_gets_no_stream(server):
    answer = exchange(server, b'GET /stream?camera=front HTTP/1.0\r\n' + host(server) + b'\r\n')
    assert statuses(answer) == [505]
    answer = exchange(server, b'GET /info HTTP/1.0\r\n' + host(server) + b'\r\n')
    assert statuses(answer) == [200]
    assert b'HTTP/' not in exchange(server, b'GET /info\r\n')


@pytest.mark.parametrize('headers', [
    200 * b'X: y\r\n', b'X: ' + 40_000 * b'y' + b'\r\n', 90 * (b'X: ' + 900 * b'y' + b'\r\n')])
def test_headers_that_are_too_large(server, headers):
    answer = exchange(server, b'GET /info HTTP/1.1\r\n' + host(server) + headers + b'\r\n')
    assert statuses(answer) == [431]


def test_headers_without_end_are_not_read(server):
    with connected(server) as connection, pytest.raises(OSError, match=r'reset|pipe'):
        connection.sendall(bytes(100_000_000))


def test_who_sends_byte_after_byte_is_disconnected(server, monkeypatch):
    monkeypatch.setattr(request_reader, 'REQUEST_SECONDS', 0.2)
    with connected(server) as connection:
        connection.settimeout(0.02)
        received = None
        while received != b'':
            connection.sendall(b'y')
            with contextlib.suppress(TimeoutError):
                received = connection.recv(1)


def test_what_is_late_is_not_read(server):
    with connected(server) as connection:
        reader = request_reader.RequestReader(connection)
        reader.begin(-1.0)
        with pytest.raises(TimeoutError):
            reader.read(1)


def test_the_limits_are_those_of_each_request(server):
    asking = http.client.HTTPConnection(*address_of(server))
    for _ in range(100):
        asking.request('GET', '/info', headers={'X': 500 * 'y'})
        with asking.getresponse() as response:
            assert response.status == 200
            response.read()
    asking.close()


def test_who_sends_nothing_is_disconnected(server, monkeypatch):
    monkeypatch.setattr(request_reader, 'REQUEST_SECONDS', 0.2)
    with connected(server) as silent:
        assert read_all(silent) == b''


def test_a_body_that_does_not_come(server, monkeypatch, subject):
    head = b'POST /target HTTP/1.1\r\n' + host(server) + JSON + b'Content-Length: 50\r\n\r\n'
    assert statuses(exchange(server, head + b'{}')) == [408]
    monkeypatch.setattr(request_reader, 'REQUEST_SECONDS', 0.2)
    with connected(server) as connection:
        connection.sendall(head + b'{}')
        answer = read_all(connection)
    assert statuses(answer) == [408]
    assert error_of(answer) == '50 bytes of a body have not come'
    assert subject.selected == []


@pytest.mark.parametrize('sent', [b'', b'G', b'GET /info HTTP/1.1\r\nHost: l'])
def test_who_leaves_within_a_request_leaves_nothing_behind(server, sent):
    connection = connected(server)
    connection.sendall(sent)
    # at once, with a reset
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b'\1\0\0\0\0\0\0\0')
    connection.close()


@settings(max_examples=150, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts=st.lists(st.sampled_from([
    b'GET /info', b'POST /target', b' HTTP/1.1', b' HTTP/1.0', b'\r\n', b'\n', b'\r', b'Host: ',
    b'localhost', b'Content-Length: ', b'5', b'Transfer-Encoding: chunked', b'{}', b':', b' ',
    b'Expect: 100-continue\r\n', b'Connection: keep-alive\r\n', b'\0', b'\xff']) | st.binary(
        max_size=5), max_size=20))
def test_whatever_is_sent_is_answered_or_ended(server, parts):
    answer = exchange(server, b''.join(parts))
    codes = statuses(answer)
    assert all(code < 500 or code in (501, 505) for code in codes)
