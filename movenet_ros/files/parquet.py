"""Poses as a Parquet file, for tables and SQL: see `parquet_columns`."""
from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

from movenet_ros.errors import MovenetError
from movenet_ros.files.atomic_output import AtomicOutput, as_output_error
from movenet_ros.files.parquet_columns import COLUMNS, ImageRows, column_values
from movenet_ros.files.sink import Result, Sink

ROWS = 8192
"""So many rows are collected before they are written: 5 MB."""


class ParquetSink(Sink):
    """Writes a row for each person in each image."""

    def __init__(self, path: Path, recording: str = '') -> None:
        """Opens the file.

        Args:
            path: The file.
            recording: What the column `recording` says.

        Raises:
            MovenetError: pyarrow is not installed.
            SinkError: It cannot be written.
        """
        super().__init__()
        self._arrow, self._path, self._recording = load_pyarrow(), path, recording
        self._schema = self._arrow.schema([
            self._arrow.field(column.name, getattr(self._arrow, column.kind)(),
                              metadata={'unit': column.unit} if column.unit else None)
            for column in COLUMNS])
        self._images: list[ImageRows] = []
        self._rows = 0
        self._output = AtomicOutput(path)
        try:
            with as_output_error(path):
                self._writer = self._arrow.parquet.ParquetWriter(
                    self._output.path, self._schema, compression='zstd')
        except BaseException:
            self._output.discard()
            raise

    def _write(self, result: Result) -> None:
        if len(result.poses):
            self._images.append(ImageRows.of(result, self._recording))
            self._rows += len(result.poses)
        if self._rows >= ROWS:
            self._flush()

    def _flush(self) -> None:
        if self._images:
            # NaN becomes null.
            arrays = [self._arrow.array(values, field.type, from_pandas=True) for values, field in
                      zip(column_values(self._images), self._schema, strict=True)]
            with as_output_error(self._path):
                self._writer.write_table(self._arrow.table(arrays, schema=self._schema))
        self._images, self._rows = [], 0

    def _finish(self) -> None:
        self._flush()
        with as_output_error(self._path):
            self._writer.close()
        self._output.publish()

    def _discard(self) -> None:
        # A full disk, which was reported when writing, fails here again.
        with suppress(OSError):
            self._writer.close()
        self._output.discard()


def load_pyarrow() -> Any:
    """The package pyarrow.

    Raises:
        MovenetError: It is not installed.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise MovenetError(
            f'a Parquet file needs the package pyarrow ({error}): pip install pyarrow, or in a '
            "checkout of this package: pip install '.[fleet]'") from error
    return pyarrow
