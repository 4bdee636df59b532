"""`movenet view`: where the page is, what is wrong with options, and how it ends."""
import signal
import socket
import subprocess
import sys
import urllib.request
from contextlib import contextmanager

import pytest
import rclpy  # noqa: F401

from movenet_ros.cli import main

VIEW = [sys.executable, '-m', 'movenet_ros.cli', 'view']


@contextmanager
def view(*options):
    with subprocess.Popen([*VIEW, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True) as process:
        try:
            yield process, process.stdout.readline().split()[-1]
        finally:
            process.kill()


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_the_address_is_printed_and_a_signal_ends_it(number):
    with view('--port', '0', '--node', '/robot1/eyes') as (process, url):
        with urllib.request.urlopen(f'{url}info', timeout=10) as answer:
            assert b'"/robot1/eyes"' in answer.read()
        process.send_signal(number)
        _, errors = process.communicate(timeout=10)
        assert (process.returncode, errors) == (0, '')


def test_a_port_that_is_taken_is_an_error(capsys):
    with socket.socket() as taken:
        taken.bind(('127.0.0.1', 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(['view', '--port', str(port)]) == 2
    assert f"'--port' = {port}: is taken by another program" in capsys.readouterr().err


@pytest.mark.parametrize(('options', 'wrong'), [
    (['--poses', 'poses.jsonl'], '--poses'), (['--topic', '/image'], '--topic'),
    (['--poses-topic', '/poses'], '--poses-topic'),
    (['recording', '--node', 'movenet'], '--node'), (['--port', '70000'], '--port'),
    (['--white-level', '4095'], '--white-level'),
    (['recording', '--white-level', '70000'], 'white_level')])
def test_what_does_not_belong_together_is_an_error(options, wrong, capsys):
    assert main(['view', *options]) == 2
    assert wrong in capsys.readouterr().err


def test_a_recording_that_is_not_there_is_an_error(capsys):
    assert main(['view', 'no/such/recording']) == 1
    assert 'no/such/recording' in capsys.readouterr().err
