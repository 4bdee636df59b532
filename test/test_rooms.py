"""Who may import what: the engine room knows no ROS."""
import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / 'movenet_ros'
OWN = 'movenet_ros'

# Third-party modules and rooms of our own that each room may import; stdlib is free.
ROOMS = {
    'errors': set(),
    'files': set(),
    'condition': set(),
    'parameter': {f'{OWN}.condition', f'{OWN}.errors'},
    'config': {f'{OWN}.condition', f'{OWN}.errors', f'{OWN}.parameter'},
    'no_effect': {f'{OWN}.condition', f'{OWN}.config', f'{OWN}.errors'},
    'share': {f'{OWN}.errors'},
    'ros_environment': set(),
    'fastdds_profile': {f'{OWN}.errors', f'{OWN}.files', f'{OWN}.share'},
    'rcl_yaml': {'yaml', f'{OWN}.errors', f'{OWN}.files'},
    'parameter_files': {f'{OWN}.config', f'{OWN}.parameter', f'{OWN}.rcl_yaml', f'{OWN}.errors'},
    'core': {'numpy', f'{OWN}.core', f'{OWN}.config', f'{OWN}.errors'},
    'engines': {'numpy', 'ai_edge_litert', 'keras', 'tensorflow', 'google', f'{OWN}.engines',
                f'{OWN}.core', f'{OWN}.share', f'{OWN}.config', f'{OWN}.errors', f'{OWN}.files'},
    'media': {'numpy', 'cv2', 'rosbags', 'yaml', f'{OWN}.media', f'{OWN}.core', f'{OWN}.share',
              f'{OWN}.config', f'{OWN}.errors', f'{OWN}.files'},
    'comparison': {'numpy', f'{OWN}.comparison', f'{OWN}.core', f'{OWN}.media', f'{OWN}.errors'},
    'report': {'numpy', f'{OWN}.report', f'{OWN}.media', f'{OWN}.errors'},
    'evaluation': {'numpy', 'cv2', f'{OWN}.evaluation', f'{OWN}.report', f'{OWN}.media',
                   f'{OWN}.core', f'{OWN}.config', f'{OWN}.parameter', f'{OWN}.errors',
                   f'{OWN}.files'},
    'benchmark': {'numpy', 'cv2', f'{OWN}.benchmark', f'{OWN}.report', f'{OWN}.media',
                  f'{OWN}.engines', f'{OWN}.core', f'{OWN}.share', f'{OWN}.config',
                  f'{OWN}.errors'},
    'ros': {'numpy', 'cv2', 'rclpy', 'sensor_msgs', 'std_msgs', 'diagnostic_msgs', 'lifecycle_msgs',
            'rcl_interfaces', 'builtin_interfaces', f'{OWN}.msg', f'{OWN}.ros', f'{OWN}.media',
            f'{OWN}.engines', f'{OWN}.core', f'{OWN}.share', f'{OWN}.config', f'{OWN}.errors',
            f'{OWN}.parameter', f'{OWN}.parameter_files', f'{OWN}.no_effect', f'{OWN}.benchmark',
            f'{OWN}.fastdds_profile', f'{OWN}.ros_environment'},
    'testing': {'pytest', 'yaml', 'rclpy', 'rcl_interfaces', f'{OWN}.msg', f'{OWN}.testing',
                f'{OWN}.ros', f'{OWN}.media', f'{OWN}.core', f'{OWN}.comparison',
                f'{OWN}.fastdds_profile', f'{OWN}.parameter', f'{OWN}.errors',
                f'{OWN}.ros_environment'},
    'cli': {'numpy', 'tqdm', f'{OWN}.parameter', f'{OWN}.cli', f'{OWN}.evaluation',
            f'{OWN}.benchmark', f'{OWN}.report', f'{OWN}.media', f'{OWN}.engines', f'{OWN}.core',
            f'{OWN}.share', f'{OWN}.config', f'{OWN}.errors', f'{OWN}.parameter_files',
            f'{OWN}.no_effect', f'{OWN}.fastdds_profile', f'{OWN}.comparison',
            f'{OWN}.ros_environment'},
}

# cv2 is for resampling alone; the node is started by four commands of the cli; the node to
# compare with calls its runtime by itself, as such nodes do.
EXCEPTIONS = {
    'core/resample.py': {'cv2'},
    'ros/benchmark/baseline.py': {'ai_edge_litert', 'tensorflow'},
    'cli/run.py': {f'{OWN}.ros', f'{OWN}.msg', 'rclpy'},
    'cli/replay.py': {f'{OWN}.ros'},
    'cli/demo.py': {f'{OWN}.ros'},
    'cli/benchmark.py': {f'{OWN}.ros'},
}

# The engine room is told the time, chance, files and environment; it does not look.
IMPURE = {'time', 'datetime', 'random', 'os', 'pathlib', 'io', 'socket', 'threading', 'subprocess'}

FILES = sorted(path for path in PACKAGE.rglob('*.py') if 'msg' not in path.parts)


def room_of(path):
    return path.relative_to(PACKAGE).parts[0].removesuffix('.py')


def imports(path):
    for node in ast.walk(ast.parse(path.read_text(encoding='utf-8'))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f'{path}: relative import'
            if node.module == OWN:
                yield from (f'{OWN}.{alias.name}' for alias in node.names)
            else:
                yield node.module


def home(module):
    """The part of a module's name that a room is given as a whole."""
    parts = module.split('.')
    return '.'.join(parts[:2]) if parts[0] == OWN else parts[0]


@pytest.mark.parametrize('path', FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_room_imports_only_what_it_may(path):
    if path == PACKAGE / '__init__.py':
        return
    allowed = ROOMS[room_of(path)] | EXCEPTIONS.get(str(path.relative_to(PACKAGE)), set())
    foreign = {home(m) for m in imports(path)} - set(sys.stdlib_module_names) - {'__future__'}
    assert foreign <= allowed


@pytest.mark.parametrize('path', [p for p in FILES if room_of(p) == 'core'], ids=lambda p: p.name)
def test_the_engine_room_is_told_everything(path):
    assert not {m.split('.')[0] for m in imports(path)} & IMPURE
    called = {node.func.id for node in ast.walk(ast.parse(path.read_text(encoding='utf-8')))
              if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert not called & {'open', 'print', 'input', 'eval', 'exec'}


def test_importing_the_package_loads_nothing_heavy():
    code = ('import sys, movenet_ros, movenet_ros.cli; '
            'print([m for m in ("numpy", "cv2", "rclpy", "rosbags") if m in sys.modules])')
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True,
                          cwd=PACKAGE.parent)
    assert done.stdout.strip() == '[]'
