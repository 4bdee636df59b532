"""Which images of a recording --start, --end and --every choose."""
import json

import cv2
import numpy as np
import pytest
from support.bags import raw, write
from support.paths import DATA

from movenet_ros.cli import main
from movenet_ros.errors import ParameterError
from movenet_ros.files.sources import open_source
from movenet_ros.processing.part import Part

CLIP = DATA / 'one_person.mp4'  # 100 frames at 30 Hz
START_NS = 1_700_000_000_000_000_000


def stamps(source, **part):
    return [frame.stamp_ns for frame in Part(**part).frames(source)]


@pytest.fixture(params=['video', 'bag'])
def recording(request, tmp_path):
    """A recording, and the times of its images since its beginning [s]."""
    if request.param == 'video':
        source = open_source(CLIP)
        yield source, [frame.stamp_ns / 1e9 for frame in source]
        return
    pixels = np.zeros((8, 8, 3), np.uint8)
    # Received after their stamps, see `write`.
    path = write(tmp_path / 'bag', [('/image', raw(pixels, START_NS + index * 100_000_000))
                                    for index in range(30)])
    with open_source(path) as source:
        yield source, [index / 10 for index in range(30)]


@pytest.mark.parametrize('part', [
    {}, {'start': 0.95}, {'end': 1.05}, {'start': 0.55, 'end': 1.45}, {'every': 7},
    {'start': 1.25, 'end': 2.15, 'every': 3}, {'start': 100.0}])
def test_images_within_the_times_and_every_nth_of_them(recording, part):
    source, times = recording
    everything = stamps(source)
    within = [stamp for stamp, time in zip(everything, times, strict=True)
              if part.get('start', 0) <= time < part.get('end', np.inf)]
    chosen = stamps(source, **part)
    np.testing.assert_allclose(chosen, within[::part.get('every', 1)], atol=1e6)
    if 'start' not in part:
        assert chosen == within[::part.get('every', 1)]


def test_the_total_is_that_of_the_part():
    with open_source(CLIP) as source:
        assert Part().total(source) == 100
        assert Part(every=3).total(source) == 34
        assert Part(start=1.0, end=2.0).total(source) == 30
        assert Part(start=50.0).total(source) == 0


@pytest.mark.parametrize(('values', 'named'), [
    ({'start': -1.0}, 'start'), ({'start': float('nan')}, 'start'),
    ({'start': 2.0, 'end': 2.0}, 'end'), ({'end': float('nan')}, 'end'), ({'every': 0}, 'every')])
def test_impossible_parts(values, named):
    with pytest.raises(ParameterError, match=f"parameter '{named}'"):
        Part(**values)


def test_stills_have_no_times(tmp_path):
    for index in range(5):
        cv2.imwrite(str(tmp_path / f'{index}.png'), np.full((8, 8, 3), index, np.uint8))
    stills, sequence = open_source(tmp_path), open_source(tmp_path, fps=10)
    with pytest.raises(ParameterError, match='have no times'):
        Part(start=0.1).frames(stills)
    assert len(stamps(stills, every=2)) == 3
    assert len(stamps(sequence, start=0.1, end=0.3)) == 2


def test_the_command_processes_the_part_and_keeps_stamps(tmp_path, capsys):
    words = ['process', str(CLIP), '-o', str(tmp_path / 'a.jsonl')]
    assert main([*words, '--end', '1', '--every', '10']) == 0
    assert '3 images processed' in capsys.readouterr().err
    lines = (tmp_path / 'a.jsonl').read_text('utf-8').splitlines()
    assert [json.loads(line)['stamp_ns'] for line in lines] == [0, 333333333, 666666667]
    assert main([*words, '--start', '99']) == 1
    assert 'there is none between --start and --end' in capsys.readouterr().err
    assert main([*words, '--end', '0']) == 2
    assert "parameter '--end'" in capsys.readouterr().err
    assert main([*words, '--only-stamps-of', 'x', '--every', '2']) == 2
