"""Keeps the tests to themselves, and sees to it that they leave no process behind.

ROS reads the environment when it starts, here and in the processes that tests start, so
it is set when pytest loads this file: before any test imports rclpy.
"""
from __future__ import annotations

import ctypes
import functools
import os
import re
import shutil
import signal
import time
from collections.abc import Generator
from importlib.util import find_spec
from pathlib import Path

import pytest
from support.children import running_children
from support.isolation import isolate
from support.skips import is_expected

LOGS = isolate()

# A run that is started in the background has Ctrl-C ignored, and so would have all that it starts.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

USES_ROS = re.compile(
    r'^\s*(from|import) (rclpy|launch|\w+_msgs|movenet_ros\.(ros|msg|testing|tools\.node_status)'
    r"|support\.(examples|ros|process|soak|watched))\b|^rclpy = pytest\.importorskip\('rclpy'\)",
    re.MULTILINE)
"""An import, anywhere in a module of tests, of what is there in a ROS distribution only."""

DEPENDS_ON_INSTALLED = re.compile(
    r'\b(keras|tensorflow|rerun|RERUN|pyarrow|PARQUET|duckdb|fsspec|distributed|LOADERS|rclpy)\b')
"""What a module of tests names whose results depend on which packages there are."""

PR_SET_CHILD_SUBREAPER = 36
GRACE = 5.0  # s
ONE_KIND = {'ros': True, 'not ros': False}
"""Whether the tests that `-m` selects need ROS, where it says so and nothing else."""

unexpected_skips: list[str] = []

HAS_ROS = find_spec('rclpy') is not None
HAS_ROSBAGS = find_spec('rosbags') is not None


def pytest_report_header() -> str:
    """Says what is left out where there is no ROS."""
    return 'ROS: found' if HAS_ROS else 'ROS: none, so modules of tests that use it are left out'


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leaves out modules that use ROS where there is none, and those without a selected test."""
    if not collection_path.name.startswith('test_') or collection_path.suffix != '.py':
        return None
    selected = ONE_KIND.get(config.option.markexpr)
    if _uses_ros(collection_path):
        return True if not HAS_ROS or selected is False else None
    return True if selected and not _has_ros_tests(collection_path) else None


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Generator[
        None, pytest.CollectReport, pytest.CollectReport]:
    """Skips modules that need rosbags where it is not installed: no distribution packages it."""
    report = yield
    if report.failed and not HAS_ROSBAGS and "No module named 'rosbags'" in str(report.longrepr):
        report.outcome = 'skipped'
        report.longrepr = (str(collector.path), 0, "could not import 'rosbags'")
    return report


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks the tests of whole modules: with `ros` where they use it, and with `installed`."""
    for item in items:
        if _uses_ros(item.path):
            item.add_marker('ros')
        if _depends_on_installed(item.path):
            item.add_marker('installed')


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Notes tests that are skipped for a reason that is not listed."""
    _note_skip(report)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """Notes modules that are skipped for a reason that is not listed."""
    _note_skip(report)


def _note_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    if report.skipped and isinstance(report.longrepr, tuple):
        reason = report.longrepr[2]
        if not is_expected(reason):
            unexpected_skips.append(f'{report.nodeid}: {reason}')


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Names skips that are not listed."""
    for skip in unexpected_skips:
        terminalreporter.write_line(f'skipped for a reason that is not in support/skips.py: {skip}')


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fails a run with skips that are not listed."""
    if unexpected_skips and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@functools.cache
def _uses_ros(module: Path) -> bool:
    return USES_ROS.search(module.read_text(encoding='utf-8')) is not None


@functools.cache
def _depends_on_installed(module: Path) -> bool:
    return DEPENDS_ON_INSTALLED.search(module.read_text(encoding='utf-8')) is not None


def _has_ros_tests(module: Path) -> bool:
    return '@pytest.mark.ros' in module.read_text(encoding='utf-8')


@pytest.fixture(scope='session', autouse=True)
def _nothing_is_left_behind():
    # From now on, what a child leaves behind becomes our child, not that of init.
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    yield
    deadline = time.monotonic() + GRACE
    while (left := running_children()) and time.monotonic() < deadline:
        time.sleep(0.05)
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    shutil.rmtree(LOGS, ignore_errors=True)
    assert not left, f'the tests left processes behind: {left}'


@pytest.fixture(scope='module')
def node():
    """The node, unconfigured, in a process of its own; one for all tests of a module."""
    from support.process import NodeProcess
    with NodeProcess() as process:
        yield process


@pytest.fixture(scope='module')
def peer(node):
    """Another participant, for the node of the module."""
    # Imported late, as not every test needs ROS.
    from support.ros import Peer
    peer = Peer()
    yield peer
    peer.close()


@pytest.fixture
def own_peer():
    """Another participant, new for each test."""
    from support.ros import Peer
    peer = Peer()
    yield peer
    peer.close()
