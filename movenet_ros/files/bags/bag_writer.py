"""Serialized messages into one MCAP file, with the metadata of a rosbag2."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING, Any, Literal

from movenet_ros.core.types import NANOSECONDS
from movenet_ros.files.bags.definitions import definition

if TYPE_CHECKING:
    from rosbags.interfaces import Qos

# Humble cannot read the metadata of a version 9 folder; all distributions read 8.
BAG_VERSION: Literal[8] = 8


@dataclass(frozen=True)
class OfferedQos:
    """The quality of service that a publisher offers; numbers as those of rmw.

    Attributes:
        history, depth, reliability, durability: As in a QoSProfile.
        deadline, lifespan: [ns].
        liveliness: As in a QoSProfile.
        liveliness_lease: [ns].
    """

    history: int
    depth: int
    reliability: int
    durability: int
    deadline: int
    lifespan: int
    liveliness: int
    liveliness_lease: int

    def as_rosbags(self) -> Qos:
        """The same, as rosbags takes it."""
        from rosbags import interfaces as it
        return it.Qos(
            it.QosHistory(self.history), self.depth, it.QosReliability(self.reliability),
            it.QosDurability(self.durability), it.QosTime(*divmod(self.deadline, NANOSECONDS)),
            it.QosTime(*divmod(self.lifespan, NANOSECONDS)), it.QosLiveliness(self.liveliness),
            it.QosTime(*divmod(self.liveliness_lease, NANOSECONDS)),
            avoid_ros_namespace_conventions=False)


class BagWriter:
    """A folder with metadata.yaml and an .mcap file that is called like it.

    Attributes:
        file: The .mcap file.
    """

    def __init__(self, folder: Path, mark: tuple[str, str] | None = None) -> None:
        """Makes the folder, which must not exist, and begins the file.

        Args:
            folder: The folder.
            mark: Key and value for the metadata; None for none.

        Raises:
            OSError: It cannot be written.
        """
        from rosbags.rosbag2 import StoragePlugin, Writer
        self._writer = Writer(folder, version=BAG_VERSION, storage_plugin=StoragePlugin.MCAP)
        if mark is not None:
            self._writer.set_custom_data(*mark)
        try:
            self._writer.open()
        except OSError:
            # It did not exist before.
            rmtree(folder, ignore_errors=True)
            raise
        self._topics: dict[str, Any] = {}
        self._has_unwritten = False
        self.file = folder / f'{folder.name}.mcap'

    def add_topic(self, topic: str, kind: str, offered: Sequence[OfferedQos] = ()) -> None:
        """Announces a topic, unless it is known: it is in the bag from now on.

        Args:
            topic: Its name.
            kind: Its type, e.g. `sensor_msgs/msg/Image`.
            offered: What its publishers offer.

        Raises:
            SinkError: The type is not known.
        """
        if topic not in self._topics:
            text, digest = definition(kind)
            self._topics[topic] = self._writer.add_connection(
                topic, kind, msgdef=text, rihs01=digest,
                offered_qos_profiles=[qos.as_rosbags() for qos in offered])

    def write(self, topic: str, log_ns: int, data: bytes) -> None:
        """Adds a message of a topic that has been announced.

        Args:
            topic: Its name.
            log_ns: When it was received [ns]; MCAP knows no time before 1970.
            data: The message, serialized (CDR).

        Raises:
            OSError: It cannot be written.
        """
        self._writer.write(self._topics[topic], max(0, log_ns), data)
        self._has_unwritten = True

    def flush(self) -> None:
        """Gives what was written to the system, so that it remains if the process is killed.

        Raises:
            OSError: It cannot be written.
        """
        # rosbags collects messages until they are a MiB, which of poses alone takes minutes.
        storage: Any = self._writer.storage
        if self._has_unwritten and storage.chunk.msgs:
            storage.close_chunk()
        storage.bio.flush()
        self._has_unwritten = False

    def close(self) -> None:
        """Completes the file and the metadata.

        Raises:
            OSError: They cannot be written.
        """
        self._writer.close()

    def abort(self) -> None:
        """Ends without an index: what was written can be read from its beginning on."""
        self._writer.abort()
