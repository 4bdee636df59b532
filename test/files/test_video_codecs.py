"""The codecs of overlay videos: the best that OpenCV can write, and which browsers play."""
import http.server
import threading
from contextlib import contextmanager
from functools import partial

import pytest
from support.sinks import results, write

from movenet_ros.files.sinks import open_sink
from movenet_ros.files.videos import codecs, opencv_video

PLAYED = {'avc1': b'avcC', 'vp09': b'vpcC', 'VP80': b'V_VP8', 'VP90': b'V_VP9'}
"""Codecs that browsers play, and what their containers hold then."""


def without(monkeypatch, *tags):
    """As if OpenCV had no encoders for these."""
    real = opencv_video.open_writer

    def open_writer(folder, name, codec, fps, size):
        return None if codec in tags else real(folder, name, codec, fps, size)
    for module in ('codecs', 'writer'):
        monkeypatch.setattr(f'movenet_ros.files.videos.{module}.open_writer', open_writer)


@pytest.mark.parametrize('name', ['overlay.mp4', 'overlay.webm'])
def test_videos_are_in_a_codec_that_browsers_play(tmp_path, name):
    with open_sink(tmp_path / name, fps=25.0) as sink:
        codec = sink._codec
        for result in results(10):
            sink.write(result)
    assert PLAYED[codec.tag] in (tmp_path / name).read_bytes()
    best = codecs.CODECS[(tmp_path / name).suffix][0]
    assert bool(sink.notes) == (codec != best)


@pytest.mark.parametrize(('ending', 'lacking', 'chosen', 'note'), [
    ('.mp4', ['avc1'], 'vp09', 'written in VP9, as OpenCV has no encoder for H.264 here; browsers '
                               'play it; a name that ends in .webm'),
    ('.mp4', ['avc1', 'vp09'], 'mp4v', 'written in MPEG-4 part 2, as OpenCV has no encoder for '
                                       'H.264 or VP9 here; browsers do not play it; let the name'),
    ('.webm', ['VP80'], 'VP90', 'written in VP9, as OpenCV has no encoder for VP8 here; browsers')])
def test_the_next_best_codec_is_named(tmp_path, monkeypatch, ending, lacking, chosen, note):
    without(monkeypatch, *lacking)
    with open_sink(tmp_path / f'a{ending}', fps=25.0) as sink:
        assert sink._codec.tag == chosen
        assert f'a{ending}: {note}' in sink.notes[0]
        for result in results(10):
            sink.write(result)
    assert codecs.count_frames(tmp_path / f'a{ending}') == 10


def test_an_encoder_that_opens_but_writes_nothing_is_not_chosen(tmp_path, monkeypatch):
    real = opencv_video.open_writer

    class Silent:
        def write(self, image):
            pass

        def release(self):
            pass

    monkeypatch.setattr(
        'movenet_ros.files.videos.codecs.open_writer', lambda folder, name, codec, fps, size: (
            Silent() if codec == 'avc1' else real(folder, name, codec, fps, size)))
    with open_sink(tmp_path / 'a.mp4') as sink:
        assert sink._codec.tag == 'vp09'
        sink.write(next(results(1)))


PLAY = """
const video = document.querySelector('video'), done = (text) => { video.dataset.result = text; };
video.onended = () => done(`${video.videoWidth}x${video.videoHeight} `
                           + video.getVideoPlaybackQuality().totalVideoFrames);
video.onerror = () => done(video.error.message);
video.src = arguments[0];
video.play();
"""


@contextmanager
def served(folder):
    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(
        ('127.0.0.1', 0), partial(Handler, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f'http://127.0.0.1:{server.server_port}'
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize('lacking', [(), ('avc1',), ('VP80',)])
def test_a_browser_plays_them(tmp_path, monkeypatch, lacking):
    from support.browser import browser, require_browser
    require_browser()
    without(monkeypatch, *lacking)
    for name in ('a.mp4', 'a.webm'):
        write(tmp_path / name, results(20))
    (tmp_path / 'index.html').write_text('<video muted></video>')
    with served(tmp_path) as url, browser(tmp_path / 'profile') as page:
        page.open(f'{url}/index.html')
        for name in ('a.mp4', 'a.webm'):
            page.run(f"delete document.querySelector('video').dataset.result; {PLAY}", f'/{name}')
            assert page.wait(lambda: page.run(
                "return document.querySelector('video').dataset.result")) == '64x48 20'
