#!/usr/bin/env python3
"""Writes CHANGELOG.rst, as the ROS build farm reads it (REP-132), from CHANGELOG.md.

A version section of REP-132 is one list without subsections: each entry starts with the name of the
section that it has in CHANGELOG.md, and links are left to CHANGELOG.md. A version that has no date
is left out.
"""
from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TITLE = 'Changelog for package movenet_ros'
VERSION = re.compile(r'^## (\d+\.\d+\.\d+) - (\d{4}-\d\d-\d\d)$', re.MULTILINE)


def restructured(markdown: str) -> str:
    """The text of CHANGELOG.rst for that of CHANGELOG.md."""
    sections = re.split(r'^(?=## )', markdown, flags=re.MULTILINE)
    versions = [section for section in sections if VERSION.match(section)]
    rule = '^' * len(TITLE)
    return '\n'.join([rule, TITLE, rule, '', *map(_version, versions)])


def _version(section: str) -> str:
    heading = VERSION.sub(r'\1 (\2)', section.partition('\n')[0])
    return '\n'.join([heading, '-' * len(heading), *_entries(section), ''])


def _entries(section: str) -> Iterator[str]:
    for part in re.split(r'^### ', section, flags=re.MULTILINE)[1:]:
        kind, _, text = part.partition('\n')
        for entry in re.split(r'^- ', text, flags=re.MULTILINE)[1:]:
            yield f'* {kind}: {_inline(" ".join(entry.split()))}'


def _inline(text: str) -> str:
    """Literals and links in the form of reStructuredText."""
    return re.sub('`([^`]+)`', r'``\1``', re.sub(r'\[([^\]]*)\]\([^)]*\)', r'\1', text))


if __name__ == '__main__':
    source = (ROOT / 'CHANGELOG.md').read_text(encoding='utf-8')
    (ROOT / 'CHANGELOG.rst').write_text(restructured(source), encoding='utf-8')
