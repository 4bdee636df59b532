"""The LiteRT engine: CPU, XNNPACK, batch 1."""

from __future__ import annotations

import importlib.metadata
from typing import Any

import numpy as np
import numpy.typing as npt

from movenet_ros.core.center_weight import published_weights
from movenet_ros.core.multipose_decode import HEADS, decode_multipose
from movenet_ros.core.network import HEAD_STRIDE, REFERENCE_PEOPLE, NetworkInfo
from movenet_ros.engines.checks import check_center_weight, check_pictures, not_installed
from movenet_ros.engines.litert_float16 import Float16Interpreter
from movenet_ros.engines.models import FLOAT32, ModelEntry, read_verified
from movenet_ros.engines.precision import FLOAT16, INT8, engine_text
from movenet_ros.errors import EngineError, ModelError

PACKAGE = 'ai-edge-litert'


class LiteRtNetwork:
    """A model file run by LiteRT.

    A batch is run picture by picture. The tensors of MultiPose are allocated for the size of the
    last picture: another size takes about half a millisecond, and some 20 ms when it is the largest
    so far. One interpreter per size would avoid that, at more than 30 MB each.
    """

    def __init__(self, entry: ModelEntry, threads: int, reason: str = '',
                 precision: str = FLOAT32) -> None:
        """Loads a model.

        Args:
            entry: The model, from the manifest.
            threads: How many CPU threads the network may use, at least 1.
            reason: Why this engine was chosen, for the log.
            precision: `float32`; `int8`, for which the manifest lists a file of its own; or
                `float16`, which is slow where the processor does not compute in it.

        Raises:
            ModelError: The file is missing, damaged, or is not what the manifest says; or there is
                none of this precision.
            EngineError: LiteRT is not installed, is too old for float16, or rejects the file.
        """
        if precision == INT8:
            entry = entry.variant(INT8)
        content = read_verified(entry)
        interpreter_class = _interpreter_class()
        try:
            interpreter: Any = (
                Float16Interpreter(interpreter_class, content, threads)
                if precision == FLOAT16
                else interpreter_class(model_content=content, num_threads=threads))
            if entry.input_size is not None:
                interpreter.allocate_tensors()
        except (RuntimeError, ValueError) as error:
            raise EngineError(f'LiteRT rejects {entry.path}: {error}') from error
        self._interpreter = interpreter
        self._inputs = _input_indices(entry, interpreter)
        self._outputs = _output_indices(entry, interpreter)
        self._size: tuple[int, int] | None = None
        self.info = NetworkInfo(
            model=entry.name,
            engine=engine_text(f'litert {litert_version()}', precision),
            device='cpu',
            threads=threads,
            sha256=entry.sha256,
            input_size=entry.input_size,
            reason=reason,
            precision=precision,
        )

    def infer(
        self,
        pictures: npt.NDArray[np.uint8],
        center_weight: npt.NDArray[np.float32] | None = None,
        max_people: int = REFERENCE_PEOPLE,
    ) -> npt.NDArray[np.float32]:
        """Runs the network on each picture; see `Network.infer`."""
        check_pictures(pictures, self.info.input_size)
        check_center_weight(center_weight, len(pictures), self.info.input_size)
        if self._interpreter is None:
            raise EngineError(f'the {self.info.model} network is closed: load it again')
        try:
            if self.info.input_size is None:
                rows = [self._infer_people(picture, max_people) for picture in pictures]
            else:
                if center_weight is None:
                    side = self.info.input_size // HEAD_STRIDE
                    center_weight = published_weights(len(pictures), side)
                rows = [self._infer_person(picture, weight)
                        for picture, weight in zip(pictures, center_weight, strict=True)]
        except RuntimeError as error:
            raise EngineError(
                f'LiteRT failed on a picture of {list(pictures.shape[1:])}: {error}'
            ) from error
        return np.stack(rows)

    def close(self) -> None:
        """Frees the interpreter; may be called twice."""
        self._interpreter = None

    def _infer_person(
        self, picture: npt.NDArray[np.uint8], weight: npt.NDArray[np.float32]
    ) -> npt.NDArray[np.float32]:
        """[S,S,3] -> [17,3]; the decoding is part of the model file."""
        picture_input, weight_input = self._inputs
        self._interpreter.set_tensor(picture_input, picture[None])
        self._interpreter.set_tensor(weight_input, weight[..., None])
        self._interpreter.invoke()
        keypoints: npt.NDArray[np.float32] = self._interpreter.get_tensor(self._outputs[0])[0, 0]
        return keypoints

    def _infer_people(
        self, picture: npt.NDArray[np.uint8], max_people: int
    ) -> npt.NDArray[np.float32]:
        """[H,W,3] -> [K,56]; the model file ends at the heads."""
        size = picture.shape[:2]
        if size != self._size:
            self._size = None
            self._interpreter.resize_tensor_input(self._inputs[0], (1, *picture.shape), strict=True)
            self._interpreter.allocate_tensors()
            self._size = size
        self._interpreter.set_tensor(self._inputs[0], picture[None])
        self._interpreter.invoke()
        # Views of the interpreter's memory, which no value returned refers to.
        heads = (self._interpreter.tensor(i)()[0] for i in self._outputs)
        return decode_multipose(*heads, max_people=max_people)


def load(entry: ModelEntry, *, threads: int, device: str, precision: str,
         reason: str) -> LiteRtNetwork:
    """Loads a model, see `LiteRtNetwork`; it runs on the CPU, whatever `device` says."""
    return LiteRtNetwork(entry, threads, reason, precision)


def litert_version() -> str:
    """Returns the version of the LiteRT that is installed.

    Raises:
        EngineError: None is.
    """
    try:
        return importlib.metadata.version(PACKAGE)
    except importlib.metadata.PackageNotFoundError as error:
        raise not_installed('litert', PACKAGE, error) from error


def _interpreter_class() -> Any:
    """LiteRT's interpreter, imported late because an installation may run another engine."""
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError as error:
        raise not_installed('litert', PACKAGE, error) from error
    return Interpreter


def _input_indices(entry: ModelEntry, interpreter: Any) -> list[int]:
    """The indices of the input tensors in the manifest's order, found by their names."""
    details = {detail['name']: detail for detail in interpreter.get_input_details()}
    found = {name: (tuple(detail['shape_signature'].tolist()), np.dtype(detail['dtype']).name)
             for name, detail in details.items()}
    expected = {given.tensor: (given.shape, given.dtype) for given in entry.inputs}
    names = ('picture',) if entry.input_size is None else ('picture', 'center_weight')
    if found != expected or tuple(given.name for given in entry.inputs) != names:
        raise ModelError(
            f'{entry.path} takes {found}; the manifest lists {expected}, and expected are '
            f'{names}: the manifest is of another file'
        )
    return [int(details[given.tensor]['index']) for given in entry.inputs]


def _output_indices(entry: ModelEntry, interpreter: Any) -> list[int]:
    """The indices of the output tensors in the manifest's order, found by their names."""
    expected = HEADS if entry.input_size is None else ('keypoints',)
    names = tuple(output.name for output in entry.outputs)
    found = {detail['name']: int(detail['index']) for detail in interpreter.get_output_details()}
    missing = [output.tensor for output in entry.outputs if output.tensor not in found]
    if names != expected or missing:
        raise ModelError(
            f'{entry.path} gives {sorted(found)}; the manifest lists {names} and expects '
            f'{expected}, without a tensor are {missing}: the manifest is of another file'
        )
    return [found[output.tensor] for output in entry.outputs]
