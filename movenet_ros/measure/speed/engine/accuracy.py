"""How accurate the networks are with each engine and precision, on annotated pictures."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from movenet_ros.config import Config
from movenet_ros.core.network import Network
from movenet_ros.engines.models import FLOAT32
from movenet_ros.measure.accuracy.accuracy import keypoint_distances
from movenet_ros.measure.accuracy.dataset import read_dataset
from movenet_ros.measure.accuracy.modes import Mode, modes_of_one_network
from movenet_ros.measure.accuracy.pictures import ModeAccuracy, measure_accuracy
from movenet_ros.measure.speed.engine.candidates import Combination
from movenet_ros.measure.speed.options import AnnotatedPictures

REFERENCE_ENGINE = 'litert'
"""With float32, what keypoints are compared with."""


@dataclass(frozen=True)
class EngineAccuracy:
    """How accurate one combination is in one mode of the pipeline.

    Attributes:
        mode: E.g. 'lightning 2nd image'.
        ap: COCO's average precision.
        loss: The AP of float32 with the same engine less this one; None where that is not measured.
        difference: Median and 99th percentile of the distance from the keypoints of LiteRT with
            float32 [px]; None where they are not measured, or nobody is found.
        images: Pictures looked at.
        people: To be found in them.
    """

    mode: str
    ap: float
    loss: float | None
    difference: tuple[float, float] | None
    images: int
    people: int


def measure_accuracies(networks: Mapping[Combination, Network],
                       pictures: AnnotatedPictures) -> dict[Combination, list[EngineAccuracy]]:
    """Runs the pipeline on annotated pictures, with all networks on one after the other.

    Args:
        networks: Loaded.
        pictures: Where they are.

    Raises:
        MovenetError: pycocotools is not installed, or pictures or annotations cannot be read.
    """
    modes = {(combination, mode.name): replace(mode, name=f'{mode.name}, {combination.runtime}')
             for combination, network in networks.items()
             for mode in _modes(combination, network)}
    dataset = read_dataset(pictures.images, pictures.annotations, pictures.split)
    results = dict(zip(modes, measure_accuracy(dataset, list(modes.values())), strict=True))
    found: dict[Combination, list[EngineAccuracy]] = {each: [] for each in networks}
    for combination, mode in modes:
        found[combination].append(_compared(combination, mode, results))
    return found


def _modes(combination: Combination, network: Network) -> list[Mode]:
    return modes_of_one_network(Config(), combination.model, lambda model: network)


def _compared(combination: Combination, mode: str,
              results: Mapping[tuple[Combination, str], ModeAccuracy]) -> EngineAccuracy:
    own = results[combination, mode]
    exact = replace(combination, precision=FLOAT32)
    same_engine = results.get((exact, mode))
    loss = same_engine.accuracy.ap - own.accuracy.ap if same_engine else None
    reference = results.get((replace(exact, engine=REFERENCE_ENGINE), mode))
    apart = keypoint_distances(own.accuracy, reference.accuracy) if reference else np.zeros(0)
    difference = (float(np.median(apart)), float(np.percentile(apart, 99))) if len(apart) else None
    return EngineAccuracy(mode, own.accuracy.ap, loss, difference, own.images, own.people)
