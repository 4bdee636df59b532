"""Who may ask the server of the page: Host, Origin, Sec-Fetch-Site and token."""
import socket

import pytest
from support.view import FixedSubject, Stream, address_of, exchange, post, request, served

from movenet_ros.errors import ParameterError
from movenet_ros.tools.view import routes
from movenet_ros.tools.view.access import access_to
from movenet_ros.tools.view.request_error import RequestError
from movenet_ros.tools.view.server import ViewServer

TOKEN = 'a-token_of.ours~1'
NEAREST = {'camera': 'front', 'criterion': 'nearest'}
PATHS = ['/info', '/stream?camera=front']


@pytest.fixture(scope='module', name='local')
def _local():
    with served() as running:
        yield running


@pytest.fixture(scope='module', name='shared_subject')
def _shared_subject():
    return FixedSubject()


@pytest.fixture(scope='module', name='shared')
def _shared(shared_subject):
    with served(shared_subject, host='0.0.0.0', token=TOKEN) as running:
        yield running


def ask(server, host, path='/info'):
    return request(server, 'GET', path, headers={'Host': host.format(port=address_of(server)[1])})


@pytest.mark.parametrize('host', [
    '127.0.0.1:{port}', 'localhost:{port}', 'LocalHost:{port}', '[::1]:{port}'])
def test_this_machine_is_accepted(local, host):
    assert ask(local, host)[0] == 200


@pytest.mark.parametrize('path', ['/', '/view.js', '/info', '/stream?camera=front', '/nothing'])
@pytest.mark.parametrize('host', [
    'evil.example:{port}', 'evil.example', 'localhost', '127.0.0.1', 'localhost:1',
    'localhost.evil.example:{port}', '127.0.0.1.evil.example:{port}', 'localhost:{port}.evil',
    'localhost@evil.example:{port}', 'evil.example#localhost:{port}', '0.0.0.0:{port}',
    '192.168.0.7:{port}', '[::2]:{port}', '127.0.0.2:{port}', '2130706433:{port}', 'localhost.:'
    '{port}', 'localhost:+{port}', 'localhost:0{port}0', '', ':{port}', 'localhost:', '[::1',
    'localhost:{port}, localhost:{port}', 'localhost:{port}/', '*', '\xe4:{port}'])
def test_by_rebinding_of_dns_no_other_site_gets_in(local, host, path):
    status, _, body = ask(local, host, path)
    assert status == 403
    assert body['error'].startswith('Host ') and f'port {address_of(local)[1]}' in body['error']


def test_another_sites_post_with_its_own_host_does_nothing(local):
    host = f'evil.example:{address_of(local)[1]}'
    assert post(local, '/target', NEAREST, Host=host, Origin=f'http://{host}')[0] == 403


def test_a_request_must_have_one_host(local):
    port = address_of(local)[1]
    answer = exchange(local, b'GET /info HTTP/1.1\r\n\r\n')
    assert answer.startswith(b'HTTP/1.1 400 ') and b'one Host header, not 0' in answer
    answer = exchange(local, b'GET /info HTTP/1.1\r\nHost: localhost:%d\r\nHost: evil\r\n\r\n'
                      % port)
    assert answer.startswith(b'HTTP/1.1 400 ') and b'one Host header, not 2' in answer


@pytest.mark.parametrize('origin', [
    'http://evil.example', 'null', '', 'http://localhost', 'http://localhost:1',
    'https://localhost:{port}', 'http://127.0.0.1:{port}', 'http://localhost:{port}.evil.example',
    'http://localhost:{port}/', 'localhost:{port}'])
def test_another_origin_is_rejected(local, origin):
    port = address_of(local)[1]
    headers = {'Host': f'localhost:{port}', 'Origin': origin.format(port=port)}
    assert post(local, '/target', NEAREST, **headers)[0] == 403
    assert request(local, 'GET', '/info', headers=headers)[0] == 403


def test_the_own_origin_is_accepted(local):
    host = f'localhost:{address_of(local)[1]}'
    assert post(local, '/target', NEAREST, Host=host, Origin=f'http://{host}')[0] == 200


@pytest.mark.parametrize(('site', 'status'), [
    ('same-origin', 200), ('none', 200), ('same-site', 403), ('cross-site', 403), ('x', 403)])
def test_other_sites_cannot_embed_what_the_page_asks_for(local, site, status):
    assert request(local, 'GET', '/info', headers={'Sec-Fetch-Site': site})[0] == status
    assert post(local, '/target', NEAREST, **{'Sec-Fetch-Site': site})[0] == status


def test_a_link_from_another_site_opens_the_page(local, tmp_path, monkeypatch):
    monkeypatch.setattr(routes, 'PAGE_DIR', tmp_path)
    (tmp_path / 'index.html').write_text('page')
    assert request(local, 'GET', '/', headers={'Sec-Fetch-Site': 'cross-site'})[0] == 200


def test_on_this_machine_no_token_is_needed_unless_one_is_set(local):
    assert 'token' not in local.url
    assert request(local, 'GET', '/info')[0] == 200
    with served(token=TOKEN) as running:
        assert running.url.endswith(f'/?token={TOKEN}')
        assert request(running, 'GET', '/info')[0] == 401
        assert request(running, 'GET', f'/info?token={TOKEN}')[0] == 200


