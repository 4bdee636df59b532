"""What the node reports of its work: the arithmetic, and that no image is unaccounted for."""
import time

import numpy as np
import pytest
from support.process import NodeProcess
from support.ros import image, values_of

from movenet_ros.ros.diagnostics.levels import Level
from movenet_ros.ros.diagnostics.monitor import (
    Cause,
    Counts,
    Monitor,
    Throttle,
)
from movenet_ros.ros.subscription.arrivals import Missed


def test_every_image_has_one_fate():
    monitor = Monitor(now=0.0)
    monitor.missed(0.5, Missed(skipped=2, lost=1))
    monitor.overtaken(0.5)
    for _ in range(2):
        monitor.received(1.0, age=0.5)
        monitor.processed(inference=0.010, processing=0.012)
    monitor.rejected('encoding', "encoding 'cheese8' is unknown")
    monitor.failed('ZeroDivisionError()')
    total = monitor.summary(now=2.0).total
    assert (total.published, total.received, total.processed) == (8, 4, 2)
    assert (total.skipped, total.lost) == (3, 1)
    assert (dict(total.rejected), total.failed) == ({'encoding': 1}, 1)


def test_rates_and_times_are_of_the_period_and_counts_of_the_whole():
    monitor = Monitor(now=10.0)
    monitor.received(10.5, age=0.5)
    monitor.processed(0.010, 0.020)
    monitor.summary(now=11.0)
    for processing in (0.030, 0.040, 0.080):
        monitor.received(11.5, age=0.25)
        monitor.processed(0.020, processing)
    monitor.missed(12.0, Missed(skipped=1))
    summary = monitor.summary(now=13.0)
    values = dict(summary.values())
    assert (summary.input_rate, summary.output_rate, summary.silence) == (2.0, 1.5, 1.5)
    assert values['images processed'] == '4'
    assert values['processing p50 [ms]'] == '40.00'
    assert values['processing max [ms]'] == '80.00'
    assert values['inference p50 [ms]'] == '20.00'
    assert values['stamp age p50 [ms]'] == '250.00'


def test_a_period_without_images_has_no_times():
    values = dict(Monitor(now=0.0).summary(now=0.0).values())
    assert values['processing p50 [ms]'] == values['stamp age max [ms]'] == '-'


@pytest.mark.parametrize(('happens', 'level', 'cause', 'says'), [
    (lambda m: m.processed(0.01, 0.01), Level.OK, Cause.NONE, 'active, 1.0 of 1.0 images/s'),
    (lambda m: m.rejected('step', 'step is 7'), Level.WARN, Cause.REJECTED, 'step is 7'),
    (lambda m: m.failed('boom'), Level.ERROR, Cause.FAILED, 'boom'),
    (lambda m: m.missed(0.9, Missed(lost=3), arrived=9), Level.WARN, Cause.LOST,
     '25% of the images of the last 10 s were lost')])
def test_levels(happens, level, cause, says):
    monitor = Monitor(now=0.0)
    monitor.received(0.9, age=0.0)
    happens(monitor)
    found = monitor.summary(now=1.0).judge(image_timeout=5.0)
    assert (found.level, found.cause) == (level, cause)
    assert says in found.message


def test_images_that_come_in_bursts_are_a_warning():
    monitor = Monitor(now=0.0)
    for tenth in range(20):
        monitor.received(tenth / 10, age=0.1)
        monitor.missed(tenth / 10, Missed(skipped=1), arrived=1)
        monitor.worked(tenth / 10, tenth / 10 + 0.01)
        monitor.processed(0.01, 0.01)
    found = monitor.summary(now=2.0).judge(image_timeout=5.0)
    assert found == (Level.WARN, '50% of the images of the last 10 s were skipped although the '
                     'node was busy for only 10% of that time: they come in bursts', Cause.BURSTS)
    monitor.missed(2.0, Missed(lost=9))
    assert monitor.summary(now=2.0).judge(image_timeout=5.0).cause is Cause.LOST


def test_silence_is_an_error():
    monitor = Monitor(now=0.0)
    assert monitor.summary(now=4.9).judge(image_timeout=5.0)[0] == Level.OK
    assert monitor.summary(now=5.1).judge(image_timeout=5.0) == (
        Level.ERROR, 'no image for 5.1 s', Cause.SILENT)


def test_the_worst_is_the_cause():
    monitor = Monitor(now=0.0)
    monitor.missed(0.1, Missed(lost=3), arrived=9)
    monitor.rejected('step', 'step is 7')
    assert monitor.summary(now=1.0).judge(image_timeout=5.0).cause is Cause.LOST
    assert monitor.summary(now=5.1).judge(image_timeout=5.0).cause is Cause.SILENT
    monitor.failed('boom')
    assert monitor.summary(now=9.0).judge(image_timeout=5.0).cause is Cause.FAILED


def test_counts_since():
    before = Counts(processed=1)
    before.rejected['a'] += 1
    after = before.copy()
    after.rejected['a'] += 2
    after.processed += 5
    assert after.since(before) == Counts(processed=5, rejected=type(after.rejected)(a=2))


def test_a_throttle_lets_each_kind_pass_once():
    throttle = Throttle(5.0)
    passed = [throttle.ready(*x) for x in (('a', 0.0), ('a', 4.9), ('b', 4.9), ('a', 5.0))]
    assert passed == [True, False, True, True]


def settled(peer, reports):
    """The values of a report when two in a row are of the same images."""
    reports.clear()
    peer.until(lambda: len(reports) > 1 and values_of(reports[-1].status[0])['images received'] ==
               values_of(reports[-2].status[0])['images received'] != '0', 'two equal reports')
    return values_of(reports[-1].status[0])


def test_published_is_processed_and_skipped_and_rejected(own_peer):
    number = 120
    with NodeProcess(autostart='true', model='thunder', threads=1,
                     **{'diagnostics.period': 0.2}):
        camera = own_peer.camera()
        picture = np.zeros((48, 64, 3), np.uint8)
        good, bad = image(picture), image(picture, encoding='cheese8')
        with own_peer.poses() as poses, own_peer.diagnostics() as reports:
            camera.prime(poses)
            before = settled(own_peer, reports)
            for index in range(number):  # far faster than the network
                camera.publish(bad if index % 10 == 5 else good)
                time.sleep(0.002)
            camera.publish(good, frame_id='last')
            own_peer.until(lambda: poses and poses[-1].header.frame_id == 'last',
                           'the newest image')
            after = settled(own_peer, reports)
    keys = ('published', 'received', 'processed', 'skipped', 'lost', 'rejected', 'failed')
    counts = {key: int(after[f'images {key}']) - int(before[f'images {key}']) for key in keys}
    assert counts['published'] == number + 1
    assert counts['processed'] == len(poses)
    assert counts['skipped'] > 20
    assert (counts['lost'], counts['failed']) == (0, 0)
    assert counts['received'] == counts['processed'] + counts['rejected']
    assert counts['published'] == counts['received'] + counts['skipped']
    assert [p.sequence for p in poses] == list(
        range(poses[0].sequence, poses[0].sequence + len(poses)))
    # always the newest, so never one that is older than the last
    stamps = [(p.header.stamp.sec, p.header.stamp.nanosec) for p in poses]
    assert stamps == sorted(stamps)
    assert (after['topic'], after['publishers'], after['threads']) == ('/image', '1', '1')
