"""What to check when images do not arrive, as far as discovery knows."""
from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from rclpy.node import Node, NodeNameNonExistentError
from rclpy.qos import (
    QoSCompatibility,
    QoSPolicyKind,
    QoSProfile,
    QoSReliabilityPolicy,
    qos_check_compatible,
)
from rclpy.topic_endpoint_info import TopicEndpointInfo

from movenet_ros.messages.pose_array import POSE_ARRAY
from movenet_ros.ros.qos_overrides import override_name
from movenet_ros.ros.subscription.image_topic import ImageTopic, add_suffix, remove_suffix
from movenet_ros.share import large_image_profile

LARGE = 400_000  # bytes; what fits into the default shared memory of Fast DDS beside others
MOST_TOPICS = 5
CONTAINERS = ('If either of the two runs in a container, both need the same /dev/shm, and a large '
              'one: docker run --ipc=host, see docs/containers.md')
UNKNOWN_NODE = '_NODE_NAME_UNKNOWN_'  # as rmw calls it
POSE_INFO = 'movenet_ros/msg/PoseInfo'
CHANGE_STATE = 'lifecycle_msgs/srv/ChangeState'


def when_silent(topic: ImageTopic, arrived: Collection[bytes]) -> str:
    """What to check when no image comes.

    Args:
        topic: What is subscribed to.
        arrived: Ids of the publishers from which images have come before.
    """
    publishers = topic.publishers
    if not publishers:
        return f'no publisher on {topic.name}; {_elsewhere(topic)}'
    if text := _mismatch(topic, publishers):
        return text
    # Where the middleware does not distinguish publishers, the id is empty.
    silent = [] if b'' in arrived else [
        p for p in publishers if bytes(p.endpoint_gid) not in arrived]
    if not silent:
        return (f'{endpoint_name(publishers[0])} is matched on {topic.name} and images came, '
                'but no more: has it stopped?')
    return f'{endpoint_name(silent[0])} is matched on {topic.name}, {_nothing_yet(silent[0])}'


def when_just_appeared(topic: ImageTopic) -> str:
    """That a first image is awaited; empty where none can come."""
    publishers = topic.publishers
    if not publishers or _mismatch(topic, publishers):
        return ''
    return (f'{endpoint_name(publishers[0])} has just appeared on {topic.name}, its first image '
            'is awaited')


def when_lost(topic: ImageTopic, size: int) -> str:
    """What to do where images are lost on the way.

    Args:
        topic: What is subscribed to.
        size: Of the latest message [bytes]; 0 where none has come.
    """
    publishers = topic.publishers
    transport = _transport_advice(size)
    if topic.qos.reliability == QoSReliabilityPolicy.RELIABLE:
        return (f'Delivery is reliable, but slower than the images come: the publisher on '
                f'{topic.name} drops them from its queue. {transport}')
    if topic.is_overridden and publishers and all(map(offers_reliable, publishers)):
        name = override_name(topic.name, 'subscription', QoSPolicyKind.RELIABILITY)
        return (f'{name} asks for best effort, so what is lost is not sent again. Remove it: '
                'the publisher offers reliable')
    names = {endpoint_name(p) for p in publishers if not offers_reliable(p)}
    who = ', '.join(sorted(names)) or f'The publisher on {topic.name}'
    return (f'{who} offers only best effort, so what is lost is not sent again: make it '
            f'publish with reliable QoS. {transport}')


def when_in_bursts(size: int) -> str:
    """What to do where images come in bursts.

    Args:
        size: Of the latest message [bytes].
    """
    return ('Unless the camera sends them in bursts, they are held up on the way. '
            f'{_transport_advice(size)}')


