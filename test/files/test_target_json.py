"""The target in the output of `movenet process`."""
import json

import numpy as np
from support.paths import DATA
from support.poses import people

from movenet_ros.cli import main
from movenet_ros.core.observation import Observation
from movenet_ros.core.target.selection import Criterion, Selection
from movenet_ros.core.target.target import Origin, Status, Target
from movenet_ros.files.json_target import target_fields


def test_a_target_is_in_the_line():
    target = Target(Status.TRACKED, 4, 0, people((1.0, 2.0), ids=[4]), 0.0, Origin.SELECTED, 1.0,
                    selection=Selection(Criterion.NEAREST))
    fields = target_fields(Observation(target=target, target_position=np.array([0.5, 0.0, 2.0])))
    assert fields == {'target': {
        'state': 'tracked', 'criterion': 'nearest', 'origin': 'selected', 'id': 4,
        'time_unseen': 0.0, 'confidence': 1.0, 'unsure': False, 'position': [0.5, 0.0, 2.0]}}


def test_without_a_selection_lines_are_as_before():
    assert target_fields(Observation()) == {}


def test_process_follows_the_target_of_the_parameter(tmp_path):
    output = tmp_path / 'poses.jsonl'
    assert main(['process', str(DATA / 'one_person.mp4'), '--output', str(output),
                 '--quiet', '--param', 'target.select=largest']) == 0
    targets = [json.loads(line)['target'] for line in output.read_text().splitlines()]
    assert targets[-1]['state'] == 'tracked' and targets[-1]['id'] == 1
