"""What to check when images do not arrive, as far as discovery knows."""
from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from rclpy.node import Node, NodeNameNonExistentError
from rclpy.qos import (
    QoSCompatibility,
    QoSPolicyKind,
    QoSProfile,
    QoSReliabilityPolicy,
    qos_check_compatible,
)
from rclpy.topic_endpoint_info import TopicEndpointInfo
from sensor_msgs.msg import CompressedImage, Image

from movenet_ros.ros.qos_overrides import override_name
from movenet_ros.share import large_image_profile

TRANSPORTS = {'raw': ('image', Image), 'compressed': ('image/compressed', CompressedImage)}

LARGE = 400_000  # bytes; what fits into the default shared memory of Fast DDS beside others
MOST_TOPICS = 5
UNKNOWN_NODE = '_NODE_NAME_UNKNOWN_'  # as rmw calls it
POSES, SKELETON = 'movenet_ros/msg/PoseArray', 'movenet_ros/msg/Skeleton'
CHANGE_STATE = 'lifecycle_msgs/srv/ChangeState'


@dataclass(frozen=True)
class Wanted:
    """What a camera of a node is subscribed to.

    Attributes:
        node: The node.
        camera: Name of the camera; may be empty.
        transport: A key of `TRANSPORTS`.
        qos: What is asked for.
        is_overridden: Whether a parameter sets its reliability.
    """

    node: Node
    camera: str
    transport: str
    qos: QoSProfile
    is_overridden: bool

    @property
    def relative(self) -> str:
        """The name of the topic, as it is remapped."""
        return within(self.camera, TRANSPORTS[self.transport][0])

    @property
    def topic(self) -> str:
        """The full name of the topic."""
        return self.node.resolve_topic_name(self.relative)

    @property
    def kind(self) -> str:
        """Type of the messages, e.g. 'sensor_msgs/msg/Image'."""
        return type_name(TRANSPORTS[self.transport][1])

    @property
    def publishers(self) -> list[TopicEndpointInfo]:
        """Who publishes on the topic, as far as discovery knows, compatible or not."""
        return list(self.node.get_publishers_info_by_topic(self.topic))

    @property
    def with_other_transport(self) -> Wanted:
        """The same camera with the other transport."""
        other = next(name for name in TRANSPORTS if name != self.transport)
        return Wanted(self.node, self.camera, other, self.qos, self.is_overridden)


def within(camera: str, topic: str) -> str:
    """The relative name of a camera's topic; a camera without a name adds nothing to it."""
    return f'{camera}/{topic}' if camera else topic


def type_name(kind: type) -> str:
    """The name that ROS has for one of the two message types."""
    return f'sensor_msgs/msg/{kind.__name__}'


def when_silent(wanted: Wanted, arrived: Collection[bytes]) -> str:
    """What to check when no image comes.

    Args:
        wanted: What is subscribed to.
        arrived: Ids of the publishers from which images have come before.
    """
    publishers = wanted.publishers
    if not publishers:
        return f'nobody publishes on {wanted.topic}; {_elsewhere(wanted)}'
    wrong = [p for p in publishers if p.topic_type != wanted.kind]
    if wrong:
        return _wrong_type(wanted, wrong[0])
    if text := _incompatibility(wanted, publishers):
        return text
    # Where the middleware does not tell publishers apart, the id is empty.
    silent = [] if b'' in arrived else [
        p for p in publishers if bytes(p.endpoint_gid) not in arrived]
    if not silent:
        return (f'{endpoint_name(publishers[0])} is matched on {wanted.topic} and images came, '
                'but no more: has it stopped?')
    return (
        f'{endpoint_name(silent[0])} is matched on {wanted.topic}, yet nothing arrives. '
        'Does it publish at all? If either of the two runs in a container, both need the same '
        '/dev/shm, and a large one: docker run --ipc=host, see docs/containers.md. '
        f'{_profile_advice()}')


def when_lost(wanted: Wanted, size: int) -> str:
    """What to do where images are lost on the way.

    Args:
        wanted: What is subscribed to.
        size: Of the latest message [bytes]; 0 where none has come.
    """
    publishers = wanted.publishers
    transport = _profile_advice() if size == 0 or size > LARGE else (
        'They are small enough for the default transport: look at the network between the two, '
        'and at the load of both machines')
    if wanted.qos.reliability == QoSReliabilityPolicy.RELIABLE:
        return (f'Delivery is reliable, but slower than the images come: the publisher on '
                f'{wanted.topic} drops them from its queue. {transport}')
    if wanted.is_overridden and publishers and all(map(offers_reliable, publishers)):
        name = override_name(wanted.topic, 'subscription', QoSPolicyKind.RELIABILITY)
        return (f'{name} asks for best effort, so what is lost is not sent again. Remove it: '
                'the publisher offers reliable')
    names = {endpoint_name(p) for p in publishers if not offers_reliable(p)}
    who = ', '.join(sorted(names)) or f'The publisher on {wanted.topic}'
    return (f'{who} offers only best effort, so what is lost is not sent again: make it '
            f'publish with reliable QoS. {transport}')


