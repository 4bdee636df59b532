"""Who is on /humans/bodies, and since when until when."""
from dataclasses import replace

import numpy as np
import pytest
from support.neighbour_messages import every_way
from support.poses import people

from movenet_ros.core.events import Event, EventKind
from movenet_ros.core.observation import Observation
from movenet_ros.messages.published_image import PublishedImage
from movenet_ros.ros.publications.bodies import BodyPublication

IMAGE = PublishedImage((12, 345), 'camera', 640, 480, 5, 'multipose')


class Publisher:
    def __init__(self):
        self.messages, self.subscribers = [], 1

    def publish(self, message):
        self.messages.append(message)

    def get_subscription_count(self):
        return self.subscribers


class Pool:
    """In place of a pool of real publishers, which need the messages to be installed."""

    def __init__(self):
        self.topics = {}

    def create(self, kind, topic):
        assert topic not in self.topics
        self.topics[topic] = Publisher()
        return self.topics[topic]

    def remove(self, publisher):
        topic, = (topic for topic, other in self.topics.items() if other is publisher)
        del self.topics[topic]

    def bodies(self):
        return sorted({topic.split('/')[3] for topic in self.topics} - {'tracked'})


@pytest.fixture
def pool():
    return Pool()


@pytest.fixture(params=every_way('hri_msgs'), ids=lambda way: type(way).__name__)
def show(request, pool):
    """Publishes people with these ids, and what happened; the ids that are published."""
    publication = BodyPublication(pool, request.param.messages)

    def show(*ids, sequence=5, **happened):
        places = [(10 * number, 10 * number) for number in ids]
        events = tuple(Event(EventKind[kind.upper()], number, 0, 0.0, np.zeros(4, np.float32))
                       for kind, numbers in happened.items() for number in numbers)
        publication.publish(replace(IMAGE, sequence=sequence), Observation(
            events=events, poses=people(*places, ids=list(ids))))
        tracked = pool.topics['/humans/bodies/tracked'].messages
        return tracked[-1].ids if tracked else None

    return show


def test_the_ids_are_published_also_without_people(show):
    assert show(3, 12, appeared=[3, 12]) == ['p3', 'p12']
    assert show(12, 3) == ['p12', 'p3']
    assert show() == []


def test_each_person_has_topics_with_their_messages(show, pool):
    show(3, 12, appeared=[12, 3])
    assert sorted(pool.topics) == sorted([
        '/humans/bodies/tracked', '/humans/bodies/p3/roi', '/humans/bodies/p3/skeleton2d',
        '/humans/bodies/p12/roi', '/humans/bodies/p12/skeleton2d'])
    region, = pool.topics['/humans/bodies/p12/roi'].messages
    assert (region.xmin, region.ymin, region.c) == pytest.approx((120 / 640, 120 / 480, 0.5))
    skeleton, = pool.topics['/humans/bodies/p12/skeleton2d'].messages
    assert (skeleton.skeleton[0].x, skeleton.skeleton[0].y) == pytest.approx(
        (120 / 640, 120 / 480))
    for message in (region, skeleton):
        assert message.header.frame_id == 'camera'
        assert (message.header.stamp.sec, message.header.stamp.nanosec) == (12, 345)


def test_a_person_who_has_not_appeared_yet_has_no_topics(show, pool):
    assert show(1) == []
    assert pool.bodies() == []
    assert show(1, appeared=[1]) == ['p1']
    assert pool.bodies() == ['p1']


@pytest.mark.parametrize('kind', ['lost', 'left'])
def test_topics_go_when_a_person_is_lost_and_not_before(show, pool, kind):
    show(1, 2, appeared=[1, 2])
    assert show(2) == ['p2']
    assert pool.bodies() == ['p1', 'p2']
    show(2, **{kind: [1]})
    assert pool.bodies() == ['p2']


def test_topics_remain_when_a_person_returns(show, pool):
    show(1, appeared=[1])
    before = dict(pool.topics)
    show()
    show(1, returned=[1])
    assert pool.topics == before
    assert len(pool.topics['/humans/bodies/p1/roi'].messages) == 2


def test_a_new_activation_begins_with_nobody(show, pool):
    show(1, 7, appeared=[1, 7])
    assert show(1, sequence=0) == []
    assert pool.bodies() == []


def test_nothing_is_made_for_nobody(show, pool):
    show(1, appeared=[1])
    for publisher in pool.topics.values():
        publisher.subscribers = 0
        publisher.messages.clear()
    show(1)
    assert all(publisher.messages == [] for publisher in pool.topics.values())
