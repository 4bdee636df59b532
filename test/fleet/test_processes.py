"""--jobs: the work of several processes, and what happens when they are killed."""
import os
import signal
import subprocess
import sys

import pytest
from support.children import running_children
from support.fleet import COMMAND, DEADLINE, PART, clips, comparable, process, wait_until

from movenet_ros.config import Config
from movenet_ros.fleet import engine
from movenet_ros.fleet.inputs import Input
from movenet_ros.processing.job import Job


def test_two_processes_make_what_one_makes(recordings, tmp_path, expected, capfd):
    assert process(tmp_path / 'out', recordings, '--jobs', '2') == 0
    assert comparable(tmp_path / 'out') == expected
    assert '24 inputs: 24 processed' in capfd.readouterr().err
    assert process(tmp_path / 'out', recordings, '--jobs', '2') == 0
    assert '24 inputs: 24 up to date' in capfd.readouterr().err
    assert not running_children()


def test_an_input_that_ends_its_processes_is_set_aside(recordings, tmp_path, expected, deadly,
                                                       monkeypatch):
    clips(recordings, 'deadly.mp4')
    monkeypatch.setenv('PYTHONPATH', os.pathsep.join((str(deadly.parent),
                                                      os.environ.get('PYTHONPATH', ''))))
    assert process(tmp_path / 'out', recordings, '--jobs', '2') == 3
    found = comparable(tmp_path / 'out')
    assert b'deadly.mp4: the process that read it ended' in found.pop('set_aside.jsonl')
    assert found == expected


def test_errors_are_those_of_one_process(recordings, tmp_path, expected, capfd):
    (recordings / 'empty.mp4').touch()
    assert process(tmp_path / 'out', recordings, '--jobs', '3') == 3
    assert capfd.readouterr().err.count('empty.mp4: the file is empty') == 1
    found = comparable(tmp_path / 'out')
    assert b'the file is empty' in found.pop('set_aside.jsonl')
    assert found == expected


def test_each_process_has_one_thread(monkeypatch):
    taken = []
    for name in ('on_cluster', 'on_processes', 'attempt'):
        monkeypatch.setattr(engine, name, lambda job, *_: taken.append(job))
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
    with subprocess.Popen(words, stderr=subprocess.PIPE, start_new_session=True) as client:
        wait_until(lambda: list(tmp_path.glob('out/*.poses')))
        workers = workers_of(client.pid)
        os.kill(client.pid if victim == 'client' else workers[0], signal.SIGKILL)
        client.communicate(timeout=DEADLINE)  # until all of them have closed it
    assert len(workers) == 2
    assert client.returncode == (-signal.SIGKILL if victim == 'client' else 0)
    assert subprocess.run(words, check=False).returncode == 0
    assert comparable(tmp_path / 'out') == expected


def workers_of(parent):
    """The processes that a command has started to read recordings."""
    shown = subprocess.run(['ps', '-ww', '-o', 'pid=,args=', '--ppid', str(parent)],
                           capture_output=True, text=True, check=True).stdout
    return [int(line.split()[0]) for line in shown.splitlines() if 'spawn_main' in line]
