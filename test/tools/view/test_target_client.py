"""A choice of the target at the moment at which `movenet view` ends."""
import pytest
import rclpy
from rclpy.context import Context

from movenet_ros.core.target.selection import Criterion, Selection
from movenet_ros.errors import MovenetError
from movenet_ros.tools.view.target_client import TargetClient


@pytest.mark.parametrize('what', ['client', 'context'])
def test_a_request_that_comes_too_late_is_an_error(what):
    context = Context()
    rclpy.init(context=context)
    node = rclpy.create_node('late', context=context)
    client = TargetClient(node, '/movenet', '')
    if what == 'client':
        client.close()
    rclpy.shutdown(context=context)
    with pytest.raises(MovenetError, match='/movenet/select_target has ended meanwhile'):
        client.select(Selection(Criterion.LARGEST))
    node.destroy_node()
