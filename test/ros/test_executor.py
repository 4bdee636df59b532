"""The node's executor does whatever rclpy's does: each test is of both."""
import threading
import time
from contextlib import suppress
from functools import partial

import pytest
import rclpy
from lifecycle_msgs.srv import GetState
from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.context import Context
from rclpy.event_handler import PublisherEventCallbacks, SubscriptionEventCallbacks
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.qos import QoSProfile, QoSReliabilityPolicy
from rclpy.task import Future
from std_msgs.msg import Header

from movenet_ros.ros import executor as executor_module
from movenet_ros.ros.executor import WaitSetExecutor, create_executor
from movenet_ros.tools.view.camera_input import NeverExecuted

DEADLINE = 10.0
BEST_EFFORT = QoSProfile(depth=1, reliability=QoSReliabilityPolicy.BEST_EFFORT)


class Spun:
    """A node with an executor, in a context of its own."""

    def __init__(self, create):
        self.context = Context()
        rclpy.init(context=self.context)
        self.node = rclpy.create_node('spun', context=self.context)
        self.executor = create(context=self.context)
        self.executor.add_node(self.node)

    def close(self):
        self.executor.shutdown()
        self.node.destroy_node()
        rclpy.try_shutdown(context=self.context)

    def until(self, condition):
        end = time.monotonic() + DEADLINE
        while not condition():
            assert time.monotonic() < end
            self.executor.spin_once(timeout_sec=0.05)

    def spin(self, seconds):
        end, waits = time.monotonic() + seconds, 0
        while time.monotonic() < end:
            self.executor.spin_once(timeout_sec=0.02)
            waits += 1
        return waits

    def publisher(self, topic='topic', qos=10):
        """One that every subscription knows."""
        publisher = self.node.create_publisher(Header, topic, qos)
        self.until(lambda: publisher.get_subscription_count()
                   == self.node.count_subscribers(topic))
        return publisher


@pytest.fixture(params=[SingleThreadedExecutor, create_executor],
                ids=['of rclpy', 'with a wait set that is kept'])
def spun(request):
    made = Spun(request.param)
    yield made
    made.close()


@pytest.fixture
def own():
    """Only ours."""
    made = Spun(create_executor)
    yield made
    made.close()


def test_messages_timers_guards_services_and_answers_are_handled(spun):
    came, ticks, triggered, node = [], [], [], spun.node
    node.create_subscription(Header, 'topic', came.append, 10)
    node.create_timer(0.02, lambda: ticks.append(None))
    guard = node.create_guard_condition(lambda: triggered.append(None))
    node.create_service(GetState, 'ask', lambda request, answer: answer)
    client = node.create_client(GetState, 'ask')
    publisher = spun.publisher()
    spun.until(client.service_is_ready)
    for frame_id in ('a', 'b'):
        publisher.publish(Header(frame_id=frame_id))
    guard.trigger()
    answer = client.call_async(GetState.Request())
    spun.until(lambda: len(came) == 2 and len(ticks) > 2 and triggered and answer.done())
    assert [each.frame_id for each in came] == ['a', 'b']
    assert len(triggered) == 1
    assert isinstance(answer.result(), GetState.Response)


def test_what_its_callback_group_never_allows_is_not_executed(spun):
    came, node = [], spun.node
    node.create_subscription(Header, 'topic', came.append, 10, callback_group=NeverExecuted())
    spun.publisher().publish(Header())
    assert spun.spin(0.3) < 50, 'it ends no wait'
    assert not came


def test_the_callback_of_an_event_is_called(spun):
    events, node = [], spun.node
    node.create_subscription(
        Header, 'topic', events.append, 10, event_callbacks=SubscriptionEventCallbacks(
            incompatible_qos=events.append, use_default_callbacks=False))
    node.create_publisher(Header, 'topic', BEST_EFFORT, event_callbacks=PublisherEventCallbacks(
        use_default_callbacks=False))
    spun.until(lambda: events)
    assert events[0].total_count == 1


