"""The files of the page: nothing in them needs another server, or a weaker security policy."""
import re
from itertools import product

import pytest
from support.paths import PACKAGE, ROOT

PAGE = PACKAGE / 'tools' / 'view' / 'page'
FILES = {path.name: path.read_text(encoding='utf-8') for path in PAGE.iterdir()}
SCHEMES = re.findall(r':root {\n(.*?)}', FILES['view.css'], re.DOTALL)
SVG = 'http://www.w3.org/2000/svg'


def test_there_are_three_and_all_are_installed():
    assert FILES.keys() == {'index.html', 'view.css', 'view.js'}
    assert '/tools/view/page/*' in (ROOT / 'CMakeLists.txt').read_text(encoding='utf-8')


@pytest.mark.parametrize('name', FILES)
def test_nothing_is_loaded_from_elsewhere(name):
    assert not re.findall(r'(?:https?:)?//[\w.]+\.\w+', FILES[name].replace(SVG, ''))
    assert '@import' not in FILES[name]


def test_scripts_and_styles_are_in_files_of_their_own():
    """The security policy allows no others, and a browser leaves them out without a word."""
    page = FILES['index.html']
    assert re.findall(r'<script[^>]*>[^<]*', page) == ['<script type="module" src="view.js">']
    assert not re.search(r'<style|\bstyle=|\bon\w+=', page)
    assert not re.search(r'innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b',
                         FILES['view.js'])


def test_every_element_that_the_script_names_is_there():
    named = set(re.findall(r"byId\('([\w-]+)'\)", FILES['view.js']))
    there = re.findall(r' id="([\w-]+)"', FILES['index.html'])
    assert named <= set(there) and len(there) == len(set(there))


def luminance(colour):
    channels = [int(colour[at:at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
              for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a, b):
    darker, brighter = sorted(map(luminance, (a, b)))
    return (brighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize('scheme', [0, 1], ids=['light', 'dark'])
def test_text_and_controls_stand_out(scheme):
    """By WCAG 2.2, level AA."""
    colours = dict(re.findall(r'--([\w-]+): (#\w{6});', SCHEMES[scheme]))
    texts = ('text', 'muted', 'ok', 'warn', 'error', 'accent')
    for text, ground in [*product(texts, ('card', 'back')), ('on-accent', 'accent')]:
        assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
    for ground in ('card', 'back'):
        assert contrast(colours['edge'], colours[ground]) >= 3, ground
