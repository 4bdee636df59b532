"""The package's own files are found wherever it was installed."""

import pytest
from support.paths import ROOT

from movenet_ros.errors import MovenetError, SourceError
from movenet_ros.share import INSTALLED, sample_clip, share_dir


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


CLIPS = ('one_person.mp4', 'several_people.mp4')


@pytest.mark.parametrize('name', CLIPS)
def test_the_sample_clips_of_a_checkout(name):
    assert sample_clip(name) == ROOT / 'test' / 'data' / name


def test_the_sample_clips_of_an_installed_package(installed):
    folder = installed / 'prefix' / INSTALLED
    (folder / 'clips').mkdir(parents=True)
    (folder / 'package.xml').touch()
    with pytest.raises(SourceError, match=r'clips/one_person\.mp4: this sample clip is not there'):
        sample_clip('one_person.mp4')
    (folder / 'clips' / 'one_person.mp4').touch()
    assert sample_clip('one_person.mp4') == folder / 'clips' / 'one_person.mp4'


@pytest.mark.parametrize('name', [*CLIPS, 'README.md'])
def test_both_builds_take_the_clips_and_their_licence(name):
    """The whole build is tried by `make colcon`, and by a wheel."""
    for file in 'CMakeLists.txt', 'MANIFEST.in':
        assert f'test/data/{name}' in (ROOT / file).read_text(encoding='utf-8')
