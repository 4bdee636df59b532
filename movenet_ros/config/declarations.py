"""Every parameter of the package, declared once.

The node's declarations, config/movenet.yaml, docs/parameters.md and the offline
command's options are all made from the fields below. A field's place gives the
parameter its name: `Config.filter.beta` is the parameter `filter.beta`.
"""
from __future__ import annotations

import re
from dataclasses import dataclass

from movenet_ros.config.condition import setting
from movenet_ros.config.parameter import Change
from movenet_ros.config.parameter_set import ParameterSet, declare
from movenet_ros.errors import ParameterError, shown

COCO_KEYPOINTS = 17
SIDE_MULTIPLE = 32
"""The sides of MultiPose's input are multiples of this [px]."""
MIN_LONG_SIDE = 64
"""Smallest long side of MultiPose's input [px]."""

# Under which settings a parameter has an effect; those without such an entry always have one.
ONE_PERSON = setting('model', 'lightning', 'thunder')
MULTIPOSE = setting('model', 'multipose')
NOT_REFINED = setting('refine', 'none')
REFINED = setting('refine', 'lightning', 'thunder')
READ_FROM_CROP = ONE_PERSON | REFINED
FILTERED = setting('filter.enabled', True)
ON_A_DEVICE = setting('engine', 'auto', 'keras', 'openvino', 'onnxruntime')
BY_BOX = setting('tracker.similarity', 'iou')
BY_KEYPOINTS = setting('tracker.similarity', 'oks')
# A single person is compared by keypoints, whatever `tracker.similarity` is.
OKS = BY_KEYPOINTS | READ_FROM_CROP
CONFIDENT_KEYPOINTS = setting('min_confident_keypoints', *range(1, COCO_KEYPOINTS + 1))


@dataclass(frozen=True)
class MultiPoseConfig:
    """The input of the multi-person model, and which people are published."""

    long_side: int = declare(
        256, 'Long side of the network input, a multiple of 32. A larger one detects smaller '
        'people; time grows with its square.',
        unit='px', minimum=MIN_LONG_SIDE, maximum=1024, change=Change.RECONFIGURE,
        applies=MULTIPOSE)
    min_pose_score: float = declare(
        0.15, 'People below this MultiPose score are not published. The score is on another scale '
        'than that of a single person: 0.15 gives as few false positives as 0.25 does in the '
        'reference implementation, and detects more people.',
        minimum=0.0, maximum=1.0, applies=MULTIPOSE & NOT_REFINED)


@dataclass(frozen=True)
class PeopleConfig:
    """With `refine`: how people are detected, before a second network reads each."""

    period: float = declare(
        0.3, 'Time between two detections of people by MultiPose. In between, tracked people are '
        'read from their own crops; when two come close or one is lost, people are detected at '
        'once. 0: in every image.',
        unit='s', minimum=0.0, maximum=60.0, applies=REFINED)
    second_long_side: int = declare(
        512, 'Long side of a second network input, for smaller people; a multiple of 32, 0 for '
        'none.', unit='px', minimum=0, maximum=1024, applies=REFINED)
    tiles: int = declare(
        1, 'For more than a dozen people: detect them also in this many overlapping tiles per side '
        'of the image. 1: only in the whole image.', minimum=1, maximum=4, applies=REFINED)
    min_detection_score: float = declare(
        0.05, 'People below this MultiPose score are not read by the second network. Higher: fewer '
        'false positives, and fewer people.',
        minimum=0.0, maximum=1.0, applies=REFINED)
    max_similarity: float = declare(
        0.7, 'Two readings with a higher object keypoint similarity than this are the same person.',
        minimum=0.0, maximum=1.0, applies=REFINED)
    max_people: int = declare(
        20, 'Largest number of people published in one image; each takes one run of the second '
        'network, or two where the first reading is rejected. The node warns at configure if that '
        'many take longer than tracker.max_age.',
        minimum=1, maximum=100, applies=REFINED)


