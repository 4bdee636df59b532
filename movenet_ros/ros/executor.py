"""An executor like rclpy's that keeps its wait set while the entities stay the same.

rclpy collects all entities for each wait, and waits twice for each callback. For an image that
takes as long as everything else that rclpy does with it.
"""
from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from rclpy.context import Context
from rclpy.exceptions import InvalidHandle
from rclpy.executors import (
    ConditionReachedException,
    ExternalShutdownException,
    ShutdownException,
    SingleThreadedExecutor,
    TimeoutException,
    TimeoutObject,
)
from rclpy.guard_condition import GuardCondition
from rclpy.logging import get_logger
from rclpy.node import Node
from rclpy.task import Future
from rclpy.timer import Timer
from rclpy.utilities import timeout_sec_to_nsec

from movenet_ros.ros.wait_set import Take, WaitSet

USED = ('_guard', '_sigint_gc', '_tasks', '_tasks_lock', '_is_shutdown', '_spin_once_impl',
        '_take_timer', '_take_subscription', '_take_guard_condition')
"""What of rclpy's executor is used here though it is private."""


def create_executor(context: Context | None = None) -> SingleThreadedExecutor:
    """An executor with one thread: no two callbacks ever meet.

    Args:
        context: An initialised rclpy context; None for the default one.

    Returns:
        A `WaitSetExecutor`, or rclpy's where this version of it lacks what that needs.
    """
    executor = WaitSetExecutor(context=context)
    missing = [name for name in USED if not hasattr(executor, name)]
    if not missing:
        return executor
    executor.shutdown()
    get_logger('movenet').info(
        f'rclpy executes the callbacks, which costs more: it has no {", ".join(missing)}')
    return SingleThreadedExecutor(context=context)


class WaitSetExecutor(SingleThreadedExecutor):
    """Executes timers, subscriptions and guard conditions from a wait set that is kept.

    Whatever is rare is left to rclpy: services, clients, events, and coroutines.
    """

    def __init__(self, *, context: Context | None = None) -> None:
        """See `create_executor`."""
        self._has_changed = True
        self._wait_set: WaitSet | None = None
        super().__init__(context=context)

    def wake(self) -> None:
        """Ends a wait; a node calls it when its entities have changed."""
        self._has_changed = True
        super().wake()

    def add_node(self, node: Node) -> bool:
        """See rclpy."""
        added = super().add_node(node)
        self.wake()
        return added

    def remove_node(self, node: Node) -> None:
        """See rclpy."""
        super().remove_node(node)
        self.wake()

    def shutdown(self, timeout_sec: float | None = None) -> bool:
        """See rclpy."""
        self._wait_set = None
        return super().shutdown(timeout_sec)

    def spin_once_until_future_complete(
            self, future: Future[Any], timeout_sec: float | TimeoutObject | None = None) -> None:
        """See rclpy, which adds to the future's callbacks with each call, and removes none."""
        self._spin_once_impl(timeout_sec, future.done)

    def _spin_once_impl(self, timeout_sec: float | TimeoutObject | None = None,
                        wait_condition: Callable[[], bool] = lambda: False) -> None:
        """Waits once, and executes what is ready then; less if the condition becomes true."""
        if self._has_tasks():
            super()._spin_once_impl(timeout_sec, wait_condition)
            return
        if self._is_shutdown or wait_condition():
            return
        ready = self._wait(timeout_sec)
        if ready is None:
            self._leave_to_rclpy(wait_condition)
            return
        for take, entity in ready:
            if (execute := take(entity)) is not None:
                with suppress(StopIteration):  # a coroutine that awaits nothing
                    execute().send(None)
            if self._is_shutdown or wait_condition():
                return

    def _has_tasks(self) -> bool:
        """Whether there are coroutines that are not done."""
        if not self._tasks:
            return False
        with self._tasks_lock:
            self._tasks = [each for each in self._tasks if not each[0].done()]
            return bool(self._tasks)

    def _wait(self, timeout_sec: float | TimeoutObject | None) -> list[tuple[Take, Any]] | None:
        """What is ready; None where something is that is left to rclpy."""
        wait_set = self._wait_set
        if wait_set is None or self._has_changed:
            # Before the entities are read: others may come meanwhile.
            self._has_changed, self._wait_set = False, None
            wait_set = self._wait_set = WaitSet(
                self._context, self.get_nodes(), self.can_execute, {
                    'timer': self._take_due_timer, 'subscription': self._take_subscription,
                    'guard_condition': self._take_existing_guard},
                [guard for guard in (self._guard, self._sigint_gc) if guard is not None])
        seconds = timeout_sec.timeout if isinstance(timeout_sec, TimeoutObject) else timeout_sec
        ready = wait_set.wait(timeout_sec_to_nsec(seconds))
        if self._is_shutdown:
            return []
        if not self._context.ok():
            raise ExternalShutdownException
        return ready

    def _take_due_timer(self, timer: Timer) -> Any:
        # Another callback may have cancelled or destroyed it since the wait.
        try:
            with timer.handle:
                is_due = timer.handle.is_timer_ready()
        except InvalidHandle:
            return None
        return self._take_timer(timer) if is_due else None

    def _take_existing_guard(self, guard: GuardCondition) -> Any:
        # Another callback may have destroyed it since the wait.
        try:
            with guard.handle:
                return self._take_guard_condition(guard)
        except InvalidHandle:
            return None

    def _leave_to_rclpy(self, condition: Callable[[], bool]) -> None:
        """Executes what is ready now, as rclpy finds it; less if the condition becomes true."""
        try:
            while not condition():
                task, _, _ = self.wait_for_ready_callbacks(0, None, condition)
                task()
                if (error := task.exception()) is not None:
                    raise error
        except (TimeoutException, ShutdownException, ConditionReachedException):
            pass

