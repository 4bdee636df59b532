"""Compares the poses of two runs, and reports what differs."""
from __future__ import annotations

from movenet_ros.comparison.compare import Comparison, Tolerances, compare
from movenet_ros.comparison.report import as_json, as_text

__all__ = ['Comparison', 'Tolerances', 'as_json', 'as_text', 'compare']
