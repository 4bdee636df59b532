"""Which precision a network computes in: what is refused, and what `auto` takes and why."""
import dataclasses

import pytest
from support.cpuinfo import CORE_AVX2, EPYC_BF16, JETSON_ORIN, RASPBERRY_PI_4, XEON_AMX
from support.paths import ROOT

from movenet_ros.config import find
from movenet_ros.core.network import NetworkInfo, Networks
from movenet_ros.engines.loading import LOADERS
from movenet_ros.engines.models import find_models_dir, load_manifest
from movenet_ros.engines.precision import (
    ON_CPU,
    ON_GPU,
    choose_precision,
    engine_text,
    has_precision,
)
from movenet_ros.engines.processor import parse_cpuinfo
from movenet_ros.errors import EngineError

PROCESSORS = {'xeon': XEON_AMX, 'epyc': EPYC_BF16, 'core': CORE_AVX2, 'orin': JETSON_ORIN,
              'pi 4': RASPBERRY_PI_4, 'unknown': ''}


@pytest.fixture
def lightning():
    """The model with an int8 file that loses as much as is asked for."""
    entry = dataclasses.replace(load_manifest(find_models_dir()).entry('lightning'), variants={})

    def make(loss):
        variant = dataclasses.replace(entry, precision='int8', ap_loss=loss)
        return dataclasses.replace(entry, variants={'int8': variant})
    return make


def chosen(entry, processor, engine='litert', precision='auto', device='cpu'):
    return choose_precision(engine, device, precision, entry, parse_cpuinfo(PROCESSORS[processor]))


def test_the_tables_name_engines_and_precisions_that_there_are():
    assert set(ON_GPU) <= set(ON_CPU) <= set(LOADERS)
    named = {name for table in (ON_CPU, ON_GPU) for lower in table.values() for name in lower}
    assert named <= set(find('precision').choices) - {'auto', 'float32'}
    assert not any(low.needs and set(low.gains) - set(low.needs)
                   for lower in ON_CPU.values() for low in lower.values())


@pytest.mark.parametrize('engine', LOADERS)
@pytest.mark.parametrize('processor', PROCESSORS)
@pytest.mark.parametrize('device', ['auto', 'cpu', 'gpu:0'])
def test_float32_is_everywhere_and_needs_no_reason(lightning, engine, processor, device):
    assert chosen(lightning(0.0), processor, engine, 'float32', device) == ('float32', '')


@pytest.mark.parametrize(('processor', 'feature'), [
    ('xeon', 'avx512_vnni'), ('epyc', 'avx512_vnni'), ('orin', 'asimddp')])
def test_auto_takes_int8_where_it_is_faster_and_loses_little(lightning, processor, feature):
    precision, reason = chosen(lightning(0.008), processor)
    assert precision == 'int8'
    assert feature in reason and 'loses 0.008 AP' in reason


@pytest.mark.parametrize(('processor', 'loss', 'reason'), [
    ('core', 0.0, 'int8 is not faster on Intel(R) Core(TM) i7-4770 CPU @ 3.40GHz'),
    ('pi 4', 0.0, 'int8 is not faster on Raspberry Pi 4 Model B Rev 1.1'),
    ('unknown', 0.0, 'int8 is not faster on an unknown processor'),
    ('epyc', 0.011, 'int8 loses 0.011 AP'), ('epyc', None, 'no loss of int8 is stated')])
def test_auto_takes_float32_elsewhere_and_says_why(lightning, processor, loss, reason):
    precision, text = chosen(lightning(loss), processor)
    assert precision == 'float32'
    assert text.startswith('float32, as ') and reason in text


def test_auto_does_without_a_file_that_is_not_there(lightning):
    entry = dataclasses.replace(lightning(0.0), variants={})
    assert chosen(entry, 'epyc')[0] == 'float32'


def test_a_gain_counts_as_no_loss(lightning):
    assert 'loses 0.000 AP' in chosen(lightning(-0.02), 'epyc')[1]


@pytest.mark.parametrize('engine', LOADERS)
def test_auto_on_a_gpu_says_that_nothing_was_measured(lightning, engine):
    precision, reason = chosen(lightning(0.0), 'xeon', engine, device='gpu:0')
    assert precision == 'float32' and 'on a GPU' in reason


@pytest.mark.parametrize('processor', PROCESSORS)
def test_int8_runs_on_every_processor(lightning, processor):
    assert chosen(lightning(0.5), processor, precision='int8') == ('int8', '')


