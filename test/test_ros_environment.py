"""Processes that keep to themselves."""
from movenet_ros.ros_environment import INHERITED_MARK, isolated


def test_they_hear_only_one_another_and_keep_all_else():
    before = {'HOME': '/root', 'ROS_DOMAIN_ID': '5', INHERITED_MARK: '1'}
    assert isolated(before, 7, '/logs') == {
        'HOME': '/root', 'ROS_DOMAIN_ID': '7', 'ROS_AUTOMATIC_DISCOVERY_RANGE': 'LOCALHOST',
        'ROS_LOG_DIR': '/logs', 'RCUTILS_LOGGING_BUFFERED_STREAM': '0'}
    assert before['ROS_DOMAIN_ID'] == '5'
