"""README and docs/: links lead somewhere, commands and programs run, keys are the code's."""
import argparse
import ast
import itertools
import re
import shlex
import shutil
from pathlib import Path

import numpy as np
import pytest
from rosbags.highlevel import AnyReader
from rosbags.rosbag2 import StoragePlugin, Writer
from support.bags import calibration, raw, write
from support.paths import DATA, ROOT
from support.skips import EXPECTED
from support.videos import write_video

from movenet_ros import cli
from movenet_ros.cli import main
from movenet_ros.files.bags.typestore import typestore
from movenet_ros.files.sources import open_source
from movenet_ros.share import share_dir

PAGES = [ROOT / name for name in ('README.md', 'CONTRIBUTING.md', 'CHANGELOG.md',
                                  'QUALITY_DECLARATION.md', 'models/README.md')]
PAGES += sorted((ROOT / 'docs').glob('*.md'))
LINK = re.compile(r'\[[^\]]*\]\(([^)\s]+)\)')
FENCE = re.compile(r'^```([^\n]*)\n(.*?)^```', re.DOTALL | re.MULTILINE)
CANNOT_RUN = {
    'run': 'starts a node until it is stopped: test/ros',
    'demo': 'test/tools/test_demo.py runs it',
    'replay': 'plays to a node: test/tools/test_node_replay.py',
    'view': 'serves until it is stopped: test/tools/view',
    'record': 'needs a running node: test/tools/test_record.py',
    'status': 'needs a running node: test/cli/test_status_command.py',
    'benchmark': 'measures for minutes: test/measure',
    'evaluate': 'needs annotated pictures: test/measure',
    'draw-worlds': 'needs annotated pictures: test/cli/test_draw_worlds.py',
}
"""Commands of the pages that are only parsed here, and why."""


def page_id(path):
    return str(path.relative_to(ROOT))


def anchors(path):
    """Anchors of a page's headings, as MyST and GitHub make them."""
    text = FENCE.sub('', path.read_text(encoding='utf-8'))
    titles = re.findall(r'^#+ (.+)$', text, re.MULTILINE)
    plain = [re.sub(r'[`*]|\[([^\]]*)\]\([^)]*\)', r'\1', title) for title in titles]
    return {re.sub(r'[^\w\- ]', '', title.lower()).replace(' ', '-') for title in plain}


@pytest.mark.parametrize('page', PAGES, ids=page_id)
def test_links_lead_to_files_and_headings(page):
    text = FENCE.sub('', page.read_text(encoding='utf-8'))
    wrong = []
    for link in LINK.findall(text):
        if re.match(r'https?:', link):
            continue
        name, _, anchor = link.partition('#')
        target = (page.parent / name).resolve() if name else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            wrong.append(link)
    assert wrong == []


def test_every_page_can_be_reached_from_the_index():
    index = (ROOT / 'docs' / 'index.md').read_text(encoding='utf-8')
    assert {path.stem for path in (ROOT / 'docs').glob('*.md')} - {'index'} <= set(
        index.split())


def test_the_readme_is_short_and_in_order():
    lines = (ROOT / 'README.md').read_text(encoding='utf-8').splitlines()
    assert len(lines) < 150
    assert [line for line in lines if line.startswith('## ')] == [
        '## Install', '## Run', '## Use in your robot', '## Topics', '## Subscriber',
        '## Troubleshooting', '## Links']
    assert any(line.startswith('![') for line in lines[:12])


def commands():
    """Every `movenet ...` line of the pages, with lines that it is continued on."""
    for page in PAGES:
        text = page.read_text(encoding='utf-8').replace('\\\n', ' ')
        for line in re.findall(r'^(?: {4}|\$ )(movenet [^\n]+)', text, re.MULTILINE):
            yield page_id(page), ' '.join(re.split(r'\s{3,}[A-Za-z#]|\s#', line)[0].split())


COMMANDS = sorted({command: page for page, command in commands()})


def words_of(command):
    """The words of a command line, without what a shell does with its output."""
    command = command.replace('$(movenet share-dir)', str(share_dir()))
    return shlex.split(re.split(r' [|>] ', command)[0])[1:]


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    """A folder with what the pages' commands and programs read."""
    place = tmp_path_factory.mktemp('pages')
    with open_source(DATA / 'one_person.mp4') as source:
        frames = list(itertools.islice(source, 12))
    write_video(place / 'clip.mp4', 'mp4v', [frame.picture().pixels for frame in frames], fps=30.0)
    shutil.copy(DATA / 'astronaut.jpg', place / 'photo.jpg')
    for name in ('photographs', 'recordings'):
        (place / name).mkdir()
    shutil.copy(place / 'clip.mp4', place / 'recordings')
    shutil.copy(DATA / 'astronaut.jpg', place / 'photographs')
    write(place / 'images', [message for frame in frames[:4] for message in of_camera(frame)])
    assert main(['process', str(place / 'images'), '--topic', '/camera/image_raw', '-q', '-o',
                 str(place / 'poses.mcap')]) == 0
    merge(place / 'images', place / 'poses.mcap', place / 'recording')
    return place


