"""config/movenet.rviz and config/foxglove_layout.json name what the node has."""
import json
import re
from importlib.util import find_spec

import pytest
import yaml
from diagnostic_msgs.msg import DiagnosticArray
from rclpy.qos import QoSDurabilityPolicy, QoSReliabilityPolicy
from support.paths import ROOT

from movenet_ros.msg import PoseArray

RVIZ = yaml.safe_load((ROOT / 'config/movenet.rviz').read_text(encoding='utf-8'))
LAYOUT = json.loads((ROOT / 'config/foxglove_layout.json').read_text(encoding='utf-8'))
DISPLAYS = RVIZ['Visualization Manager']['Displays']

OF_CAMERA = {'/camera/image_raw', '/camera/depth/color/points'}
"""Topics of cameras, which may have any name: docs/rviz_foxglove.md says where to change them."""
OPTIONAL = {'/movenet/annotations': 'foxglove_msgs'}
"""Topics that are there where a package is installed."""

# What each class of display subscribes to; of rviz_default_plugins of Jazzy and Kilted.
DISPLAY_TYPES = {'Grid': '', 'TF': '', 'Image': 'sensor_msgs/msg/Image',
                 'MarkerArray': 'visualization_msgs/msg/MarkerArray',
                 'Pose': 'geometry_msgs/msg/PoseStamped',
                 'PointCloud2': 'sensor_msgs/msg/PointCloud2'}
TOOLS = {'MoveCamera', 'Interact', 'FocusCamera', 'Measure'}
PANELS = {'Displays', 'Views', 'Time'}
PANEL_TYPES = {'3D', 'DiagnosticSummary', 'Image', 'Plot', 'RawMessages', 'Tab'}


def panel_ids(tree):
    """The panels of a part of Foxglove's layout, those in tabs too."""
    if isinstance(tree, str):
        yield tree
        for tab in LAYOUT['configById'][tree].get('tabs', ()):
            yield from panel_ids(tab['layout'])
    else:
        assert tree['direction'] in ('row', 'column')
        assert 0 < tree.get('splitPercentage', 50) < 100
        yield from panel_ids(tree['first'])
        yield from panel_ids(tree['second'])


def topics_of_layout():
    for name, config in LAYOUT['configById'].items():
        images = config.get('imageMode', {})
        found = [images.get('imageTopic'), *images.get('annotations', {}),
                 *config.get('topics', {}), config.get('topicToRender'), config.get('topicPath'),
                 *(path['value'].partition('.')[0] for path in config.get('paths', ()))]
        assert any(found) or name.startswith('Tab!')
        yield from filter(None, found)


def topics_of_rviz():
    for display in DISPLAYS:
        if 'Topic' in display:
            yield display['Topic']['Value']


@pytest.fixture(scope='module')
def graph(peer):
    """The peer's node, beside one that has all its topics."""
    peer.bring_to('inactive')
    peer.until(lambda: peer.node.count_publishers('/movenet/target_pose')
               and peer.node.count_publishers('/diagnostics'), 'the node')
    return peer.node


@pytest.mark.parametrize('topic', sorted({*topics_of_rviz(), *topics_of_layout()} - OF_CAMERA))
def test_the_node_publishes_every_topic(graph, topic):
    if topic in OPTIONAL and not find_spec(OPTIONAL[topic]):
        return
    assert graph.count_publishers(topic) == 1


def test_rviz_is_given_classes_that_it_has():
    for display in DISPLAYS:
        package, _, name = display['Class'].partition('/')
        assert package == 'rviz_default_plugins'
        assert bool(DISPLAY_TYPES[name]) == ('Topic' in display)
        # RViz has both, and takes the latter
        assert display['Enabled'] == display['Value']
    assert {tool['Class'] for tool in RVIZ['Visualization Manager']['Tools']} == {
        f'rviz_default_plugins/{name}' for name in TOOLS}
    assert {panel['Class'] for panel in RVIZ['Panels']} == {f'rviz_common/{p}' for p in PANELS}


@pytest.mark.parametrize('display', [each for each in DISPLAYS if 'Topic' in each],
                         ids=lambda display: display['Name'])
def test_rviz_gets_what_it_subscribes_to(graph, display):
    topic, kind = display['Topic'], DISPLAY_TYPES[display['Class'].partition('/')[2]]
    if topic['Value'] in OF_CAMERA:
        # not everybody has one
        assert not display['Enabled']
        return
    publisher, = graph.get_publishers_info_by_topic(topic['Value'])
    if topic['Value'].endswith('/compressed'):
        # RViz chooses image_transport's plugin by the end of the name
        kind = 'sensor_msgs/msg/CompressedImage'
    assert publisher.topic_type == kind
    assert (topic['Reliability Policy'], topic['Durability Policy']) == ('Reliable', 'Volatile')
    assert publisher.qos_profile.reliability == QoSReliabilityPolicy.RELIABLE
    assert publisher.qos_profile.durability == QoSDurabilityPolicy.VOLATILE


def test_rviz_shows_all_namespaces_of_the_markers():
    code = (ROOT / 'movenet_ros/ros/publications/marker_messages.py').read_text(encoding='utf-8')
    namespaces = re.search(r'^JOINTS, BONES, LABELS = (.*)$', code, re.MULTILINE)[1]
    people, = (display for display in DISPLAYS if display['Name'] == 'People')
    assert set(people['Namespaces']) == set(re.findall(r"'(\w+)'", namespaces))


def test_foxglove_is_given_every_panel_once():
    shown = list(panel_ids(LAYOUT['layout']))
    assert sorted(shown) == sorted(LAYOUT['configById'])
    assert {name.partition('!')[0] for name in shown} == PANEL_TYPES


def fields(message, path):
    """Follows a path of fields, such as `poses[:].score`, to the type of the last one."""
    kind = message
    for part in re.findall(r'\.(\w+)', path):
        kind = kind.get_fields_and_field_types()[part] if not isinstance(kind, str) else None
        yield part, kind
        element = re.fullmatch(r'sequence<(\w+)/(\w+)>', kind)
        if element:
            module = __import__(f'{element[1]}.msg', fromlist=[element[2]])
            kind = getattr(module, element[2])


def test_foxglove_plots_fields_that_the_messages_have():
    kinds = {'/movenet/poses': PoseArray, '/diagnostics': DiagnosticArray}
    keys = set(re.findall(r'^\| (`.*?`) \|', (ROOT / 'docs/topics.md').read_text(encoding='utf-8'),
                          re.MULTILINE))
    documented = {key for row in keys for key in re.findall(r'`([^`]+)`', row)}
    ends = []
    for config in LAYOUT['configById'].values():
        for path in config.get('paths', ()):
            topic, _, rest = path['value'].partition('.')
            ends.append(list(fields(kinds[topic], f'.{rest}'))[-1])
            assert set(re.findall(r'key=="([^"]+)"', rest)) <= documented
    assert set(ends) == {('score', 'float'), ('value', 'string')}
