"""The demo's subscriber: shows what arrives while it arrives, and keeps it."""
from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.qos import QoSProfile
from rclpy.signals import SignalHandlerOptions
from sensor_msgs.msg import Image

from movenet_ros.config import OverlayConfig
from movenet_ros.errors import EngineError, printable
from movenet_ros.media.sinks import Result, open_sink
from movenet_ros.ros.conversions import from_pose_array, read_picture, stamp_ns
from movenet_ros.ros.watch import Observation, Watcher

OUTPUTS = {'picture.png': 'look at this first: twelve moments',
           'overlay.mp4': 'every answered image, with the people drawn on it',
           'poses': 'the PoseArrays, a rosbag2 (MCAP): ros2 bag info, ros2 bag play, Foxglove'}
LINE_PERIOD = 0.2 if sys.stdout.isatty() else 1.0
QUIET = 1.0


class Exhibit:
    """Subscribes to images and poses, joins them by their stamps, and records them."""

    def __init__(self, folder: Path, fps: float) -> None:
        """Connects to ROS.

        Args:
            folder: Where to record.
            fps: Rate of the video [Hz].
        """
        self._folder = folder
        self._stack = ExitStack()
        # Its own handlers would end the context under the demo's feet.
        rclpy.init(signal_handler_options=SignalHandlerOptions.NO)
        self._stack.callback(rclpy.try_shutdown)
        self._sinks = [self._stack.enter_context(open_sink(
            folder / name, overlay=OverlayConfig(), fps=fps)) for name in OUTPUTS]
        self._node = Watcher(self._keep_poses)
        self._stack.callback(self._node.destroy_node)
        self._node.create_subscription(Image, 'image', self._keep_image, QoSProfile(depth=30))
        self._executor = SingleThreadedExecutor()
        self._executor.add_node(self._node)
        self._stack.callback(self._executor.shutdown)
        self._images: dict[int, Image] = {}
        self._waiting: dict[int, Observation] = {}
        self._latencies: list[float] = []
        self._last: Observation | None = None

    def __enter__(self) -> Exhibit:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 traceback: TracebackType | None) -> None:
        self._stack.__exit__(kind, error, traceback)

    def wait_for_node(self, seconds: float) -> None:
        """Waits until the node is active.

        Raises:
            EngineError: It is not, after so long.
        """
        deadline = time.monotonic() + seconds
        # The node subscribes when it is active; the other subscription is our own.
        while self._node.count_subscribers('image') < 2:
            if time.monotonic() > deadline:
                raise EngineError(f'the node is not active after {seconds:g} s; its messages '
                                  'above say why')
            self._executor.spin_once(timeout_sec=0.1)

    def watch(self, playing: Callable[[], bool]) -> None:
        """Records until nothing is played any more and all is quiet."""
        shown = quiet_since = time.monotonic()
        while playing() or time.monotonic() - quiet_since < QUIET:
            count = len(self._latencies)
            self._executor.spin_once(timeout_sec=0.1)
            now = time.monotonic()
            if len(self._latencies) > count:
                quiet_since = now
                if now - shown > LINE_PERIOD:
                    shown = now
                    self._show()
        if self._last:
            self._show()
            print()

    def _show(self) -> None:
        seen = self._last
        assert seen is not None
        latency = statistics.median(self._latencies[-60:])
        # On a terminal the line changes in place.
        start, end = ('\r', '') if sys.stdout.isatty() else ('', '\n')
        print(f'{start}frames {seen.count:4d}   rate {seen.rate:5.1f} Hz   latency p50 '
              f'{latency * 1e3:6.1f} ms   people {len(seen.message.poses)}', end=end, flush=True)

    def _keep_poses(self, seen: Observation) -> None:
        self._last = seen
        self._latencies.append(seen.latency)
        self._waiting[stamp_ns(seen.message.header)] = seen
        self._join()

    def _keep_image(self, image: Image) -> None:
        self._images[stamp_ns(image.header)] = image
        self._join()

    def _join(self) -> None:
        """Records every pair that is complete; images that got no answer are let go."""
        for stamp in sorted(self._waiting.keys() & self._images.keys()):
            said = from_pose_array(self._waiting.pop(stamp).message)
            result = Result(stamp, said.frame_id, said.sequence, said.model,
                            read_picture(self._images[stamp]), said.poses)
            for sink in self._sinks:
                sink.write(result)
            self._images = {s: image for s, image in self._images.items() if s > stamp}

    def report(self) -> str:
        """What happened, and what to open next."""
        if self._last is None:
            raise EngineError('no poses arrived; the messages above may say why')
        latency = statistics.median(self._latencies) * 1e3
        files = '\n'.join(f'  {printable(self._folder / name):<26}{text}'
                          for name, text in OUTPUTS.items())
        return (f'{self._last.count} images answered, {self._last.lost} answers lost; median '
                f'{latency:.1f} ms from the stamp of an image to its poses.\n'
                f'What to open next:\n{files}')
