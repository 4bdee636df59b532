"""Parses the `format` of a sensor_msgs/CompressedImage, apart from the codec.

image_transport's plugins write `SOURCE; CODEC compressed TARGET`: the encoding of the image
that was compressed, and that which it was converted to before. History of
compressed_image_transport:

- Colour becomes `bgr8` (`bgr16` in a PNG). For some months of 2012 it was `rgb8`, so that
  red and blue are swapped in the file.
- JPEG, everything else: since 2.3.2 (2022) `mono8`, from Bayer too. Before, nothing was
  converted and no target written: the JPEG of a Bayer camera holds its mosaic.
- PNG, everything else: never converted, and no target written: a mosaic, or 16 bits.
- compressed_depth_image_transport writes `SOURCE; compressedDepth png` or `rvl`.

Other publishers write `jpeg`, `png` or any text; the codec is recognised by the data.
"""
from __future__ import annotations

import re
from dataclasses import dataclass

from movenet_ros.images.encodings import BAYER_CODES

TARGET = re.compile(r'compressed +(\w+)')
BAYER = re.compile(f'bayer_({"|".join(BAYER_CODES)})(8|16)')
LONGEST = 200


@dataclass(frozen=True)
class CompressedFormat:
    """The parts of a format.

    Attributes:
        source: Encoding of the image that was compressed, or any text in its place.
        target: Encoding that it was converted to before; empty where it is not given.
        depth: Whether the plugin for depth wrote it.
    """

    source: str
    target: str
    depth: bool

    @property
    def bayer(self) -> str:
        """The pattern of a mosaic, e.g. `rggb`; empty where the file has no mosaic."""
        match = BAYER.fullmatch(self.target or self.source)
        return match[1] if match else ''

    @property
    def swapped(self) -> bool:
        """Whether red and blue change places in the file."""
        return self.target.startswith('rgb')


def parse_format(text: str) -> CompressedFormat:
    """Reads the `format` of a CompressedImage; it may be any text."""
    # A damaged message may hold anything of any length.
    source, _, codec = text[:LONGEST].partition(';')
    target = TARGET.search(codec)
    return CompressedFormat(source.strip(), target[1] if target else '',
                            'compressedDepth' in text[:LONGEST])