@pytest.mark.parametrize(('engine', 'precision', 'device', 'says'), [
    ('keras', 'int8', 'cpu', 'the keras engine has no precision int8 on a CPU, only float32, '
     'float16: set precision to one of these, or engine to litert'),
    ('keras', 'int8', 'gpu:0', 'the keras engine has no precision int8 on a GPU, only float32, '
     'float16: set precision'),
    ('onnxruntime', 'float16', 'tensorrt:0', 'the onnxruntime engine has no precision float16 on a '
     'GPU, only float32: set precision')])
def test_a_precision_that_the_engine_lacks_is_refused_with_those_it_has(
        lightning, engine, precision, device, says):
    with pytest.raises(EngineError) as caught:
        chosen(lightning(0.0), 'xeon', engine, precision, device)
    assert str(caught.value).startswith(says)


def test_a_precision_that_the_processor_lacks_is_refused_with_those_it_has(lightning):
    assert chosen(lightning(0.0), 'orin', precision='float16') == ('float16', '')
    with pytest.raises(EngineError) as caught:
        chosen(lightning(0.0), 'epyc', precision='float16')
    assert str(caught.value) == (
        'precision float16 of the litert engine needs a processor with avx512_fp16 or asimdhp, '
        'and this one (AMD EPYC) has neither: set precision to float32 or int8')


@pytest.mark.parametrize('engine', LOADERS)
def test_every_engine_has_float32_and_auto(engine):
    assert has_precision(engine, 'float32') and has_precision(engine, 'auto')


def test_the_text_of_the_engine_names_a_low_precision():
    assert engine_text('litert 2.3.0', 'float32') == 'litert 2.3.0'
    assert engine_text('litert 2.3.0', 'int8') == 'litert 2.3.0, int8'


class FakeNetwork:
    def __init__(self, model, precision, reason):
        self.info = NetworkInfo(model, engine_text('litert 2.3.0', precision), 'cpu', 2, model[0],
                                None, reason=reason, precision=precision)


def test_two_networks_of_one_precision_are_told_once():
    info = Networks(FakeNetwork('multipose', 'int8', 'it is set'),
                    FakeNetwork('thunder', 'int8', 'it is set')).info
    assert (info.engine, info.precision, info.reason) == ('litert 2.3.0, int8', 'int8', 'it is set')


def test_two_networks_of_different_precision_are_told_apart():
    info = Networks(FakeNetwork('multipose', 'float32', 'float32, as int8 loses 0.012 AP'),
                    FakeNetwork('thunder', 'int8', 'int8 is the fastest')).info
    assert (info.model, info.precision) == ('multipose+thunder', 'float32+int8')
    assert info.engine == 'litert 2.3.0 + litert 2.3.0, int8'
    assert info.reason == ('multipose: float32, as int8 loses 0.012 AP; '
                           'thunder: int8 is the fastest')


@pytest.mark.parametrize(('processor', 'precision'), [
    ('xeon', 'bfloat16'), ('epyc', 'bfloat16'), ('core', 'float32'), ('orin', 'float32'),
    ('pi 4', 'float32'), ('unknown', 'float32')])
def test_auto_takes_bfloat16_of_openvino_where_the_processor_has_it(processor, precision):
    entry = load_manifest(find_models_dir()).entry('multipose')
    assert chosen(entry, processor, 'openvino')[0] == precision


@pytest.mark.parametrize('model', ['lightning', 'thunder'])
def test_auto_does_not_take_bfloat16_where_it_loses_more(model):
    entry = load_manifest(find_models_dir()).entry(model)
    assert chosen(entry, 'xeon', 'openvino')[0] == 'float32'


@pytest.mark.parametrize(('model', 'precision'), [
    ('lightning', 'float32'), ('thunder', 'float32'), ('multipose', 'float16')])
def test_auto_resolves_each_network_by_its_own_loss(model, precision):
    entry = dataclasses.replace(load_manifest(find_models_dir()).entry(model), variants={})
    assert chosen(entry, 'orin')[0] == precision


@pytest.mark.parametrize(('model', 'precision'), [
    ('lightning', 'float32'), ('thunder', 'int8'), ('multipose', 'int8')])
def test_auto_takes_the_shipped_int8_files_that_lose_little(model, precision):
    entry = load_manifest(find_models_dir()).entry(model)
    assert chosen(entry, 'epyc')[0] == precision


def test_the_stated_losses_are_those_of_the_documentation():
    page = (ROOT / 'docs' / 'precision.md').read_text(encoding='utf-8')
    row = next(line for line in page.splitlines() if line.startswith('| **stated loss**'))
    stated = [[float(number) for number in cell.split()] for cell in row.split('|')[4:6]]
    tables = (ON_CPU['litert']['float16'], ON_CPU['openvino']['bfloat16'])
    assert stated == [[table.losses[model] for model in find('model').choices] for table in tables]
