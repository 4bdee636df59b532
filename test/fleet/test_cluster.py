"""--jobs and --cluster: the work of several processes, and what happens when they are killed."""
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager

import pytest
from support.children import running_children
from support.fleet import PART, clips, manifest, process, results

from movenet_ros.config import Config
from movenet_ros.fleet import engine
from movenet_ros.fleet.inputs import Input
from movenet_ros.processing.job import Job

pytest.importorskip('distributed')
pytest.importorskip('cryptography')

NAMES = [f'{index}.mp4' for index in range(24)]
COMMAND = [sys.executable, '-m', 'movenet_ros.cli', 'process']
DEADLINE = 60.0  # s

# A worker that reads the recording `deadly.mp4` ends at once, as if its decoder crashed.
DEADLY = """
import os, signal
from movenet_ros.fleet import worker
def make_results(job, item, real=worker._make_results):
    if item.name == 'deadly.mp4':
        os.kill(os.getpid(), signal.SIGKILL)
    return real(job, item)
worker._make_results = make_results
"""


@pytest.fixture
def recordings(tmp_path):
    return clips(tmp_path / 'in', *NAMES)


@pytest.fixture(scope='module')
def expected(tmp_path_factory):
    """What one process makes of them."""
    place = tmp_path_factory.mktemp('expected')
    clips(place / 'in', *NAMES)
    assert process(place / 'out', place / 'in') == 0
    return comparable(place / 'out')


def comparable(out):
    """The results, without what names the folder of the recordings."""
    found = results(out)
    for content in found.values():
        if isinstance(content, dict):
            del content['input']
    return found


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
def cluster(tmp_path, monkeypatch):
    """The address of two workers with ports of their own; the workers, and the scheduler."""
    monkeypatch.setenv('DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES', '2')
    monkeypatch.chdir(tmp_path)
    (tmp_path / 'deadly.py').write_text(DEADLY)
    address = f'tcp://127.0.0.1:{free_port()}'
    with ExitStack() as stack:
        scheduler = stack.enter_context(running_scheduler(address))
        workers = [stack.enter_context(running(
            sys.executable, '-m', 'distributed.cli.dask_worker', address, '--nthreads', '1',
            '--preload', 'deadly.py', '--worker-port', str(free_port()), '--no-dashboard',
            '--local-directory', str(tmp_path / f'worker{index}'))) for index in range(2)]
        yield address, [*workers, scheduler]


def test_two_processes_make_what_one_makes(recordings, tmp_path, expected, capfd):
    assert process(tmp_path / 'out', recordings, '--jobs', '2') == 0
    assert comparable(tmp_path / 'out') == expected
    assert '24 inputs: 24 processed' in capfd.readouterr().err
    assert process(tmp_path / 'out', recordings, '--jobs', '2') == 0
    assert '24 inputs: 24 up to date' in capfd.readouterr().err


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
    monkeypatch.setattr(engine, 'ANSWER_WITHIN', 1.0)
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


def test_each_process_has_one_thread(monkeypatch):
    taken = []
    monkeypatch.setattr(engine, '_on_dask', lambda job, *_: taken.append(job))
    monkeypatch.setattr(engine, 'attempt', lambda job, _: taken.append(job))
    job = Job('/nowhere', ('jsonl',), Config(threads=4))
    engine.process_inputs(job, [], jobs=2)
    engine.process_inputs(job, [], cluster='tcp://127.0.0.1:8786')
    list(engine.process_inputs(job, [Input('/nowhere/a.mp4', 'a.mp4')]))
    assert [job.config.threads for job in taken] == [1, 1, 4]


# As a terminal does, and as `kill` does.
@pytest.mark.parametrize(('send', 'number'), [
    (os.killpg, signal.SIGINT), (os.kill, signal.SIGTERM)], ids=['terminal', 'kill'])
def test_an_interruption_ends_all_processes(recordings, tmp_path, expected, send, number):
    code = ('import signal; signal.signal(signal.SIGINT, signal.default_int_handler); '
            'from movenet_ros.cli import main; raise SystemExit(main())')
    words = [recordings, '--output-dir', tmp_path / 'out', '--jobs', '2', *PART]
    with subprocess.Popen([sys.executable, '-c', code, 'process', *map(str, words)],
                          stderr=subprocess.PIPE, text=True, start_new_session=True) as client:
        wait_until(lambda: list(tmp_path.glob('out/*.poses')))
        send(client.pid, number)
        said = client.communicate(timeout=DEADLINE)[1]
    assert client.returncode == 130
    assert 'Traceback' not in said
    assert 'the same command goes on from there' in said
    assert process(tmp_path / 'out', recordings) == 0
    assert comparable(tmp_path / 'out') == expected


@pytest.mark.parametrize('victim', ['worker', 'client'])
def test_after_a_kill_the_next_run_completes_the_results(recordings, tmp_path, expected, victim):
    words = [*COMMAND, recordings, '--output-dir', tmp_path / 'out', '-q', '--jobs', '2', *PART]
    with subprocess.Popen(words, stderr=subprocess.DEVNULL) as client:
        wait_until(lambda: list(tmp_path.glob('out/*.poses')))
        os.kill(client.pid if victim == 'client' else workers_of(client.pid)[0], signal.SIGKILL)
        client.wait(DEADLINE)
    wait_until(lambda: not running_children())
    assert subprocess.run(words, check=False).returncode == 0
    assert comparable(tmp_path / 'out') == expected


def test_the_processes_of_this_machine_listen_to_it_alone(recordings, tmp_path):
    import psutil
    words = [*COMMAND, recordings, '--output-dir', tmp_path / 'out', '-q', '--jobs', '2', *PART]
    with subprocess.Popen(words, stderr=subprocess.DEVNULL) as client:
        wait_until(lambda: list(tmp_path.glob('out/*.poses')))
        parent = psutil.Process(client.pid)
        places = {connection.laddr.ip for process in (parent, *parent.children())
                  for connection in process.net_connections() if connection.status == 'LISTEN'}
        client.send_signal(signal.SIGTERM)
        assert client.wait(DEADLINE) == 130
    assert places == {'127.0.0.1'}


def workers_of(parent):
    """The processes of the workers, whose parent is the client."""
    shown = subprocess.run(['ps', '-ww', '-o', 'pid=,args=', '--ppid', str(parent)],
                           capture_output=True, text=True, check=True).stdout
    return [int(line.split()[0]) for line in shown.splitlines() if 'spawn_main' in line]


def wait_until(condition):
    end = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)
