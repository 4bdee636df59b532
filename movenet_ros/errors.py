"""Every error that this package raises on purpose.

    MovenetError
    |-- ParameterError   a parameter has a value that it must not have
    |-- ModelError       a model file or its manifest is missing, damaged or foreign
    |-- EngineError      an inference runtime is missing or fails
    |-- ImageError       a picture cannot be read: encoding, size, dtype
    |-- SourceError      a recording, video or image file cannot be read
    `-- SinkError        a result cannot be written

A message names what is wrong, the value that was found, and what to do about it.
"""

from __future__ import annotations


class MovenetError(Exception):
    """The common base: catch it to catch everything that this package raises on purpose."""


class ParameterError(MovenetError):
    """A parameter has a value that it must not have.

    Attributes:
        name: The parameter, e.g. ``filter.beta``.
        value: The value that was refused.
        cause: What the value must be instead, e.g. ``must be >= 0``.
    """

    def __init__(self, name: str, value: object, cause: str) -> None:
        super().__init__(name, value, cause)
        self.name = name
        self.value = value
        self.cause = cause

    def __str__(self) -> str:
        return f'parameter {self.name!r} = {self.value!r}: {self.cause}'


class ModelError(MovenetError):
    """A model file or its manifest is missing, damaged or foreign."""


class EngineError(MovenetError):
    """An inference runtime is missing or fails."""


class ImageError(MovenetError):
    """A picture cannot be used: unknown encoding, wrong size, wrong dtype.

    Attributes:
        cause: A short fixed word for what is wrong, to count by, e.g. ``short_data``.
    """

    def __init__(self, message: str, *, cause: str = 'invalid') -> None:
        super().__init__(message)
        self.cause = cause


class SourceError(MovenetError):
    """A recording, a video or an image file cannot be read."""


class SinkError(MovenetError):
    """A result cannot be written."""
