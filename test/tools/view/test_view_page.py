"""The page of `movenet view` in a real browser: what it draws, asks for and survives."""
import re
import threading
import time
from contextlib import contextmanager

import cv2
import numpy as np
import pytest
from support.browser import browser, require_browser
from support.made_subject import MadeSubject
from support.paths import DATA

from movenet_ros.config.declarations import OverlayConfig
from movenet_ros.core.skeleton import (
    LEFT_SHOULDER,
    LEFT_WRIST,
    NOSE,
    RIGHT_SHOULDER,
    RIGHT_WRIST,
)
from movenet_ros.core.target.selection import Criterion, Selection
from movenet_ros.core.types import Picture, Poses
from movenet_ros.images.overlay import draw
from movenet_ros.tools.view.record import (
    CameraStatusView,
    PersonPosition,
    TargetView,
    ViewFrame,
    encode_record,
)
from movenet_ros.tools.view.server import ViewServer

DESKTOP, PHONE = {'size': (1280, 800)}, {'size': (390, 844), 'scale': 3, 'touch': True}
SIZE = (640, 480)
GREY = 128
# The server ends before the browser looks away.
SERVER_ENDED = re.compile(r'net::ERR_(CONNECTION_REFUSED|CONNECTION_RESET|INCOMPLETE_CHUNKED\w*)')
SEQUENCE = 'return document.querySelector("#picture").dataset.sequence'


@pytest.fixture(scope='module')
def chromium(tmp_path_factory):
    require_browser()
    with browser(tmp_path_factory.mktemp('browser')) as page:
        yield page


@pytest.fixture
def page(chromium):
    """The browser; whatever a test does, nothing is logged, and nothing is asked elsewhere."""
    yield chromium
    url = chromium.driver.current_url
    origin = url[:url.index('/', len('http://'))]
    assert all(address.startswith((f'{origin}/', f'blob:{origin}/'))
               for address in chromium.requested())
    assert [line for line in chromium.logged() if not SERVER_ENDED.search(line)] == []


@pytest.fixture
def subject():
    return MadeSubject()


@pytest.fixture
def served(subject):
    with ViewServer(subject) as server:
        yield server.url


def person(places, box=(100, 60, 300, 440), number=1, score=0.8):
    """One person of whom some keypoints are seen: {index: (x, y)}."""
    xy = np.zeros((1, 17, 2), np.float32)
    visible = np.zeros((1, 17), np.bool_)
    for index, place in places.items():
        xy[0, index], visible[0, index] = place, True
    return Poses(xy=xy, keypoint_score=np.where(visible, 0.9, 0.1).astype(np.float32),
                 box=np.array([box], np.float32), score=np.array([score], np.float32),
                 id=np.array([number], np.int32), age=np.zeros(1, np.float32), visible=visible,
                 velocity=np.zeros((1, 2), np.float32), truncated=np.zeros(1, np.bool_),
                 time_unseen=np.zeros(1, np.float32))


def together(*people):
    return Poses(**{name: np.concatenate([getattr(each, name) for each in people])
                    for name in Poses.__dataclass_fields__})


TWO = together(person({NOSE: (160, 200)}, (80, 100, 240, 440), 3),
               person({NOSE: (480, 200)}, (400, 100, 560, 440), 5))


def flat(grey=GREY, size=SIZE):
    return jpeg(np.full((size[1], size[0]), grey, np.uint8))


def jpeg(picture):
    return cv2.imencode('.jpg', picture)[1].tobytes()


def shade(number, side):
    """The colour of a person's side, RGB, as on the overlay."""
    index = {'': NOSE, 'left': LEFT_WRIST, 'right': RIGHT_WRIST}[side]
    poses = person({index: (160, 120)}, (10, 10, 310, 230), number)
    picture = Picture(np.full((240, 320, 3), GREY, np.uint8), 'bgr')
    overlay = draw(picture, poses, OverlayConfig(boxes=False, labels=False))
    return overlay[120, 160, ::-1].astype(int)