def of_camera(frame):
    """What a depth camera publishes with an image."""
    pixels, stamp_ns = frame.picture().pixels, 10**18 + frame.stamp_ns
    height, width = pixels.shape[:2]
    depth = np.full((height, width, 1), 2000, np.uint16)
    return [('/camera/camera_info', calibration(width, height, stamp_ns)),
            ('/camera/image_raw', raw(pixels, stamp_ns)),
            ('/camera/depth', raw(depth, stamp_ns, '16UC1'))]


def merge(images, poses, output):
    """A recording of images with the poses that a node published of them."""
    store, topics = typestore(), {}
    with Writer(output, version=8, storage_plugin=StoragePlugin.MCAP) as writer:
        for bag in (images, poses):
            with AnyReader([bag], default_typestore=store) as reader:
                for connection, stamp, content in reader.messages():
                    name = connection.topic
                    if name not in topics:
                        topics[name] = writer.add_connection(
                            name, connection.msgtype, typestore=store)
                    writer.write(topics[name], stamp, content)


@pytest.mark.parametrize('command', COMMANDS)
def test_commands_are_parsed(command):
    words = words_of(command)
    assert words[0] in cli.COMMANDS
    if words[0] == 'run' or '--help' in words:
        return
    parser = cli._parser(words)
    words = ['thunder' if word == 'MODEL' else word for word in words]
    assert isinstance(parser.parse_args(words), argparse.Namespace)


def python_blocks(page):
    text = page.read_text(encoding='utf-8')
    return [body for language, body in FENCE.findall(text) if language == 'python']


PROGRAMS = [pytest.param(body, id=f'{page_id(page)}-{number}')
            for page in PAGES for number, body in enumerate(python_blocks(page))]


@pytest.mark.parametrize('program', PROGRAMS)
def test_programs_compile(program):
    assert ast.parse(program)


@pytest.mark.parametrize('program', [
    program for program in PROGRAMS if 'from movenet_ros import' in program.values[0]])
def test_programs_of_the_library_run(program, folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    exec(compile(program, 'page', 'exec'), {'__name__': '__main__'})


def test_the_documented_diagnostics_are_those_of_the_code():
    page = (ROOT / 'docs' / 'topics.md').read_text(encoding='utf-8')
    code = ''.join((ROOT / 'movenet_ros' / 'ros' / name).read_text(encoding='utf-8') for name in (
        'diagnostics/monitor.py', 'diagnostics/depth_monitor.py', 'diagnostics/reporter.py',
        'refine_cost.py'))
    published = set(re.findall(r"(?<!ready)\(f?'([a-z][a-z0-9 .:{}_\[\]A-Z]+)',\s", code))
    table = page[page.index('| key | value |'):]
    documented = set(re.findall(r'`([^`]+)`', ''.join(
        line.split('|')[1] for line in table.splitlines() if line.startswith('| `'))))
    assert {key.replace('{cause}', 'CAUSE') for key in published} == documented


def test_every_reason_to_skip_a_test_is_documented():
    page = (ROOT / 'docs' / 'limits.md').read_text(encoding='utf-8')
    assert all(f'| {row} |' in page for row in EXPECTED.values())


def test_every_message_is_documented():
    page = (ROOT / 'docs' / 'topics.md').read_text(encoding='utf-8')
    for path in (ROOT / 'msg').glob('*.msg'):
        assert f'../msg/{path.name}' in page


def test_every_skip_here_has_a_reason():
    assert set(CANNOT_RUN) <= set(cli.COMMANDS)
    assert all(Path(ROOT / word).exists() for reason in CANNOT_RUN.values()
               for word in re.findall(r'test/[\w/.]+', reason))


RUNNABLE = [command for command in COMMANDS
            if words_of(command)[0] not in CANNOT_RUN and 'CLIP' not in command
            and '--cluster' not in command
            and not command.startswith(('movenet diff A', 'movenet models import'))]


@pytest.mark.parametrize('command', sorted(RUNNABLE, key=lambda command: 'diff' in command))
def test_commands_run(command, folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    (folder / 'robot.yaml').write_text('/**:\n  ros__parameters:\n    filter.enabled: true\n')
    (folder / 'my.yaml').write_text('/**:\n  ros__parameters:\n    model: lightning\n')
    if 'offline/' in command and 'diff' in command:
        main(['process', 'recording/', '--topic', '/camera/image_raw', '--only-stamps-of',
              '/movenet/poses', '-q', '--output', 'offline/'])
    for word, package in (('.rrd', 'rerun'), ('parquet', 'pyarrow')):
        if word in command:
            pytest.importorskip(package)
    assert main(words_of(command)) == 0
