"""A recording on the page, in a browser."""
import pytest
from support.browser import browser, require_browser
from support.recordings import played, usual_items, write_recording

from movenet_ros.tools.view.server import ViewServer


@pytest.fixture(scope='module')
def page(tmp_path_factory):
    require_browser()
    with browser(tmp_path_factory.mktemp('browser')) as page:
        yield page


def test_a_recording_is_played_to_its_end_and_again(page, tmp_path):
    path = write_recording(tmp_path / 'walk', usual_items(60))
    with played(path) as subject, ViewServer(subject) as server:
        page.open(server.url)
        page.wait_for('#pause', 'Pause')
        page.wait_for('#time', '0:02 / 0:02')
        page.wait_for('#pause', 'Play')
        assert subject._playhead.position >= 2.36
        page.click('#pause')
        page.wait_for('#time', '0:00 / 0:02')
        page.wait_for('#time', '0:01 / 0:02')
        page.click('#pause')
        page.wait_for('#pause', 'Play')
        page.wait(lambda: subject._playhead._since is None)
        assert 0.9 < subject._playhead.position < 2.3
        assert page.logged() == []


def test_a_page_that_is_opened_while_it_is_paused_can_go_on(page, tmp_path):
    path = write_recording(tmp_path / 'walk', usual_items(60))
    with played(path) as subject, ViewServer(subject) as server:
        subject.play(True, 1.0)
        page.open(server.url)
        page.wait_for('#time', '0:01 / 0:02')
        page.wait_for('#pause', 'Play')
        page.click('#pause')
        page.wait(lambda: subject._playhead.position > 1.2)
        # as another page would
        subject.play(True, 1.0)
        page.wait_for('#pause', 'Play')
