"""The entities of some nodes in one wait set, which is waited on again and again."""
from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, TypeAlias

from rclpy.context import Context
from rclpy.exceptions import InvalidHandle
from rclpy.impl.implementation_singleton import rclpy_implementation
from rclpy.node import Node
from rclpy.waitable import NumberOfEntities

Take: TypeAlias = Callable[[Any], Callable[[], Any] | None]
"""Takes what an entity has; returns a coroutine function, which executes the callback with it."""

KINDS = {'timer': 'timers', 'subscription': 'subscriptions', 'guard_condition': 'guards',
         'client': 'clients', 'service': 'services'}
"""Kinds of entities, in the order of their execution, and where a node has them."""


class WaitSet:
    """The entities that some nodes have when it is made."""

    def __init__(self, context: Context, nodes: Sequence[Node], wanted: Callable[[Any], bool],
                 takes: Mapping[str, Take], own_guards: Sequence[Any]) -> None:
        """Collects the entities.

        Args:
            context: Of the nodes.
            nodes: Theirs are waited on.
            wanted: Whether an entity may be executed; its callback group may never allow it.
            takes: How to take from an entity, by its kind; no callback of another is executed.
            own_guards: Guard conditions of the executor, which do nothing but end a wait.
        """
        entities: dict[str, list[Any]] = {
            kind: [entity for node in nodes for entity in getattr(node, name) if wanted(entity)]
            for kind, name in KINDS.items()}
        self._context: Any = context.handle
        self._waitables = [waitable for node in nodes for waitable in node.waitables
                           if wanted(waitable)]
        self._guards = {guard.handle.pointer: guard for guard in entities['guard_condition']}
        self._executed = {entity.handle.pointer: (take, entity) for kind, take in takes.items()
                          for entity in entities[kind]
                          if not inspect.iscoroutinefunction(entity.callback)}
        entities['guard_condition'] += own_guards
        self._others = {entity.handle.pointer for each in entities.values() for entity in each}
        self._others -= {*self._executed, *(guard.handle.pointer for guard in own_guards)}
        self._set = self._create({kind: len(each) for kind, each in entities.items()})
        self._added: list[tuple[Callable[[Any], object], Any]] = [
            (getattr(self._set, f'add_{kind}'), entity.handle)
            for kind, each in entities.items() for entity in each]
        self._added += [(partial(_add_waitable, self._set), each) for each in self._waitables]

    def _create(self, count: Mapping[str, int]) -> Any:
        total = NumberOfEntities(count['subscription'], count['guard_condition'], count['timer'],
                                 count['client'], count['service'])
        for waitable in self._waitables:
            total += waitable.get_num_entities()
        return rclpy_implementation.WaitSet(
            total.num_subscriptions, total.num_guard_conditions, total.num_timers,
            total.num_clients, total.num_services, total.num_events, self._context)

    def wait(self, timeout_ns: int) -> list[tuple[Take, Any]] | None:
        """Waits until something is ready.

        Args:
            timeout_ns: For how long, at most [ns]; negative: for as long as it takes.

        Returns:
            What to take from which entities; None where another callback is to be executed.
        """
        for guard in self._guards.values():
            # A wait takes the trigger, and another callback may have failed before this one's turn.
            if guard._executor_triggered:
                with suppress(InvalidHandle):  # another thread has just destroyed it
                    guard.trigger()
        # Not an ExitStack, with which this takes three times as long.
        used: list[Any] = []
        try:
            self._fill(used)
            self._set.wait(timeout_ns)
            return self._ready()
        finally:
            for handle in used:
                handle.__exit__(None, None, None)

    def _fill(self, used: list[Any]) -> None:
        """Has everything waited on; what is in `used` is not destroyed until it is left."""
        self._context.__enter__()
        used.append(self._context)
        self._set.clear_entities()
        for add, handle in self._added:
            try:
                handle.__enter__()
            except InvalidHandle:
                continue  # it was just destroyed
            used.append(handle)
            add(handle)

    def _ready(self) -> list[tuple[Take, Any]] | None:
        pointers = [pointer for kind in KINDS for pointer in self._set.get_ready_entities(kind)]
        for pointer in pointers:
            if pointer in self._guards:
                self._guards[pointer]._executor_triggered = True
        # all are asked, as they note the answer
        events = [waitable for waitable in self._waitables if waitable.is_ready(self._set)]
        if events or not self._others.isdisjoint(pointers):
            return None
        return [self._executed[pointer] for pointer in pointers if pointer in self._executed]


def _add_waitable(wait_set: Any, waitable: Any) -> None:
    waitable.add_to_wait_set(wait_set)
