"""Where on the ground a pixel looks, and at which pixel a place on the ground is seen.

The ground is flat and the camera is a pinhole whose mounting the robot knows (`garden_env.camera.pinhole`): a camera
that was bent or swapped since, as a script can have it, is not known here. In the robot's frame places are told as
metres forward and metres to the left; in the garden as x and y [m], by whatever pose the caller has. A robot has its
odometry. Nothing here looks at a picture.

Occlusion: geometry cannot know what stands in between. A pixel shows the point that `ground_points` gives only if
nothing upright is nearer in that direction, so callers must decide whom they believe. Two ways are offered:
`open_ground` asks a label map (the net's own, say): a pixel counts while no upright class stands in its column below
it, that is, nearer. `line_of_sight` asks a set of cells that are known to be free, such as those driven over. A plain
limit on the distance is a third.
"""

import numpy as np

from garden_env.camera import pinhole
from scenarios.spec import CameraSpec

STRIDE = 2  # camera pixels an output pixel, in each direction
NEAREST_M = 1e-3  # what is nearer to the lens than this, or behind it, is not seen


def ground_points(camera: CameraSpec, stride: int = STRIDE) -> np.ndarray:
    """The point of flat ground that each output pixel's centre shows, in the robot's frame.

    Args:
        camera: as it is mounted.
        stride: camera pixels an output pixel, in each direction; 1 for the camera's own pixels.

    Returns:
        (H // stride, W // stride, 2) float32, metres forward and to the left; inf and nan at the horizon and above.

    >>> points = ground_points(CameraSpec(width_px=64, height_px=64, fov_deg=90, height_m=0.6, horizon=0.25))
    >>> points.shape, float(points[15, 0, 0]), points[7, 0].tolist()
    ((32, 32, 2), 1.2799999713897705, [inf, nan])
    """
    focal_px, column_px, row_px, height_m = pinhole(camera)
    below_px = (np.arange(camera.height_px // stride) + 0.5) * stride - row_px
    right_px = (np.arange(camera.width_px // stride) + 0.5) * stride - column_px
    seen = below_px > 0.0
    forward_m = np.where(seen, focal_px * height_m / np.where(seen, below_px, 1.0), np.inf)
    left_m = -right_px * np.where(seen, forward_m, np.nan)[:, None] / focal_px
    return np.stack([np.broadcast_to(forward_m[:, None], left_m.shape), left_m], -1).astype(np.float32)


def to_world(points: np.ndarray, pose: np.ndarray) -> np.ndarray:
    """Places in the robot's frame as places of the garden.

    Args:
        points: (..., 2), metres forward and to the left.
        pose: (3,), x [m], y [m], heading [rad, counter-clockwise from east].

    Returns:
        (..., 2) float64, x and y [m]; nan where a point is not finite.

    >>> to_world(np.array([2.0, 1.0]), np.array([10.0, 5.0, np.pi / 2])).round(6).tolist()
    [9.0, 7.0]
    """
    forward_m, left_m = np.moveaxis(np.asarray(points, np.float64), -1, 0)
    forward_m = np.where(np.isfinite(forward_m), forward_m, np.nan)  # infinity times 0 is nothing to warn of
    cos, sin = np.cos(pose[2]), np.sin(pose[2])
    return np.stack([pose[0] + forward_m * cos - left_m * sin, pose[1] + forward_m * sin + left_m * cos], -1)


def to_robot(places_m: np.ndarray, pose: np.ndarray) -> np.ndarray:
    """Places of the garden (..., 2) in the robot's frame, (..., 2) float64: what `to_world` does, undone.

    >>> to_robot(np.array([9.0, 7.0]), np.array([10.0, 5.0, np.pi / 2])).round(6).tolist()
    [2.0, 1.0]
    """
    east_m, north_m = np.moveaxis(np.asarray(places_m, np.float64) - pose[:2], -1, 0)
    cos, sin = np.cos(pose[2]), np.sin(pose[2])
    return np.stack([east_m * cos + north_m * sin, north_m * cos - east_m * sin], -1)


def to_pixels(
    camera: CameraSpec, pose: np.ndarray, places_m: np.ndarray, *, height_m: float = 0.0, stride: int = STRIDE
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The output pixels at which places are seen, if nothing stands before them.

    Args:
        camera: as it is mounted.
        pose: (3,), where it looks from: x [m], y [m], heading [rad].
        places_m: (..., 2), x and y [m].
        height_m: how high above the ground at these places is looked at.
        stride: camera pixels an output pixel, in each direction.

    Returns:
        rows, columns: (...) int64, of output pixels; 0 where not visible.
        visible: (...) bool, whether they are in front of the lens and within the picture.

    >>> camera = CameraSpec(width_px=64, height_px=64, fov_deg=90, height_m=0.6, horizon=0.25)
    >>> rows, columns, visible = to_pixels(camera, np.zeros(3), np.array([[1.2, 0.0], [-1.0, 0.0]]))
    >>> rows.tolist(), columns.tolist(), visible.tolist()
    ([16, 0], [16, 0], [True, False])
    """
    focal_px, column_px, row_px, camera_m = pinhole(camera)
    forward_m, left_m = np.moveaxis(to_robot(places_m, pose), -1, 0)
    ahead = forward_m > NEAREST_M
    scale = focal_px / np.where(ahead, forward_m, 1.0)
    rows = np.floor((row_px + scale * (camera_m - height_m)) / stride)
    columns = np.floor((column_px - scale * left_m) / stride)
    height_px, width_px = camera.height_px // stride, camera.width_px // stride
    visible = ahead & (rows >= 0) & (rows < height_px) & (columns >= 0) & (columns < width_px)
    return np.where(visible, rows, 0).astype(np.int64), np.where(visible, columns, 0).astype(np.int64), visible


def open_ground(labels: np.ndarray, upright: np.ndarray) -> np.ndarray:
    """Pixels that nothing upright stands before, as a label map has it.

    Args:
        labels: (..., h, w) integer, a class for every output pixel.
        upright: (C,) bool, classes that hide what lies behind them.

    Returns:
        (..., h, w) bool; in every column the pixels from the bottom up to the first upright one, which is none of them.

    >>> open_ground(np.array([[0, 0], [1, 0], [0, 1]]), np.array([False, True])).astype(int).tolist()
    [[0, 0], [0, 0], [1, 0]]
    """
    stands = upright[labels]
    return ~np.flip(np.logical_or.accumulate(np.flip(stands, -2), -2), -2)


def line_of_sight(
    free: np.ndarray, rows: np.ndarray, columns: np.ndarray, start: tuple[float, float], samples: int = 16
) -> np.ndarray:
    """Whether the straight line to a cell runs through free cells only.

    Args:
        free: (R, C) bool, cells that nothing stands on.
        rows, columns: (k,) int, the cells looked at.
        start: row and column, in cells and their fractions, from where it is looked.
        samples: points of the line that are tried, the cell looked at the last of them.

    Returns:
        (k,) bool; the line's nearer half counts from the start's own cell on, cells outside the grid are not free.

    >>> line_of_sight(np.array([[1, 1, 0, 1]], bool), np.array([0, 0]), np.array([1, 3]), (0.5, 0.5)).tolist()
    [True, False]
    """
    part = np.arange(1, samples + 1) / samples
    row = np.floor(start[0] + part * (np.asarray(rows)[:, None] + 0.5 - start[0])).astype(int)
    column = np.floor(start[1] + part * (np.asarray(columns)[:, None] + 0.5 - start[1])).astype(int)
    inside = (row >= 0) & (row < free.shape[0]) & (column >= 0) & (column < free.shape[1])
    return (inside & free[row.clip(0, free.shape[0] - 1), column.clip(0, free.shape[1] - 1)]).all(1)
