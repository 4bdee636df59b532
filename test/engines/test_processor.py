"""What processors compute in, as recorded texts of /proc/cpuinfo tell it."""
import pytest
from support.cpuinfo import CORE_AVX2, EPYC_BF16, JETSON_ORIN, RASPBERRY_PI_4, XEON_AMX

from movenet_ros.engines.processor import Processor, parse_cpuinfo, this_processor

LOOKED_FOR = {'avx2', 'avx512_vnni', 'avx_vnni', 'avx512_bf16', 'avx512_fp16', 'amx_bf16', 'asimd',
              'asimddp', 'asimdhp'}


@pytest.mark.parametrize(('text', 'name', 'features'), [
    (XEON_AMX, 'Intel(R) Xeon(R) Platinum 8480+',
     {'avx2', 'avx512_vnni', 'avx_vnni', 'avx512_bf16', 'avx512_fp16', 'amx_bf16'}),
    (EPYC_BF16, 'AMD EPYC', {'avx2', 'avx512_vnni', 'avx512_bf16'}),
    (CORE_AVX2, 'Intel(R) Core(TM) i7-4770 CPU @ 3.40GHz', {'avx2'}),
    (JETSON_ORIN, 'ARMv8 Processor rev 1 (v8l)', {'asimd', 'asimddp', 'asimdhp'}),
    (RASPBERRY_PI_4, 'Raspberry Pi 4 Model B Rev 1.1', set())])
def test_name_and_features_are_read(text, name, features):
    found = parse_cpuinfo(text)
    assert found.name == name
    assert found.features & LOOKED_FOR == features


def test_only_what_all_cores_have_counts():
    little = JETSON_ORIN.replace('asimdhp', '', 1)
    assert 'asimdhp' in parse_cpuinfo(JETSON_ORIN).features
    assert 'asimdhp' not in parse_cpuinfo(little).features


@pytest.mark.parametrize('text', ['', '\n', ':', 'flags', 'flags\t:', 'junk\x00: \x01\nmodel: 3'])
def test_of_an_unreadable_text_nothing_is_known(text):
    assert parse_cpuinfo(text) == Processor()
    assert str(parse_cpuinfo(text)) == 'an unknown processor'


def test_without_the_file_nothing_is_known(tmp_path):
    assert this_processor(tmp_path / 'absent') == Processor()


def test_the_processor_of_this_machine_is_known():
    assert this_processor().features & {'sse2', 'asimd', 'neon'}
