"""Where things are in a checkout."""
from __future__ import annotations

from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
ROOT = TESTS.parent
PACKAGE = ROOT / 'movenet_ros'
DATA = TESTS / 'data'
MODELS = ROOT / 'models'
SHARED = ROOT.parent / 'shared'
"""Pictures, clips and reference results that are not part of the project; may be absent."""
MALFORMED_IMAGES = SHARED / 'data' / 'bags' / 'malformed_images' / 'tests' / 'test_bags'
"""A real recording."""
