"""Which recordings are found where."""
import io
import subprocess

import pytest
from support.fleet import clips, process

from movenet_ros.cli.process_many import _places
from movenet_ros.errors import ParameterError, SourceError
from movenet_ros.fleet.inputs import find_inputs


def names(*places, output_dir='/nowhere'):
    return {item.name: item.location for item in find_inputs(map(str, places), str(output_dir))}


def make(folder, *files):
    for name in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def test_a_folder_is_searched(tmp_path):
    make(tmp_path, 'clip.MP4', 'day 1/bag/metadata.yaml', 'day 1/bag/bag_0.mcap', 'day 2/a.mcap',
         'day 2/b.mcap', 'day 2/notes.txt', 'stills/1.png', 'stills/2.png', 'day 2/cover.jpg',
         '.trash/c.mcap', 'day 2/.d.mcap')
    found = names(tmp_path)
    assert set(found) == {'clip.MP4', 'day 1/bag', 'day 2/a.mcap', 'day 2/b.mcap', 'stills'}
    assert found['day 1/bag'] == f'{tmp_path}/day 1/bag'


def test_a_recording_that_is_named_keeps_its_name(tmp_path):
    make(tmp_path, 'bag/metadata.yaml', 'bag/bag_0.db3', 'odd.dat', 'stills/1.png')
    assert set(names(tmp_path / 'bag', tmp_path / 'odd.dat', tmp_path / 'stills',
                     tmp_path / 'missing.mp4')) == {'bag', 'odd.dat', 'stills', 'missing.mp4'}


def test_the_folder_of_results_is_no_input(tmp_path):
    make(tmp_path, 'a.mcap', 'poses/a.mcap.poses/poses.mcap')
    assert set(names(tmp_path, output_dir=tmp_path / 'poses')) == {'a.mcap'}


def test_result_sets_beside_their_recordings_are_no_inputs(tmp_path):
    make(tmp_path, 'a.mcap', 'a.mcap.poses/manifest.json', 'a.mcap.poses/poses.mcap',
         'a.mcap.poses/poses/metadata.yaml', 'b.poses/c.mcap')
    assert set(names(tmp_path, output_dir=tmp_path)) == {'a.mcap', 'b.poses/c.mcap'}


def test_a_pattern_that_no_shell_has_replaced(tmp_path):
    make(tmp_path, 'a.mp4', 'b[1].mp4')
    with pytest.raises(ParameterError, match='is a pattern'):
        names(tmp_path / '*.mp4')
    assert set(names(tmp_path / 'b[1].mp4')) == {'b[1].mp4'}


def test_two_of_one_name_are_rejected_and_one_that_is_named_twice_is_one(tmp_path):
    make(tmp_path, 'x/a.mp4', 'y/a.mp4')
    with pytest.raises(ParameterError, match=r'y/a\.mp4.*same name as .*x/a\.mp4'):
        names(tmp_path / 'x' / 'a.mp4', tmp_path / 'y' / 'a.mp4')
    assert len(names(tmp_path / 'x', tmp_path / 'x' / 'a.mp4')) == 1
    assert set(names(tmp_path)) == {'x/a.mp4', 'y/a.mp4'}


def test_a_folder_without_recordings(tmp_path):
    make(tmp_path, 'notes.txt')
    with pytest.raises(SourceError, match='no bag, video or picture'):
        names(tmp_path)


@pytest.mark.parametrize('text', [b'a.mp4\nb c.mp4\n', b'a.mp4\0b c.mp4\0',
                                  b'a.mp4\n\n  \nb c.mp4'])
def test_a_list_on_stdin(monkeypatch, text):
    monkeypatch.setattr('sys.stdin', io.TextIOWrapper(io.BytesIO(text)))
    assert list(_places(['first', '-', 'last'])) == ['first', 'a.mp4', 'b c.mp4', 'last']


def test_an_empty_list_on_stdin(tmp_path, monkeypatch):
    monkeypatch.setattr('sys.stdin', io.TextIOWrapper(io.BytesIO(b'')))
    assert process(tmp_path / 'out', '-') == 2


def test_the_list_of_find(tmp_path):
    clips(tmp_path / 'in', 'a.mp4', 'line\nend.mp4')
    found = subprocess.run(['find', tmp_path / 'in', '-name', '*.mp4', '-print0'],
                           capture_output=True, check=True).stdout
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr('sys.stdin', io.TextIOWrapper(io.BytesIO(found)))
        assert process(tmp_path / 'out', '-', '-q') == 0
    assert {path.name for path in (tmp_path / 'out').iterdir()} == {'a.mp4.poses',
                                                                  'line\nend.mp4.poses'}
