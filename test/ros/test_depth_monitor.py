"""Counts of images with and without calibration and depth."""
from movenet_ros.ros.diagnostics.depth_monitor import DepthMonitor


def test_every_image_is_counted_by_what_it_has():
    monitor = DepthMonitor(has_depth=True)
    for _ in range(3):
        monitor.depth_received()
        monitor.calibrated()
    monitor.with_depth()
    monitor.without_depth('stopped', 'no depth images come')
    monitor.without_depth('no_values', 'nothing in it')
    monitor.uncalibrated('none')
    assert dict(monitor.values()) == {
        'images with camera_info': '3', 'images without camera_info: none': '1',
        'depth images received': '3', 'images with depth': '1',
        'images without depth: no_values': '1', 'images without depth: stopped': '1'}


def test_a_warning_is_of_what_is_new():
    monitor = DepthMonitor(has_depth=True)
    assert monitor.warning() == ''
    monitor.without_depth('stopped', 'no depth images come')
    monitor.without_depth('stopped', 'no depth images come')
    assert monitor.warning() == '2 images without positions: no depth images come'
    assert monitor.warning() == ''


def test_without_depth_a_missing_calibration_is_no_warning():
    monitor = DepthMonitor(has_depth=False)
    monitor.uncalibrated('none')
    assert monitor.warning() == ''
    assert dict(monitor.values()) == {
        'images with camera_info': '0', 'images without camera_info: none': '1'}
