"""pip's way to this package; colcon goes by package.xml and CMakeLists.txt.

Both build the same CMake project. Here, what it installs goes into the wheel. The wheel with the
library alone, see build_backend/backend.py, is made without it.
"""
from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import ClassVar
from xml.etree import ElementTree

from setuptools import Command, Distribution, find_packages, setup
from setuptools.command.build import build
from setuptools.command.build_py import build_py

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / 'build_backend'))

import requirements  # noqa: E402

MANIFEST = ElementTree.parse(HERE / 'package.xml').getroot()
NAME = MANIFEST.findtext('name')


def ros_prefix() -> Path:
    """The prefix with the ROS wheels: pip's build environment has its own, not sys.prefix."""
    import rosidl_cmake
    return Path(rosidl_cmake.__file__).resolve().parents[4]


class BuildInterfaces(Command):
    description = 'generate and compile the messages with CMake'
    user_options: ClassVar[list] = []
    editable_mode = False

    def initialize_options(self):
        self.build_base = self.build_lib = None

    def finalize_options(self):
        self.set_undefined_options(
            'build', ('build_base', 'build_base'), ('build_lib', 'build_lib'))

    def run(self):
        name = f'{requirements.distro()}-{sys.implementation.cache_tag}'
        tree = Path(self.build_base).resolve() / name
        prefix = self._run_cmake(tree)
        target = Path(self.build_lib)
        if self.editable_mode:
            # Beside the .pth file that leads to the modules: the checkout stays free of
            # compiled files, and may serve several Pythons and ROS releases at a time.
            target = Path(self.get_finalized_command('install').install_lib)
        self._copy_messages(prefix / 'python' / NAME, target / NAME)
        self._add_data_files(prefix)

    def _run_cmake(self, tree: Path) -> Path:
        ros, source, prefix = ros_prefix(), tree / 'source', tree / 'prefix'
        # A build environment of pip lives only once; paths remembered from it would mislead.
        shutil.rmtree(tree, ignore_errors=True)
        # CMake rejects include folders under its source folder, and that is where NumPy's
        # lie when the virtual environment is in the checkout. Another name for it helps.
        tree.mkdir(parents=True)
        source.symlink_to(HERE)
        env = dict(os.environ, AMENT_PREFIX_PATH=str(ros), CMAKE_PREFIX_PATH=str(ros))
        subprocess.run(
            ['cmake', '-S', source, '-B', tree / 'cmake', '-G', 'Ninja',
             '-DCMAKE_BUILD_TYPE=Release', '-DBUILD_TESTING=OFF',
             f'-DCMAKE_INSTALL_PREFIX={prefix}', '-DPYTHON_INSTALL_DIR=python',
             f'-DPython3_EXECUTABLE={sys.executable}',
             f'-DCMAKE_PROJECT_INCLUDE={HERE}/cmake/wheels.cmake'], check=True, env=env)
        subprocess.run(['cmake', '--build', tree / 'cmake'], check=True, env=env)
        subprocess.run(['cmake', '--install', tree / 'cmake'], check=True, env=env,
                       stdout=subprocess.DEVNULL)
        return prefix

    def _copy_messages(self, generated: Path, target: Path):
        for path in [*generated.glob('msg/*.py'), *generated.glob('srv/*.py'),
                     *generated.glob('*.so')]:
            copy = target / path.relative_to(generated)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, copy)

    def _add_data_files(self, prefix: Path):
        folders: dict[str, list[str]] = {}
        for top in ('include', 'lib', 'share'):
            for path in sorted((prefix / top).rglob('*')):
                if path.is_file():
                    folder = str(path.parent.relative_to(prefix))
                    folders.setdefault(folder, []).append(os.path.relpath(path, HERE))
        self.distribution.data_files = list(folders.items())
        # An editable build has made this command before, when there were no files.
        self.distribution.get_command_obj('install_data').data_files = list(folders.items())

    def get_source_files(self):
        return ['CMakeLists.txt', 'package.xml', 'cmake/wheels.cmake', 'scripts/movenet',
                *(str(p.relative_to(HERE)) for kind in ('msg', 'srv')
                  for p in (HERE / kind).glob(f'*.{kind}'))]

    def get_outputs(self):
        return []

    def get_output_mapping(self):
        return {}


class Build(build):
    sub_commands: ClassVar[list] = [*build.sub_commands, ('build_interfaces', None)]


class BinaryDistribution(Distribution):
    """A distribution with compiled files, though setuptools compiles none of them itself."""

    def has_ext_modules(self):
        return True

    def has_data(self):
        # editable builds ask by this name
        return self.has_data_files()


def library_files() -> list[tuple[str, list[str]]]:
    """What CMakeLists.txt installs into share/, but for the launch files."""
    share = f'share/{NAME}'
    files = {share: ['package.xml'],
             f'{share}/clips': [f'test/data/{name}' for name in (
                 'one_person.mp4', 'several_people.mp4', 'README.md')]}
    for folder in ('config', 'models', 'msg', 'srv'):
        files[f'{share}/{folder}'] = [
            str(path.relative_to(HERE)) for path in sorted((HERE / folder).iterdir())]
    return list(files.items())


class BuildModules(build_py):
    def run(self):
        # What an earlier build left there would go into the wheel: modules that are gone since.
        shutil.rmtree(Path(self.build_lib) / NAME, ignore_errors=True)
        super().run()


COMMANDS = {'build_py': BuildModules}
KIND = {'cmdclass': COMMANDS, 'data_files': library_files()} if requirements.library_only() else {
    'cmdclass': {**COMMANDS, 'build': Build, 'build_interfaces': BuildInterfaces},
    'distclass': BinaryDistribution,
}

setup(
    name=NAME,
    version=MANIFEST.findtext('version'),
    description=MANIFEST.findtext('description'),
    license=MANIFEST.findtext('license'),
    packages=find_packages(include=[NAME, f'{NAME}.*']),
    package_data={NAME: ['py.typed'], f'{NAME}.tools.view': ['page/*']},
    # Named so that an editable installation is a plain .pth file: a finder hook would
    # come after the folder that holds only the messages, and never be asked.
    package_dir={'': '.'},
    python_requires='>=3.10',
    install_requires=requirements.run(),
    extras_require=requirements.EXTRAS,
    entry_points={'console_scripts': ['movenet = movenet_ros.cli:main']},
    **KIND,
)
