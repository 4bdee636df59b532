"""package.xml, and the changelog that is made for the ROS build farm, as its tools read them."""
import re
import runpy
from datetime import datetime

import pytest
from support.paths import ROOT

pytest.importorskip('catkin_pkg.package')
from catkin_pkg.changelog import get_changelog_from_path
from catkin_pkg.package import parse_package

# of catkin_pkg's use of docutils
pytestmark = pytest.mark.filterwarnings('ignore:nodes.Node.traverse:DeprecationWarning')

restructured = runpy.run_path(str(ROOT / 'scripts' / 'changelog_rst.py'))['restructured']

CHANGES = """# Changelog

## 0.2.0 - unreleased

### Added

- Not released yet.

## 0.1.1 - 2027-01-15

### Changed

- `movenet run` says *why*,
  in one line ([details](docs/node.md)).

### Fixed

- An odd `a_b_`.
- Another | one.

## 0.1.0 - 2026-12-01

### Added

- Everything.
"""


def test_the_manifest_is_valid_and_draws_no_warning():
    warnings = []
    package = parse_package(ROOT / 'package.xml', warnings=warnings)
    package.validate(warnings=warnings)
    assert warnings == []


def test_the_manifest_names_the_text_of_every_licence():
    for licence in parse_package(ROOT / 'package.xml').licenses:
        first = str(licence).partition('-')[0]
        assert first in (ROOT / licence.file).read_text(encoding='utf-8')


def parsed(folder, markdown):
    """The date and the entries of each version, as catkin_pkg reads them."""
    path = folder / 'CHANGELOG.rst'
    path.write_text(restructured(markdown), encoding='utf-8')
    return {version: (date, [entry for part in content for entry in str(part).split('\n')])
            for version, date, content in get_changelog_from_path(str(path)).foreach_version()}


def test_versions_with_a_date_are_lists(tmp_path):
    assert parsed(tmp_path, CHANGES) == {
        '0.1.1': (datetime(2027, 1, 15), [
            '* Changed: ``movenet run`` says *why*, in one line (details).',
            '* Fixed: An odd ``a_b_``.', '* Fixed: Another | one.']),
        '0.1.0': (datetime(2026, 12, 1), ['* Added: Everything.'])}


def test_every_entry_of_our_changelog_is_in_it(tmp_path):
    text = (ROOT / 'CHANGELOG.md').read_text(encoding='utf-8')
    released = re.sub(r'^(## \d+\.\d+\.\d+) - unreleased$', r'\1 - 2026-12-01', text,
                      flags=re.MULTILINE)
    entries = [entry for _, content in parsed(tmp_path, released).values() for entry in content]
    assert len(entries) == len(re.findall(r'^- ', text, re.MULTILINE))
