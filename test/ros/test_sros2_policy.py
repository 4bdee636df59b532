"""config/sros2_policy.xml allows what the node does, and nothing else."""
from importlib.util import find_spec
from xml.etree import ElementTree

import pytest
from support.paths import ROOT
from support.process import NodeProcess
from support.ros import Peer

POLICY = ROOT / 'config' / 'sros2_policy.xml'
NAMESPACE, NAME = '/', 'movenet'

# Each kind of permission, and how a peer learns who makes use of it.
USES = {
    ('topics', 'publish'): 'get_publisher_names_and_types_by_node',
    ('topics', 'subscribe'): 'get_subscriber_names_and_types_by_node',
    ('services', 'reply'): 'get_service_names_and_types_by_node',
    ('services', 'request'): 'get_client_names_and_types_by_node',
}

# Topics that are there where a package is installed.
OPTIONAL = {'/movenet/detections': 'vision_msgs', '/movenet/detections_3d': 'vision_msgs',
            '/movenet/annotations': 'foxglove_msgs'}


@pytest.fixture(scope='module')
def node():
    with NodeProcess(use_sim_time='true') as process:
        yield process


def full_name(name):
    """As ROS resolves it; in the namespace / the node's own name and others differ by it alone."""
    if name.startswith('~'):
        return f'{NAMESPACE}{NAME}{name[1:]}'
    return name if name.startswith('/') else NAMESPACE + name


def allowed():
    """Pairs of what may be done and the name of what it may be done with."""
    profile = ElementTree.parse(POLICY).getroot().find('enclaves/enclave/profiles/profile')
    assert (profile.get('ns'), profile.get('node')) == (NAMESPACE, NAME)
    pairs = []
    for group in profile:
        (use, rule), = group.attrib.items()
        assert rule == 'ALLOW'
        assert (group.tag, use) in USES
        pairs += [(use, name) for item in group
                  if (name := full_name(item.text)) not in OPTIONAL or find_spec(OPTIONAL[name])]
    assert len(pairs) == len(set(pairs))
    return set(pairs)


def used(node):
    """The same of the running node, as far as discovery knows."""
    if (NAME, NAMESPACE) not in node.get_node_names_and_namespaces():
        return set()
    return {(use, name) for (_, use), ask in USES.items()
            for name, _ in getattr(node, ask)(NAME, NAMESPACE)}


def test_the_policy_allows_exactly_what_the_node_does(peer: Peer):
    topics = {('raw', 'raw'): ('/image', '/depth'),
              ('compressed', 'compressedDepth'): ('/image/compressed', '/depth/compressedDepth')}
    chosen = {('subscribe', topic) for pair in topics.values() for topic in pair}
    seen = set()

    def is_seen(pair):
        seen.update(used(peer.node))
        return pair in seen

    for (transport, depth_transport), names in topics.items():
        peer.bring_to('unconfigured')
        assert not peer.set(transport=transport, depth__transport=depth_transport,
                            gestures__enabled=True)
        peer.bring_to('active')
        for pair in {*(allowed() - chosen), *(('subscribe', name) for name in names)}:
            peer.until(lambda pair=pair: is_seen(pair), f'the node to {" ".join(pair)}')
    assert seen == allowed()
