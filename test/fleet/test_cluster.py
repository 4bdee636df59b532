"""--cluster: the work of a Dask cluster, and what happens when a part of it is killed."""
import os
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack, contextmanager

import pytest
from support.fleet import (
    COMMAND,
    DEADLINE,
    PART,
    clips,
    comparable,
    manifest,
    process,
    wait_until,
)

from movenet_ros.fleet import cluster as cluster_module

pytest.importorskip('distributed')


def free_port():
    with socket.socket() as server:
        server.bind(('127.0.0.1', 0))
        return server.getsockname()[1]


@contextmanager
def running(*words):
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          start_new_session=True) as started:
        try:
            yield started
        finally:
            os.killpg(started.pid, signal.SIGKILL)


def running_scheduler(address):
    return running(sys.executable, '-m', 'distributed.cli.dask_scheduler', '--host', address,
                   '--no-dashboard')


@pytest.fixture
def cluster(tmp_path, monkeypatch, deadly):
    """The address of two workers with ports of their own; the workers, and the scheduler."""
    monkeypatch.setenv('DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES', '2')
    monkeypatch.chdir(tmp_path)
    address = f'tcp://127.0.0.1:{free_port()}'
    with ExitStack() as stack:
        scheduler = stack.enter_context(running_scheduler(address))
        workers = [stack.enter_context(running(
            sys.executable, '-m', 'distributed.cli.dask_worker', address, '--nthreads', '1',
            '--preload', str(deadly), '--worker-port', str(free_port()), '--no-dashboard',
            '--local-directory', str(tmp_path / f'worker{index}'))) for index in range(2)]
        yield address, [*workers, scheduler]


def test_a_cluster_makes_what_one_process_makes(recordings, tmp_path, expected, cluster, capfd):
    assert process(tmp_path / 'out', recordings, '--cluster', cluster[0]) == 0
    assert comparable(tmp_path / 'out') == expected
    assert 'dashboard: http://127.0.0.1:' in capfd.readouterr().err


def test_the_inputs_of_a_worker_that_is_killed_go_to_another(recordings, tmp_path, expected,
                                                            cluster):
    address, workers = cluster
    with subprocess.Popen([*COMMAND, recordings, '--output-dir', tmp_path / 'out', '-q', *PART,
                           '--cluster', address]) as client:
        wait_until(lambda: list(tmp_path.glob('out/*.poses')))
        os.killpg(workers[0].pid, signal.SIGKILL)
        assert client.wait(DEADLINE) == 0
    assert comparable(tmp_path / 'out') == expected


def test_an_input_that_kills_its_workers_is_set_aside(recordings, tmp_path, expected, cluster):
    clips(recordings, 'deadly.mp4')
    assert process(tmp_path / 'out', recordings, '--cluster', cluster[0]) == 3
    found = comparable(tmp_path / 'out')
    assert b'KilledWorker' in found.pop('set_aside.jsonl')
    assert found == expected


def test_errors_of_the_workers_are_those_of_one_process(recordings, tmp_path, cluster, capfd):
    (recordings / 'empty.mp4').touch()
    assert process(tmp_path / 'out', recordings, '--cluster', cluster[0]) == 3
    assert 'empty.mp4: the file is empty' in capfd.readouterr().err
    assert manifest(tmp_path / 'out' / '0.mp4.poses')['images']['processed'] == 4


def test_a_scheduler_that_is_lost_ends_the_command(recordings, tmp_path, cluster):
    address, (*_, scheduler) = cluster
    with subprocess.Popen([*COMMAND, recordings, '--output-dir', tmp_path / 'out', '-q', *PART,
                           '--cluster', address], stderr=subprocess.PIPE, text=True) as client:
        wait_until(lambda: list(tmp_path.glob('out/*.poses')))
        os.killpg(scheduler.pid, signal.SIGKILL)
        said = client.communicate(timeout=DEADLINE)[1]
    assert client.returncode in (1, 3)
    assert 'Cancelled' in said


def test_a_scheduler_that_is_not_there(recordings, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(cluster_module, 'ANSWER_WITHIN', 1.0)
    address = f'tcp://127.0.0.1:{free_port()}'
    assert process(tmp_path / 'out', recordings, '--cluster', address) == 1
    assert f'the scheduler {address} does not answer' in capsys.readouterr().err


@pytest.mark.parametrize('address', ['8786', 'http://127.0.0.1:8786'])
def test_what_is_not_the_address_of_a_scheduler(recordings, tmp_path, address, capsys):
    assert process(tmp_path / 'out', recordings, '--cluster', address) == 2
    assert 'such as tcp://' in capsys.readouterr().err


def test_a_scheduler_that_has_no_workers_yet(recordings, tmp_path):
    address = f'tcp://127.0.0.1:{free_port()}'
    words = [*COMMAND, recordings, '--output-dir', tmp_path / 'out', *PART, '--cluster', address]
    with running_scheduler(address), subprocess.Popen(
            words, stderr=subprocess.PIPE, text=True) as client:
        said = next((line for line in client.stderr if 'no workers yet' in line), '')
        client.kill()
    assert address in said
