"""Every parameter: its declaration, its values, and the files that set it."""
from __future__ import annotations

from movenet_ros.config.declarations import Config

__all__ = ['Config', 'find', 'parameters']

find = Config.find
parameters = Config.parameters
