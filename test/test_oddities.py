"""What is odd about an image: by a fixed word, and told with the value."""
import dataclasses

import pytest

from movenet_ros.core.types import NANOSECONDS
from movenet_ros.ros.oddities import Traits, oddities

NOW = 1000 * NANOSECONDS
USUAL = Traits(NOW, 'camera', (640, 480), 'bgr8')


def found(before=USUAL, clock_ns=NOW, **changes):
    changes = {'stamp_ns': USUAL.stamp_ns + 1, **changes}
    return dict(oddities(before, dataclasses.replace(USUAL, **changes), clock_ns))


def test_nothing_is_odd_about_usual_images():
    assert found() == {}
    assert found(before=None) == {}
    assert found(stamp_ns=NOW + NANOSECONDS) == {}
    assert found(size=(640, 480), encoding='bgr8') == {}


@pytest.mark.parametrize(('changes', 'cause', 'says'), [
    ({'stamp_ns': 0, 'before': None}, 'no_stamp', 'its stamp is 0'),
    ({'stamp_ns': NOW}, 'same_stamp', '1000.000 s, is that of the one before'),
    ({'stamp_ns': NOW - 5 * 10**8}, 'stamp_back', '999.500 s, is 0.500 s before'),
    ({'stamp_ns': NOW + 3600 * NANOSECONDS}, 'stamp_ahead', '3600.000 s ahead of the clock'),
    ({'frame_id': ''}, 'no_frame_id', 'empty'),
    ({'size': (1, 1), 'before': None}, 'tiny', '1 x 1'),
    ({'size': (640, 31), 'before': None}, 'tiny', '640 x 31'),
    ({'size': (480, 640)}, 'new_size', 'is 480 x 640, the one before was 640 x 480'),
    ({'encoding': 'mono8'}, 'new_encoding', "is 'mono8', the one before was 'bgr8'"),
    ({'surplus': 4096}, 'surplus_data', '4096 bytes')])
def test_what_is_odd_is_told_with_its_value(changes, cause, says):
    assert list(found(**changes)) == [cause]
    assert says in found(**changes)[cause]


def test_several_things_may_be_odd():
    causes = found(stamp_ns=0, frame_id='', size=(1, 2), encoding='x' * 10**6)
    assert set(causes) == {'no_stamp', 'stamp_back', 'no_frame_id', 'tiny', 'new_size',
                           'new_encoding'}
    assert all(len(text) < 300 and '\n' not in text for text in causes.values())


def test_before_there_is_a_clock_nothing_is_ahead_of_it():
    assert found(clock_ns=0) == {}
