"""The package's own files are found wherever it was installed."""
from pathlib import Path

import pytest

from movenet_ros.errors import MovenetError
from movenet_ros.share import INSTALLED, share_dir

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def installed(monkeypatch, tmp_path):
    """Lets the search start from an installed package that has no checkout around it."""
    module = tmp_path / 'prefix/lib/python3/site-packages/movenet_ros/share.py'
    monkeypatch.setattr('movenet_ros.share.__file__', str(module))
    monkeypatch.setattr('sys.prefix', str(tmp_path / 'venv'))
    monkeypatch.setenv('AMENT_PREFIX_PATH', f'{tmp_path / "one"}:{tmp_path / "two"}')
    return tmp_path


def test_a_checkout_is_its_own_share_folder():
    assert share_dir() == ROOT


@pytest.mark.parametrize('prefix', ['prefix', 'venv', 'one', 'two'])
def test_found_under_a_prefix(installed, prefix):
    folder = installed / prefix / INSTALLED
    folder.mkdir(parents=True)
    (folder / 'package.xml').touch()
    assert share_dir() == folder


def test_nowhere_to_be_found(installed):
    with pytest.raises(MovenetError, match='two'):
        share_dir()