def shown(page, sequence=1):
    """Waits until an image is drawn; returns the canvas, RGB [H,W,3]."""
    page.wait(lambda: page.run(SEQUENCE) == str(sequence), f'image {sequence}')
    # the canvas has the proportions of the image, and as many pixels as there are on the screen
    page.wait(lambda: page.run(
        'const c = document.querySelector("#picture"), r = devicePixelRatio;'
        'const ratio = getComputedStyle(document.querySelector("#frame"))'
        '  .getPropertyValue("--ratio");'
        'return Math.abs(c.width - c.clientWidth * r) <= 1'
        '  && Math.abs(c.width / c.height / ratio - 1) < 0.02'), 'the size of the canvas')
    page.run('return new Promise((drawn) => requestAnimationFrame('
             '() => requestAnimationFrame(drawn)))')
    return page.pixels('#picture')


def at(canvas, x, y, size=SIZE):
    """The colour at a place of the image."""
    height, width = canvas.shape[:2]
    return canvas[int(y * height / size[1]), int(x * width / size[0])].astype(int)


def place(page, x, y, size=SIZE):
    """The place on the page, in the canvas, of a place in the image."""
    width, height = page.run('const r = document.querySelector("#picture")'
                             '.getBoundingClientRect(); return [r.width, r.height]')
    return x * width / size[0], y * height / size[1]


@contextmanager
def publishing(subject, rate=30, **fields):
    """Publishes images with growing sequences, until the end."""
    stop = threading.Event()
    picture = flat()

    def publish():
        sequence = 0
        while not stop.wait(1 / rate):
            sequence += 1
            subject.show(TWO, picture, sequence=sequence, **fields)

    thread = threading.Thread(target=publish)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


# What is drawn

@pytest.mark.parametrize('window', [DESKTOP, PHONE], ids=['desktop', 'phone'])
@pytest.mark.parametrize('size', [(320, 240), (640, 480), (3840, 2160), (240, 320)], ids=str)
def test_the_skeleton_is_where_the_record_says(page, subject, served, window, size):
    unit = size[0] / 640, size[1] / 480

    def scaled(x, y):
        return x * unit[0], y * unit[1]

    seen = {NOSE: scaled(320, 120), LEFT_SHOULDER: scaled(400, 240),
            RIGHT_SHOULDER: scaled(200, 240)}
    poses = person(seen, (*scaled(100, 60), *scaled(500, 440)), 2)
    poses.xy[0, LEFT_WRIST] = scaled(560, 300)  # not seen
    subject.show(poses, flat(size=size), size=size)
    page.open(served, **window)
    canvas = shown(page)
    for index, side in {NOSE: '', LEFT_SHOULDER: 'left', RIGHT_SHOULDER: 'right'}.items():
        assert np.abs(at(canvas, *seen[index], size) - shade(2, side)).max() <= 2
    assert np.abs(at(canvas, *scaled(300, 240), size) - shade(2, '')).max() <= 2  # of both sides
    grey = at(canvas, *scaled(560, 300), size)
    assert np.abs(grey - GREY).max() <= 2
    # nothing joins the nose with the shoulders
    assert np.abs(at(canvas, *scaled(360, 180), size) - GREY).max() <= 2


def test_what_is_drawn_is_what_is_seen(page, subject, served, tmp_path):
    subject.show(person({NOSE: (320, 240)}), flat())
    page.open(served, **PHONE)
    shown(page)
    page.screenshot(tmp_path / 'page.png')
    pixels = cv2.imread(str(tmp_path / 'page.png'))[..., ::-1]
    left, top = page.run('const r = document.querySelector("#picture").getBoundingClientRect();'
                         'return [r.left, r.top]')
    x, y = place(page, 320, 240)
    assert np.abs(pixels[int(3 * (top + y)), int(3 * (left + x))] - shade(1, '')).max() <= 2


