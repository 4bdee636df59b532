"""SIGINT and SIGTERM end the node cleanly and soon, whatever it is doing."""
import os
import shutil
import signal
import subprocess
import sys

import pytest
from support.process import NodeProcess, remove_dead_segments
from support.ros import Peer

SOON = 2.0
INT, TERM = signal.SIGINT, signal.SIGTERM


@pytest.fixture(autouse=True, scope='module')
def _sweep():
    yield
    remove_dead_segments()


def assert_ends_cleanly(process, number):
    code, taken = process.stop(number)
    assert code == 0, process.text
    assert taken < SOON
    assert 'Traceback' not in process.text
    assert 'terminate called' not in process.text


@pytest.mark.parametrize('number', [INT, TERM])
def test_during_start(number):
    with NodeProcess(autostart='true') as process:
        process.wait_for_handlers()
        assert_ends_cleanly(process, number)


AT_ONCE = """
import os, signal
from movenet_ros.ros.signals import StopRequest

install = signal.signal

def install_and_send(number, handler):
    before = install(number, handler)
    os.kill(os.getpid(), number)
    return before

signal.signal = install_and_send
with StopRequest() as stop:
    assert stop.wait(10.0)
    signal.signal = install
"""


def test_as_soon_as_there_is_a_handler():
    subprocess.run([sys.executable, '-c', AT_ONCE], check=True)


@pytest.mark.parametrize('number', [INT, TERM])
@pytest.mark.parametrize('state', ['unconfigured', 'inactive', 'active', 'finalized'])
def test_in_a_state(state, number):
    peer = Peer()
    try:
        with NodeProcess() as process:
            if state == 'finalized':
                assert peer.transition('shutdown')
            else:
                peer.bring_to(state)
            assert_ends_cleanly(process, number)
    finally:
        peer.close()


def test_active_by_autostart():
    with NodeProcess(autostart='true') as process:
        process.wait_for_line('active: ')
        assert_ends_cleanly(process, INT)


def test_during_a_configure_that_hangs(tmp_path, request):
    models = request.config.rootpath / 'models'
    shutil.copy(models / 'manifest.json', tmp_path)
    for weights in models.glob('*.tflite'):
        os.mkfifo(tmp_path / weights.name)
    with NodeProcess(autostart='true', models_dir=tmp_path) as process:
        # Nobody writes into the pipe: opening it takes until the node reads.
        weights = tmp_path / 'movenet_lightning.tflite'
        with weights.open('wb'):
            assert_ends_cleanly(process, TERM)
