"""The networks by themselves, with each engine and precision: time, memory, start-up, accuracy."""
from __future__ import annotations

from movenet_ros.measure.speed.engine.measure import measure_engine

__all__ = ['measure_engine']
