"""The third-party tools of measuring, imported late: no robot needs them."""
from __future__ import annotations

import importlib
from typing import Any

from movenet_ros.errors import MovenetError


def tool(module: str) -> Any:
    """A module of the extra `evaluate`.

    Raises:
        MovenetError: It is not installed, or cannot be loaded.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MovenetError(
            f'{module.partition(".")[0]}, which this needs, cannot be imported '
            f'({error}); pip install matplotlib motmetrics pycocotools, or in a checkout of this '
            "package: pip install '.[evaluate]'") from error
