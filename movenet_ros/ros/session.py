"""One activation of the node: images of all cameras in, PoseArrays out."""
from __future__ import annotations

from collections.abc import Callable, Sequence

from rclpy.node import Node

from movenet_ros.config import Config
from movenet_ros.core.looks import complete_all
from movenet_ros.core.types import Picture
from movenet_ros.ros.busy_time import BusyTime
from movenet_ros.ros.camera import Camera, Shot
from movenet_ros.ros.equipment import Equipment
from movenet_ros.ros.overlap import Overlap
from movenet_ros.ros.recent_images import WINDOW
from movenet_ros.ros.rounds import Rounds
from movenet_ros.ros.watchdog import Watchdog


class Session:
    """Works on the newest image of each camera, from an activation to its end.

    One camera is answered at once. Of several each that has a new image is served once before
    any is served again, so a fast camera takes no other one's turn. Where the engine gains from
    batches, the images that are there at the same time go to it together, see `Rounds`; where it
    does not, it sees one while the next is prepared, see `Overlap`.

    Attributes:
        cameras: In the order of the parameter.
    """

    def __init__(self, node: Node, equipment: Equipment, config: Callable[[], Config],
                 alarm: Callable[[float], None]) -> None:
        """Subscribes to all cameras; everything starts afresh.

        Args:
            node: Who subscribes.
            equipment: What to work with.
            config: Gives the parameters that count now; asked for each image.
            alarm: Called, from another thread, while the networks take longer than they may,
                with the time taken so far [s].
        """
        self._config = config
        self._networks, self._watch = equipment.networks, equipment.watch
        self._watchdog = Watchdog(lambda: config().watchdog.timeout, alarm)
        names, transport = config().cameras, config().transport
        self._turns: Rounds | Overlap | None = None
        if len(names) > 1:
            self._turns = (Rounds(node, self._answer) if self._networks.info.batches
                           else Overlap(node, self._networks, config, self._watchdog))
        take = self._turns.take if self._turns else self._answer_alone
        busy = BusyTime(WINDOW)
        self.cameras: tuple[Camera, ...] = ()
        try:
            for name in names:
                outputs = equipment.outputs.cameras[name]
                self.cameras += (Camera(node, name, transport, outputs, take,
                                        self._watchdog.pause, busy),)
        except Exception:
            # An override that makes no sense: nothing may stay behind.
            self.close()
            raise

    def close(self) -> None:
        """Unsubscribes."""
        for camera in self.cameras:
            camera.close()
        if self._turns:
            self._turns.close()
        self._watchdog.close()

    def pause(self) -> float:
        """How long the process was paused until just now [s]; 0 if it was not."""
        return self._watchdog.pause()

    def _answer_alone(self, shot: Shot) -> None:
        self._answer([shot])

    def _answer(self, shots: Sequence[Shot]) -> None:
        """Answers images, one of each camera; whatever is wrong with one, the node lives on."""
        config = self._config()
        pictures = [(shot, picture) for shot in shots
                    if (picture := shot.camera.read(shot, config)) is not None]
        try:
            self._answer_pictures(pictures, config)
        except Exception as error:
            for shot, _ in pictures:
                shot.camera.fail(error)
        for shot, _ in pictures:
            shot.camera.finish(shot)

    def _answer_pictures(self, pictures: Sequence[tuple[Shot, Picture]],
                         config: Config) -> None:
        model = self._networks.info.model
        self._watch.seconds = 0.0
        with self._watchdog:
            results = complete_all([
                shot.camera.chain(shot, picture, self._networks, config)
                for shot, picture in pictures])
        inference = self._watch.seconds
        for (shot, picture), result in zip(pictures, results, strict=True):
            shot.camera.publish(shot, picture, result, model, inference)
        # After the poses are out
        for (shot, picture), (_, poses) in zip(pictures, results, strict=True):
            shot.camera.warn(shot, picture, config)
            shot.camera.draw(shot, picture, poses, config)