WRONG = [{}, {'Authorization': f'Bearer {TOKEN[:-1]}'}, {'Authorization': f'Bearer {TOKEN}x'},
         {'Authorization': TOKEN}, {'Authorization': f'Basic {TOKEN}'}, {'Authorization': ''},
         {'Authorization': 'Bearer '}, {'Authorization': f'Bearer {TOKEN.upper()}'},
         {'Authorization': 'Bearer \xe4'}]


@pytest.mark.parametrize('headers', WRONG)
@pytest.mark.parametrize('path', PATHS)
def test_from_elsewhere_a_token_is_needed(shared, path, headers):
    status, answered, body = request(shared, 'GET', path, headers=headers)
    assert (status, answered['WWW-Authenticate']) == (401, 'Bearer')
    assert body['error'].startswith('the token is missing or wrong')


@pytest.mark.parametrize('headers', WRONG)
@pytest.mark.parametrize('path', ['/target', '/playback'])
def test_nothing_is_changed_without_the_token(shared, shared_subject, path, headers):
    assert post(shared, path, NEAREST, **headers)[0] == 401
    assert shared_subject.selected == []


@pytest.mark.parametrize('query', [
    '?token=', '?token=wrong', f'?token={TOKEN}&token={TOKEN}', f'?token={TOKEN}%00',
    f'?token=%20{TOKEN}', f'?Token={TOKEN}', '?token=%ff', '?token=' + 5000 * 'a'])
def test_a_wrong_token_in_the_address(shared, query):
    assert request(shared, 'GET', f'/info{query}')[0] == 401


def test_a_wrong_header_is_not_healed_by_the_address(shared):
    headers = {'Authorization': 'Bearer wrong'}
    assert request(shared, 'GET', f'/info?token={TOKEN}', headers=headers)[0] == 401


def test_with_the_token_everything_is_there(shared):
    headers = {'Authorization': f'Bearer {TOKEN}'}
    assert request(shared, 'GET', '/info', headers=headers)[0] == 200
    assert request(shared, 'GET', f'/info?token={TOKEN}')[0] == 200
    stream = Stream(shared, f'front&token={TOKEN}')
    assert stream.response.status == 200
    stream.close()
    assert post(shared, f'/target?token={TOKEN}', {**NEAREST, 'camera': 'left/rear'})[0] == 200


def test_the_page_itself_needs_no_token(shared, tmp_path, monkeypatch):
    monkeypatch.setattr(routes, 'PAGE_DIR', tmp_path)
    for path, (name, _) in routes.PAGE.items():
        (tmp_path / name).write_text('page')
        assert request(shared, 'GET', path)[0] == 200


@pytest.mark.parametrize('host', [
    '127.0.0.1:{port}', 'localhost:{port}', '192.168.0.7:{port}', '[fe80::1]:{port}',
    '[::ffff:10.0.0.1]:{port}', f'{socket.gethostname()}:{{port}}',
    f'{socket.gethostname().upper()}.local:{{port}}'])
def test_from_elsewhere_addresses_and_names_of_this_machine_are_accepted(shared, host):
    assert ask(shared, host, f'/info?token={TOKEN}')[0] == 200


@pytest.mark.parametrize('host', [
    'evil.example:{port}', f'{socket.gethostname()}.evil.example:{{port}}', '192.168.0.7',
    '192.168.0.7:1', '192.168.0.7.evil.example:{port}', '192.168.0:{port}', '[::g]:{port}',
    '[evil.example]:{port}'])
def test_from_elsewhere_other_names_are_not_accepted(shared, host):
    assert ask(shared, host, f'/info?token={TOKEN}')[0] == 403


def test_a_token_is_made_where_others_reach_the_server():
    urls = set()
    for _ in range(2):
        with served(host='0.0.0.0') as running:
            urls.add(running.url)
            token = running.url.partition('?token=')[2]
            assert len(token) >= 22
            assert request(running, 'GET', '/info')[0] == 401
            assert request(running, 'GET', f'/info?token={token}')[0] == 200
    assert len({url.partition('?')[2] for url in urls}) == 2


def test_a_name_that_the_user_gives_is_accepted():
    access = access_to('Robot.example', '192.168.0.7', 8000, None)
    headers = {'host': ['robot.example:8000'], 'origin': []}
    access.check_source(headers)
    with pytest.raises(RequestError, match=r'only .*robot\.example.* and IP addresses'):
        access.check_source({**headers, 'host': ['other.example:8000']})


def test_at_port_80_browsers_leave_the_port_out():
    access = access_to('127.0.0.1', '127.0.0.1', 80, None)
    access.check_source({'host': ['localhost'], 'origin': ['http://localhost']})
    with pytest.raises(RequestError, match='is not accepted'):
        access_to('127.0.0.1', '127.0.0.1', 8000, None).check_source(
            {'host': ['localhost'], 'origin': []})


@pytest.mark.parametrize('token', [
    '', 'short', 'with space', 'a&b=c&d=e', 'x' * 201, '\xfcmlaut-lang'])
def test_a_token_that_is_unfit_is_not_repeated(token):
    with pytest.raises(ParameterError, match='8 to 200 letters, digits') as caught:
        ViewServer(FixedSubject(), token=token)
    assert not token or token not in str(caught.value)
    assert str(caught.value).startswith(f"parameter '--token' = '{len(token)} characters'")
