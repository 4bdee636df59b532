"""The node's logger: nothing that it is given can forge a line or drive a terminal."""
from __future__ import annotations

from typing import Any

from rclpy.impl import rcutils_logger
from rclpy.impl.logging_severity import LoggingSeverity

from movenet_ros.errors import printable_block

# So that a line is attributed to whoever logs it, not to this file; rclpy keeps names that
# others have added.
rcutils_logger._internal_callers.append(__file__)


class PrintableLogger(rcutils_logger.RcutilsLogger):
    """A logger that makes every message printable: on the console, in the file, on /rosout.

    Names of nodes and topics, texts of libraries and whatever a camera puts into its messages
    come from others. Further lines of a message, those of a traceback, are indented.
    """

    def log(self, message: str, severity: int | LoggingSeverity, name: str | None = None,
            **filters: Any) -> bool:
        """Logs a message; see rclpy."""
        # Jazzy takes the name as a keyword only, and not None
        if name is not None:
            filters['name'] = name
        return bool(super().log(printable_block(message), severity, **filters))
