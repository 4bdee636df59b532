"""The ways to get from one picture to poses that are compared with one another.

A mode is a name and a function from a picture to poses. Another one is added by adding
it to what `picture_modes` returns.
"""
from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from movenet_ros.config import Config
from movenet_ros.core.network import Network, Networks
from movenet_ros.core.pipeline import advance
from movenet_ros.core.state import State
from movenet_ros.core.types import Picture, Poses

LONG_SIDES = (256, 384, 512)
READERS = ('lightning', 'thunder')
PASSES = ('1st image', '2nd image', '3rd image')
"""Which of several equal images of a camera the poses are of."""

Loader = Callable[[str], Network]
"""Gives the network of a model; always the same one for the same model."""


@dataclass(frozen=True)
class Mode:
    """One way to get from a picture to poses.

    Attributes:
        name: For tables and pictures.
        detect: The way itself; remembers nothing from picture to picture.
        single: Whether it finds one person at most.
    """

    name: str
    detect: Callable[[Picture], Poses] = field(repr=False)
    single: bool = False


def picture_modes(config: Config, models: Sequence[str], load: Loader) -> list[Mode]:
    """Every mode of these models.

    Args:
        config: All parameters; each mode sets the model, and what its name says.
        models: Names of networks.
        load: Loads a network.
    """
    found: list[Mode] = []
    for model in models:
        chosen = config.replace({'model': model, 'filter.enabled': False})
        found += (_multipose_modes if model == 'multipose' else _single_modes)(chosen, load)
    return found


def modes_of_one_network(config: Config, model: str, load: Loader) -> list[Mode]:
    """The modes of a model that run no other network; of MultiPose at its smallest side.

    Args:
        config: As for `picture_modes`.
        model: Name of the network.
        load: Loads it.
    """
    chosen = config.replace({'model': model, 'filter.enabled': False})
    if model == 'multipose':
        return [_at_side(chosen.replace({'refine': 'none'}), LONG_SIDES[0], load)]
    return _single_modes(chosen, load)


def networks_of(config: Config, load: Loader) -> Networks:
    """The networks that a configuration needs, from a loader.

    Raises:
        ParameterError: Two parameters contradict each other.
    """
    config.check_together()
    return Networks(load(config.model), None if config.refine == 'none' else load(config.refine))


def _single_modes(config: Config, load: Loader) -> list[Mode]:
    return [Mode(f'{config.model} {name}', _repeated(config, load, passes), single=True)
            for passes, name in enumerate(PASSES, start=1)]


def _multipose_modes(config: Config, load: Loader) -> list[Mode]:
    alone = config.replace({'refine': 'none'})
    sides = sorted({*LONG_SIDES, config.multipose.long_side})
    modes = [_at_side(alone, side, load) for side in sides]
    for reader in READERS:
        refined = config.replace({'refine': reader})
        modes += [Mode(f'multipose + {reader}', _repeated(refined, load, 1)),
                  Mode(f'multipose + {reader} 2nd image', _repeated(refined, load, 2))]
    return modes


def _at_side(config: Config, side: int, load: Loader) -> Mode:
    return Mode(f'multipose {side}', _repeated(
        config.replace({'multipose.long_side': side}), load, 1))


def _repeated(config: Config, load: Loader, passes: int) -> Callable[[Picture], Poses]:
    """Runs the chain on the same picture `passes` times over, from a fresh state."""
    networks = networks_of(config, load)

    def detect(picture: Picture) -> Poses:
        state, poses = State(), Poses.empty()
        for _ in range(passes):
            state, poses = advance(state, picture, 0, networks, config)
        return poses
    return detect