@dataclass(frozen=True)
class CropConfig:
    """The tracking crop of the single-person models."""

    first_frame: str = declare(
        'padded', 'Network input while no person is tracked: the whole image, padded to a square, '
        'or the centre square of the short side, which misses people at the edges.',
        choices=('padded', 'centre'), applies=ONE_PERSON)
    torso_scale: float = declare(
        1.9, 'Half side of the crop, as a multiple of the farthest torso keypoint from the '
        'middle of the hips.', minimum=1.0, maximum=10.0, applies=ONE_PERSON)
    body_scale: float = declare(
        1.2, 'Half side of the crop, as a multiple of the farthest visible keypoint from the '
        'middle of the hips. The larger of the two counts.', minimum=1.0, maximum=10.0,
        applies=ONE_PERSON)
    smoothing: float = declare(
        0.9, 'Fraction of the way that each edge of the crop moves to its new position in each '
        'image; 1 is no smoothing.', minimum=0.01, maximum=1.0, applies=ONE_PERSON)


@dataclass(frozen=True)
class TrackerConfig:
    """How people are tracked from image to image.

    A single-person model follows a person by its crop; these apply when that has lost them. With
    `refine`, people are tracked by position, motion and colours.
    """

    similarity: str = declare(
        'iou', 'Similarity of poses and tracks: intersection over union of their boxes (iou) or '
        'object keypoint similarity (oks).', choices=('iou', 'oks'), applies=NOT_REFINED)
    min_iou: float = declare(
        0.15, 'Smallest intersection over union that matches a pose with a track.',
        minimum=0.0, maximum=1.0, applies=BY_BOX & NOT_REFINED)
    min_oks: float = declare(
        0.2, 'Smallest object keypoint similarity that matches a pose with a track.',
        minimum=0.0, maximum=1.0, applies=BY_KEYPOINTS & NOT_REFINED | ONE_PERSON)
    predict: bool = declare(
        True, 'Predict positions with constant velocity, so that people keep their ids when they '
        'cross or are hidden while they walk. The reference implementation does not.',
        applies=NOT_REFINED)
    max_age: float = declare(
        1.0, 'A track without a matching pose for longer than this is removed; where images are '
        'processed more slowly, for longer than two intervals between them, at most 10 s.',
        unit='s', minimum=0.01, maximum=60.0)
    max_tracks: int = declare(
        18, 'Largest number of tracks kept; the oldest are removed.', minimum=1, maximum=1000)
    oks_min_keypoint_score: float = declare(
        0.3, 'Keypoints below this score are ignored in the object keypoint similarity.',
        minimum=0.0, maximum=1.0, applies=OKS)
    oks_min_keypoints: int = declare(
        4, 'With fewer keypoints in common than this, the object keypoint similarity is 0.',
        minimum=1, maximum=COCO_KEYPOINTS, applies=OKS)
    oks_falloffs: tuple[float, ...] = declare(
        (.026, .025, .025, .035, .035, .079, .079, .072, .072, .062, .062, .107, .107,
         .087, .087, .089, .089),
        'Per keypoint, how fast the object keypoint similarity falls with distance: the constants '
        'of the COCO evaluation.',
        minimum=1e-6, maximum=1.0, applies=OKS)


