"""How topics of images are named, as image_transport does it."""
import pytest
import rclpy
from rclpy.context import Context

from movenet_ros.ros.subscription.image_topic import (
    add_suffix,
    camera_info_topic_name,
    depth_topic_name,
    image_topic_name,
    remove_suffix,
)


@pytest.mark.parametrize(('camera', 'transport', 'name'), [
    ('', 'raw', 'image'), ('', 'compressed', 'image/compressed'), ('front', 'raw', 'front/image'),
    ('front', 'compressed', 'front/image/compressed')])
def test_the_topic_of_a_camera(camera, transport, name):
    assert image_topic_name(camera, transport) == name


@pytest.mark.parametrize(('topic', 'transport', 'name'), [
    ('/eye', 'raw', '/eye'), ('/eye', 'compressed', '/eye/compressed')])
def test_the_name_of_a_transport_and_back(topic, transport, name):
    assert add_suffix(topic, transport) == name
    assert remove_suffix(name, transport) == topic


def test_a_name_without_the_suffix_is_of_another_transport():
    assert remove_suffix('/eye', 'compressed') is None


@pytest.mark.parametrize(('camera', 'transport', 'name'), [
    ('', 'raw', 'depth'), ('', 'compressedDepth', 'depth/compressedDepth'),
    ('front', 'raw', 'front/depth')])
def test_the_topic_of_depth(camera, transport, name):
    assert depth_topic_name(camera, transport) == name


@pytest.mark.parametrize(('remaps', 'camera', 'transport', 'name'), [
    ([], '', 'raw', '/robot/camera_info'), ([], 'front', 'compressed', '/robot/front/camera_info'),
    (['image:=/c/color/image_raw'], '', 'raw', '/c/color/camera_info'),
    (['image/compressed:=/c/image_raw/compressed'], '', 'compressed', '/c/camera_info'),
    (['front/image:=/c/image_raw'], 'front', 'raw', '/c/camera_info'),
    (['image:=/c/image_raw', 'camera_info:=/calibration'], '', 'raw', '/calibration'),
    (['front/camera_info:=/calibration'], 'front', 'raw', '/calibration')])
def test_the_calibration_is_beside_the_images_or_where_it_is_remapped(
        remaps, camera, transport, name):
    context = Context()
    words = [word for remap in remaps for word in ('-r', remap)]
    rclpy.init(args=['--ros-args', *words] if words else [], context=context)
    node = rclpy.create_node('eyes', namespace='/robot', context=context)
    try:
        assert camera_info_topic_name(node, camera, transport) == name
    finally:
        node.destroy_node()
        rclpy.shutdown(context=context)
