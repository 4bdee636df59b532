"""What is to be made of each of many recordings."""
from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from movenet_ros.config import Config
from movenet_ros.engines.models import FLOAT32, find_models_dir, load_manifest
from movenet_ros.processing.part import Part

FORMATS = {'jsonl': 'poses.jsonl', 'mcap': 'poses.mcap', 'bag': 'poses',
           'parquet': 'poses.parquet'}
"""The output of a result set, by the format that is asked for."""

SAME_RESULTS = ('threads', 'models_dir')
"""Parameters that do not change the results; of the models, their hashes count."""


@dataclass(frozen=True)
class Job:
    """What is to be made of each recording; it is sent to the workers.

    Attributes:
        output_dir: The folder of the result sets, which all workers see.
        formats: Keys of `FORMATS`.
        config: All parameters.
        part: Which images.
        topic, depth_topic, camera_info_topic: Of those recordings that are bags.
        fps: Of those that are not [Hz].
    """

    output_dir: str
    formats: tuple[str, ...]
    config: Config
    part: Part = field(default_factory=Part)
    topic: str | None = None
    depth_topic: str | None = None
    camera_info_topic: str | None = None
    fps: float | None = None

    def settings(self) -> dict[str, Any]:
        """All that the results depend on beside the recording, for its manifest.

        Raises:
            ModelError: The models folder has no valid manifest.
        """
        return {'configuration': self.config.digest(), 'parameters': self._parameters(),
                'models': self._model_hashes(),
                **asdict(self.part), 'topic': self.topic, 'depth_topic': self.depth_topic,
                'camera_info_topic': self.camera_info_topic, 'fps': self.fps}

    def _model_hashes(self) -> dict[str, str]:
        """SHA-256 of the files that may be loaded: which one `auto` takes, a worker decides."""
        models = load_manifest(find_models_dir(self.config.models_dir))
        entries = [models.entry(name) for name in (self.config.model, self.config.refine)
                   if name != 'none']
        hashes = {entry.name: entry.sha256 for entry in entries}
        if self.config.precision != FLOAT32:
            hashes |= {f'{entry.name} {variant.precision}': variant.sha256
                       for entry in entries for variant in entry.variants.values()}
        return hashes

    def _parameters(self) -> dict[str, Any]:
        """Those that differ from their defaults, as JSON has them."""
        values = self.config.values()
        changed = {each.name: values[each.name] for each in self.config.parameters()
                   if values[each.name] != each.default and not each.node_only
                   and each.name not in SAME_RESULTS and not each.name.startswith('overlay.')}
        return {name: list(value) if isinstance(value, tuple) else value
                for name, value in changed.items()}
