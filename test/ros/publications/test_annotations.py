"""`~/annotations`: for which versions of foxglove_msgs, and when it is published."""
from types import SimpleNamespace

import pytest
from support.poses import people

from movenet_ros.core.observation import Observation
from movenet_ros.messages.image_annotations import serialize_annotations
from movenet_ros.messages.published_image import PublishedImage
from movenet_ros.ros.publications import optional_messages
from movenet_ros.ros.publications.annotations import (
    FIELDS,
    OLDER_FIELDS,
    AnnotationPublication,
    has_known_fields,
)

IMAGE = PublishedImage((12, 345), 'camera', 640, 480, 7, 'multipose')


def package(fields):
    """In place of foxglove_msgs.msg: messages with these fields."""
    return SimpleNamespace(**{
        name: type(name, (), {'get_fields_and_field_types': staticmethod(
            lambda names=names: dict.fromkeys(names, ''))}) for name, names in fields.items()})


class Publisher:
    def __init__(self, subscribers):
        self.get_subscription_count = lambda: subscribers
        self.messages = []

    def publish(self, message):
        self.messages.append(message)


def published(fields, subscribers):
    """What is published of one image, and on which topics."""
    publisher, topics = Publisher(subscribers), []

    def create(kind, topic, qos):
        topics.append((kind.__name__, topic))
        return publisher

    publication = AnnotationPublication(create, package(fields))
    publication.publish(IMAGE, Observation(poses=people((10, 20))))
    assert topics == [('ImageAnnotations', 'annotations')]
    return publisher.messages


@pytest.mark.parametrize(('fields', 'metadata'), [(FIELDS, True), (OLDER_FIELDS, False)])
def test_the_bytes_are_those_of_the_installed_version(fields, metadata):
    assert published(fields, 1) == [serialize_annotations(IMAGE, people((10, 20)),
                                                          metadata=metadata)]


def test_nothing_is_made_without_subscribers():
    assert published(FIELDS, 0) == []


@pytest.mark.parametrize('fields', [
    {**FIELDS, 'TextAnnotation': [*FIELDS['TextAnnotation'], 'angle']},
    {name: names for name, names in FIELDS.items() if name != 'TextAnnotation'}])
def test_a_version_with_other_fields_is_left_out_and_named(fields, monkeypatch):
    assert not has_known_fields(package(fields))
    monkeypatch.setattr(optional_messages, 'find_messages', lambda _: package(fields))
    assert list(optional_messages.topics_that_are_off()) == [
        '~/annotations (the fields of this foxglove_msgs are unknown)']


def test_the_installed_version_is_known_and_reads_the_bytes():
    messages = pytest.importorskip('foxglove_msgs.msg')
    from rclpy.serialization import deserialize_message, serialize_message
    assert has_known_fields(messages)
    raw = published({name: list(getattr(messages, name).get_fields_and_field_types())
                     for name in FIELDS}, 1)[0]
    message = deserialize_message(raw, messages.ImageAnnotations)
    assert len(serialize_message(message)) == len(raw)
    assert [len(item.points) for item in message.points] == [4, 32, 17]
    assert message.texts[0].text == '1  0.50'