def remedy(wanted: Wanted, policy: str) -> str:
    """How to make an incompatible policy fit."""
    return (f'Set qos_overrides.{wanted.topic}.subscription.{policy} to what is offered, '
            'or change the publisher')


def offers_reliable(endpoint: TopicEndpointInfo) -> bool:
    """Whether a publisher sends again what was lost."""
    reliability: QoSReliabilityPolicy = endpoint.qos_profile.reliability
    return reliability == QoSReliabilityPolicy.RELIABLE


def endpoint_name(endpoint: TopicEndpointInfo) -> str:
    """The full name of the node that publishes, where discovery has got as far as that."""
    if endpoint.node_name == UNKNOWN_NODE:
        return 'a publisher'
    return f'{endpoint.node_namespace.rstrip("/")}/{endpoint.node_name}'


def qos_words(qos: QoSProfile) -> str:
    """Reliability and durability, e.g. 'reliable, volatile'."""
    return (f'{qos.reliability.name.lower().replace("_", " ")}, '
            f'{qos.durability.name.lower().replace("_", " ")}')


def _profile_advice() -> str:
    [(variable, path)] = large_image_profile().items()
    return ('Images above about 0.5 MB do not fit through the default shared memory of Fast DDS: '
            f'start the PUBLISHER with {variable}={path}')


def _wrong_type(wanted: Wanted, endpoint: TopicEndpointInfo) -> str:
    text = (f'{endpoint_name(endpoint)} publishes {endpoint.topic_type} on {wanted.topic}, not '
            f'{wanted.kind}: ')
    other = wanted.with_other_transport
    if endpoint.topic_type == other.kind:
        return text + _switch(other, wanted.topic)
    return text + 'look at the remapping of the topic'


def _incompatibility(wanted: Wanted, publishers: Iterable[TopicEndpointInfo]) -> str:
    for endpoint in publishers:
        fits, why = qos_check_compatible(endpoint.qos_profile, wanted.qos)
        if fits == QoSCompatibility.ERROR:
            policy = 'durability' if 'durability' in why.lower() else 'reliability'
            return (
                f'{endpoint_name(endpoint)} on {wanted.topic} offers '
                f'{qos_words(endpoint.qos_profile)}, we ask for {qos_words(wanted.qos)}: no image '
                f'will come from it. {remedy(wanted, policy)}')
    return ''


def _elsewhere(wanted: Wanted) -> str:
    """Where there are images that the camera could be subscribed to instead."""
    other = wanted.with_other_transport
    # The same image in the other form, as image_transport names it, comes before any other.
    twin = (wanted.topic.removesuffix('/compressed') if wanted.transport == 'compressed'
            else f'{wanted.topic}/compressed')
    others = _image_topics(other)
    if twin in others:
        return f'there is {other.kind} on {twin}: {_switch(other, twin)}'
    if topics := _image_topics(wanted):
        return (f'there is {wanted.kind} on {", ".join(topics[:MOST_TOPICS])}: remap with '
                f'-r {wanted.relative}:={topics[0]}')
    if others:
        return (f'there is {other.kind} on {", ".join(others[:MOST_TOPICS])}: '
                f'{_switch(other, others[0])}')
    return ('no other topic with images is visible: is the camera running, with the same '
            'ROS_DOMAIN_ID and discovery range?')


def _switch(other: Wanted, topic: str) -> str:
    """How to use a topic with the other transport."""
    remap = '' if other.topic == topic else f' -r {other.relative}:={topic}'
    return f'use it with -p transport:={other.transport}{remap}'


def _image_topics(wanted: Wanted) -> list[str]:
    """Topics with publishers of the wanted type that a camera can be meant by."""
    node = wanted.node
    own = ({subscription.topic_name for subscription in node.subscriptions}
           | {publisher.topic_name for publisher in node.publishers})
    # Depth images have the type of pictures, but are none.
    return sorted((name for name, types in node.get_topic_names_and_types()
                   if wanted.kind in types and name not in own and _is_camera(node, name)),
                  key=lambda name: ('depth' in name, name))


def _is_camera(node: Node, topic: str) -> bool:
    """Whether somebody publishes on a topic what does not come from this package's node."""
    if topic.endswith('/overlay'):
        beside = f'{topic.removesuffix("/overlay")}/poses'
        if any(p.topic_type == POSES for p in node.get_publishers_info_by_topic(beside)):
            return False
    publishers: Sequence[TopicEndpointInfo] = node.get_publishers_info_by_topic(topic)
    return any(not _is_movenet(node, p.node_name, p.node_namespace) for p in publishers)


def _is_movenet(node: Node, name: str, namespace: str) -> bool:
    """Whether a node is one of this package, under whatever names its topics go.

    A bag player may publish recorded poses as well, but has no lifecycle.
    """
    try:
        published = node.get_publisher_names_and_types_by_node(name, namespace)
        services = node.get_service_names_and_types_by_node(name, namespace)
    except NodeNameNonExistentError:
        return False
    return (any(SKELETON in types for _, types in published)
            and any(CHANGE_STATE in types for _, types in services))
