"""How topics of images are named, as image_transport does it."""
import pytest

from movenet_ros.ros.subscription.image_topic import add_suffix, image_topic_name, remove_suffix


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
