"""The OpenCV engine: its threads, and the error when OpenCV does not read the network."""
import threading

import cv2
import numpy as np
import pytest

from movenet_ros.engines.loading import load_network
from movenet_ros.engines.opencv import opencv_threads
from movenet_ros.errors import EngineError


def test_a_network_that_opencv_cannot_read_is_told_in_one_line(monkeypatch):
    def reject(content):
        raise cv2.error('OpenCV(4.2.0) onnx_importer.cpp:57: error:\n(-215) no such layer\n')

    monkeypatch.setattr(cv2.dnn, 'readNetFromONNX', reject)
    with pytest.raises(EngineError) as caught:
        load_network('lightning', engine='opencv')
    assert str(caught.value) == (
        f'OpenCV {cv2.__version__} cannot read the lightning network (OpenCV(4.2.0) '
        'onnx_importer.cpp:57: error: (-215) no such layer): install OpenCV 4.5.4 or newer, or set '
        'engine to another one')


def test_the_threads_are_given_back_also_after_an_error():
    before = cv2.getNumThreads()

    def fail():
        with opencv_threads(before + 1):
            assert cv2.getNumThreads() == before + 1
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert cv2.getNumThreads() == before


def test_the_threads_are_given_back_by_two_that_overlap():
    before = cv2.getNumThreads()
    inside, seen = threading.Event(), []

    def second():
        inside.wait()
        with opencv_threads(before + 2):
            seen.append(cv2.getNumThreads())

    thread = threading.Thread(target=second)
    thread.start()
    with opencv_threads(before + 1):
        inside.set()
        thread.join(0.2)
        assert thread.is_alive() and cv2.getNumThreads() == before + 1
    thread.join()
    assert seen == [before + 2]
    assert cv2.getNumThreads() == before


def test_more_threads_give_the_same_keypoints():
    picture = np.random.default_rng(0).integers(0, 256, (1, 192, 192, 3), np.uint8)
    one, two = (load_network('lightning', engine='opencv', threads=count) for count in (1, 2))
    assert (one.info.threads, two.info.threads) == (1, 2)
    np.testing.assert_allclose(two.infer(picture), one.infer(picture), atol=1e-5)
