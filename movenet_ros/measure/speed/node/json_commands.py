"""Commands to a measuring process, and its answers: a line of JSON each way.

A command is {"do": NAME, ...arguments}, its answer {"result": ...} or {"error": TEXT}. The
process ends when its input is closed, so none outlives whoever started it.
"""
from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from typing import Any


def serve(actions: Mapping[str, Callable[..., Any]]) -> None:
    """Carries out the commands on stdin, until it is closed.

    Args:
        actions: By name; called with the command's arguments.
    """
    for line in sys.stdin:
        command = json.loads(line)
        try:
            answer = {'result': actions[command.pop('do')](**command)}
        except Exception as error:
            answer = {'error': f'{type(error).__name__}: {error}'}
        print(json.dumps(answer), flush=True)
