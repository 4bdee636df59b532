"""The format of a file's content, recognised by its first bytes."""
from __future__ import annotations

from enum import Enum

HEAD_BYTES = 4096


class FileKind(Enum):
    """What a file can be; the value is the name to use in a message."""

    EMPTY = 'an empty file'
    MCAP = 'an MCAP bag'
    SQLITE3 = 'an SQLite bag'
    ROS1_BAG = 'a ROS 1 bag'
    ZSTD = 'a file compressed with zstd'
    GZIP = 'a file compressed with gzip'
    XZ = 'a file compressed with xz'
    BZIP2 = 'a file compressed with bzip2'
    LZ4 = 'a file compressed with lz4'
    ZIP = 'a ZIP archive'
    TAR = 'a TAR archive'
    JPEG = 'a JPEG picture'
    PNG = 'a PNG picture'
    BMP = 'a BMP picture'
    WEBP = 'a WebP picture'
    TIFF = 'a TIFF picture'
    PNM = 'a PNM picture'
    GIF = 'a GIF picture'
    HEIF = 'a HEIF (HEIC) picture'
    AVIF = 'an AVIF picture'
    JPEG_2000 = 'a JPEG 2000 picture'
    JPEG_XL = 'a JPEG XL picture'
    PSD = 'a Photoshop document'
    PDF = 'a PDF document'
    HDF5 = 'an HDF5 file'
    NUMPY = 'a NumPy array'
    SEVEN_ZIP = 'a 7z archive'
    RAR = 'a RAR archive'
    PROGRAM = 'a program'
    SOUND = 'a sound file'
    VIDEO = 'a video'
    TEXT = 'a text file'
    UNKNOWN = 'a file of unknown format'


BAGS = frozenset({FileKind.MCAP, FileKind.SQLITE3})
PICTURES = frozenset({
    FileKind.JPEG, FileKind.PNG, FileKind.BMP, FileKind.WEBP, FileKind.TIFF, FileKind.PNM,
    FileKind.GIF})
"""Pictures that OpenCV reads wherever it runs."""

REMEDIES = {
    FileKind.EMPTY: 'there is nothing to read',
    FileKind.ROS1_BAG: 'convert it to a ROS 2 bag: rosbags-convert --src FILE.bag --dst FOLDER '
                       '(it is installed with this package)',
    FileKind.GZIP: 'unpack it first: gunzip FILE',
    FileKind.XZ: 'unpack it first: unxz FILE',
    FileKind.BZIP2: 'unpack it first: bunzip2 FILE',
    FileKind.LZ4: 'unpack it first: lz4 -d FILE',
    FileKind.ZIP: 'unpack it first, and give the file or folder inside',
    FileKind.TAR: 'unpack it first, and give the file or folder inside',
    FileKind.HEIF: 'convert it to JPEG or PNG: heif-convert FILE.heic FILE.jpg',
    FileKind.AVIF: 'convert it to JPEG or PNG: ffmpeg -i FILE.avif FILE.png',
    FileKind.JPEG_2000: 'convert it to JPEG or PNG: magick FILE.jp2 FILE.png',
    FileKind.JPEG_XL: 'convert it to JPEG or PNG: djxl FILE.jxl FILE.png',
    FileKind.PSD: 'convert it to JPEG or PNG: magick FILE.psd[0] FILE.png',
    FileKind.PDF: 'give the pictures or the video themselves',
    FileKind.HDF5: 'write its images to PNG files or a video first',
    FileKind.NUMPY: 'write its images to PNG files or a video first',
    FileKind.SEVEN_ZIP: 'unpack it first, and give the file or folder inside: 7z x FILE',
    FileKind.RAR: 'unpack it first, and give the file or folder inside: unrar x FILE',
    FileKind.PROGRAM: 'give a video, pictures or a bag',
    FileKind.SOUND: 'there is nothing to see in it',
    FileKind.TEXT: 'give a video, pictures or a bag',
}
"""What to do about files that are not read."""

JPEG = b'\xff\xd8\xff'
PNG = b'\x89PNG\r\n\x1a\n'
GIF = b'GIF8'
ZSTD = b'\x28\xb5\x2f\xfd'
EBML = b'\x1a\x45\xdf\xa3'
"""Of Matroska and WebM."""
FLV = b'FLV\1'
ASF = bytes.fromhex('3026b2758e66cf11a6d900aa0062ce6c')
RIFF = b'RIFF'

