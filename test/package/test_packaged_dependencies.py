"""With nothing but what package.xml names, which distributions package, the networks run."""
import re
import subprocess
import sys

from support.paths import DATA, ROOT

IMPORTED_AS = {'numpy': 'numpy', 'opencv': 'cv2', 'tqdm': 'tqdm', 'yaml': 'yaml'}
"""What the Python packages are imported as, by their rosdep keys without `python3-`."""

WITHOUT_OTHERS = '''
import sys
from importlib.machinery import PathFinder

class OnlyAllowed(PathFinder):
    """Does not find what is installed here beside what is allowed."""

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name.partition('.')[0] in allowed:
            return super().find_spec(name, path, target)

allowed = {*sys.stdlib_module_names, 'movenet_ros', *sys.argv[2:]}
sys.meta_path = [OnlyAllowed if each is PathFinder else each for each in sys.meta_path]

import cv2
from movenet_ros import MoveNet

net = MoveNet(model='multipose', refine='lightning')
people = net.detect(cv2.imread(sys.argv[1])).id
print(net.info.engine.split()[0], len(people))
'''


def packaged():
    keys = re.findall('<exec_depend>python3-([a-z]+)</exec_depend>',
                      (ROOT / 'package.xml').read_text(encoding='utf-8'))
    return [IMPORTED_AS[key] for key in keys]


def test_poses_come_from_opencv_where_nothing_else_is_installed():
    command = [sys.executable, '-c', WITHOUT_OTHERS, str(DATA / 'astronaut.jpg'), *packaged()]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.stderr == ''
    assert done.stdout == 'opencv 1\n'
