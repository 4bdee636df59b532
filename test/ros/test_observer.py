"""What a camera publishes beside its poses, when a part of it fails."""
import numpy as np
from support.poses import people

from movenet_ros.config import Config
from movenet_ros.core.observation import ObservedImage
from movenet_ros.core.types import Picture
from movenet_ros.messages.published_image import PublishedImage
from movenet_ros.ros.observer import Observer

PUBLISHED = PublishedImage((1, 0), 'camera', 640, 480, 7, 'lightning')
IMAGE = ObservedImage(1_000_000_000, 'camera', Picture(np.zeros((480, 640, 3), np.uint8)),
                      people((100.0, 100.0)))


class Logger:
    """A node, of which only the log is used."""

    def __init__(self):
        self.errors = []

    def get_logger(self):
        return self

    def error(self, text):
        self.errors.append(text)


class Kept:
    """Keeps what it is to publish."""

    def __init__(self):
        self.published = []

    def publish(self, image, observation):
        self.published.append((image, observation))


class Broken:
    """Cannot publish."""

    def publish(self, image, observation):
        raise RuntimeError('no middleware')


def test_a_publication_that_fails_is_logged_once_and_harms_no_other():
    log, kept = Logger(), Kept()
    observer = Observer(log, '/image', [Broken(), kept])
    for _ in range(3):
        observer.observe(PUBLISHED, IMAGE, Config())
    assert [image for image, _ in kept.published] == [PUBLISHED] * 3
    (text,) = log.errors
    assert 'Broken of an image from /image failed' in text
    assert 'RuntimeError: no middleware' in text


def test_an_image_that_cannot_be_observed_is_logged_and_not_published():
    log, kept = Logger(), Kept()
    observer = Observer(log, '/image', [kept])
    for _ in range(3):
        observer.observe(PUBLISHED, ObservedImage(0, '', None, IMAGE.poses), Config())
    assert kept.published == []
    assert len(log.errors) == 1
    observer.observe(PUBLISHED, IMAGE, Config())
    assert len(kept.published) == 1
