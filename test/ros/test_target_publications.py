"""What is published of the target, and when."""
from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np
import pytest
from geometry_msgs.msg import PoseStamped

from movenet_ros.config import Config
from movenet_ros.core.observation import Observation
from movenet_ros.messages.published_image import PublishedImage
from movenet_ros.ros.publications.create import create_publications
from movenet_ros.ros.publications.target_frame import TargetFramePublication, missing_packages
from movenet_ros.ros.publications.target_pose import TargetPosePublication

IMAGE = PublishedImage((5, 6), 'camera_optical', 640, 480, 3, 'lightning')
SEEN = Observation(target_position=np.array([0.1, 0.2, 3.0]))
FRAME = Config().replace({'target.frame': True})


@dataclass
class TransformsOnly:
    """A TFMessage as far as it is used: of the package tf2_msgs, which may not be installed."""

    transforms: list


@dataclass
class Publisher:
    """Keeps what is published."""

    kind: type
    topic_name: str
    subscribers: int = 1
    published: list = field(default_factory=list)

    def get_subscription_count(self):
        return self.subscribers

    def publish(self, message):
        self.published.append(message)


@pytest.fixture
def made():
    return []


@pytest.fixture
def create(made):
    def create(kind, topic, qos):
        name = topic if topic.startswith('/') else f'/movenet/{topic}'
        made.append(Publisher(kind, name))
        return made[-1]
    return create


def test_the_pose_has_the_header_of_the_image(create, made):
    TargetPosePublication(create).publish(IMAGE, SEEN)
    (message,) = made[0].published
    assert isinstance(message, PoseStamped) and made[0].topic_name == '/movenet/target_pose'
    assert (message.header.stamp.sec, message.header.frame_id) == (5, 'camera_optical')
    assert (message.pose.position.x, message.pose.position.z) == (0.1, 3.0)


def test_no_pose_without_a_position_or_a_subscriber(create, made):
    publication = TargetPosePublication(create)
    publication.publish(IMAGE, Observation())
    made[0].subscribers = 0
    publication.publish(IMAGE, SEEN)
    assert made[0].published == []


def test_the_frame_is_a_child_of_that_of_the_image(create, made):
    messages = SimpleNamespace(TFMessage=TransformsOnly)
    publication = TargetFramePublication(create, messages, 'movenet_target')
    publication.publish(IMAGE, Observation())
    publication.publish(IMAGE, SEEN)
    (message,) = made[0].published
    (transform,) = message.transforms
    assert made[0].topic_name == '/tf'
    assert (transform.header.frame_id, transform.child_frame_id) == (
        'camera_optical', 'movenet_target')
    assert (transform.header.stamp.sec, transform.header.stamp.nanosec) == (5, 6)
    assert transform.transform.translation.z == 3.0 and transform.transform.rotation.w == 1.0


@pytest.mark.parametrize(('installed', 'config', 'is_published'), [
    (True, Config(), False), (True, FRAME, True), (False, FRAME, False)])
def test_the_frame_is_published_only_if_asked_for_and_possible(
        create, made, monkeypatch, installed, config, is_published):
    messages = {'tf2_msgs': SimpleNamespace(TFMessage=TransformsOnly)} if installed else {}
    monkeypatch.setattr('movenet_ros.ros.publications.create.find_messages', messages.get)
    create_publications(create, None, config)
    assert ('/tf' in [publisher.topic_name for publisher in made]) == is_published


def test_what_is_missing_is_said_only_if_it_was_asked_for(monkeypatch):
    find = 'movenet_ros.ros.publications.target_frame.find_messages'
    monkeypatch.setattr(find, {}.get)
    assert list(missing_packages(Config())) == []
    (text,) = missing_packages(FRAME)
    assert 'target.frame' in text and 'tf2_msgs' in text
    monkeypatch.setattr(find, lambda package: package)
    assert list(missing_packages(FRAME)) == []