def test_entities_may_come_and_go_in_callbacks(spun):
    log, node = [], spun.node

    def replace(message):
        log.append(f'first {message.frame_id}')
        node.destroy_subscription(first)
        assert node.count_subscribers('topic') == 0, 'it is destroyed at once'
        node.create_subscription(Header, 'topic', lambda each: log.append(each.frame_id), 10)

    first = node.create_subscription(Header, 'topic', replace, 10)
    publisher = spun.publisher()
    for frame_id in ('a', 'b'):
        publisher.publish(Header(frame_id=frame_id))
    spun.until(lambda: log)
    spun.until(lambda: publisher.get_subscription_count() == 1)
    publisher.publish(Header(frame_id='c'))
    spun.until(lambda: len(log) == 2)
    assert log == ['first a', 'c']


def test_a_timer_that_another_callback_cancels_or_destroys_does_not_run(spun):
    ran, node = [], spun.node

    def act():
        ran.append('acted')
        node.destroy_timer(timers[0])
        timers[1].cancel()
        timers[2].cancel()

    timers = [node.create_timer(0.05, act)]
    timers += [node.create_timer(0.05, lambda: ran.append('cancelled')) for _ in range(2)]
    time.sleep(0.1)
    spun.spin(0.3)
    assert ran == ['acted']


def test_a_guard_condition_that_another_callback_destroys_is_not_executed(spun):
    ran, node = [], spun.node

    def act():
        ran.append('acted')
        timer.cancel()
        node.destroy_guard_condition(guard)

    timer = node.create_timer(0.02, act)
    guard = node.create_guard_condition(lambda: ran.append('guard'))
    guard.trigger()
    time.sleep(0.1)
    spun.spin(0.2)
    assert ran == ['acted']


def test_a_failing_callback_takes_nothing_from_the_others(spun):
    ran, node = [], spun.node

    def fail():
        timer.cancel()
        raise ValueError('on purpose')

    timer = node.create_timer(0.01, fail)
    guard = node.create_guard_condition(lambda: ran.append('guard'))
    node.create_subscription(Header, 'topic', lambda message: ran.append(message.frame_id), 10)
    timer.cancel()
    publisher = spun.publisher()
    timer.reset()
    publisher.publish(Header(frame_id='message'))
    guard.trigger()
    time.sleep(0.1)
    with pytest.raises(ValueError, match='on purpose'):
        spun.spin(1.0)
    spun.spin(0.2)
    assert sorted(ran) == ['guard', 'message']


def test_a_coroutine_waits_without_stopping_the_others(spun):
    ticks, node, group = [], spun.node, ReentrantCallbackGroup()

    async def ask_further(request, answer):
        ticks.clear()
        await later
        return answer

    later = Future(executor=spun.executor)
    node.create_service(GetState, 'outer', ask_further, callback_group=group)
    client = node.create_client(GetState, 'outer', callback_group=group)
    node.create_timer(0.01, lambda: ticks.append(None))
    spun.until(client.service_is_ready)
    answer = client.call_async(GetState.Request())
    spun.spin(0.3)
    assert len(ticks) > 5
    assert not answer.done()
    later.set_result(None)
    spun.until(answer.done)


def test_a_coroutine_may_handle_messages(spun):
    came, node = [], spun.node
    later = Future(executor=spun.executor)

    async def receive(message):
        await later
        came.append(message.frame_id)

    node.create_subscription(Header, 'topic', receive, 10)
    publisher = spun.publisher()
    publisher.publish(Header(frame_id='a'))
    spun.spin(0.2)
    assert not came
    later.set_result(None)
    spun.until(lambda: came == ['a'])


def test_a_task_from_another_thread_is_done(spun):
    done = []
    thread = threading.Timer(0.1, lambda: spun.executor.create_task(done.append, 'task'))
    thread.start()
    started = time.monotonic()
    while not done and time.monotonic() < started + DEADLINE:
        spun.executor.spin_once(timeout_sec=DEADLINE)
    thread.join()
    assert done == ['task']
    assert time.monotonic() < started + DEADLINE / 2


