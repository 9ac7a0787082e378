"""Draw a view or a map: the doors to the compiled kernels."""

import numpy as np

from garden_env.camera import Frame, empty_frame, pinhole
from garden_env.lamp import shine
from garden_env.look import Look
from garden_env.render.kernel import draw_view
from garden_env.render.map import draw_plan
from garden_env.render.scene import Scene
from scenarios.spec import CameraSpec

__all__ = ["Scene", "draw", "draw_map"]


def draw(scene: Scene, look: Look, pose, camera: CameraSpec, out: Frame | None = None) -> Frame:
    """Draw what a camera sees. Changes nothing but `out`, and uses no random numbers.

    Args:
        scene: the garden.
        look: the moment; if the robot's lamp is on, the view is drawn by its light, too.
        pose: x [m], y [m], heading [rad].
        camera: the pinhole; its sensor noise is not added here.
        out: a frame of the camera's size to draw into; a new one if not given.

    Returns:
        The frame.

    Raises:
        ValueError: `out` is of another size.
    """
    frame = empty_frame(camera) if out is None else out
    if frame.mask.shape != (camera.height_px, camera.width_px):
        raise ValueError(
            f"the camera is {camera.width_px} x {camera.height_px} px (width x height), but the frame to draw into is "
            f"{frame.mask.shape[1]} x {frame.mask.shape[0]}; make it with garden_env.camera.empty_frame(camera)"
        )
    frame.pose[:] = pose
    cam, arrays = pinhole(camera), scene.at(look.dug)
    if look.lamplit is not None:
        lamplit = np.empty_like(frame.rgb)
        draw_view(arrays, look.lamplit, frame.pose, cam, lamplit, frame.mask, frame.mask_under, frame.depth_m)
    draw_view(arrays, look.arrays, frame.pose, cam, frame.rgb, frame.mask, frame.mask_under, frame.depth_m)
    if look.lamplit is not None:
        shine(frame.rgb, lamplit, frame.depth_m, cam)
    return frame


def draw_map(scene: Scene, look: Look, pixels_per_m: float = 40.0) -> tuple[np.ndarray, np.ndarray]:
    """Draw the garden from above, north (+y) up.

    Args:
        scene: the garden.
        look: the moment.
        pixels_per_m: scale.

    Returns:
        rgb (H, W, 3) uint8 and mask (H, W) uint8; pixel (row, col) shows x = (col + 0.5) / pixels_per_m,
        y = depth - (row + 0.5) / pixels_per_m.
    """
    if not pixels_per_m > 0:
        raise ValueError(f"pixels_per_m must be positive, not {pixels_per_m}")
    layout = scene.layout
    shape = (max(1, round(layout.depth_m * pixels_per_m)), max(1, round(layout.width_m * pixels_per_m)))
    rgb, mask = np.zeros((*shape, 3), np.uint8), np.zeros(shape, np.uint8)
    draw_plan(scene.at(look.dug), look.arrays, pixels_per_m, layout.depth_m, rgb, mask)
    return rgb, mask
