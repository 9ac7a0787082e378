"""The sky where nothing covers it: gradient, glow about the sun, clouds."""

import math

import numpy as np
from numba import njit

from garden_env.render.codes import T_SMOOTH, TILE_LEVELS, TILE_PX
from garden_env.render.look_arrays import CLOUD_X, CLOUD_Y, GLOW, SUN_X, SUN_Y, SUN_Z
from garden_env.render.sampling import TILE_MASK, U, level_of
from scenarios.tables import SKY

CLOUD_PX = 128.0  # focal length [px] at which a pixel sees about one texel of cloud
SKY_STEPS, SKY_TOP = 64, 1.2  # the sky's gradient: steps, and the slope at which it ends


@njit(cache=True, error_model="numpy")
def draw_sky(scene, look, pose, cam, rgb, mask, under, depth, sky_end):
    """Fill what nothing covers above the horizon: gradient, glow about the sun, clouds."""
    width = mask.shape[1]
    f, cx, cy = cam[0], cam[1], cam[2]
    c, s = math.cos(pose[2]), math.sin(pose[2])
    sun_x, sun_y, sun_z, glow = look.numbers[SUN_X], look.numbers[SUN_Y], look.numbers[SUN_Z], look.numbers[GLOW]
    texels, halo, cloud_alpha, cloud_rgb = scene.texels, look.halo, look.cloud_alpha, look.cloud_rgb
    cloud_x, cloud_y = look.numbers[CLOUD_X], look.numbers[CLOUD_Y]
    level = level_of(CLOUD_PX / f, TILE_LEVELS - 1)
    size = TILE_PX >> level
    cloud_at = scene.texel_offset[level] + T_SMOOTH * size * size
    lowest, ray = 0, np.empty((width, 3))
    for col in range(width):
        lowest = max(lowest, sky_end[col])
        side = (col + 0.5 - cx) / f
        ray[col, 0], ray[col, 1], ray[col, 2] = c + side * s, s - side * c, 1.0 + side * side
    for row in range(lowest):
        up = (cy - (row + 0.5)) / f
        step = min(max(np.int64(up * (SKY_STEPS / SKY_TOP)), 0), SKY_STEPS - 1)
        sky_r, sky_g, sky_b = np.int64(look.sky[step, 0]), np.int64(look.sky[step, 1]), np.int64(look.sky[step, 2])
        far = 90.0 / (max(up, 0.0) + 0.12)
        thin = np.int64(256.0 * min(1.0, max(up, 0.0) * 6.0 + 0.35))  # clouds at the horizon drown in haze
        pixels, labels, lower, depths = rgb[row].reshape(-1), mask[row], under[row], depth[row]
        for column in range(width):
            col = U(column)
            if row >= sky_end[col] or depths[col] < np.inf:
                continue
            dx, dy = ray[col, U(0)], ray[col, U(1)]
            r, g, b = sky_r, sky_g, sky_b
            near = dx * sun_x + dy * sun_y + up * sun_z
            if glow > 0.0 and near > 0.5:  # not yet divided by the ray's length, which is at least 1
                near /= math.sqrt(ray[col, U(2)] + up * up)
                if near > 0.5:
                    part = np.int64(256.0 * glow * halo[U(np.int64(near * 255.0))])
                    r += (255 - r) * part >> 8
                    g += (250 - g) * part >> 8
                    b += (228 - b) * part >> 8
            tx, ty = np.int64(dx * far + cloud_x) & TILE_MASK, np.int64(dy * far + cloud_y) & TILE_MASK
            dense = np.int64(texels[U(cloud_at + (ty >> level) * size + (tx >> level))])
            alpha = np.int64(cloud_alpha[U(dense)]) * thin >> 8
            if alpha > 0:
                r += (np.int64(cloud_rgb[U(dense), U(0)]) - r) * alpha >> 8
                g += (np.int64(cloud_rgb[U(dense), U(1)]) - g) * alpha >> 8
                b += (np.int64(cloud_rgb[U(dense), U(2)]) - b) * alpha >> 8
            pixels[U(3) * col], pixels[U(3) * col + U(1)], pixels[U(3) * col + U(2)] = r, g, b
            labels[col] = SKY
            lower[col] = SKY