def test_it_spins_until_a_future_is_done_or_time_is_up(spun):
    done = Future()
    thread = threading.Timer(0.1, done.set_result, [None])
    thread.start()
    spun.executor.spin_until_future_complete(done)
    thread.join()
    started = time.monotonic()
    spun.executor.spin_until_future_complete(Future(), timeout_sec=0.1)
    assert 0.09 < time.monotonic() - started < DEADLINE / 2


def test_nothing_more_is_executed_once_the_future_is_done(spun):
    ran, node = [], spun.node
    done = [Future(), Future()]

    def answer_to(number, request, answer):
        ran.append(number)
        done[number].set_result(None)
        return answer

    for number in (0, 1):
        node.create_service(GetState, f'ask_{number}', partial(answer_to, number))
    clients = [node.create_client(GetState, f'ask_{number}') for number in (0, 1)]
    spun.until(lambda: all(client.service_is_ready() for client in clients))
    for client in clients:
        client.call_async(GetState.Request())
    time.sleep(0.2)
    spun.executor.spin_until_future_complete(done[0])
    assert ran == [0]
    spun.executor.spin_until_future_complete(done[1])
    assert ran == [0, 1]


def test_the_end_of_its_context_ends_the_spinning(spun):
    thread = threading.Timer(0.1, rclpy.shutdown, kwargs={'context': spun.context})
    thread.start()
    # raised where it comes during a wait
    with suppress(ExternalShutdownException):
        spun.executor.spin()
    thread.join()
    assert not spun.context.ok()


def test_a_node_that_is_removed_is_not_spun(spun):
    ticks = []
    spun.node.create_timer(0.01, lambda: ticks.append(None))
    spun.until(lambda: ticks)
    spun.executor.remove_node(spun.node)
    spun.executor.spin_once(timeout_sec=0.0)
    ticks.clear()
    spun.spin(0.1)
    assert not ticks


def test_the_wait_set_is_kept_until_the_entities_change(own, monkeypatch):
    made = []

    class Counted(executor_module.WaitSet):
        def __init__(self, *arguments):
            made.append(self)
            super().__init__(*arguments)

    monkeypatch.setattr(executor_module, 'WaitSet', Counted)
    ticks = []
    timer = own.node.create_timer(0.005, lambda: ticks.append(None))
    own.until(lambda: len(ticks) > 10)
    assert len(made) == 1
    own.node.destroy_timer(timer)
    own.spin(0.1)
    assert len(made) == 2


def test_a_wait_set_that_cannot_be_made_is_made_later(own, monkeypatch):
    class Failing(executor_module.WaitSet):
        def __init__(self, *arguments):
            raise RuntimeError('on purpose')

    ticks = []
    own.executor.spin_once(timeout_sec=0.0)
    own.node.create_timer(0.005, lambda: ticks.append(None))
    monkeypatch.setattr(executor_module, 'WaitSet', Failing)
    with pytest.raises(RuntimeError, match='on purpose'):
        own.executor.spin_once(timeout_sec=0.0)
    monkeypatch.undo()
    own.until(lambda: ticks)


def test_where_rclpy_is_another_its_executor_is_used(monkeypatch, capfd):
    context = Context()
    rclpy.init(context=context)
    monkeypatch.setattr(executor_module, 'USED', (*executor_module.USED, '_take_nothing'))
    executor = create_executor(context)
    assert type(executor) is SingleThreadedExecutor
    assert 'it has no _take_nothing' in capfd.readouterr().err
    executor.shutdown()
    monkeypatch.undo()
    executor = create_executor(context)
    assert type(executor) is WaitSetExecutor
    executor.shutdown()
    rclpy.shutdown(context=context)


def test_a_future_that_is_spun_for_gathers_no_callbacks(own):
    ticks, done = [], Future()
    own.node.create_timer(0.005, lambda: ticks.append(None))
    done.add_done_callback(ticks.append)
    for _ in range(5):
        own.executor.spin_once_until_future_complete(done, timeout_sec=0.01)
    assert len(done._callbacks) == 1
