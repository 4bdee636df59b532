"""What a camera_info must not have: every error names the field, its value and the cause."""
import numpy as np
import pytest
from support.cameras import TELE, camera

from movenet_ros.core.geometry.region import RegionOfInterest
from movenet_ros.errors import CameraModelError, MovenetError

NAN, INF = float('nan'), float('inf')
P = (*TELE[:3], 0., *TELE[3:6], 0., *TELE[6:], 0.)


def changed(values, at, value):
    return (*values[:at], value, *values[at + 1:])


WRONG = {
    'not calibrated': ({'k': (0,) * 9}, 'k[0]', 'uncalibrated'),
    'k too short': ({'k': TELE[:8]}, 'k', 'wrong_length'),
    'r too long': ({'r': (0,) * 10}, 'r', 'wrong_length'),
    'p too short': ({'p': TELE}, 'p', 'wrong_length'),
    'k with NaN': ({'k': changed(TELE, 2, NAN)}, 'k[2]', 'not_finite'),
    'd with infinity': ({'d': (0, -INF, 0, 0, 0)}, 'd[1]', 'not_finite'),
    'p with infinity': ({'p': changed(P, 3, INF)}, 'p[3]', 'not_finite'),
    'r with NaN': ({'r': (NAN,) * 9}, 'r[0]', 'not_finite'),
    'far too large': ({'k': changed(TELE, 2, 1e300)}, 'k[2]', 'not_finite'),
    'far too small': ({'k': changed(TELE, 0, 1e-300)}, 'k[0]', 'invalid_matrix'),
    'singular': ({'k': changed(TELE, 4, 0)}, 'k[4]', 'invalid_matrix'),
    'negative focal length': ({'k': changed(TELE, 0, -525)}, 'k[0]', 'invalid_matrix'),
    'skew': ({'k': changed(TELE, 1, 0.3)}, 'k[1]', 'invalid_matrix'),
    'no last row': ({'k': changed(TELE, 8, 0)}, 'k[8]', 'invalid_matrix'),
    'transposed': ({'k': np.reshape(TELE, (3, 3)).T.ravel()}, 'k[6]', 'invalid_matrix'),
    'p without fx': ({'p': changed(P, 0, 0)}, 'p[0]', 'invalid_matrix'),
    'p without fy': ({'p': changed(P, 5, 0)}, 'p[5]', 'invalid_matrix'),
    'p not a projection': ({'p': changed(P, 10, 0)}, 'p[10]', 'invalid_matrix'),
    'scaling': ({'r': (2, 0, 0, 0, 2, 0, 0, 0, 2)}, 'r', 'invalid_matrix'),
    'mirror': ({'r': (-1, 0, 0, 0, 1, 0, 0, 0, 1)}, 'r', 'invalid_matrix'),
    'unknown model': ({'distortion_model': 'mei', 'd': (0.1,) * 5}, 'distortion_model',
                      'unknown_distortion_model'),
    'no model': ({'distortion_model': '', 'd': (0.1,) * 5}, 'distortion_model',
                 'unknown_distortion_model'),
    'three coefficients': ({'d': (0.1, 0.1, 0.1)}, 'd', 'wrong_length'),
    'eight for plumb_bob': ({'d': (0.1,) * 8}, 'd', 'wrong_length'),
    'five for rational': ({'distortion_model': 'rational_polynomial', 'd': (0.1,) * 5}, 'd',
                          'wrong_length'),
    'ten for rational': ({'distortion_model': 'rational_polynomial', 'd': (0.1,) * 10}, 'd',
                         'wrong_length'),
    'five for equidistant': ({'distortion_model': 'equidistant', 'd': (0.1,) * 5}, 'd',
                             'wrong_length'),
    'overturned sensor': ({'distortion_model': 'rational_polynomial',
                           'd': (*(0.1,) * 12, 0, 1.6)}, 'd[12:14]', 'invalid_matrix'),
    'no size': ({'width': 0}, 'width', 'invalid_region'),
    'binning larger than the image': ({'binning_y': 481}, 'binning_y', 'invalid_region'),
    'negative binning': ({'binning_x': -1}, 'binning_x', 'invalid_region'),
    'region beyond the right edge': ({'roi': RegionOfInterest(x_offset=600, width=41, height=9)},
                                     'roi.width', 'invalid_region'),
    'region beyond the bottom edge': ({'roi': RegionOfInterest(y_offset=1, width=9, height=480)},
                                      'roi.height', 'invalid_region'),
    'offset without a size': ({'roi': RegionOfInterest(x_offset=600)}, 'roi.width',
                              'invalid_region'),
    'binning larger than the region': (
        {'roi': RegionOfInterest(width=8, height=8), 'binning_x': 9}, 'binning_x',
        'invalid_region'),
}


@pytest.mark.parametrize('name', WRONG)
def test_a_wrong_field_is_named(name):
    fields, field, cause = WRONG[name]
    with pytest.raises(CameraModelError) as caught:
        camera(**fields)
    assert isinstance(caught.value, MovenetError)
    assert (caught.value.field, caught.value.cause) == (field, cause)
    assert str(caught.value).startswith(f'camera_info {field} = ')


@pytest.mark.parametrize('fields', [
    {'distortion_model': '', 'd': ()}, {'distortion_model': '', 'd': (0,) * 5},
    {'d': (0.1, 0.1, 0.1, 0.1)}, {'d': (*(0.01,) * 5, 0, 0, 0)},
    {'distortion_model': 'rational_polynomial', 'd': (0,) * 5},
    {'distortion_model': 'mei', 'd': (0,) * 5},
    {'r': (0,) * 9}, {'r': (0.9999, 0.001, 0, -0.001, 0.9999, 0, 0, 0, 1)}, {'p': P},
    {'p': changed(P, 3, -31.5)}, {'roi': RegionOfInterest(width=640, height=480)},
    {'roi': RegionOfInterest(width=640, height=480, do_rectify=True)},
    {'binning_x': 1, 'binning_y': 480}])
def test_what_drivers_publish_is_taken(fields):
    camera(**fields)


def test_an_image_of_another_size_is_rejected():
    with pytest.raises(CameraModelError, match='belongs to images of 320 x 240, not 640 x 480') \
            as caught:
        camera(binning_x=2, binning_y=2).check_image(640, 480)
    assert caught.value.cause == 'another_image_size'
