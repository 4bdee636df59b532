"""The demo's subscriber: shows the poses while they arrive, and draws them afterwards.

While the clip plays it subscribes to the poses alone and draws nothing, so that what it measures
is the node. Afterwards it reads the clip again, and knows from the camera's log which image
was published with which stamp.
"""
from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.signals import SignalHandlerOptions

from movenet_ros.config.declarations import OverlayConfig
from movenet_ros.errors import EngineError, listed
from movenet_ros.files.sinks import Result, open_sink
from movenet_ros.files.sources import open_source
from movenet_ros.ros.conversions import from_pose_array, stamp_ns
from movenet_ros.tools.pose_monitor import Observation, PoseMonitor
from movenet_ros.tools.stamps_log import PublishedImage, read_stamps_log

OUTPUTS = {'picture.png': 'look at this first: twelve moments',
           'overlay.webm': 'every processed image, with the people drawn on it',
           'poses': 'the PoseArrays, a rosbag2 (MCAP): movenet diff, Foxglove, ros2 bag play'}
# Without any poses for so long after the last image, none is expected any more [s].
QUIET = 3.0
LONGEST_LIST = 10


class DemoRecorder:
    """Receives the poses, and records them when the play is over.

    Attributes:
        drawn: How many images `record` has written so far.
    """

    def __init__(self, folder: Path, clip: Path, stamps_log: Path, *,
                 show: Callable[[str], None] = lambda line: None) -> None:
        """Prepares; ROS is used within the `with` block.

        Args:
            folder: Where to record.
            clip: What is played.
            stamps_log: Where the camera writes down the stamps.
            show: Takes a line about what is going on.
        """
        self._folder, self._clip, self._stamps_log = folder, clip, stamps_log
        self._show = show
        self._stack = ExitStack()
        self._observations: dict[int, Observation] = {}
        self._last: Observation | None = None
        self.drawn = 0

    def __enter__(self) -> DemoRecorder:
        with ExitStack() as stack:
            # Its own handlers would shut the context down before the demo is done.
            rclpy.init(signal_handler_options=SignalHandlerOptions.NO)
            stack.callback(rclpy.try_shutdown)
            self._node = PoseMonitor(self._keep)
            stack.callback(self._node.destroy_node)
            self._executor = SingleThreadedExecutor()
            stack.callback(self._executor.shutdown)
            self._executor.add_node(self._node)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 traceback: TracebackType | None) -> None:
        self._stack.__exit__(kind, error, traceback)

    def wait_for_node(self, seconds: float, runs: Callable[[], bool]) -> None:
        """Waits until the node is active.

        Args:
            seconds: How long, at most.
            runs: Whether its process does.

        Raises:
            EngineError: It is not, after so long, or has ended.
        """
        deadline = time.monotonic() + seconds
        # It subscribes to images when it is active.
        while not (self._node.count_subscribers('image')
                   and self._node.count_publishers('movenet/poses')):
            if not runs():
                raise EngineError('the node has ended; see its messages above')
            if time.monotonic() > deadline:
                raise EngineError(f'the node is not active after {seconds:g} s; see its '
                                  'messages above')
            self._executor.spin_once(timeout_sec=0.1)

    def watch(self, playing: Callable[[], bool],
              show_status: Callable[[str], None] = lambda text: None) -> None:
        """Receives until nothing is played any more, and the last image is processed.

        Args:
            playing: Whether the camera still plays.
            show_status: Takes the rate and latency so far, after each answer.
        """
        quiet_since = time.monotonic()
        seen = self._last
        while (playing() or (not self._last_is_processed()
               and time.monotonic() - quiet_since < QUIET)):
            self._executor.spin_once(timeout_sec=0.1)
            if self._last is not None and seen is not self._last:
                show_status(self._status(self._last))
            if playing() or seen is not self._last:
                seen, quiet_since = self._last, time.monotonic()

    def _last_is_processed(self) -> bool:
        played = read_stamps_log(self._stamps_log)
        return bool(played) and played[-1].stamp_ns in self._observations

    def _status(self, seen: Observation) -> str:
        latencies = [observed.latency for observed in list(self._observations.values())[-60:]]
        return (f'images {seen.count:4d}   rate {seen.rate:5.1f} Hz   latency p50 '
                f'{statistics.median(latencies) * 1e3:6.1f} ms   people {len(seen.message.poses)}')

    def _keep(self, seen: Observation) -> None:
        self._last = seen
        self._observations[stamp_ns(seen.message.header)] = seen

    def processed(self) -> dict[int, Observation]:
        """The poses of those images of the clip, by their numbers, that have been processed."""
        return {image.index: self._observations[image.stamp_ns]
                for image in read_stamps_log(self._stamps_log)
                if image.stamp_ns in self._observations}

    def record(self, check: Callable[[], None] = lambda: None) -> list[str]:
        """Draws and writes what was received.

        Args:
            check: Called before each image; what it raises ends the drawing. The outputs then
                hold the images before.

        Returns:
            Lines that report what happened, and what to open next.

        Raises:
            EngineError: Nothing was received.
            SinkError: It cannot be written.
        """
        processed = self.processed()
        if not processed:
            raise EngineError('no poses arrived; see the messages above')
        played = read_stamps_log(self._stamps_log)
        self._show(f'drawing {len(processed)} images ...')
        with ExitStack() as stack:
            sinks = [stack.enter_context(open_sink(self._folder / name, overlay=OverlayConfig()))
                     for name in OUTPUTS]
            for result in self._results(processed):
                check()
                for sink in sinks:
                    sink.write(result)
                self.drawn += 1
        latency = statistics.median(seen.latency for seen in self._observations.values()) * 1e3
        return [f'{len(played)} images played, {len(processed)} processed and recorded'
                f'{self._unprocessed(played)}; median {latency:.1f} ms from the stamp of an image '
                'to its poses.', 'What to open next:',
                *(f'  {self._folder / name!s:<26}  {text}' for name, text in OUTPUTS.items())]

    def _results(self, processed: dict[int, Observation]) -> Iterator[Result]:
        with open_source(self._clip) as source:
            for index, frame in enumerate(source):
                if index in processed:
                    poses = from_pose_array(processed[index].message)
                    yield Result(stamp_ns(processed[index].message.header), poses.frame_id,
                                 poses.sequence, poses.model, frame.picture(), poses.poses)

    def _unprocessed(self, played: list[PublishedImage]) -> str:
        """Which images have no poses, and why."""
        missing = [image.index for image in played
                   if image.stamp_ns not in self._observations]
        if not missing:
            return ''
        first = next(iter(self._observations.values()))
        lost = first.message.sequence + (self._last.lost if self._last else 0)
        if lost:
            why = f'{lost} answers were lost on their way to the demo'
        else:
            why = 'the node takes the newest image and skips those that come while it is busy'
        return f' (not images {listed(missing, LONGEST_LIST)} of the clip: {why})'