def remedy(topic: str, policy: QoSPolicyKind) -> str:
    """How to make an incompatible policy on a topic of this full name fit."""
    return (f'Set {override_name(topic, "subscription", policy)} to what is offered, '
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


def _nothing_yet(endpoint: TopicEndpointInfo) -> str:
    if endpoint.node_name == UNKNOWN_NODE:
        # Discovery data of nodes takes the same transport as images.
        return (f'yet nothing arrives, not even its name: no data of that process comes here. '
                f'{CONTAINERS}')
    return f'yet nothing arrives. Does it publish at all? {_profile_advice()}. {CONTAINERS}'


def _transport_advice(size: int) -> str:
    return _profile_advice() if size == 0 or size > LARGE else (
        'They are small enough for the default transport: check the network between the two, '
        'and at the load of both machines')


def _profile_advice() -> str:
    [(variable, path)] = large_image_profile().items()
    return ('Images above about 0.5 MB do not fit through the default shared memory of Fast DDS: '
            f'start the PUBLISHER with {variable}={path}')


def _mismatch(topic: ImageTopic, publishers: Iterable[TopicEndpointInfo]) -> str:
    wrong = [p for p in publishers if p.topic_type != topic.message_type]
    return _wrong_type(topic, wrong[0]) if wrong else _incompatibility(topic, publishers)


def _wrong_type(topic: ImageTopic, endpoint: TopicEndpointInfo) -> str:
    text = (f'{endpoint_name(endpoint)} publishes {endpoint.topic_type} on {topic.name}, not '
            f'{topic.message_type}: ')
    other = topic.with_other_transport
    if endpoint.topic_type == other.message_type:
        return text + _switch(other, topic.name)
    return text + 'check the remapping of the topic'


def _incompatibility(topic: ImageTopic, publishers: Iterable[TopicEndpointInfo]) -> str:
    for endpoint in publishers:
        fits, why = qos_check_compatible(endpoint.qos_profile, topic.qos)
        if fits == QoSCompatibility.ERROR:
            policy = (QoSPolicyKind.DURABILITY if 'durability' in why.lower()
                      else QoSPolicyKind.RELIABILITY)
            return (
                f'{endpoint_name(endpoint)} on {topic.name} offers '
                f'{qos_words(endpoint.qos_profile)}, we ask for {qos_words(topic.qos)}: no image '
                f'will come from it. {remedy(topic.name, policy)}')
    return ''


def _elsewhere(topic: ImageTopic) -> str:
    """Where there are images that the camera could be subscribed to instead."""
    other = topic.with_other_transport
    # The same image in the other form, as image_transport names it, comes before any other.
    base = remove_suffix(topic.name, topic.transport)
    twin = add_suffix(base or topic.name, other.transport)
    others = _image_topics(other)
    if twin in others:
        return f'there is {other.message_type} on {twin}: {_switch(other, twin)}'
    if topics := _image_topics(topic):
        return (f'there is {topic.message_type} on {", ".join(topics[:MOST_TOPICS])}: remap with '
                f'-r {topic.relative_name}:={topics[0]}')
    if others:
        return (f'there is {other.message_type} on {", ".join(others[:MOST_TOPICS])}: '
                f'{_switch(other, others[0])}')
    return ('no other topic with images is visible: is the camera running, with the same '
            'ROS_DOMAIN_ID and discovery range?')


def _switch(other: ImageTopic, name: str) -> str:
    """How to use a topic with the other transport."""
    remap = '' if other.name == name else f' -r {other.relative_name}:={name}'
    return f'use it with -p transport:={other.transport}{remap}'


def _image_topics(topic: ImageTopic) -> list[str]:
    """Topics with publishers of the wanted type that a camera can be meant by."""
    node = topic.node
    own = ({subscription.topic_name for subscription in node.subscriptions}
           | {publisher.topic_name for publisher in node.publishers})
    # Depth images have the type of pictures, but are none.
    return sorted((name for name, types in node.get_topic_names_and_types()
                   if topic.message_type in types and name not in own and _is_camera(node, name)),
                  key=lambda name: ('depth' in name, name))


def _is_camera(node: Node, topic: str) -> bool:
    """Whether a topic has a publisher other than this package's node."""
    raw = topic.removesuffix('/compressed')
    if raw.endswith('/overlay'):
        beside = f'{raw.removesuffix("/overlay")}/poses'
        if any(p.topic_type == POSE_ARRAY for p in node.get_publishers_info_by_topic(beside)):
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
    return (any(POSE_INFO in types for _, types in published)
            and any(CHANGE_STATE in types for _, types in services))