@dataclass(frozen=True)
class FilterConfig:
    """The One-Euro filter on the keypoints, in units of the image's size."""

    enabled: bool = declare(True, 'Whether keypoints are smoothed over time.')
    min_cutoff: float = declare(
        1.0, 'Cut-off frequency of a keypoint at rest. Lower removes more jitter and adds lag. '
        'The reference implementation has 2.5; see docs/accuracy.md.',
        unit='Hz', minimum=1e-3, maximum=1000.0, applies=FILTERED)
    beta: float = declare(
        30.0, 'How much the cut-off frequency rises with speed. Higher reduces lag in fast motion. '
        'The reference implementation has 300, which leaves three quarters of the jitter.',
        unit='Hz per image size/s', minimum=0.0, maximum=1e6, applies=FILTERED)
    derivative_cutoff: float = declare(
        2.5, 'Cut-off frequency of the speed estimate.', unit='Hz', minimum=1e-3, maximum=1000.0,
        applies=FILTERED)
    threshold_cutoff: float = declare(
        0.5, 'Steps well above this size, of a keypoint at rest, are suppressed as outliers.',
        unit='image size', minimum=1e-6, maximum=1e6, applies=FILTERED)
    threshold_beta: float = declare(
        5.0, 'How much filter.threshold_cutoff grows with speed.',
        unit='s', minimum=0.0, maximum=1e6,
        applies=FILTERED)
    max_gap: float = declare(
        1.0, 'After a longer gap between two images the filter is reset.',
        unit='s', minimum=0.01, maximum=3600.0, applies=FILTERED)


@dataclass(frozen=True)
class TfjsConfig:
    """Behaviour of the reference implementation (TensorFlow.js) that differs from this package.

    For comparison with it: config/tfjs.yaml switches all of them on.
    """

    resampling: bool = declare(
        False, 'Truncate resampled pixels to whole grey levels instead of rounding them, computed '
        'in its order of operations; several times slower.', applies=NOT_REFINED)
    network_order: bool = declare(
        False, 'Keep the people of MultiPose in the order of the network output, instead of '
        'highest score first.', applies=MULTIPOSE & NOT_REFINED)
    padded_boxes: bool = declare(
        False, 'Keep the boxes of MultiPose relative to the padded network input.',
        applies=MULTIPOSE & NOT_REFINED)
    time: bool = declare(
        False, 'Do not filter keypoints at stamp 0 and while stamps are not later than the latest; '
        'reset nothing when the clock goes back.')


@dataclass(frozen=True)
class DepthConfig:
    """Depth images beside the images: with them poses are published in metres, on ~/poses_3d."""

    transport: str = declare(
        'none', 'Depth topic to subscribe to, of depth registered to the image. raw: depth '
        '(sensor_msgs/Image, 16UC1 or 32FC1). compressedDepth: depth/compressedDepth '
        '(sensor_msgs/CompressedImage, PNG or RVL). none: no depth; ~/poses_3d then has '
        'directions alone.',
        choices=('none', 'raw', 'compressedDepth'), change=Change.RECONFIGURE, shapes_poses=False,
        node_only=True)


@dataclass(frozen=True)
class TargetConfig:
    """The one person that a robot follows."""

    select: str = declare(
        'none', 'Whom ~/target follows from the start; the service ~/select_target chooses '
        'somebody else. nearest: by distance, or where it is not known by the size of the box. '
        'Whoever is chosen remains the target, whoever else comes nearer.',
        choices=('none', 'nearest', 'largest', 'central'), change=Change.RECONFIGURE,
        shapes_poses=False)
    search_time: float = declare(
        90.0, 'A target that has not been seen for longer than this is lost.',
        unit='s', minimum=0.0, maximum=3600.0, shapes_poses=False)
    reidentify: bool = declare(
        True, 'Recognise the target that returns under another id, by the colours of the torso.',
        shapes_poses=False)
    reselect: bool = declare(
        False, 'When the target is lost, choose again by the same criterion.',
        shapes_poses=False)
    frame: bool = declare(
        False, 'Publish where the target is also as a frame on /tf: NODE_target, a child of the '
        "image's frame. Needs the package tf2_msgs.",
        change=Change.RECONFIGURE, shapes_poses=False, node_only=True)
    camera_height: float = declare(
        0.0, 'Height of the camera above a level floor, for ~/target_pose of a calibrated camera '
        'without depth: from where the feet are in the image. 0: not known, no such pose.',
        unit='m', minimum=0.0, maximum=10.0, shapes_poses=False)
    camera_pitch: float = declare(
        0.0, 'With target.camera_height: by how much the camera looks down from the horizontal.',
        unit='degrees', minimum=-90.0, maximum=90.0, shapes_poses=False)


