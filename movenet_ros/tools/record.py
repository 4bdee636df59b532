"""Records images and poses of running nodes."""
from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rclpy.exceptions import InvalidTopicNameException
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.validate_full_topic_name import validate_full_topic_name

from movenet_ros.errors import MovenetError, ParameterError, counted
from movenet_ros.files.bags.recording import BagRecording
from movenet_ros.files.bags.write_queue import WriteQueue
from movenet_ros.ros.signals import StopRequest
from movenet_ros.tools.discovery import what_to_check
from movenet_ros.tools.node_status import NodeStatusInput
from movenet_ros.tools.recorded_topics import RecordedTopics
from movenet_ros.tools.spinning import spun_node

POLL = 0.1  # s
LOOK_PERIOD = 0.5  # s
PATIENCE = 2.0
"""How long something may be missing before that is reported [s]: discovery takes its time."""
ADVICE = 5.0
"""How long a node may be missing until it is reported what to check [s]."""
LAST_MESSAGES = 0.1
"""How long to take what has arrived already, when the recording ends [s]."""
WRITING_TIMEOUT = 60.0
"""How long what waits may take to be written, when the recording ends [s]."""
MEGABYTE = 1e6


@dataclass(frozen=True)
class RecordOptions:
    """What to record.

    Attributes:
        node: Full name of the node; None for all nodes of this package.
        topics: Other topics.
        seconds: For how long, from the first message on [s]; None until SIGINT or SIGTERM.
    """

    node: str | None = None
    topics: tuple[str, ...] = ()
    seconds: float | None = None


@dataclass(frozen=True)
class Recorded:
    """What was recorded.

    Attributes:
        lines: A report.
        is_complete: Whether nothing is missing, as far as that is known.
    """

    lines: tuple[str, ...]
    is_complete: bool


def record(output: Path, options: RecordOptions, *, report: Callable[[str], None],
           show_status: Callable[[str], None]) -> Recorded:
    """Records until it is asked to stop, or the time is over.

    Args:
        output: The bag, which must not exist: a folder, or a file if the name ends in .mcap.
        options: What to record.
        report: Takes a line about what is going on.
        show_status: Takes how much was recorded so far.

    Raises:
        ParameterError: A topic's name is none.
        SinkError: The bag cannot be written; what was written before remains.
        MovenetError: Nothing was recorded.
    """
    extra = [_full_name(topic) for topic in options.topics]
    with (StopRequest(WRITING_TIMEOUT, code=1) as stop,
          spun_node('movenet_record') as (node, executor)):
        queue = WriteQueue(BagRecording(output))
        try:
            topics = RecordedTopics(node, queue, of_node=options.node, extra=extra, report=report)
            session = _Session(node, executor, topics, queue)
            session.run(stop, options.seconds, report, show_status)
        finally:
            queue.close()
        return session.result(output, extra)


def _full_name(topic: str) -> str:
    name = f'/{topic.removeprefix("/")}'
    try:
        validate_full_topic_name(name)
    except InvalidTopicNameException as error:
        raise ParameterError('TOPIC', topic, str(error).partition(':\n')[0]) from error
    return name


class _Session:
    """One recording."""

    def __init__(self, node: Node, executor: SingleThreadedExecutor, topics: RecordedTopics,
                 queue: WriteQueue) -> None:
        self._node, self._executor, self._topics, self._queue = node, executor, topics, queue
        self._awaited, self._awaited_since = '', time.monotonic()
        self._reported: set[str] = set()

    def run(self, stop: StopRequest, seconds: float | None, report: Callable[[str], None],
            show_status: Callable[[str], None]) -> None:
        """Receives until the end."""
        diagnostics = NodeStatusInput(self._node, self._topics.heard)
        looked = end = float('-inf')
        while not (stop.requested or self._queue.has_failed):
            now = time.monotonic()
            if now - looked > LOOK_PERIOD:
                looked = now
                self._topics.look()
                self._report_missing(report)
                self._report_dropped(report)
                show_status(self._status())
            if seconds is not None and end < 0.0 and self._messages:
                end = now + seconds
            if 0.0 < end < now:
                break
            self._executor.spin_once(timeout_sec=POLL)
        end = time.monotonic() + LAST_MESSAGES
        while time.monotonic() < end:
            self._executor.spin_once(timeout_sec=0.0)
        diagnostics.close()
        self._topics.close()

    @property
    def _messages(self) -> int:
        return sum(topic.received for topic in self._topics.by_name.values())

    def _status(self) -> str:
        topics = self._topics.by_name.values()
        lost = sum(topic.lost for topic in topics) + self._queue.dropped.total()
        megabytes = sum(topic.size for topic in topics) / MEGABYTE
        text = f'{counted(self._messages, "message")}, {megabytes:.1f} MB'
        return text + (f', {lost} lost' if lost else '') if topics else ''

    def _report_missing(self, report: Callable[[str], None]) -> None:
        """Says what is waited for, once it has been missing for a while."""
        awaited, now = self._topics.awaited(), time.monotonic()
        if awaited != self._awaited:
            self._awaited, self._awaited_since = awaited, now
        waited = now - self._awaited_since
        if awaited and waited > PATIENCE and awaited not in self._reported:
            self._reported.add(awaited)
            report(f'waiting for {awaited}')
        advice = f'advice on {awaited}'
        if 'node' in awaited.split() and waited > ADVICE and advice not in self._reported:
            self._reported.add(advice)
            report(f'{awaited} is not found: {what_to_check(self._node)}')

    def _report_dropped(self, report: Callable[[str], None]) -> None:
        for name in self._queue.dropped.keys() - self._reported:
            self._reported.add(name)
            report(f'warning: {name}: messages are dropped, as the disk is too slow')

    def result(self, output: Path, extra: Sequence[str]) -> Recorded:
        """What was recorded, after everything is written."""
        if not self._messages:
            awaited = self._topics.awaited()
            why = f': there was not {awaited}' if awaited else ': no message came'
            raise MovenetError(f'{output}: nothing was recorded, and nothing is left{why}')
        lines, is_complete = [], True
        for name, topic in sorted(self._topics.by_name.items()):
            dropped = self._queue.dropped[name]
            missing = [text for count, text in (
                (topic.lost, 'lost on the way'), (dropped, 'dropped, as the disk was too slow'))
                if count for text in [f'{count} {text}']]
            is_complete = is_complete and not missing
            written = counted(topic.received - dropped, 'message')
            lines.append(', '.join([f'{name}: {written}', *missing]))
        absent = [name for name in extra if name not in self._topics.by_name]
        lines += [f'{name}: {self._topics.rejected.get(name, "no publisher appeared")}'
                  for name in absent]
        return Recorded((*lines, f'recorded {self._status()}: {output}'),
                        is_complete and not absent)
