"""The colour tables of a moment: albedo times light, through the sensor's response. Compiled: every step asks.

Albedo and light are linear; `response` is `garden_env.render.light.RESPONSE`; packed colours have red lowest.
"""

import numpy as np
from numba import njit

from garden_env.render.codes import P_LEAF, S_PUDDLE, S_WATER, ZONE0
from garden_env.render.sampling import U


@njit(cache=True, error_model="numpy")
def linear(srgb):
    """sRGB 0..255 to linear 0..1, one number: `garden_env.render.light.to_linear`."""
    share = srgb / 255.0
    return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4


@njit(cache=True, error_model="numpy")
def tone(radiance, response):
    """What the sensor makes of the radiance of one channel, an integer 0..255."""
    top = len(response) - 1
    return np.int64(response[U(np.int64(min(max(radiance * (0.5 * len(response)), 0.0), top)))])


@njit(cache=True, error_model="numpy")
def paint_ground(dark, light, lit, dim, response, out):
    """Ground, in the sun and in shadow.

    Args:
        dark, light: (N, 3) float64, albedo of the darkest and the lightest texels.
        lit, dim: (3,) float64, light in the sun and in shadow.
        response: (TONES,) uint8.
        out: (N, 2, SHADES) uint32, written.
    """
    shades = out.shape[2]
    for n in range(out.shape[0]):
        for k in range(shades):
            part = (k + 0.5) / shades
            colour, shaded = 0, 0
            for channel in range(3):
                albedo = dark[n, channel] + (light[n, channel] - dark[n, channel]) * part
                colour |= tone(albedo * lit[channel], response) << (8 * channel)
                shaded |= tone(albedo * dim[channel], response) << (8 * channel)
            out[n, 0, k], out[n, 1, k] = colour, shaded


@njit(cache=True, error_model="numpy")
def paint_walls(dark, light, normal, sun, beam, ambient, response, out):
    """Both faces of every wall.

    Args:
        dark, light: (W, 4, 3) float64, albedo of the darkest and the lightest texels, by part.
        normal: (W, 2, 2) float64, of both faces.
        sun, beam, ambient: (3,) float64, as in `garden_env.render.light.Light`.
        response: (TONES,) uint8.
        out: (W, 2, 4, SHADES) uint32, written.
    """
    walls, faces, parts, shades = out.shape
    on_wall = np.empty(3)
    for w in range(walls):
        for face in range(faces):
            facing = max(normal[w, face, 0] * sun[0] + normal[w, face, 1] * sun[1], 0.0)
            for channel in range(3):
                on_wall[channel] = 0.85 * ambient[channel] + beam[channel] * facing
            for part in range(parts):
                for k in range(shades):
                    share, colour = (k + 0.5) / shades, 0
                    for channel in range(3):
                        low, high = dark[w, part, channel], light[w, part, channel]
                        colour |= tone((low + (high - low) * share) * on_wall[channel], response) << (8 * channel)
                    out[w, face, part, k] = colour


@njit(cache=True, error_model="numpy")
def paint_boards(albedo, leaf_srgb, lit, sun_up, beam, ambient, response, out):
    """Plants and props, which take light from all sides.

    Args:
        albedo: (B, 6, 3) float64, by part; the leaf's of the first P, the plants', is not used.
        leaf_srgb: (P, 3) float32, sRGB 0..1 of the plants' leaves.
        lit: (B,) float64, share of the direct light that reaches each.
        sun_up: height of the sun over the horizon, as a sine.
        beam, ambient: (3,) float64, as in `garden_env.render.light.Light`.
        response: (TONES,) uint8.
        out: (B, 6) uint32, written.
    """
    on_board = np.empty(3)
    for b in range(out.shape[0]):
        for channel in range(3):
            direct = beam[channel] * (0.25 + 0.45 * lit[b]) * (0.35 + 0.65 * max(sun_up, 0.0))
            on_board[channel] = direct + 0.85 * ambient[channel]
        for part in range(out.shape[1]):
            colour = 0
            for channel in range(3):
                if part == P_LEAF and b < len(leaf_srgb):
                    own = linear(np.float64(leaf_srgb[b, channel]) * 255.0)
                else:
                    own = albedo[b, part, channel]
                colour |= tone(own * on_board[channel], response) << (8 * channel)
            out[b, part] = colour


@njit(cache=True, error_model="numpy")
def paint_sky(horizon, zenith, height, bright, response, out):
    """The clear sky: a gradient from the horizon (3,) to the zenith (3,) by height (N,), into out (N, 3) uint8."""
    for n in range(out.shape[0]):
        for channel in range(3):
            colour = (horizon[channel] + (zenith[channel] - horizon[channel]) * height[n]) * bright
            out[n, channel] = tone(colour, response)


@njit(cache=True, error_model="numpy")
def paint_clouds(cloud, lit, base, bright, response, alpha, rgb):
    """Clouds by noise: thicker where the noise is high, darker below where they are thick.

    Args:
        cloud: share of the sky.
        lit, base: (3,) float64, colours of thin and of thick clouds.
        bright: level of the light.
        response: (TONES,) uint8.
        alpha, rgb: (256,) and (256, 3) uint8, written.
    """
    for n in range(256):
        thick = min(max((n / 255.0 - (1.0 - 1.15 * cloud)) / 0.28, 0.0), 1.0)
        alpha[n] = np.rint(250.0 * (thick * thick * (3.0 - 2.0 * thick)))
        for channel in range(3):
            colour = (lit[channel] + (base[channel] - lit[channel]) * (thick * thick)) * bright
            rgb[n, channel] = tone(colour, response)


@njit(cache=True, error_model="numpy")
def reflect(dark, light, mirror_srgb, on_ground, wetness, pond, ice, frozen, earth):
    """Write the rows of the ground's albedo that a moment changes: root zones by wetness, water by the sky.

    Args:
        dark, light: (ZONE0 + P, 3) float64, changed.
        mirror_srgb: (3,) uint8, the sky that water shows, whatever the light on it is.
        on_ground: (3,) float64, that light.
        wetness: (P,) float64, 0..1.
        pond, ice, earth: (3,) float64, albedo.
        frozen: thickness of the ice, 0..1.
    """
    for channel in range(3):
        mirror = linear(np.float64(mirror_srgb[channel])) / max(on_ground[channel], 1e-6)
        deep, clear = 0.35 * pond[channel] + 0.06 * mirror, 0.8 * pond[channel] + 0.55 * mirror
        dark[S_WATER, channel] = deep + frozen * (0.75 * ice[channel] - deep)
        light[S_WATER, channel] = clear + frozen * (1.05 * ice[channel] - clear)
        dark[S_PUDDLE, channel] = 0.25 * earth[channel] + 0.2 * mirror
        light[S_PUDDLE, channel] = 0.15 * earth[channel] + 0.75 * mirror
        for p in range(len(wetness)):
            soak = 1.0 - 0.62 * wetness[p]
            dark[ZONE0 + p, channel] = 0.25 * earth[channel] * soak
            light[ZONE0 + p, channel] = 1.75 * earth[channel] * soak
