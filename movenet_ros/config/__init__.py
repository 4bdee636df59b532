"""Every parameter: its declaration, its values, and the files that set it."""
from __future__ import annotations

from movenet_ros.config.declarations import Config, find, parameters

__all__ = ['Config', 'find', 'parameters']
