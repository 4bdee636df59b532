"""Which topics of running nodes are recorded, and subscriptions to them as they appear."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from rclpy.node import Node
from rclpy.topic_endpoint_info import TopicEndpointInfo

from movenet_ros.errors import SinkError, listed
from movenet_ros.files.bags.definitions import definition
from movenet_ros.files.bags.write_queue import WriteQueue
from movenet_ros.ros.publications.optional_messages import find_messages
from movenet_ros.tools.node_graph import NodeGraph, node_graph
from movenet_ros.tools.node_status import CameraStatus
from movenet_ros.tools.recorded_topic import RecordedTopic

PUBLISHED = {f'movenet_ros/msg/{name}' for name in (
    'PoseArray', 'PoseArray3D', 'PersonEvent', 'GestureArray', 'Target', 'PoseInfo')}
"""What a node publishes is recorded if it is of these types: the rest can be made of it."""
SUBSCRIBED = {'sensor_msgs/msg/Image', 'sensor_msgs/msg/CompressedImage',
              'sensor_msgs/msg/CameraInfo'}
"""What a node subscribes to is recorded if it is of these types."""


class RecordedTopics:
    """The subscriptions.

    Attributes:
        by_name: Those that there are.
        rejected: Topics that cannot be recorded, and why.
    """

    def __init__(self, node: Node, queue: WriteQueue, *, of_node: str | None = None,
                 extra: Sequence[str] = (), report: Callable[[str], None]) -> None:
        """Subscribes to nothing yet.

        Args:
            node: Who subscribes.
            queue: What takes the messages.
            of_node: Full name of the node of which to record; None for all of this package.
            extra: Full names of other topics to record.
            report: Takes a line about what is recorded.
        """
        self._node, self._queue, self._report = node, queue, report
        self._of_node, self._extra = of_node, tuple(extra)
        self._images: dict[str, tuple[str, ...]] = {}  # by the full names of nodes
        self._mixed: set[str] = set()
        self.by_name: dict[str, RecordedTopic] = {}
        self.rejected: dict[str, str] = {}

    def heard(self, statuses: Sequence[CameraStatus]) -> None:
        """Nodes have reported on /diagnostics.

        A node that is not active yet subscribes to no images, but tells where they will be, so
        that the first one is recorded too.
        """
        for status in statuses:
            if self._of_node in (None, status.full_name):
                self._images[status.full_name] = tuple(
                    other.topic for other in statuses if other.full_name == status.full_name)

    def look(self) -> None:
        """Subscribes to topics that have appeared, and fits subscriptions to their publishers."""
        known = dict(self._node.get_topic_names_and_types())
        for name, kinds in self._wanted().items():
            if name not in known or name in self.rejected:
                continue
            publishers = self._node.get_publishers_info_by_topic(name)
            if name in self.by_name:
                self._fit(self.by_name[name], publishers)
            else:
                self._subscribe(name, kinds, publishers)

    def awaited(self) -> str:
        """What is not there yet; empty if nothing is missing."""
        if self._of_node is None and not self._images:
            return '' if self._extra and not self._missing() else 'a node of this package'
        if self._of_node is not None and not (self._images or self._graph(self._of_node)):
            return f'the node {self._of_node}'
        missing = self._missing()
        return f'a publisher on {listed(missing)}' if missing else ''

    def close(self) -> None:
        """Unsubscribes."""
        for topic in self.by_name.values():
            topic.close()

    def _missing(self) -> list[str]:
        images = [name for names in self._images.values() for name in names]
        there = {name for name, topic in self.by_name.items() if topic.has_publishers}
        return [name for name in dict.fromkeys([*images, *self._extra])
                if name not in there and name not in self.rejected]

    def _wanted(self) -> dict[str, set[str]]:
        """What to record: types that are known, for each topic; there may be nothing there."""
        wanted: dict[str, set[str]] = {name: set() for name in self._extra}
        for node in [self._of_node] if self._of_node else self._images:
            for name in self._images.get(node, ()):
                wanted.setdefault(name, set())
            for name, kinds in self._graph(node):
                wanted.setdefault(name, set()).update(kinds)
        return wanted

    def _graph(self, full_name: str) -> list[tuple[str, set[str]]]:
        """Topics of a node, with their types, by what discovery knows of it."""
        found = node_graph(self._node, full_name) or NodeGraph((), ())
        return [(topic, set(types) & kinds)
                for topics, kinds in ((found.published, PUBLISHED), (found.subscribed, SUBSCRIBED))
                for topic, types in topics if set(types) & kinds]

    def _fit(self, topic: RecordedTopic, publishers: Sequence[TopicEndpointInfo]) -> None:
        others = {publisher.topic_type for publisher in publishers} - {topic.kind}
        if others and topic.name not in self._mixed:
            self._mixed.add(topic.name)
            self._report(f'warning: {topic.name}: {listed(sorted(others))} are published there '
                         f'too; only {topic.kind} is recorded')
        topic.adapt([p for p in publishers if p.topic_type == topic.kind])

    def _subscribe(self, name: str, kinds: set[str],
                   publishers: Sequence[TopicEndpointInfo]) -> None:
        """Subscribes to a topic, also before it has publishers if its type is known."""
        offered = {publisher.topic_type for publisher in publishers}
        if name not in self._extra:
            offered &= PUBLISHED | SUBSCRIBED
        if not (offered or kinds):
            return
        kind = min(offered & kinds or offered or kinds)
        try:
            definition(kind)
            message_class = _message_class(kind)
        except SinkError as error:
            self.rejected[name] = str(error)
            self._report(f'{name} is not recorded: {error}')
            return
        self._report(f'recording {name} ({kind})')
        self.by_name[name] = RecordedTopic(
            self._node, name, kind, message_class, self._queue,
            [publisher for publisher in publishers if publisher.topic_type == kind])


def _message_class(kind: str) -> Any:
    """The Python class of a type that is defined here.

    Raises:
        SinkError: It is not installed.
    """
    package, _, name = kind.split('/')
    message_class = getattr(find_messages(package), name, None)
    if message_class is None:
        raise SinkError(f'the Python class of {kind} is not installed')
    return message_class