@dataclass(frozen=True)
class GesturesConfig:
    """What people do, see docs/gestures.md."""

    enabled: bool = declare(
        False, 'Publish on ~/gestures, for every image, who raises a hand, waves, crosses their '
        'arms, points (and where), stands, sits or lies, and the angles of joints.',
        change=Change.RECONFIGURE, shapes_poses=False)


@dataclass(frozen=True)
class OverlayConfig:
    """What is drawn on ~/overlay and ~/overlay/compressed, while they have subscribers."""

    min_keypoint_score: float = declare(
        0.3, 'Keypoints below this score are not drawn.',
        minimum=0.0, maximum=1.0, shapes_poses=False)
    boxes: bool = declare(True, 'Draw the box around each person.', shapes_poses=False)
    labels: bool = declare(
        True, "Write each person's id and score; of small people only the id.",
        shapes_poses=False)
    line_width: int = declare(
        0, 'Width of the lines; 0 chooses it by the size of the image and of the person.',
        unit='px', minimum=0, maximum=32, shapes_poses=False)


@dataclass(frozen=True)
class DiagnosticsConfig:
    """What the node reports on /diagnostics."""

    period: float = declare(
        1.0, 'Time between two reports.', unit='s', minimum=0.1, maximum=60.0,
        change=Change.RECONFIGURE, shapes_poses=False, node_only=True)
    image_timeout: float = declare(
        5.0, 'Without an image for longer than this, an active node reports an error and what to '
        'check.', unit='s', minimum=0.1, maximum=3600.0, shapes_poses=False, node_only=True)


@dataclass(frozen=True)
class WatchdogConfig:
    """What happens when a network hangs."""

    timeout: float = declare(
        10.0, 'When one run of a network takes longer than this, the node reports an error in the '
        'log and on /diagnostics.', unit='s', minimum=0.1, maximum=3600.0, shapes_poses=False,
        node_only=True)
    exit: bool = declare(
        False, 'After watchdog.timeout, end the process with exit code 4, so that it can be '
        'started again (respawn in a launch file): native code that hangs cannot be stopped from '
        'within.',
        shapes_poses=False, node_only=True)