def test_lines_are_as_wide_on_every_picture(page, subject, served):
    widths = []
    for sequence, size in enumerate([(320, 240), (3840, 2880)]):
        y = size[1] / 2
        subject.show(person({LEFT_SHOULDER: (0.2 * size[0], y), RIGHT_SHOULDER: (0.8 * size[0], y)},
                            (1, 1, *size)), flat(size=size), size=size, sequence=sequence)
        if not sequence:
            page.open(served)
        canvas = shown(page, sequence)
        column = canvas[:, canvas.shape[1] // 2].astype(int)
        widths.append(int((np.abs(column - shade(1, '')).max(axis=1) < 40).sum()))
    assert widths[0] == widths[1] >= 2


def test_lines_of_small_people_are_thinner(page, subject, served):
    widths = []
    for sequence, box in enumerate([(200, 100, 400, 400), (280, 220, 340, 260)]):
        subject.show(person({LEFT_SHOULDER: (300, 240), RIGHT_SHOULDER: (320, 240)}, box),
                     flat(), sequence=sequence)
        if not sequence:
            page.open(served, size=(1280, 800), scale=2)
        canvas = shown(page, sequence)
        height, width = canvas.shape[:2]
        column = canvas[int(0.48 * height):int(0.52 * height), int(310 / 640 * width)].astype(int)
        widths.append(int((np.abs(column - GREY).max(axis=1) > 60).sum()))
    assert 2 <= widths[1] < widths[0]


def test_labels_do_not_hide_each_other(page, subject, served):
    """Two people in one place: each label has its person's colour around it."""
    box = (250, 200, 350, 400)
    subject.show(together(person({}, box, 1), person({}, box, 2)), flat())
    page.open(served)
    canvas = shown(page).astype(int)
    areas = [(np.abs(canvas - shade(number, '')).max(axis=2) <= 2).sum() for number in (1, 2)]
    assert min(areas) > 0.5 * max(areas) > 100


def test_picture_and_skeleton_are_of_one_image(page, subject, served):
    """The place of the nose tells the picture's grey."""
    stop = threading.Event()
    images = [(person({NOSE: (60 + 20 * step, 240)}), flat(40 + 6 * step)) for step in range(25)]

    def publish():
        sequence = 0
        while not stop.is_set():
            sequence += 1
            subject.show(*images[sequence % 25], sequence=sequence)
            time.sleep(0.01)

    thread = threading.Thread(target=publish)
    thread.start()
    try:
        page.open(served)
        page.wait(lambda: int(page.run(SEQUENCE) or 0) > 20)
        for _ in range(10):
            canvas = page.pixels('#picture')
            step = round((int(at(canvas, 630, 470)[0]) - 40) / 6)
            assert np.abs(at(canvas, 60 + 20 * step, 240) - shade(1, '')).max() <= 2
    finally:
        stop.set()
        thread.join()


def test_the_target_is_marked(page, subject, served):
    subject.show(TWO, flat(), sequence=1)
    page.open(served)
    corner = at(shown(page), 400, 110)
    page.wait_for('#target', 'Choose a person in the picture or here as the target.')
    subject.show(TWO, flat(), sequence=2, target=TargetView(5, 'tracked', 'id'))
    marked = at(shown(page, 2), 400, 110)
    assert marked.min() > 250 > corner.min()
    page.wait_for('#target', 'Person 5 is the target.')
    page.wait_for('#people', 'Person 5, target')
    subject.show(TWO, flat(), sequence=3, target=TargetView(9, 'searching', 'id'))
    page.wait_for('#target', 'Person 9 is the target, and is being searched for.')


@pytest.mark.parametrize('picture', [b'', b'\xff\xd8 no JPEG'], ids=['none', 'damaged'])
def test_people_without_a_picture(page, subject, served, picture):
    subject.show(person({NOSE: (320, 240)}), picture)
    page.open(served)
    canvas = shown(page)
    assert np.abs(at(canvas, 320, 240) - shade(1, '')).max() <= 2
    assert at(canvas, 620, 240).max() < 40


def test_a_picture_without_people_and_without_poses(page, subject, served):
    subject.show(Poses.empty(), flat())
    page.open(served)
    assert np.abs(shown(page).astype(int) - GREY).max() <= 2
    page.wait_for('#people-heading', '(0)')
    subject.show(None, flat(60), sequence=2)
    assert np.abs(shown(page, 2).astype(int) - 60).max() <= 2


def test_people_of_whom_nothing_is_seen_or_known(page, subject, served):
    unknown = person({NOSE: (np.nan, np.nan), LEFT_SHOULDER: (np.inf, 5)}, (np.nan,) * 4, 2)
    subject.show(together(person({}, number=1), unknown, person({NOSE: (500, 200)}, number=3)),
                 flat())
    page.open(served)
    canvas = shown(page)
    assert np.abs(at(canvas, 500, 200) - shade(3, '')).max() <= 2
    # neither box nor label at the origin, where coordinates that are unknown would be
    assert np.abs(at(canvas, 15, 8) - GREY).max() <= 2
    page.wait_for('#people-heading', '(3)')


def test_the_orientation_in_exif_is_ignored_as_by_the_node(page, subject, served):
    picture = np.zeros((480, 640), np.uint8)
    picture[:, 320:] = 200
    plain = jpeg(picture)
    exif = b'Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x03\0\0\0\0\0\0'
    turned = plain[:2] + b'\xff\xe1' + (len(exif) + 2).to_bytes(2, 'big') + exif + plain[2:]
    assert cv2.imdecode(np.frombuffer(turned, np.uint8), cv2.IMREAD_GRAYSCALE)[0, 0] > 190
    subject.show(Poses.empty(), turned)
    page.open(served)
    canvas = shown(page)
    assert at(canvas, 100, 240).max() < 10 < 190 < at(canvas, 600, 240).min()


def test_from_above(page, subject, served):
    subject.show(TWO, flat(), positions=None)
    page.open(served)
    shown(page)
    assert not page.find('#top-panel').is_displayed()
    positions = [PersonPosition(3, (-1.0, 0.2, 2.0), 2.3), PersonPosition(5, None, None)]
    subject.show(TWO, flat(), sequence=2, positions=positions)
    shown(page, 2)
    label = 'return document.querySelector("#top").ariaLabel ?? ""'
    page.wait(lambda: 'Person 3: 2.0 m ahead, 1.0 m left' in page.run(label))
    pixels = page.pixels('#top')
    found = np.argwhere(np.abs(pixels.astype(int) - shade(3, '')).max(axis=2) <= 2)
    y, x = found.mean(axis=0)
    middle, camera = pixels.shape[1] / 2, pixels.shape[0] - 22
    # twice as far ahead as to the left; the number in the middle of the dot moves the mean a little
    assert (camera - y) / (middle - x) == pytest.approx(2, rel=0.05)
    page.wait_for('#people', '2.3 m')
    page.click('#top', x, y)
    page.wait(lambda: subject.selections)
    assert subject.selections == [('front', Selection(Criterion.ID, id=3))]


# Choosing the target

@pytest.mark.parametrize('window', [DESKTOP, PHONE, {'size': (1920, 1000), 'scale': 2}],
                         ids=['desktop', 'phone', 'scaled'])
def test_a_click_on_a_person_chooses_the_point_in_the_image(page, subject, served, window):
    subject.show(TWO, flat())
    page.open(served, **window)
    shown(page)
    page.click('#picture', *place(page, 480, 300))
    page.wait_for('#response', 'accepted: point')
    (camera, selection), = subject.selections
    assert (camera, selection.criterion) == ('front', Criterion.POINT)
    # a click is at a whole pixel of the page
    assert (selection.x, selection.y) == pytest.approx((480, 300), abs=1.5)


def test_the_keyboard_alone_chooses(page, subject, served):
    from selenium.webdriver.common.keys import Keys
    subject.show(TWO, flat())
    page.open(served)
    page.wait_for('#people', 'Person 5')
    focused = 'return document.activeElement.textContent'
    page.press(Keys.TAB)
    assert page.run(focused) == 'Pause'
    page.press(Keys.TAB, Keys.TAB)
    assert 'Person 5' in page.run(focused)
    assert page.run('return document.activeElement.matches(":focus-visible")')
    page.press(Keys.ENTER)
    page.wait(lambda: len(subject.selections) == 1)
    page.press(Keys.SPACE)
    page.wait(lambda: len(subject.selections) == 2)
    page.press(Keys.TAB, Keys.SPACE)
    page.wait(lambda: len(subject.selections) == 3)
    assert [selection for _, selection in subject.selections] == [
        *2 * [Selection(Criterion.ID, id=5)], Selection(Criterion.NEAREST)]
    # the space bar belonged to the buttons
    assert page.text('#pause') == 'Pause'


def test_the_focus_stays_when_people_come_and_go(page, subject, served):
    subject.show(TWO, flat())
    page.open(served)
    page.wait_for('#people', 'Person 5')
    focused = 'return document.activeElement.textContent'
    page.run('document.querySelector("li[data-id=\\"5\\"] button").focus()')
    subject.show(together(person({}, number=1), TWO), flat(), sequence=2)
    page.wait_for('#people', 'Person 1')
    assert 'Person 5' in page.run(focused)
    subject.show(TWO.take([0]), flat(), sequence=3)
    page.wait(lambda: 'Person 5' not in page.text('#people'))
    assert page.run(focused).startswith('Person 3')


@pytest.mark.parametrize('criterion', ['nearest', 'largest', 'central', 'none'])
def test_a_criterion_is_chosen(page, subject, served, criterion):
    subject.show(TWO, flat())
    page.open(served)
    shown(page)
    page.click(f'[data-criterion={criterion}]')
    page.wait_for('#response', f'accepted: {criterion}')
    assert subject.selections == [('front', Selection(Criterion(criterion)))]
    subject.show(TWO, flat(), sequence=2, target=TargetView(0, 'none', criterion))
    page.wait(lambda: page.find('[aria-pressed=true]').get_attribute('data-criterion') == criterion)


def test_a_rejection_is_shown(chromium, subject, served):
    subject.rejection = 'the node is not active'
    subject.show(TWO, flat())
    chromium.open(served)
    shown(chromium)
    chromium.click('#people button')
    chromium.wait_for('#response', 'the node is not active')


def test_where_nothing_can_be_chosen(page):
    subject = MadeSubject(can_select=False)
    with ViewServer(subject) as server:
        subject.show(TWO, flat())
        page.open(server.url)
        page.wait_for('#people', 'Person 3')
        assert not page.driver.find_elements('css selector', '#people button')
        assert not page.find('#criteria').is_displayed()
        page.click('#picture')
        assert subject.selections == []


# Pause, cameras, recordings

def test_pause_keeps_the_picture_while_the_stream_goes_on(page, subject, served):
    with publishing(subject):
        page.open(served)
        page.wait(lambda: page.run(SEQUENCE))
        page.press(' ')
        page.wait_for('#notice', 'Paused')
        kept = page.run(SEQUENCE)
        before = page.pixels('#picture')
        subject.show(Poses.empty(), b'', sequence=10 ** 6)
        page.wait(lambda: subject.feed('front').watchers == 1)
        # the person who is shown, whoever is at the point meanwhile
        page.click('#picture', *place(page, 480, 300))
        page.wait_for('#response', 'accepted: id')
        assert subject.selections == [('front', Selection(Criterion.ID, id=5))]
        assert page.run(SEQUENCE) == kept and (page.pixels('#picture') == before).all()
        page.click('#pause')
        page.wait(lambda: int(page.run(SEQUENCE)) > int(kept))
        assert page.text('#pause') == 'Pause' and not page.find('#notice').is_displayed()


def test_the_camera_is_chosen(page):
    subject = MadeSubject(cameras=('front', 'rear'))
    with ViewServer(subject) as server:
        subject.show(TWO, flat(100))
        subject.show(Poses.empty(), flat(200), camera='rear', sequence=7)
        page.open(server.url)
        shown(page)
        page.wait_for('#people-heading', 'People (2)')
        page.run('const s = document.querySelector("#camera"); s.value = "rear";'
                 's.dispatchEvent(new Event("change"))')
        assert np.abs(shown(page, 7).astype(int) - 200).max() <= 2
        page.wait(lambda: (subject.feed('front').watchers, subject.feed('rear').watchers) == (0, 1))
        page.driver.refresh()
        shown(page, 7)
        page.click('[data-criterion=none]')
        page.wait(lambda: subject.selections)
        assert subject.selections[0][0] == 'rear'


def test_one_camera_is_not_a_choice(page, subject, served):
    subject.show(TWO, flat())
    page.open(served)
    shown(page)
    assert not page.find('#camera-choice').is_displayed()
    assert not page.find('#seek-choice').is_displayed()


def test_a_recording_is_paused_and_sought_by_the_server(page):
    from selenium.webdriver.common.keys import Keys
    subject = MadeSubject(duration=90.0, can_select=False, title='walk.mcap')
    with ViewServer(subject) as server:
        subject.show(TWO, flat(), position=61.0)
        page.open(server.url)
        shown(page)
        page.wait_for('#time', '1:01 / 1:30')
        page.press(' ')
        page.wait_for('#pause', 'Play')
        page.click('#pause')
        page.wait_for('#pause', 'Pause')
        assert subject.playback == [(True, None), (False, None)]
        # at the end it stops by itself, and starts again from there
        subject.show(TWO, flat(), position=90.0, sequence=5, paused=True)
        shown(page, 5)
        page.wait_for('#pause', 'Play')
        page.click('#pause')
        page.wait_for('#pause', 'Pause')
        assert subject.playback[2:] == [(False, 0)]
        page.find('#seek').send_keys(Keys.HOME)
        page.wait(lambda: subject.playback[-1] == (None, 0.0))
        # what the server shows then is drawn: a recording does not stay as a live picture does
        subject.show(TWO, flat(30), position=0.0, sequence=2)
        assert at(shown(page, 2), 630, 470).max() < 35


# The node

def test_the_status_is_shown_with_causes(page, subject, served):
    values = {'state': 'active', 'images processed': '1818', 'images skipped': '20',
              'images lost': '2', 'images rejected': '3', 'images rejected: short_step': '3',
              'images failed': '0', 'images warned: no_frame_id': '14', 'engine': 'litert'}
    hostile = '<img src=http://192.0.2.1/x onerror=alert(1)>'
    subject.show(TWO, flat(), rate=29.64, latency=0.0236, lost=4,
                 status=CameraStatusView(1, hostile, 0.5, values))
    page.open(served)
    page.wait_for('#level', 'Warning')
    assert page.text('#message') == hostile
    assert page.text('#images').splitlines() == [
        'processed 1818', 'skipped 20', 'lost 2', 'rejected 3', 'short step 3', 'failed 0',
        'with a warning: no frame id 14']
    assert [page.text(f'#{name}') for name in ('rate', 'latency')] == ['29.6', '24']
    page.click('summary')
    assert 'litert' in page.text('#values')
    # a report alone: the picture stays
    subject.show(None, b'', sequence=0, size=(0, 0), status=CameraStatusView(2, 'failed', 0.0, {}))
    page.wait_for('#level', 'Error')
    assert page.run(SEQUENCE) == '1'


def test_it_says_what_it_waits_for(page, subject, served):
    page.open(served)
    page.wait_for('#notice', 'Waiting for images. Is the node running and active?')
    subject.show(None, b'', status=CameraStatusView(0, 'inactive', 0.0, {'state': 'inactive'}))
    page.wait_for('#message', 'inactive')
    page.wait(lambda: page.text('#notice') == 'Waiting for images')
    subject.show(TWO, flat())
    shown(page)
    page.wait(lambda: not page.find('#notice').is_displayed())
    page.wait_for('#notice', 'Waiting for images: this is the last one')


# The connection

def test_it_connects_again_when_the_server_comes_back(page, subject):
    with ViewServer(subject) as server:
        subject.show(TWO, flat())
        page.open(server.url)
        shown(page)
        port = int(server.url.rstrip('/').rpartition(':')[2])
    page.wait_for('#connection', 'Connection lost. Trying again')
    page.wait_for('#notice', 'Not connected: this is the last picture')
    # what is shown is still drawn: a person is marked
    page.wait_for('#people', 'Person 3')
    page.run('document.querySelector("#people button").focus()')
    assert at(shown(page), 160, 100).min() > 230
    other = MadeSubject(cameras=('other',))
    with ViewServer(other, port=port):
        other.show(Poses.empty(), flat(50), camera='other', sequence=9)
        assert np.abs(shown(page, 9).astype(int) - 50).max() <= 2
        page.wait_for('#connection', 'Connected')
        assert not page.find('#notice').is_displayed()


def test_poses_that_are_lost_are_counted_from_the_opening_of_the_page_on(page, subject):
    with ViewServer(subject) as server:
        subject.show(TWO, flat(), lost=4)
        page.open(server.url)
        page.wait_for('#lost', '0')
        subject.show(TWO, flat(), lost=6, sequence=2)
        page.wait_for('#lost', '2')
        port = int(server.url.rstrip('/').rpartition(':')[2])
    other = MadeSubject()
    with ViewServer(other, port=port):
        other.show(TWO, flat(), lost=3, sequence=3)
        page.wait_for('#lost', '5')


def test_the_token_is_used_and_not_shown(chromium, subject):
    with ViewServer(subject, token='secret-token') as server:
        subject.show(TWO, flat())
        chromium.open(server.url)
        shown(chromium)
        assert 'secret' not in chromium.driver.current_url
        chromium.click('[data-criterion=none]')
        chromium.wait_for('#response', 'accepted: none')
        chromium.driver.refresh()
        shown(chromium)
        assert not any('secret' in url for url in chromium.requested()[1:])
        chromium.run('sessionStorage.clear()')
        chromium.driver.refresh()
        chromium.wait_for('#connection', 'Not allowed: open the link that was printed')


def test_records_are_read_however_the_stream_is_cut(page, served, subject):
    frame = ViewFrame('front', '/image', 0, 1, 'camera', *SIZE, 'lightning', TWO)
    stream = b''.join(encode_record(frame, picture) for picture in (b'', b'jpeg', b'x' * 300))
    page.open(served)
    read = page.driver.execute_async_script("""
        const [bytes, done] = arguments;
        import('/view.js').then(({RecordParser}) => {
          const stream = new Uint8Array(bytes);
          const results = new Set();
          for (let size = 1; size < stream.length; size += size < 20 ? 1 : 97) {
            const parser = new RecordParser();
            const records = [];
            for (let at = 0; at < stream.length; at += size) {
              records.push(...parser.push(stream.subarray(at, at + size)));
            }
            results.add(JSON.stringify(
              records.map(({people, jpeg}) => [people.length, jpeg.length])));
          }
          done([...results]);
        });""", list(stream))
    assert read == ['[[2,0],[2,4],[2,300]]']


def test_most_images_of_a_camera_at_30_hz_are_drawn(page, subject, served):
    picture = (DATA / 'astronaut.jpg').read_bytes()
    page.open(served)
    page.wait(lambda: subject.feed('front').watchers)
    page.run("""
        window.drawn = new Set();
        new MutationObserver((changes) => {
          changes.forEach(({target}) => window.drawn.add(target.dataset.sequence));
        }).observe(document.querySelector('#picture'), {attributeFilter: ['data-sequence']});""")
    begin = time.monotonic()
    for sequence in range(60):
        time.sleep(max(0.0, begin + sequence / 30 - time.monotonic()))
        subject.show(TWO, picture, size=(512, 512), sequence=sequence)
    shown(page, 59)
    # On a quiet computer it is all of them.
    assert page.run('return window.drawn.size') >= 20


# The layout

@pytest.mark.parametrize('width', [320, 360, 390, 700, 1000])
def test_nothing_is_wider_than_the_window_and_all_can_be_touched(page, width):
    subject = MadeSubject(cameras=('front', 'rear'), title='/a_robot_with_a_long_name/movenet')
    status = CameraStatusView(2, 'no image for 5 s on /camera/front/image_raw_' + 40 * 'x', 0.1,
                              {'images rejected: unsupported_encoding': '1' * 12,
                               'topic': '/' + 60 * 'long'})
    with ViewServer(subject) as server:
        subject.show(TWO, flat(), status=status, positions=[PersonPosition(3, (0.1, 0, 2), 2.0)])
        page.open(server.url, size=(width, 740), scale=2, touch=True)
        shown(page)
        page.wait_for('#level', 'Error')
        page.click('summary')
        assert page.run('return document.documentElement.scrollWidth') <= width
        sizes = page.run("""return [...document.querySelectorAll('button, select, summary, input')]
            .filter((element) => element.offsetParent)
            .map((element) => [element.offsetWidth, element.offsetHeight])""")
        assert len(sizes) >= 9 and min(map(min, sizes)) >= 44


def test_everything_has_a_name_for_those_who_do_not_see_it(page, subject, served):
    subject.show(TWO, flat(), positions=[PersonPosition(3, (0.1, 0, 2), 2.0)])
    page.open(served)
    page.wait_for('#people', 'Person 3')
    tree = page.command('Accessibility.getFullAXTree')['nodes']
    named = {(node['role']['value'], node['name']['value'])
             for node in tree if not node.get('ignored') and 'name' in node}
    wanted = {('button', 'Pause'), ('image', 'Picture with 2 people'), ('heading', 'Node'),
              ('button', 'Person 3 2.0 m score 0.80'), ('group', 'Choose the target')}
    assert wanted <= named
    assert not [role for role, name in named
                if role in ('button', 'combobox', 'slider', 'image') and not name]
