"""Packages of messages that need not be installed."""
import sys

import pytest

from movenet_ros.errors import ParameterError
from movenet_ros.ros.publications import optional_messages
from movenet_ros.ros.publications.optional_messages import (
    find_messages,
    require_messages,
    topics_that_are_off,
)


def test_a_package_is_found_or_not():
    assert find_messages('std_msgs').Header
    assert find_messages('no_such_msgs') is None


def test_a_parameter_that_asks_for_one_that_is_missing_is_rejected():
    assert require_messages('std_msgs', 'hri').Header
    with pytest.raises(ParameterError, match="'hri' = True: needs the package no_such_msgs"):
        require_messages('no_such_msgs', 'hri')


def test_what_is_off_is_named_with_its_package(monkeypatch):
    monkeypatch.setattr(optional_messages, 'TOPICS', {'std_msgs': '~/on', 'no_such_msgs': '~/off'})
    assert list(topics_that_are_off()) == ['~/off (no package no_such_msgs)']


def test_markers_need_no_package_that_is_not_installed():
    # it is among the requirements
    assert not any('~/markers' in text for text in topics_that_are_off())
    assert 'visualization_msgs.msg' in sys.modules
