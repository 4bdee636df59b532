"""What comes in is only ever data: nothing in it is run, unpickled, given to a shell or fetched.

Images, bags, model files, parameter files and manifests may come from anyone. Pickles, `eval` and
YAML's own tags turn data into code; a shell turns file names into commands; a download turns
whoever answers into an author of this package. It needs none of them, so none may be
there, however harmless its use. As in test_rooms.py, this is read off the source, so it
holds for paths that no test runs.
"""
import ast

import pytest
from support.paths import ROOT

FILES = sorted([*(ROOT / 'movenet_ros').rglob('*.py'), *(ROOT / 'launch').glob('*.py'),
                ROOT / 'scripts' / 'movenet'])

# Serialisers that run what they read, shells and terminals, and all that speaks to a network.
MODULES = {
    'pickle', 'dill', 'cloudpickle', 'joblib', 'marshal', 'shelve', 'code', 'codeop', 'runpy',
    'pty', 'socket', 'socketserver', 'ssl', 'asyncio', 'http', 'urllib', 'ftplib', 'smtplib',
    'poplib', 'imaplib', 'xmlrpc', 'webbrowser', 'requests', 'urllib3', 'httpx', 'aiohttp',
    'wget', 'pooch', 'gdown', 'huggingface_hub', 'kagglehub', 'tensorflow_hub',
    'tensorflow_datasets'}

# As plain names: re.compile is another.
BUILTINS = {'eval', 'exec', 'compile', 'breakpoint'}

ATTRIBUTES = {
    'os': {'system', 'popen', 'startfile', *(
        f'{kind}{how}' for kind in ('exec', 'spawn') for how in (
            'l', 'le', 'lp', 'lpe', 'v', 've', 'vp', 'vpe'))},
    'subprocess': {'getoutput', 'getstatusoutput'},
    # not the safe ones
    'yaml': {'load', 'load_all', 'full_load', 'full_load_all', 'unsafe_load', 'unsafe_load_all',
             'Loader', 'FullLoader', 'UnsafeLoader', 'CLoader'},
    # unpickles
    'torch': {'load'},
    # a name that another process may take before the file is made
    'tempfile': {'mktemp'},
    # tf.keras.utils.get_file and its like
    'utils': {'get_file', 'download_url', 'load_state_dict_from_url'},
    # beside a server
    'http': {'client'},
    'socket': {'create_connection'},
}

KEYWORDS = {'shell', 'allow_pickle'}

# Parts of a module above without network access.
HARMLESS = ('urllib.parse',)

# Who may start other programs, without a shell, and who may import by a name that is computed:
# from lists of their own, none from what comes in.
STARTS = {'movenet_ros/cli/demo_processes.py', 'movenet_ros/measure/speed/engine/start.py',
          'movenet_ros/measure/speed/tfjs_comparison.py',
          'movenet_ros/measure/speed/node/processes.py',
          'movenet_ros/measure/speed/node/start.py', 'movenet_ros/testing/node.py'}
COMPUTES_IMPORTS = {'movenet_ros/__init__.py', 'movenet_ros/cli/__init__.py',
                    'movenet_ros/cli/benchmark.py',
                    'movenet_ros/engines/loading.py', 'movenet_ros/files/bags/zstd.py',
                    'movenet_ros/measure/report/tools.py',
                    'movenet_ros/ros/publications/optional_messages.py'}

# The server of `movenet view` answers; it asks nobody.
SERVES = {
    'access': {'http', 'socket'}, 'connections': {'socket', 'socketserver'},
    'handler': {'http', 'socket'}, 'request_body': {'http'}, 'request_error': {'http'},
    'request_reader': {'http', 'socket'}, 'routes': {'http'}, 'server': {'socket'},
    'stream': {'socket'}}


def imported(node):
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [node.module, *(f'{node.module}.{alias.name}' for alias in node.names)]
    if isinstance(node, ast.Call) and last_name(node.func) in ('import_module', '__import__'):
        return [node.args[0].value if isinstance(node.args[0], ast.Constant) else 'computed']
    return []


def last_name(node):
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ''


def forbidden(source):
    """What a module has and should not have."""
    for node in ast.walk(ast.parse(source)):
        for module in imported(node):
            top, _, rest = module.partition('.')
            if module.startswith(HARMLESS):
                continue
            if top in {*MODULES, 'subprocess', 'computed'}:
                yield top
            if rest in ATTRIBUTES.get(top, ()):
                yield module
        if isinstance(node, ast.Name) and node.id in BUILTINS:
            yield node.id
        if (isinstance(node, ast.Attribute)
                and node.attr in ATTRIBUTES.get(last_name(node.value), ())):
            yield f'{last_name(node.value)}.{node.attr}'
        if isinstance(node, ast.keyword) and node.arg in KEYWORDS:
            yield node.arg


@pytest.mark.parametrize('path', FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_comes_in_stays_data(path):
    name = str(path.relative_to(ROOT))
    allowed = {'subprocess'} if name in STARTS else set()
    allowed |= {'computed'} if name in COMPUTES_IMPORTS else set()
    if name.startswith('movenet_ros/tools/view/'):
        allowed |= SERVES.get(path.stem, set())
    assert set(forbidden(path.read_text(encoding='utf-8'))) == allowed


@pytest.mark.parametrize('source', [
    'import pickle', 'from pickle import loads', 'import urllib.request',
    'from urllib.request import urlopen', "importlib.import_module('requests')",
    'importlib.import_module(name)', '__import__(name)', 'import subprocess', 'eval(text)',
    'run = exec', 'os.system(text)', 'from os import system', 'os.execvp(text, [])',
    'yaml.load(text)', 'yaml.load(text, Loader=yaml.FullLoader)', 'from yaml import unsafe_load',
    'tempfile.mktemp()', 'np.load(path, allow_pickle=True)', 'run(words, shell=True)',
    'keras.utils.get_file(name, url)'])
def test_what_is_looked_for_is_found(source):
    assert list(forbidden(source))


@pytest.mark.parametrize('source', [
    'import http.client', 'from http import client', 'from http.client import HTTPConnection',
    'socket.create_connection(address)', 'from socket import create_connection'])
def test_a_server_may_not_ask(source):
    assert set(forbidden(source)) - set().union(*SERVES.values())
