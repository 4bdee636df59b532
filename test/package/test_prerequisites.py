"""What the set-up says on a machine that lacks something."""
import shutil
import subprocess

import pytest
from support.paths import ROOT

SCRIPT = ROOT / 'scripts' / 'check_prerequisites.sh'

# answers a question with no when it contains the word LACK
PYTHON = """#!/bin/sh
case "$2" in *LACK*) exit 1 ;; esac
"""
UNAME = """#!/bin/sh
echo Linux MACHINE
"""


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A folder that is all of PATH, on a machine that has everything."""
    write(tmp_path / 'python3', PYTHON)
    write(tmp_path / 'uname', UNAME.replace('MACHINE', 'x86_64'))
    for name in 'cc', 'c++':
        write(tmp_path / name, '#!/bin/sh\n')
    (tmp_path / 'basename').symlink_to(shutil.which('basename'))
    monkeypatch.setenv('PATH', str(tmp_path))
    for name in 'CC', 'CXX':
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def write(path, text):
    path.write_text(text)
    path.chmod(0o755)


def check(python='python3'):
    return subprocess.run(
        ['/bin/bash', SCRIPT, python], capture_output=True, text=True, check=False)


def test_nothing_is_said_when_nothing_is_missing(machine):
    done = check()
    assert (done.returncode, done.stdout, done.stderr) == (0, '', '')


def lose(machine, what):
    if what == 'machine':
        write(machine / 'uname', UNAME.replace('MACHINE', 'aarch64'))
    elif (machine / what).exists():
        (machine / what).unlink()
    else:
        write(machine / 'python3', PYTHON.replace('LACK', what))


@pytest.mark.parametrize(('what', 'named', 'remedy'), [
    ('machine', 'x86-64', 'colcon'),
    ('python3', 'python3', 'apt install python3,'),
    ('version_info', '3.10 to 3.13', 'make PYTHON='),
    ('ensurepip', 'venv', 'apt install python3-venv'),
    ('Python.h', 'headers', 'apt install python3-dev'),
    ('cc', 'C compiler', 'apt install gcc'),
    ('c++', 'C++ compiler', 'apt install g++'),
])
def test_one_line_says_what_is_missing_and_the_remedy(machine, what, named, remedy):
    lose(machine, what)
    done = check()
    assert done.returncode == 1
    assert done.stderr.startswith('missing: ')
    assert done.stderr.count('\n') == 1
    lacking, _, said = done.stderr.partition(' -> ')
    assert named in lacking
    assert remedy in said


def test_another_python_and_another_compiler_are_respected(machine, monkeypatch):
    (machine / 'python3').rename(machine / 'python3.12')
    (machine / 'cc').rename(machine / 'clang')
    monkeypatch.setenv('CC', 'clang -m64')
    assert check('python3.12').returncode == 0


def test_the_remedy_names_the_python_that_was_asked_for(machine):
    lose(machine, 'ensurepip')
    (machine / 'python3').rename(machine / 'python3.12')
    assert 'apt install python3.12-venv' in check(str(machine / 'python3.12')).stderr
