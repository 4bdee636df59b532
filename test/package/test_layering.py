"""Who may import what, from the pure core to the command line, and that no imports are circular."""
import ast
import subprocess
import sys

import pytest
from support.paths import PACKAGE

OWN = 'movenet_ros'

BASE = {f'{OWN}.errors', f'{OWN}.regular_files', f'{OWN}.share'}
"""What knows nothing of the rest of the package."""

# Third-party modules and parts of the package that each part may import, beside itself and BASE;
# the standard library is free. Each part may import only those above it.
LAYERS = {
    'errors': set(),
    'regular_files': set(),
    'share': set(),
    'ros_environment': set(),
    'fastdds_profile': set(),
    'config': {'yaml'},
    'core': {'numpy', f'{OWN}.config'},
    'engines': {'numpy', 'ai_edge_litert', 'keras', 'tensorflow', f'{OWN}.core', f'{OWN}.config'},
    'images': {'numpy', 'cv2', f'{OWN}.core', f'{OWN}.config'},
    'messages': {'numpy', f'{OWN}.images', f'{OWN}.core'},
    'files': {'numpy', 'cv2', 'rosbags', 'rerun', 'pyarrow', 'fsspec', 'yaml', f'{OWN}.messages',
              f'{OWN}.images', f'{OWN}.core', f'{OWN}.config'},
    'comparison': {'numpy', f'{OWN}.messages', f'{OWN}.core'},
    'library': {'numpy', f'{OWN}.images', f'{OWN}.engines', f'{OWN}.core', f'{OWN}.config'},
    'processing': {'cv2', f'{OWN}.library', f'{OWN}.files', f'{OWN}.images', f'{OWN}.engines',
                   f'{OWN}.core', f'{OWN}.config'},
    'fleet': {'distributed', f'{OWN}.processing', f'{OWN}.files'},
    'geometry': {'numpy', f'{OWN}.core', f'{OWN}.config'},
    'gestures': {f'{OWN}.core'},
    'ros': {'numpy', 'cv2', 'rclpy', 'sensor_msgs', 'std_msgs', 'diagnostic_msgs',
            'lifecycle_msgs', 'rcl_interfaces', 'builtin_interfaces', 'geometry_msgs', f'{OWN}.msg',
            f'{OWN}.srv', f'{OWN}.messages', f'{OWN}.images', f'{OWN}.engines', f'{OWN}.core',
            f'{OWN}.config', f'{OWN}.fastdds_profile', f'{OWN}.ros_environment'},
    'tools': {'numpy', 'cv2', 'rclpy', 'sensor_msgs', 'std_msgs', 'diagnostic_msgs',
              'rcl_interfaces', f'{OWN}.msg', f'{OWN}.srv', f'{OWN}.ros', f'{OWN}.files',
              f'{OWN}.messages', f'{OWN}.images', f'{OWN}.core', f'{OWN}.config',
              f'{OWN}.ros_environment'},
    'testing': {'pytest', 'yaml', 'rclpy', 'rcl_interfaces', f'{OWN}.msg', f'{OWN}.tools',
                f'{OWN}.ros', f'{OWN}.files', f'{OWN}.messages', f'{OWN}.images', f'{OWN}.core',
                f'{OWN}.config', f'{OWN}.comparison', f'{OWN}.fastdds_profile',
                f'{OWN}.ros_environment'},
    'measure': {'numpy', 'cv2', 'rclpy', 'sensor_msgs', 'std_msgs', 'diagnostic_msgs',
                'lifecycle_msgs', 'rcl_interfaces', f'{OWN}.msg', f'{OWN}.tools', f'{OWN}.ros',
                f'{OWN}.files', f'{OWN}.messages', f'{OWN}.images', f'{OWN}.engines',
                f'{OWN}.core', f'{OWN}.config', f'{OWN}.ros_environment'},
    'cli': {'numpy', 'tqdm', f'{OWN}.fleet', f'{OWN}.processing', f'{OWN}.library',
            f'{OWN}.measure', f'{OWN}.comparison', f'{OWN}.files', f'{OWN}.images',
            f'{OWN}.engines', f'{OWN}.core', f'{OWN}.config', f'{OWN}.fastdds_profile',
            f'{OWN}.ros_environment'},
}

