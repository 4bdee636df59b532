"""Whether what is read is still wanted: a search in a long file must end with whoever waits."""
from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

Wanted: TypeAlias = Callable[[], bool]
"""Asked again and again by those who read; when it is False, reading ends there."""


def always() -> bool:
    """Whoever reads wants all."""
    return True
