"""Recordings to be processed by several processes, and what one process makes of them."""
import pytest
from support.fleet import DEADLY, comparable, process, twenty_four_clips


@pytest.fixture
def recordings(tmp_path):
    return twenty_four_clips(tmp_path / 'in')


@pytest.fixture(scope='session')
def expected(tmp_path_factory):
    """What one process makes of them."""
    place = tmp_path_factory.mktemp('expected')
    assert process(place / 'out', twenty_four_clips(place / 'in')) == 0
    return comparable(place / 'out')


@pytest.fixture
def deadly(tmp_path):
    """A module: a process that imports it ends at once if it reads the recording deadly.mp4."""
    path = tmp_path / 'modules' / 'sitecustomize.py'
    path.parent.mkdir()
    path.write_text(DEADLY)
    return path
