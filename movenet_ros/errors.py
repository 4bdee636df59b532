"""Every error that this package raises on purpose.

    MovenetError
    |-- ParameterError   a parameter has a value that it must not have
    |-- ModelError       a model file or its manifest is missing, damaged or another one
    |-- EngineError      an inference runtime is missing or fails
    |-- ImageError       a picture cannot be read: encoding, size, dtype
    |-- CameraModelError a camera_info has a value that no ray can be computed with
    |-- SourceError      a recording, video or image file cannot be read
    `-- SinkError        a result cannot be written

A message says in one line what is wrong, the value that was found, and what to do about it.

It may quote text from outside: a file's name, a topic, a licence. `printable` makes such text
safe to be shown; it is applied to every message of these errors, and to what the command prints,
the node logs, and /diagnostics reports.
"""

from __future__ import annotations

import reprlib
import unicodedata
from collections.abc import Iterable

LONGEST_TEXT = 300
LONGEST_NAME = 100
LONGEST_NUMBER = 10_000  # bits
_VALUES = reprlib.Repr()
_VALUES.maxlist = _VALUES.maxtuple = 20
_VALUES.maxstring = _VALUES.maxother = 80


def printable(text: object) -> str:
    r"""Text from outside with nothing in it that controls a terminal or a text layout.

    Control characters (escape codes, line ends), format characters (which turn the direction of
    writing, or have no width), separators of lines and bytes that are no UTF-8 (in file names)
    become visible escape sequences: `\n`, `\x1b`, `\u202e`, `\xff`. All other text, of any
    language, is unchanged. Applying it twice changes nothing more.
    """
    words = str(text)
    if words.isprintable():
        return words
    return ''.join(character if character.isprintable() or unicodedata.category(character) == 'Zs'
                   else _escaped(character) for character in words)


def printable_block(text: object) -> str:
    """Text of several lines, such as a traceback, with all lines after the first indented.

    So no line of a quoted text looks like a message of its own.
    """
    return '\n    '.join(printable(line) for line in str(text).rstrip('\n').split('\n'))


def _escaped(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:
        # how Python holds a byte of a file name that is no UTF-8
        return f'\\x{code - 0xDC00:02x}'
    return character.encode('unicode_escape').decode('ascii')


def one_line(text: object, longest: int = LONGEST_TEXT) -> str:
    """Text from outside for use in a message: in one line, and not longer than `longest`."""
    words = ' '.join(str(text).split())
    return printable(words) if len(words) <= longest else f'{printable(words[:longest])} ...'


def listed(items: Iterable[object], most: int = 5) -> str:
    """The first of several names from outside, and how many more there are."""
    names = [str(item) for item in items]
    few = ', '.join(printable(name if len(name) <= LONGEST_NAME else f'{name[:LONGEST_NAME]} ...')
                    for name in names[:most])
    return few + (f' and {len(names) - most} more' if len(names) > most else '')


def counted(count: int, noun: str) -> str:
    """A number of things, e.g. '1 image' or '2 images'."""
    return f'{count} {noun}' if count == 1 else f'{count} {noun}s'


def shown(value: object) -> str:
    """A value from outside, of any type and size, as a short text."""
    try:
        if not isinstance(value, int) or value.bit_length() < LONGEST_NUMBER:
            return one_line(_VALUES.repr(value))
    except ValueError:
        # It contains such a number, which Python refuses to write.
        pass
    return 'a number of thousands of digits'


class MovenetError(Exception):
    """The common base: catch it to catch everything that this package raises on purpose.

    As text it is one line without control characters, whatever it quotes.
    """

    def __str__(self) -> str:
        return printable(self._message())

    def _message(self) -> str:
        return super().__str__()


class ParameterError(MovenetError):
    """A parameter has a value that it must not have.

    Attributes:
        name: The parameter, e.g. `filter.beta`.
        value: The value that was rejected.
        cause: The requirement that it violates, e.g. `must be 0 to 1`.
    """

    def __init__(self, name: str, value: object, cause: str) -> None:
        super().__init__(name, value, cause)
        self.name = name
        self.value = value
        self.cause = cause

    def _message(self) -> str:
        return f'parameter {shown(self.name)} = {shown(self.value)}: {self.cause}'


class ModelError(MovenetError):
    """A model file or its manifest is missing, damaged or another one."""


class EngineError(MovenetError):
    """An inference runtime is missing or fails."""


class ImageError(MovenetError):
    """A picture cannot be used: unknown encoding, wrong size, wrong dtype.

    Attributes:
        cause: A short identifier of what is wrong, for counters, e.g. `short_data`.
    """

    def __init__(self, message: str, *, cause: str = 'invalid') -> None:
        super().__init__(message)
        self.cause = cause


class CameraModelError(MovenetError):
    """A camera_info cannot be used, or does not belong to the image.

    Attributes:
        field: Of sensor_msgs/CameraInfo, e.g. `k` or `roi.width`; `message` if it is damaged.
        value: The value that was rejected.
        reason: What is wrong with it.
        cause: A short identifier of that, for counters: `damaged_message`, `uncalibrated`,
            `wrong_length`, `not_finite`, `unknown_distortion_model`, `invalid_matrix`,
            `invalid_region` (region of interest, binning, size), `another_image_size`,
            `another_frame` or, where no camera_info has come, `none`.
    """

    def __init__(self, field: str, value: object, reason: str, *, cause: str) -> None:
        super().__init__(field, value, reason, cause)
        self.field = field
        self.value = value
        self.reason = reason
        self.cause = cause

    def _message(self) -> str:
        return f'camera_info {self.field} = {shown(self.value)}: {self.reason}'


class SourceError(MovenetError):
    """A recording, a video or an image file cannot be read."""


class SinkError(MovenetError):
    """A result cannot be written."""