@dataclass(frozen=True)
class Config(ParameterSet):
    """All parameters, as one immutable value.

    Each value is checked when a Config is made. Whether they go together is not, since they may
    be set one after the other: see `check_together`.

    Raises:
        ParameterError: A value is of the wrong type or out of range.
    """

    model: str = declare(
        'lightning', 'lightning: one person, fastest. thunder: one person, more accurate, about '
        'four times the work. multipose: up to six people; with refine, people.max_people.',
        choices=('lightning', 'thunder', 'multipose'), change=Change.RECONFIGURE)
    models_dir: str = declare(
        '', 'Folder with the weights and their manifest.json; empty: the one that is installed '
        'with the package.', change=Change.RECONFIGURE, shapes_poses=False)
    engine: str = declare(
        'auto', 'Runtime of the networks, see docs/engines.md. litert: CPU. keras: GPU, in '
        'batches. openvino: CPU, Intel GPU. onnxruntime: CPU or GPU. opencv: CPU, nothing else to '
        'install. auto: keras if it is installed and there is a GPU, else the first for a CPU that '
        'is installed and has the precision.',
        choices=('auto', 'litert', 'keras', 'openvino', 'onnxruntime', 'opencv'),
        change=Change.RECONFIGURE, shapes_poses=False)
    device: str = declare(
        'auto', 'Device of the networks: cpu, gpu:N, or auto for the first GPU (with openvino: for '
        'the CPU), else the CPU. With onnxruntime also tensorrt:N and openvino.',
        change=Change.RECONFIGURE, shapes_poses=False, applies=ON_A_DEVICE)
    precision: str = declare(
        'float32', 'What the networks compute in. float32 is exact. float16, bfloat16 and int8 are '
        'faster where the processor or GPU computes in them, and slightly less accurate; which '
        'engine has which is in docs/precision.md. auto: for each network the fastest that loses '
        'at most 0.01 COCO AP, by what was measured on such a processor.',
        choices=('float32', 'float16', 'bfloat16', 'int8', 'auto'), change=Change.RECONFIGURE)
    fallback: bool = declare(
        False, 'When the engine cannot run at configure (not installed, no driver, wrong CUDA, not '
        'enough memory, a precision that the processor has not), or the file of a lower precision '
        'is missing or damaged, run float32 on the CPU by the engine that auto takes there, and '
        'warn. Otherwise the node stays unconfigured.',
        change=Change.RECONFIGURE, shapes_poses=False, node_only=True)
    threads: int = declare(
        2, 'Number of CPU threads of a network. 0: measured at configure: as many as make a call '
        'clearly faster on this machine then.',
        minimum=0, maximum=256, change=Change.RECONFIGURE, shapes_poses=False)
    transport: str = declare(
        'raw', 'Topic to subscribe to: image (sensor_msgs/Image) or image/compressed '
        '(sensor_msgs/CompressedImage, JPEG or PNG).',
        choices=('raw', 'compressed'), change=Change.RECONFIGURE, shapes_poses=False,
        node_only=True)
    white_level: int = declare(
        65535, 'Value of white in 16-bit images (mono16, rgb16, bayer_rggb16, ...). Cameras with '
        'fewer bits leave the upper ones 0: 1023 for 10 bits, 4095 for 12, 16383 for 14. 0: each '
        'image is stretched from its 1st to its 99th percentile, as thermal cameras need it.',
        minimum=0, maximum=65535)
    cameras: tuple[str, ...] = declare(
        ('',), 'Names of the cameras. Each has its own topics (NAME/image, ~/NAME/poses), state '
        'and diagnostics; they share the networks. An empty name adds nothing to the topics.',
        change=Change.RECONFIGURE, shapes_poses=False, node_only=True)
    rotate: tuple[int, ...] = declare(
        (0,), 'By how many degrees clockwise an image has to be rotated to be upright: 180 where '
        'the camera is mounted upside down, 90 or 270 where it lies on its side. One value for '
        'all cameras, or one for each, in the order of `cameras`. Poses and overlay remain in '
        'the frame of the image as it was received.',
        choices=(0, 90, 180, 270), change=Change.RECONFIGURE)
    autostart: bool = declare(
        False, 'Configure and activate at the start, for use without a lifecycle manager.',
        change=Change.START, shapes_poses=False, node_only=True)
    hri: bool = declare(
        False, 'Publish people on /humans/bodies, as REP-155 has them, for one camera: needs the '
        'package hri_msgs. The names of these topics have no namespace, so only one node on a '
        'robot can do so.',
        change=Change.RECONFIGURE, shapes_poses=False, node_only=True)
    refine: str = declare(
        'none', 'With model multipose: a second network that reads each person from a crop. '
        'Several people as accurately as one, for one run of it per person.',
        choices=('none', 'lightning', 'thunder'), change=Change.RECONFIGURE, applies=MULTIPOSE)
    min_pose_score: float = declare(
        0.25, 'A single person below this score is not published; the next network input is then '
        'the whole image. For MultiPose see multipose.min_pose_score.', minimum=0.0, maximum=1.0,
        applies=READ_FROM_CROP)
    min_keypoint_score: float = declare(
        0.2, 'Keypoints below this score are ignored in the score of a single person and in the '
        'tracking crop. They are published nevertheless.', minimum=0.0, maximum=1.0,
        applies=READ_FROM_CROP)
    confident_keypoint_score: float = declare(
        0.3, 'A keypoint counts for min_confident_keypoints from this score on.', minimum=0.0,
        maximum=1.0, applies=READ_FROM_CROP & CONFIDENT_KEYPOINTS)
    min_confident_keypoints: int = declare(
        4, 'A single person with fewer confident keypoints is not published: rejects most false '
        'positives.', minimum=0, maximum=COCO_KEYPOINTS, applies=READ_FROM_CROP)
    confirm_new_person: bool = declare(
        True, 'When a single person appears, run the network a second time, on the tracking crop, '
        'before publishing: rejects most false positives, and is more accurate. Takes one more '
        'run of the network, in that image only.', applies=ONE_PERSON)
    max_lateness: float = declare(
        0.5, 'An image whose stamp is at most this much earlier than the latest one is late: it is '
        'processed, and time does not go back. A larger step back resets the state: a recording '
        'that loops, or a clock that was set back.', unit='s', minimum=0.0, maximum=60.0)
    multipose: MultiPoseConfig = MultiPoseConfig()
    people: PeopleConfig = PeopleConfig()
    crop: CropConfig = CropConfig()
    tracker: TrackerConfig = TrackerConfig()
    filter: FilterConfig = FilterConfig()
    tfjs: TfjsConfig = TfjsConfig()
    depth: DepthConfig = DepthConfig()
    target: TargetConfig = TargetConfig()
    gestures: GesturesConfig = GesturesConfig()
    overlay: OverlayConfig = OverlayConfig()
    diagnostics: DiagnosticsConfig = DiagnosticsConfig()
    watchdog: WatchdogConfig = WatchdogConfig()

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ('multipose.long_side', 'people.second_long_side'):
            side = self.values()[name]
            if isinstance(side, int) and side % SIDE_MULTIPLE:
                raise ParameterError(name, side, f'must be a multiple of {SIDE_MULTIPLE}')
        if 0 < self.people.second_long_side < MIN_LONG_SIDE:
            raise ParameterError('people.second_long_side', self.people.second_long_side,
                                 f'must be 0, or at least {MIN_LONG_SIDE}')
        _check_cameras(self.cameras)
        if not isinstance(self.rotate, tuple):
            raise ParameterError('rotate', self.rotate, 'must be a tuple, like (180,)')

    def check_together(self) -> None:
        """Checks that no two values contradict each other.

        Raises:
            ParameterError: Two do.
        """
        if self.refine != 'none' and self.model != 'multipose':
            raise ParameterError('refine', self.refine,
                                 f'needs model multipose; model is {self.model!r}')
        if self.hri and len(self.cameras) > 1:
            raise ParameterError('hri', self.hri,
                                 f'needs a single camera; cameras is {shown(self.cameras)}')
        if len(self.rotate) not in (1, len(self.cameras)):
            raise ParameterError('rotate', self.rotate, 'must hold one value, or one for each '
                                 f'camera; cameras is {shown(self.cameras)}')

    def rotation(self, camera: str | None = None) -> int:
        """By how many degrees clockwise the images of a camera have to be rotated.

        Args:
            camera: One of `cameras`; None where there is one camera, which need not be named.

        Raises:
            ParameterError: `rotate` holds several values, and no camera was named.
        """
        if len(self.rotate) == 1:
            return self.rotate[0]
        if camera is None:
            raise ParameterError('rotate', self.rotate,
                                 'must hold one value where there is one camera')
        return self.rotate[self.cameras.index(camera)]


def _check_cameras(names: tuple[str, ...]) -> None:
    for name in names:
        if not re.fullmatch('[A-Za-z][A-Za-z0-9_]{0,63}|', name):
            raise ParameterError('cameras', names, f'{shown(name)} is no name for a topic: it must '
                                 'begin with a letter, then up to 63 letters, digits and _')
    if not names or len(set(names)) < len(names):
        raise ParameterError('cameras', names, 'must hold one or more names, each once')
