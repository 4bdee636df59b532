"""Which engines are installed here, and the pictures that all of them are compared on."""
import importlib.util

import cv2
import pytest
from support.paths import DATA

from movenet_ros.engines.keras.backends import BACKENDS

MODULES = {'litert': 'ai_edge_litert', 'opencv': 'cv2'}
"""What an engine imports, where it has another name than the engine."""


def need_engine(engine):
    """Skips the test where an engine is not installed."""
    if not importlib.util.find_spec(MODULES.get(engine, engine)):
        pytest.skip(f'the engine {engine} is not installed')
    if engine == 'keras' and not any(map(importlib.util.find_spec, BACKENDS)):
        pytest.skip(f'Keras needs one of {", ".join(BACKENDS)}')


def sample_pictures(every=33):
    """Pictures with one person or more, of different sizes: RGB, uint8 [H,W,3].

    Args:
        every: How many frames of the clips there are for each that is taken.
    """
    yield cv2.cvtColor(cv2.imread(str(DATA / 'astronaut.jpg'), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
    for clip in ('one_person.mp4', 'several_people.mp4'):
        capture = cv2.VideoCapture(str(DATA / clip))
        for i in range(100):
            found, frame = capture.read()
            assert found
            if i % every == 5:
                yield cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)
        capture.release()
