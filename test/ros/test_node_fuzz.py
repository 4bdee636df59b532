"""Whatever is published to the node or set on it, it stays active and answers the next image."""
from array import array

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from rcl_interfaces.msg import Parameter, ParameterValue
from rclpy.parameter import Parameter as RosParameter
from rclpy.serialization import serialize_message
from sensor_msgs.msg import CompressedImage, Image
from support.properties import image_fields, mutated, names
from support.ros import image, jpeg, values_of
from support.specimens import compressed_files, scene

from movenet_ros.config import Config, parameters

SOME = settings(max_examples=150, derandomize=True, deadline=None, database=None,
                suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
GOOD = {'raw': image(np.zeros((48, 64, 3), np.uint8)), 'compressed': jpeg(scene())}
GOOD['raw'].header.frame_id = 'camera'
DEFAULTS = {p.name: list(p.default) if isinstance(p.default, tuple) else p.default
            for p in parameters()}


def a_raw_image(fields):
    return Image(**{**fields, 'data': array('B', fields['data'])})


def a_compressed_image(data):
    return CompressedImage(format='jpeg', data=array('B', data))


@pytest.mark.parametrize(('transport', 'messages'), [
    pytest.param('raw', image_fields().map(a_raw_image), id='images'),
    pytest.param('raw', mutated(serialize_message(GOOD['raw'])), id='bytes'),
    pytest.param('compressed', mutated(*compressed_files()).map(a_compressed_image),
                 id='compressed')])
def test_whatever_is_published(peer, transport, messages):
    peer.bring_to('unconfigured')
    assert peer.set(transport=transport, diagnostics__period=0.1) == []
    peer.bring_to('active')
    topic = 'image' if transport == 'raw' else 'image/compressed'
    camera = peer.camera(topic, type(GOOD[transport]))
    with peer.poses() as poses, peer.diagnostics() as reports:
        camera.prime(poses)

        @SOME
        @given(messages)
        def publish(message):
            camera.publisher.publish(message)
            peer.executor.spin_once(timeout_sec=0.003)

        publish()
        # An image may be lost behind those that came before it.
        camera.prime(poses)
        assert camera.show(GOOD[transport], poses, frame_id='last').header.frame_id == 'last'
        assert peer.state() == 'active'
        reports.clear()
        values = values_of(peer.until(lambda: reports, 'a report')[0].status[0])
    camera.close()
    assert values['images failed'] == '0'
    assert int(values['images published']) > SOME.max_examples


int64 = st.integers(-2**63, 2**63 - 1)
changes = st.builds(
    Parameter, name=names, value=st.builds(
        ParameterValue, type=st.integers(0, 9), bool_value=st.booleans(),
        integer_value=st.one_of(st.integers(0, 20), int64),
        double_value=st.one_of(st.floats(0, 1), st.floats()),
        string_value=st.one_of(st.sampled_from(
            [c for p in parameters() for c in p.choices if isinstance(c, str)]),
                               st.text(max_size=20)),
        double_array_value=st.lists(st.floats(), max_size=18),
        integer_array_value=st.lists(int64, max_size=18),
        string_array_value=st.lists(st.text(max_size=5), max_size=3)))


def allowed(parameter):
    """Changes of a parameter to a value that it takes on its own."""
    if isinstance(parameter.default, bool):
        values = st.booleans()
    elif parameter.choices:
        values = st.sampled_from(parameter.choices)
    elif isinstance(parameter.default, (int, float)):
        within = st.integers if isinstance(parameter.default, int) else st.floats
        values = within(parameter.minimum, parameter.maximum)
    else:
        values = st.just(DEFAULTS[parameter.name])
    return values.map(lambda value: RosParameter(parameter.name, value=value).to_parameter_msg())


batches = st.lists(
    st.one_of(changes, st.sampled_from(parameters()).flatmap(allowed)), min_size=1, max_size=3)


@pytest.mark.parametrize('state', ['unconfigured', 'active'])
@pytest.mark.parametrize('atomically', [False, True])
def test_whatever_is_set(peer, state, atomically):
    peer.bring_to(state)
    taken = []

    # Hypothesis draws constants from whatever modules are loaded, and so other values in other
    # runs: one change that has to be accepted is always among them.
    @SOME
    @example([Parameter(name='overlay.boxes', value=ParameterValue(type=1, bool_value=False))])
    @given(batches)
    def change(batch):
        taken.append(not peer.set_messages(batch, atomically))

    change()
    assert any(taken) and not all(taken)
    values = dict(zip(DEFAULTS, peer.get(*DEFAULTS), strict=True))
    Config().replace(values)
    assert peer.state() == state
    peer.bring_to('unconfigured')
    assert peer.set(atomically=True, **{
        name.replace('.', '__'): value for name, value in DEFAULTS.items()
        if name != 'autostart'}) == []
