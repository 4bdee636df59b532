"""A headless Chromium: what a page shows, logs and requests in it."""
from __future__ import annotations

import base64
import json
import os
import shutil
import time
from contextlib import contextmanager

import cv2
import numpy as np
import pytest

CHROMIUM, DRIVER = (shutil.which(name) for name in ('chromium', 'chromedriver'))
OPTIONS = ('--headless=new', '--disable-gpu', '--disable-quic', '--no-first-run',
           '--disable-background-networking', '--disable-component-update', '--disable-sync',
           '--disable-dev-shm-usage', '--force-color-profile=srgb', '--hide-scrollbars')
WAIT = 15.0  # s
POLL = 0.02  # s


def require_browser():
    """Skips where there is no browser to be driven."""
    pytest.importorskip('selenium', reason='selenium is not installed: the extra test')
    if not (CHROMIUM and DRIVER):
        pytest.skip('Chromium is not installed: apt install chromium chromium-driver')


@contextmanager
def browser(folder):
    """A browser with its profile in a folder; nothing of it is left running."""
    from selenium.webdriver import Chrome, ChromeOptions, ChromeService
    options = ChromeOptions()
    options.binary_location = CHROMIUM
    for option in (*OPTIONS, f'--user-data-dir={folder}'):
        options.add_argument(option)
    if os.geteuid() == 0:
        options.add_argument('--no-sandbox')
    options.set_capability('goog:loggingPrefs', {'browser': 'ALL', 'performance': 'ALL'})
    # Both are named, so that selenium looks for neither in the internet.
    driver = Chrome(options, ChromeService(DRIVER))
    try:
        yield Page(driver)
    finally:
        driver.quit()


class Page:
    """The page that the browser shows."""

    def __init__(self, driver):
        self.driver = driver

    def open(self, url, size=(1280, 800), scale=1, dark=False, touch=False):
        """Opens an address in a window of this size [CSS px], as on a screen of that scale."""
        self.driver.get('about:blank')
        self.logged()
        self.requested()
        self.command('Emulation.setDeviceMetricsOverride', width=size[0], height=size[1],
                     deviceScaleFactor=scale, mobile=touch)
        self.command('Emulation.setTouchEmulationEnabled', enabled=touch)
        self.command('Emulation.setEmulatedMedia', features=[
            {'name': 'prefers-color-scheme', 'value': 'dark' if dark else 'light'}])
        self.driver.get(url)

    def command(self, name, **parameters):
        """Sends a command of the DevTools protocol."""
        return self.driver.execute_cdp_cmd(name, parameters)

    def run(self, script, *arguments):
        """What a function body in JavaScript returns."""
        return self.driver.execute_script(script, *arguments)

    def find(self, selector):
        """The element of a CSS selector, as soon as it is there."""
        found = self.wait(lambda: self.driver.find_elements('css selector', selector), selector)
        return found[0]

    def text(self, selector):
        """Its text, as it is shown."""
        return self.find(selector).text

    def click(self, selector, x=None, y=None):
        """Clicks in its middle, or at a place in it [CSS px from its top left]."""
        from selenium.webdriver import ActionChains
        element = self.find(selector)
        if x is None:
            element.click()
            return
        left, top = self.run('arguments[0].scrollIntoView({block: "nearest"});'
                             'const r = arguments[0].getBoundingClientRect();'
                             'return [r.left, r.top]', element)
        pointer = ActionChains(self.driver, duration=0).w3c_actions
        pointer.pointer_action.move_to_location(round(left + x), round(top + y))
        pointer.pointer_action.click()
        pointer.perform()

    def press(self, *keys):
        """Presses keys, for whatever has the focus."""
        from selenium.webdriver import ActionChains
        ActionChains(self.driver, duration=0).send_keys(*keys).perform()

    def wait(self, condition, what=''):
        """Waits until `condition()` is true, and returns what it returned."""
        deadline = time.monotonic() + WAIT
        while not (value := condition()):
            assert time.monotonic() < deadline, f'{what or condition}: not within {WAIT} s'
            time.sleep(POLL)
        return value

    def wait_for(self, selector, text):
        """Waits until an element shows a text."""
        self.wait(lambda: text in self.text(selector), f'{text!r} in {selector}')

    def pixels(self, selector):
        """The pixels of a canvas, RGB [H,W,3], as many as the screen has."""
        url = self.run('return document.querySelector(arguments[0]).toDataURL()', selector)
        data = np.frombuffer(base64.b64decode(url.partition(',')[2]), np.uint8)
        return cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1]

    def screenshot(self, path):
        """Writes what is shown as a PNG."""
        self.driver.save_screenshot(str(path))

    def logged(self):
        """What the console has been told since the last call: warnings and errors."""
        return [entry['message'] for entry in self.driver.get_log('browser')]

    def requested(self):
        """The addresses that were asked for since the last call."""
        entries = (json.loads(entry['message'])['message']
                   for entry in self.driver.get_log('performance'))
        return [entry['params']['request']['url'] for entry in entries
                if entry['method'] == 'Network.requestWillBeSent']
