"""Processes that keep to themselves."""
from movenet_ros.ros_environment import INHERITED_MARK, isolated, unused_domain


def test_they_hear_only_one_another_and_keep_all_else():
    before = {'HOME': '/root', 'ROS_DOMAIN_ID': '5', INHERITED_MARK: '1'}
    assert isolated(before, 7, '/logs') == {
        'HOME': '/root', 'ROS_DOMAIN_ID': '7', 'ROS_AUTOMATIC_DISCOVERY_RANGE': 'LOCALHOST',
        'ROS_LOG_DIR': '/logs', 'RCUTILS_LOGGING_BUFFERED_STREAM': '0'}
    assert before['ROS_DOMAIN_ID'] == '5'


def test_the_domain_is_never_that_of_the_user_and_each_time_another():
    for own in ('7', '007', ' 7'):
        domains = [unused_domain({'ROS_DOMAIN_ID': own}) for _ in range(99)]
        assert sorted(domains) == [number for number in range(1, 101) if number != 7]
    assert {unused_domain({}) for _ in range(100)} == set(range(1, 101))
