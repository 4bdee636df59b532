"""A thread that writes a recording, so that a disk that is slow for a moment loses nothing."""
from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from functools import partial

from movenet_ros.errors import SinkError
from movenet_ros.files.bags.bag_writer import OfferedQos
from movenet_ros.files.bags.recording import BagRecording

CAPACITY = 128 * 2**20
"""Bytes of messages that wait to be written: of VGA images at 30 Hz those of 5 s."""
FLUSH_PERIOD = 1.0
"""So much at most is lost when the process is killed [s]."""


class WriteQueue:
    """Messages that wait to be written.

    Attributes:
        dropped: How many messages of each topic were dropped, because the queue was full or
            nothing can be written any more.
        waiting: Bytes that wait.
    """

    def __init__(self, recording: BagRecording, capacity: int = CAPACITY) -> None:
        """Starts the thread.

        Args:
            recording: What to write; nobody else may use it until `close`.
            capacity: How many bytes may wait.
        """
        self._recording, self._capacity = recording, capacity
        self._jobs: deque[tuple[Callable[[], None], int]] = deque()
        self._changed = threading.Condition()
        self._is_closing = False
        self._error: Exception | None = None
        self.dropped: Counter[str] = Counter()
        self.waiting = 0
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    @property
    def has_failed(self) -> bool:
        """Whether nothing can be written any more; `close` raises why."""
        return self._error is not None

    def add_topic(self, topic: str, kind: str, offered: Sequence[OfferedQos]) -> None:
        """Announces a topic; see `BagWriter.add_topic`."""
        self._append(partial(self._recording.add_topic, topic, kind, offered), 0)

    def write(self, topic: str, log_ns: int, data: bytes) -> bool:
        """Adds a message, without waiting; returns whether there was room for it.

        A single one always finds room in an empty queue.
        """
        is_full = self.waiting and self.waiting + len(data) > self._capacity
        if is_full or self._error is not None:
            self.dropped[topic] += 1
            return False
        self._append(partial(self._recording.write, topic, log_ns, data), len(data))
        return True

    def close(self) -> None:
        """Writes what waits, and completes the recording.

        Raises:
            SinkError: Something could not be written; what was written before remains.
        """
        with self._changed:
            self._is_closing = True
            self._changed.notify()
        self._thread.join()
        if self._error is None:
            self._recording.close()
            return
        self._recording.abort()
        raise SinkError(f'{self._error}; what was written before remains, without an index: '
                        '`movenet process` can read it') from self._error

    def _append(self, job: Callable[[], None], size: int) -> None:
        with self._changed:
            self._jobs.append((job, size))
            self.waiting += size
            self._changed.notify()

    def _work(self) -> None:
        flushed = time.monotonic()
        try:
            while self._wait():
                while self._jobs:
                    job, size = self._jobs[0]
                    job()
                    with self._changed:
                        self._jobs.popleft()
                        self.waiting -= size
                if time.monotonic() - flushed > FLUSH_PERIOD:
                    self._recording.flush()
                    flushed = time.monotonic()
        except Exception as error:
            # whatever it is, the receiving thread has to know
            self._error = error

    def _wait(self) -> bool:
        """Waits for something to do; returns whether there is, or may be later."""
        with self._changed:
            if not self._jobs and not self._is_closing:
                self._changed.wait(FLUSH_PERIOD)
            return bool(self._jobs) or not self._is_closing
