"""Videos of kinds that OpenCV does not write, made of its pictures or of the sample clips."""
from __future__ import annotations

import struct

import cv2
import numpy as np

MP4_PARENTS = (b'moov', b'trak', b'edts', b'mdia', b'minf', b'stbl')
UNKNOWN_SIZE = b'\x01' + b'\xff' * 7


def shades(count, size=(64, 48)):
    """Pictures, each brighter than the one before."""
    return [np.full((*size[::-1], 3), 10 + 200 * index // count, np.uint8)
            for index in range(count)]


def noise(count, size=(64, 48)):
    """Pictures that no codec makes small."""
    rng = np.random.default_rng(3)
    return list(rng.integers(0, 255, (count, *size[::-1], 3), np.uint8))


def write_video(path, codec, images, fps=25.0):
    """Any video that OpenCV writes."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*codec), fps, images[0].shape[1::-1])
    for image in images:
        writer.write(image)
    writer.release()
    return path


def matroska(path, times_ms, *, duration_ms=None, frame_ms=None, live=False):
    """A Matroska file of Motion JPEG.

    Args:
        path: Where to write it.
        times_ms: Of each frame.
        duration_ms: What the header claims; None for no claim.
        frame_ms: The duration of a frame that the header claims; None for no claim.
        live: Leave sizes unknown, as a recorder that streams.
    """
    height, width = 48, 64
    track = (_element(0xD7, _number(1)) + _element(0x73C5, _number(1)) + _element(0x83, _number(1))
             + _element(0x86, b'V_MJPEG')
             + (_element(0x23E383, _number(round(frame_ms * 1e6))) if frame_ms else b'')
             + _element(0xE0, _element(0xB0, _number(width)) + _element(0xBA, _number(height))))
    info = _element(0x2AD7B1, _number(1_000_000)) + (
        _element(0x4489, struct.pack('>d', duration_ms)) if duration_ms else b'')
    parts = [_element(0x1549A966, info), _element(0x1654AE6B, _element(0xAE, track))]
    for time, image in zip(times_ms, shades(len(times_ms), (width, height)), strict=True):
        jpeg = cv2.imencode('.jpg', image)[1].tobytes()
        block = _element(0xA3, b'\x81' + struct.pack('>hB', 0, 0x80) + jpeg)
        parts.append(_element(0x1F43B675, _element(0xE7, _number(time)) + block, live))
    head = _element(0x1A45DFA3, _element(0x4282, b'matroska'))
    path.write_bytes(head + _element(0x18538067, b''.join(parts), live))
    return path


def _element(number, content, unknown=False):
    size = UNKNOWN_SIZE if unknown else (len(content) | 1 << 56).to_bytes(8, 'big')
    return number.to_bytes((number.bit_length() + 7) // 8, 'big') + size + content


def _number(value):
    return value.to_bytes(max(1, (value.bit_length() + 7) // 8), 'big')


def edit_mp4(source, path, **boxes):
    """An .mp4 with other contents of boxes of its index, e.g. ``stts=bytes``."""
    whole = source.read_bytes()
    at = whole.index(b'moov') - 4
    size = int.from_bytes(whole[at:at + 4], 'big')
    moov = _edited(whole[at:at + size], {name.encode(): body for name, body in boxes.items()})
    # The old index becomes an unknown box, so that the media stay where the index says.
    path.write_bytes(whole[:at + 4] + b'junk' + whole[at + 8:] + moov)
    return path


def _edited(boxes, bodies):
    done = b''
    while boxes:
        size, kind = struct.unpack_from('>I4s', boxes)
        body, boxes = boxes[8:size], boxes[size:]
        body = bodies.get(kind, _edited(body, bodies) if kind in MP4_PARENTS else body)
        done += struct.pack('>I4s', 8 + len(body), kind) + body
    return done


def time_to_sample(durations):
    """The content of an stts box: how long each frame is shown, in ticks."""
    entries = b''.join(struct.pack('>II', 1, duration) for duration in durations)
    return struct.pack('>II', 0, len(durations)) + entries


def edit_list(duration, start=0):
    """The content of an elst box: what part of the media is shown."""
    return struct.pack('>IIIiI', 0, 1, duration, start, 1 << 16)


def sound(path, cover=None):
    """An .m4a of two seconds of silence, and a picture, which FFmpeg takes for a video."""
    count, ticks, rate = 200, 80, 8000
    jpeg = b'' if cover is None else cv2.imencode('.jpg', cover)[1].tobytes()
    table = (
        _box(b'stsd', struct.pack('>II', 0, 1) + _box(
            b'sowt', struct.pack('>6xH8xHHHHI', 1, 1, 16, 0, 0, rate << 16)))
        + _box(b'stts', struct.pack('>IIII', 0, 1, count, ticks))
        + _box(b'stsc', struct.pack('>IIIII', 0, 1, 1, count, 1))
        + _box(b'stsz', struct.pack('>III', 0, 2 * ticks, count))
        + _box(b'stco', struct.pack('>III', 0, 1, 40)))
    place = _box(b'dinf', _box(b'dref', struct.pack('>II', 0, 1) + _box(b'url ', b'\0\0\0\1')))
    media = (
        _box(b'mdhd', struct.pack('>12xII4x', rate, count * ticks))
        + _box(b'hdlr', b'\0' * 8 + b'soun' + b'\0' * 13)
        + _box(b'minf', _box(b'smhd', b'\0' * 8) + place + _box(b'stbl', table)))
    track = _box(b'tkhd', struct.pack('>I8xIII60x', 7, 1, 0, 2000)) + _box(b'mdia', media)
    picture = _box(b'covr', _box(b'data', struct.pack('>II', 13, 0) + jpeg)) if jpeg else b''
    tags = _box(b'meta', b'\0' * 4 + _box(b'hdlr', b'\0' * 8 + b'mdirappl' + b'\0' * 9)
                + _box(b'ilst', picture))
    head = _box(b'mvhd', struct.pack('>12xIII76xI', 1000, 2000, 1 << 16, 2))
    path.write_bytes(
        _box(b'ftyp', b'M4A \0\0\0\0M4A mp42        ') + _box(b'mdat', bytes(2 * ticks * count))
        + _box(b'moov', head + _box(b'trak', track) + _box(b'udta', tags)))
    return path


def _box(kind, content):
    return struct.pack('>I4s', 8 + len(content), kind) + content


def raw_h264(source, path):
    """The H.264 stream of an .mp4 that has nothing else, without a container."""
    whole = source.read_bytes()
    at = whole.index(b'avcC') + 9
    sets = []
    for mask in (31, 255):
        count, at = whole[at] & mask, at + 1
        for _ in range(count):
            size = int.from_bytes(whole[at:at + 2], 'big')
            sets.append(whole[at + 2:at + 2 + size])
            at += 2 + size
    at = whole.index(b'mdat') + 4
    end = at - 8 + int.from_bytes(whole[at - 8:at - 4], 'big')
    while at < end:
        size = int.from_bytes(whole[at:at + 4], 'big')
        sets.append(whole[at + 4:at + 4 + size])
        at += 4 + size
    path.write_bytes(b''.join(b'\0\0\0\1' + unit for unit in sets))
    return path


def with_empty_frames(source, path):
    """An .avi with an empty frame after every third one, and without an index."""
    whole = source.read_bytes()
    start = whole.index(b'movi') + 4
    end = start - 4 + int.from_bytes(whole[start - 8:start - 4], 'little')
    head, movie, at, count = bytearray(whole[:start]), b'', start, 0
    while at < end:
        size = int.from_bytes(whole[at + 4:at + 8], 'little')
        movie += whole[at:at + 8 + size + size % 2]
        at, count = at + 8 + size + size % 2, count + 1
        if count % 3 == 0:
            movie += b'00dc' + bytes(4)
    head[-8:-4] = (4 + len(movie)).to_bytes(4, 'little')
    head[4:8] = (len(head) - 8 + len(movie)).to_bytes(4, 'little')
    path.write_bytes(bytes(head) + movie)
    return path
