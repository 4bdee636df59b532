"""How `movenet view` asks a node for its white level."""
import pytest
from rcl_interfaces.msg import ParameterType, ParameterValue
from rcl_interfaces.srv import GetParameters
from rclpy.task import Future

from movenet_ros.images.encodings import WHITE_LEVEL
from movenet_ros.tools.view import white_level
from movenet_ros.tools.view.white_level import WhiteLevel


class Asked:
    """A node, and its client, whose requests the test answers."""

    def __init__(self):
        self.requests, self.removed = [], []

    def create_client(self, kind, name):
        assert (kind, name) == (GetParameters, '/movenet/get_parameters')
        return self

    def service_is_ready(self):
        return True

    def call_async(self, request):
        assert request.names == ['white_level']
        self.requests.append(Future())
        return self.requests[-1]

    def remove_pending_request(self, future):
        self.removed.append(future)

    def answer(self, value):
        self.requests[-1].set_result(GetParameters.Response(values=[
            ParameterValue(type=ParameterType.PARAMETER_INTEGER, integer_value=value)]))


@pytest.fixture
def node():
    return Asked()


def test_it_asks_once_for_each_configuration(node):
    level = WhiteLevel(node, '/movenet')
    level.update('')
    assert (node.requests, level.value) == ([], WHITE_LEVEL)
    for configuration, value in (('a', 4095), ('b', 1023)):
        before = len(node.requests)
        for _ in range(3):
            level.update(configuration)
        node.answer(value)
        level.update(configuration)
        assert (level.value, len(node.requests)) == (value, before + 1)


def test_it_asks_again_where_the_answer_is_lost(node, monkeypatch):
    monkeypatch.setattr(white_level, 'PATIENCE', 0.0)
    level = WhiteLevel(node, '/movenet')
    level.update('a')
    level.update('a')
    assert len(node.requests) == 2
    assert node.removed[-1] is node.requests[0]
    node.answer(4095)
    level.update('a')
    assert (level.value, len(node.requests)) == (4095, 2)