# cv2 is for resampling, and an engine; the node and the tools beside it are started by some
# commands; the node to compare with calls its runtime by itself, as such nodes do.
EXCEPTIONS = {
    'core/resample.py': {'cv2'},
    'engines/opencv.py': {'cv2'},
    'measure/speed/matrix_products.py': {'keras'},
    'measure/speed/node/baseline.py': {'ai_edge_litert', 'tensorflow'},
    'cli/run.py': {f'{OWN}.ros', f'{OWN}.msg', 'rclpy'},
    'cli/replay.py': {f'{OWN}.tools'},
    'cli/status.py': {f'{OWN}.tools'},
    'cli/record.py': {f'{OWN}.tools'},
    'cli/view.py': {f'{OWN}.tools'},
    'cli/demo.py': {f'{OWN}.tools'},
    'cli/demo_3d.py': {f'{OWN}.tools'},
}

# The core is given the time, random numbers, files and environment; it does not ask for them.
IMPURE = {'time', 'datetime', 'random', 'os', 'pathlib', 'io', 'socket', 'threading', 'subprocess'}

FILES = sorted(path for path in PACKAGE.rglob('*.py') if not {'msg', 'srv'} & {*path.parts})


def part_of(path):
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
    """The part of the package, or the third-party package, that a module belongs to."""
    parts = module.split('.')
    return '.'.join(parts[:2]) if parts[0] == OWN else parts[0]


@pytest.mark.parametrize('path', FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_part_imports_only_what_it_may(path):
    if path == PACKAGE / '__init__.py':
        return
    part = part_of(path)
    allowed = {f'{OWN}.{part}', *BASE, *LAYERS[part],
               *EXCEPTIONS.get(str(path.relative_to(PACKAGE)), ())}
    foreign = {home(m) for m in imports(path)} - set(sys.stdlib_module_names) - {'__future__'}
    assert foreign <= allowed


@pytest.mark.parametrize('path', [p for p in FILES if part_of(p) == 'core'], ids=lambda p: p.name)
def test_the_core_is_pure(path):
    assert not {m.split('.')[0] for m in imports(path)} & IMPURE
    called = {node.func.id for node in ast.walk(ast.parse(path.read_text(encoding='utf-8')))
              if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert not called & {'open', 'print', 'input', 'eval', 'exec'}


def module_of(path):
    parts = path.relative_to(PACKAGE.parent).with_suffix('').parts
    return '.'.join(parts[:-1] if parts[-1] == '__init__' else parts)


def imported_modules(path, modules):
    """Modules of the package that a file imports, at its top or within a function."""
    for node in ast.walk(ast.parse(path.read_text(encoding='utf-8'))):
        if isinstance(node, ast.ImportFrom) and (node.module or '').split('.')[0] == OWN:
            for alias in node.names:
                full = f'{node.module}.{alias.name}'
                yield full if full in modules else node.module


def test_no_imports_are_circular():
    modules = {module_of(path): path for path in FILES}
    graph = {name: {other for other in imported_modules(path, modules) if other in modules}
             for name, path in modules.items()}
    while True:
        leaves = {name for name, imported in graph.items() if not imported}
        if not leaves:
            break
        graph = {name: imported - leaves for name, imported in graph.items() if name not in leaves}
    # What is left imports itself, or something that does.
    assert graph == {}


def test_importing_the_package_loads_nothing_heavy():
    code = ('import sys, movenet_ros, movenet_ros.cli; '
            'print([m for m in ("numpy", "cv2", "rclpy", "rosbags") if m in sys.modules])')
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True,
                          cwd=PACKAGE.parent)
    assert done.stdout.strip() == '[]'