# Offset, bytes, kind; the first that fits counts.
SIGNATURES = (
    (0, b'\x89MCAP', FileKind.MCAP),
    (0, b'SQLite format 3\0', FileKind.SQLITE3),
    (0, b'#ROSBAG V', FileKind.ROS1_BAG),
    (0, ZSTD, FileKind.ZSTD),
    (0, b'\x1f\x8b', FileKind.GZIP),
    (0, b'\xfd7zXZ\0', FileKind.XZ),
    (0, b'BZh', FileKind.BZIP2),
    (0, b'\x04\x22\x4d\x18', FileKind.LZ4),
    (0, b'PK\x03\x04', FileKind.ZIP),
    (0, b'PK\x05\x06', FileKind.ZIP),
    (257, b'ustar', FileKind.TAR),
    (0, JPEG, FileKind.JPEG),
    (0, PNG, FileKind.PNG),
    (0, GIF, FileKind.GIF),
    (0, b'II*\0', FileKind.TIFF),
    (0, b'MM\0*', FileKind.TIFF),
    (0, b'II+\0', FileKind.TIFF),
    (0, b'MM\0+', FileKind.TIFF),
    (0, b'\0\0\0\x0cjP  ', FileKind.JPEG_2000),
    (0, b'\xff\x4f\xff\x51', FileKind.JPEG_2000),
    (0, b'\0\0\0\x0cJXL ', FileKind.JPEG_XL),
    (0, b'\xff\x0a', FileKind.JPEG_XL),
    (0, b'8BPS', FileKind.PSD),
    (0, b'%PDF-', FileKind.PDF),
    (0, b'\x89HDF\r\n\x1a\n', FileKind.HDF5),
    (0, b'\x93NUMPY', FileKind.NUMPY),
    (0, b"7z\xbc\xaf'\x1c", FileKind.SEVEN_ZIP),
    (0, b'Rar!\x1a\x07', FileKind.RAR),
    (0, b'\x7fELF', FileKind.PROGRAM),
    (0, b'ID3', FileKind.SOUND),  # MP3
    (0, b'\xff\xfb', FileKind.SOUND),  # MP3 without tags
    (0, b'\xff\xf3', FileKind.SOUND),
    (0, b'fLaC', FileKind.SOUND),
    (0, EBML, FileKind.VIDEO),
    (0, FLV, FileKind.VIDEO),
    (0, ASF, FileKind.VIDEO),  # also WMV
    (0, b'YUV4MPEG2 ', FileKind.VIDEO),
    (0, b'DKIF', FileKind.VIDEO),  # IVF
    (0, b'\0\0\0\1', FileKind.VIDEO),  # H.264, H.265 without a container
    (0, b'\0\0\1', FileKind.VIDEO),  # MPEG program stream, MPEG video, H.264
)
# The first boxes of a QuickTime file that has no ftyp.
QUICKTIME = (b'moov', b'mdat', b'wide', b'free', b'skip', b'pnot')
HEIF_BRANDS = frozenset({
    b'heic', b'heix', b'heim', b'heis', b'hevc', b'hevx', b'hevm', b'hevs', b'mif1', b'msf1'})
AVIF_BRANDS = frozenset({b'avif', b'avis'})
OGG_SOUND, OGG_VIDEO = (b'\1vorbis', b'OpusHead', b'\x7fFLAC', b'Speex   '), b'\x80theora'
# Sizes of the header that follows a BMP's first 14 bytes: "BM" alone begins many texts.
BMP_HEADERS = frozenset({12, 16, 40, 52, 56, 64, 108, 124})
PNM_TYPES = frozenset({b'P1', b'P2', b'P3', b'P4', b'P5', b'P6', b'P7'})
TS_PACKET, TS_SYNC = 188, 0x47
TEXT_CONTROLS = b'\t\n\r\f\x1b'


def content_kind(head: bytes) -> FileKind:
    """What a file is that begins with these bytes.

    Args:
        head: The first `HEAD_BYTES` of the file, or all of a shorter one.
    """
    if not head:
        return FileKind.EMPTY
    for offset, mark, kind in SIGNATURES:
        if head.startswith(mark, offset):
            return kind
    return (_riff_kind(head) or _ogg_kind(head) or _iso_media_kind(head) or _plain_kind(head)
            or (FileKind.TEXT if _is_text(head) else FileKind.UNKNOWN))


def _riff_kind(head: bytes) -> FileKind | None:
    if not head.startswith(RIFF):
        return None
    return {b'WEBP': FileKind.WEBP, b'AVI ': FileKind.VIDEO,
            b'WAVE': FileKind.SOUND}.get(head[8:12])


def _ogg_kind(head: bytes) -> FileKind | None:
    """Whether an Ogg file has a video: the headers of all streams come first."""
    if not head.startswith(b'OggS'):
        return None
    is_sound = any(mark in head for mark in OGG_SOUND) and OGG_VIDEO not in head
    return FileKind.SOUND if is_sound else FileKind.VIDEO


def _iso_media_kind(head: bytes) -> FileKind | None:
    """HEIF, AVIF, or MP4 and QuickTime: all begin with a box, and name their brands in it."""
    box = head[4:8]
    if box in QUICKTIME:
        return FileKind.VIDEO
    if box != b'ftyp':
        return None
    size = int.from_bytes(head[:4], 'big')
    brands = [head[8:12], *(head[at:at + 4] for at in range(16, min(size, len(head)), 4))]
    if AVIF_BRANDS & set(brands):
        return FileKind.AVIF
    return FileKind.HEIF if brands[0] in HEIF_BRANDS else FileKind.VIDEO


def _plain_kind(head: bytes) -> FileKind | None:
    if head[:2] == b'BM' and int.from_bytes(head[14:18], 'little') in BMP_HEADERS:
        return FileKind.BMP
    if head[:2] == b'MZ' and not _is_text(head):
        return FileKind.PROGRAM  # of DOS and Windows
    if head[:2] in PNM_TYPES and head[2:3].isspace():
        return FileKind.PNM
    if len(head) > TS_PACKET and head[0] == head[TS_PACKET] == TS_SYNC:
        return FileKind.VIDEO  # MPEG transport stream
    return None


def _is_text(head: bytes) -> bool:
    if any(byte < 32 and byte not in TEXT_CONTROLS for byte in head):
        return False
    try:
        head.decode('utf-8')
    except UnicodeDecodeError as error:
        # The head may end within a character.
        return len(head) == HEAD_BYTES and error.start >= HEAD_BYTES - 3
    return True
