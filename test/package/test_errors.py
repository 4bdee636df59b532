"""Untrusted text, as it is shown."""
import os
import sys
import unicodedata

import pytest

from movenet_ros.errors import (
    ImageError,
    MovenetError,
    ParameterError,
    SourceError,
    listed,
    one_line,
    printable,
    printable_block,
    shown,
)

HOSTILE = {
    'line end': ('a\nb', r'a\nb'), 'carriage return': ('a\rb', r'a\rb'), 'tab': ('a\tb', r'a\tb'),
    'escape code': ('\x1b[31mred', r'\x1b[31mred'), 'bell': ('\a', r'\x07'),
    'delete': ('\x7f', r'\x7f'),
    'C1 control': ('\x9b31m', r'\x9b31m'), 'next line': ('\x85', r'\x85'),
    'line separator': ('a\u2028b', r'a\u2028b'), 'paragraph separator': ('\u2029', r'\u2029'),
    'right-to-left override': ('\u202egpj.exe', r'\u202egpj.exe'), 'isolate': ('\u2066', r'\u2066'),
    'marks': ('\u200e\u200f\u061c', r'\u200e\u200f\u061c'),
    'no width': ('\u200b\u200d\ufeff\u2060', r'\u200b\u200d\ufeff\u2060'),
    'tag': ('\U000e0041', r'\U000e0041'),
    'bytes of a file name': (os.fsdecode(b'clip\xff\x80.mp4'), r'clip\xff\x80.mp4'),
    'half a character': ('\ud800', r'\ud800'),
}
PLAIN = ('', 'a b', 'Käse und Straße', '摄像头/图像', 'カメラ\u3000前', 'камера', 'مرحبا',
         'día\u00a07', r'back\slash', 'e\u0301', '🙂')


@pytest.mark.parametrize(('items', 'expected'), [
    ([], ''), (['a'], 'a'), ('abcde', 'a, b, c, d, e'), (range(8), '0, 1, 2, 3, 4 and 3 more'),
    (['a  b\n', 'x' * 101], 'a  b\\n, ' + 'x' * 100 + ' ...')])
def test_the_first_names_are_listed(items, expected):
    assert listed(items) == expected
    assert listed(iter('abc'), most=2) == 'a, b and 1 more'


@pytest.mark.parametrize(('text', 'expected'), HOSTILE.values(), ids=HOSTILE)
def test_what_a_terminal_would_obey_is_escaped(text, expected):
    assert printable(text) == expected
    assert printable(expected) == expected


@pytest.mark.parametrize('text', PLAIN)
def test_text_of_any_language_stays_as_it_is(text):
    assert printable(text) == text


def test_no_control_or_format_character_passes():
    passed = {unicodedata.category(character) for character in map(chr, range(sys.maxunicode + 1))
              if printable(character) == character}
    assert not passed & {'Cc', 'Cf', 'Cs', 'Zl', 'Zp'}
    assert {'Lu', 'Ll', 'Lo', 'Mn', 'Nd', 'So', 'Zs'} <= passed


def test_a_line_of_a_block_cannot_pass_for_a_message():
    block = printable_block('Traceback:\n  line\nValueError: a\r\n[ERROR] \x1b[1mforged\n')
    first, *others = block.split('\n')
    assert first == 'Traceback:'
    assert others == ['      line', r'    ValueError: a\r', r'    [ERROR] \x1b[1mforged']


def test_errors_are_printable_whatever_they_quote():
    text = 'x\n[ERROR] forged\x1b[0m\u202e'
    errors = (MovenetError(text), SourceError(f'{text}: no such file'), ImageError(text),
              ParameterError(text, text, f'must not be {text}'))
    for error in errors:
        assert str(error).isprintable()
        assert 'forged' in str(error)


@pytest.mark.parametrize('make', [one_line, shown])
def test_words_are_printable_and_not_without_end(make):
    assert make('\x1b\u202e\n' * 100_000).isprintable()
    assert len(make('\x1b' * 100_000)) < 1500
    assert make('Käse') in ('Käse', "'Käse'")
