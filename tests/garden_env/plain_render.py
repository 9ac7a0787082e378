"""The renderer again, slow and obvious: every surface is asked about every pixel, the nearest one wins."""

import numpy as np

from garden_env.layout import BOARDS, BRICK, DOOR, HEDGE
from garden_env.render import codes
from garden_env.render import look_arrays as at
from garden_env.render.texture import hash01
from scenarios.tables import IGNORE, OBSTACLE, SKY, SNOW


def unpack(colour):
    """Packed colours to (..., 3) int64."""
    colour = np.asarray(colour, np.int64)
    return np.stack([colour & 255, colour >> 8 & 255, colour >> 16 & 255], axis=-1)


def fade(from_rgb, to_rgb, share):
    """Go `share` of 256 of the way, in whole numbers."""
    return from_rgb + ((np.asarray(to_rgb) - from_rgb) * np.asarray(share)[..., None] >> 8)


def level_of(ratio, last):
    level = 0
    while level < last and ratio > 1.5 * 2**level:
        level += 1
    return level


def texel(scene, level, layer, x, y):
    size = 512 >> level
    tile = scene.texels[scene.texel_offset[level] :][: codes.TILE_LAYERS * size * size].reshape(-1, size, size)
    return tile[layer, (y & 511) >> level, (x & 511) >> level].astype(np.int64)


class PlainView:
    """One view in the making; `rgb` (H, W, 3) int64, `mask`, `under` (H, W) int64 and `depth` (H, W) float64."""

    def __init__(self, scene, look, pose, cam, shape):
        self.scene, self.look, self.pose, self.cam = scene, look, np.asarray(pose, float), cam
        self.f, self.cx, self.cy, self.eye = cam
        self.row, self.col = np.mgrid[0 : shape[0], 0 : shape[1]]
        self.ahead = np.array([np.cos(self.pose[2]), np.sin(self.pose[2])])
        self.right = np.array([self.ahead[1], -self.ahead[0]])
        self.side = (self.col + 0.5 - self.cx) / self.f
        self.up = (self.cy - (self.row + 0.5)) / self.f
        self.rgb = np.zeros((*shape, 3), np.int64)
        self.mask, self.under = np.zeros((2, *shape), np.int64)
        self.depth = np.full(shape, np.inf)
        self.draw_sky()
        self.draw_walls()
        self.draw_ground()
        self.draw_boards()
        self.draw_weather()

    def haze(self, t):
        return (256.0 * (1.0 - np.exp(-self.look.numbers[at.FOG] * t))).astype(np.int64)

    def draw_sky(self):
        look, n = self.look, self.look.numbers
        up = np.maximum(self.up, 0.0)
        rgb = look.sky[np.clip((self.up * (64 / 1.2)).astype(int), 0, 63)].astype(np.int64)
        ray = self.ahead + self.side[..., None] * self.right
        if n[at.GLOW] > 0:
            near = (ray @ n[at.SUN_X : at.SUN_Z] + self.up * n[at.SUN_Z]) / np.sqrt(1 + self.side**2 + self.up**2)
            halo = look.halo[np.clip((near * 255).astype(int), 0, 255)]
            rgb = fade(rgb, (255, 250, 228), np.where(near > 0.5, (256 * n[at.GLOW] * halo).astype(np.int64), 0))
        far = 90.0 / (up + 0.12)
        x = (ray[..., 0] * far + n[at.CLOUD_X]).astype(np.int64)
        y = (ray[..., 1] * far + n[at.CLOUD_Y]).astype(np.int64)
        dense = texel(self.scene, level_of(128 / self.f, 6), codes.T_SMOOTH, x, y)
        thin = (256 * np.minimum(1.0, up * 6 + 0.35)).astype(np.int64)
        self.rgb[:] = fade(rgb, look.cloud_rgb[dense].astype(np.int64), look.cloud_alpha[dense] * thin >> 8)
        self.mask[:] = self.under[:] = SKY

    def draw_walls(self):
        scene, look = self.scene, self.look
        self.foot = np.full(self.col.shape[1], np.inf)  # depth of the nearest wall in each column
        table = unpack(look.wall_rgb)
        for w, (x0, y0, x1, y1, height, rise, length) in enumerate(scene.walls):
            kind = int(scene.wall_kind[w])
            edge, to = np.array([x1 - x0, y1 - y0]), np.array([x0, y0]) - self.pose[:2]
            for col in range(self.col.shape[1]):
                ray = self.ahead + self.side[0, col] * self.right
                across = ray[1] * edge[0] - ray[0] * edge[1]
                if across == 0:
                    continue
                t = (to[1] * edge[0] - to[0] * edge[1]) / across
                s = (ray[0] * to[1] - ray[1] * to[0]) / across
                if t < 0.12 or not 0 <= s <= 1:
                    continue
                self.foot[col] = min(self.foot[col], t)
                top = height + s * rise + scene.wall_tops[kind, int(s * length * 50) & 511]
                z = self.eye + (self.cy - (self.row[:, col] + 0.5)) * (t / self.f)
                face = 0 if edge[0] * ray[1] - edge[1] * ray[0] > 0 else 1
                level = level_of(t / self.f * 250, 6)
                for row in np.flatnonzero((z > 0) & (z <= top) & (t < self.depth[:, col])):
                    part = self.wall_part(kind, z[row], top, s * length, length)
                    where = level, np.int64(s * length * 250), np.int64(z[row] * 250)
                    if kind == HEDGE and part == codes.W_BODY:
                        snow = texel(scene, where[0], codes.T_RANK + 3, *where[1:])
                        part = codes.W_SNOW if snow < look.numbers[at.HEDGE_SNOW] else part
                    shade = texel(scene, where[0], codes.T_WALL + kind, *where[1:]) >> 3
                    self.rgb[row, col] = fade(table[w, face, part, shade], look.haze, self.haze(t))
                    self.mask[row, col] = SNOW if part == codes.W_SNOW else codes.WALL_CLASS
                    self.under[row, col] = codes.WALL_CLASS
                    self.depth[row, col] = t

    def wall_part(self, kind, z, top, along, length):
        if z > top - self.look.numbers[at.SNOWCAP]:
            return codes.W_SNOW
        if (kind in (BOARDS, DOOR) and z > top - 0.10) or (kind == BRICK and z > top - 0.07):
            return codes.W_TRIM
        off = abs(along - length / 2)
        if kind == DOOR and off < 0.40 and z < 1.70:
            return codes.W_DOOR
        if kind == DOOR and off < 0.45 and z < 1.75:
            return codes.W_TRIM
        return codes.W_BODY

    def draw_ground(self):
        for row in range(self.row.shape[0]):
            if row + 0.5 <= self.cy:
                continue
            t = self.f * self.eye / (row + 0.5 - self.cy)
            seen = np.flatnonzero(t <= self.foot)
            if len(seen):
                self.ground_row(row, t, seen)

    def ground_row(self, row, t, seen):
        scene, look = self.scene, self.look
        rows, cols = look.shadow.shape
        cell_m, patch_m = scene.cell_m[1:]
        place = self.pose[:2] + t * (self.ahead + self.side[0, seen, None] * self.right)
        x, y = np.clip(place, 0, (cols * cell_m, rows * cell_m)).T
        footprint = t / self.f * np.sqrt(t / self.eye)
        level, ground_level = level_of(footprint * 250, 6), level_of(footprint / scene.cell_m[0], 4)
        size, cell = scene.ground_size[ground_level], scene.cell_m[0] * 2**ground_level
        codes_here = scene.ground[scene.ground_offset[ground_level] :][: size[0] * size[1]].reshape(size)
        code = codes_here[
            np.minimum((y / cell).astype(int), size[0] - 1), np.minimum((x / cell).astype(int), size[1] - 1)
        ]
        code = code.astype(np.int64)
        material = np.where(code >= codes.ZONE0, codes.S_SOIL, code)
        patch = scene.patch[self.cell(scene.patch, x, y, patch_m)].astype(np.int64)
        dark = (
            self.shadow(x / cell_m, y / cell_m)
            if self.f >= 100
            else look.shadow[self.cell(look.shadow, x, y, cell_m)].astype(np.int64)
        )
        texel_x, texel_y = (x * 250).astype(np.int64), (y * 250).astype(np.int64)
        tint = patch[:, 4] - 128

        def tone(surface, layer, brighter):
            shade = np.clip(texel(scene, level, layer, texel_x, texel_y) + brighter, 0, 255) >> 3
            lit, dim = unpack(look.palette[surface, 0, shade]), unpack(look.palette[surface, 1, shade])
            return fade(lit, dim, dark)

        rgb = tone(code, material, tint)
        under = np.array(codes.SURFACE_CLASS)[material]
        label = under.copy()
        for k in look.covers_on:
            surface = codes.COVERS[k]
            share = look.cover[k, material, patch[:, k]].astype(np.int64)
            if footprint <= codes.GRAIN_M[k]:  # grains are larger than pixels: each is seen or not
                rank = texel(scene, min(level, 4), codes.T_RANK + k, texel_x, texel_y)
                share = np.where(rank < share, 256, 0)
            rgb = fade(rgb, tone(surface, surface, tint >> 1), share)
            mixed = np.where(share > codes.HARDLY, IGNORE, label)
            label = np.where(share >= codes.MOSTLY, codes.SURFACE_CLASS[surface], mixed)
        self.rgb[row, seen] = fade(rgb, look.haze, np.broadcast_to(self.haze(t), seen.shape))
        self.mask[row, seen], self.under[row, seen], self.depth[row, seen] = label, under, t

    def cell(self, grid, x, y, cell_m):
        last = np.array(grid.shape[:2]) - 1
        return np.minimum((y / cell_m).astype(int), last[0]), np.minimum((x / cell_m).astype(int), last[1])

    def shadow(self, x, y):
        rows, cols = self.look.shadow.shape
        x, y = np.maximum(x - 0.5, 0), np.maximum(y - 0.5, 0)
        col, row = np.minimum(x.astype(int), cols - 2), np.minimum(y.astype(int), rows - 2)
        px, py = (np.minimum(((v - low) * 256).astype(np.int64), 256) for v, low in ((x, col), (y, row)))
        shadow = self.look.shadow.astype(np.int64)
        near = shadow[row, col] * (256 - px) + shadow[row, col + 1] * px
        far = shadow[row + 1, col] * (256 - px) + shadow[row + 1, col + 1] * px
        return near * (256 - py) + far * py >> 16

    def draw_boards(self):
        offset = self.look.board_place[:, :2] - self.pose[:2]
        depth, aside = offset @ self.ahead, offset @ self.right
        for board in np.argsort(-depth, kind="stable"):
            if depth[board] >= 0.12 and self.look.board_place[board, 2] > 0:
                self.draw_board(board, depth[board], aside[board])

    def draw_board(self, board, t, aside):
        scene, look = self.scene, self.look
        size_px = self.f * look.board_place[board, 2] / t
        left = self.cx + self.f * aside / t - size_px / 2
        top = self.cy + self.f * self.eye / t - size_px
        grid = 2 if size_px < 40 else 1
        level = level_of(128 / size_px / grid, 4)
        size = 128 >> level
        sprite, mirrored, leaf, bloom, fruit = look.board_code[board]
        layers = scene.sprites[scene.sprite_offset[level] + sprite * size * size :][: size * size]
        layers = layers.view(np.uint8).reshape(size, size, 8).astype(np.int64)
        plant = look.board_label[board, codes.P_WOOD] != OBSTACLE
        lean = look.numbers[[at.LEAN_X, at.LEAN_Y]] @ self.right if plant else 0.0
        above = self.cy + self.f * self.eye / t - (self.row + 0.5)  # the foot [px]
        x, y = self.col - np.floor(lean * above + 0.5) + 0.5 - left, self.row + 0.5 - top
        inside = (x >= 0) & (x < size_px) & (y >= 0) & (y < size_px) & (self.depth > t)
        steps = (0.0,) if grid == 1 else (-0.25, 0.25)
        samples = []
        for dy in steps:
            for dx in steps:
                u, v = (x[inside] + dx) * size / size_px, (y[inside] + dy) * size / size_px
                if 128 / size_px < 0.6:
                    jx, jy = (u * 9).astype(np.int64), (v * 9).astype(np.int64)
                    u = u + (texel(scene, 0, 0, jx, jy) - 128) / 200
                    v = v + (texel(scene, 0, 0, jy, jx) - 128) / 200
                col, row = np.clip(u.astype(int), 0, size - 1), np.clip(v.astype(int), 0, size - 1)
                col = size - 1 - col if mirrored else col
                spots = self.spots(col << level, row << level, sprite) if plant else np.zeros(len(col), bool)
                samples.append((*self.sprite(board, layers[row, col], leaf, bloom, fruit), spots))
        part, below, shade, spots = (np.array(values) for values in zip(*samples, strict=True))
        hit = part >= 0
        colour = np.minimum(unpack(look.board_rgb[board])[part] * shade[..., None] >> 7, 255)
        brown = spots & (part == codes.P_LEAF)
        dead = np.minimum((colour[..., 0] + colour[..., 1])[..., None] * (130, 92, 46) >> 8, 255)
        colour = np.where(brown[..., None], dead, colour)
        total = (colour * hit[..., None]).sum(0)
        hits = hit.sum(0)
        total = fade(total, look.haze * hits[:, None], np.broadcast_to(self.haze(t), hits.shape))
        count = grid * grid
        label = np.where(hit, look.board_label[board][part], self.mask[inside])
        lower = np.where(hit, look.board_label[board][below], self.under[inside])
        some = hits > 0
        self.rgb[inside] = np.where(
            some[:, None], (total + (count - hits)[:, None] * self.rgb[inside]) // count, self.rgb[inside]
        )
        self.mask[inside] = np.where(some, self.vote(label), self.mask[inside])
        self.under[inside] = np.where(some, self.vote(lower), self.under[inside])
        self.depth[inside] = np.where(2 * hits >= count, np.where(some, t, self.depth[inside]), self.depth[inside])

    def spots(self, col, row, sprite):
        """Which texels of the finest sprite lie in spots of disease: a disc in every square of eight."""
        sick = self.look.numbers[at.DISEASE] / 255

        def spot(x, y):
            draws = [hash01(x // 8, y // 8, 911 + 8 * int(sprite) + k) for k in range(3)]
            off = np.array([x % 8, y % 8]) + 0.5 - 2 - 4 * np.array(draws[:2])
            return (off**2).sum() < (sick * (1.5 + 3.5 * draws[2])) ** 2

        if sick == 0:
            return np.zeros(len(col), bool)
        return np.array([spot(int(x), int(y)) for x, y in zip(col, row, strict=True)], bool)

    def sprite(self, board, layers, leaf, bloom, fruit):
        """Part seen (-1 none), part below snow, shade; each as long as `layers` (N, 8)."""
        wood, green, leaf_rank, petal, petal_rank, berry, berry_rank, catch = layers.T
        seen = [
            (petal > 0) & (petal_rank < bloom),
            (berry > 0) & (berry_rank < fruit),
            (green > 0) & (leaf_rank < leaf),
            wood > 0,
        ]
        petal_part = np.where(petal >= 128, codes.P_EYE, codes.P_PETAL)
        part = np.select(seen, [petal_part, codes.P_FRUIT, codes.P_LEAF, codes.P_WOOD], -1)
        shade = np.select(seen, [np.minimum((petal & 127) * 2, 255), berry, green, wood], 0)
        lies = (catch > 0) & (catch + int(self.look.numbers[at.LOAD]) >= 256)
        snow = lies & ((part == codes.P_WOOD) | ((part == codes.P_LEAF) & (catch % 2 == 1)))
        return np.where(snow, codes.P_SNOW, part), part, np.where(snow, 128 + (shade >> 1), shade)

    def vote(self, labels):
        """What at least three of four samples say, or the only sample."""
        if len(labels) == 1:
            return labels[0]
        out = np.full(labels.shape[1], IGNORE)
        for sample in labels:
            out = np.where((labels == sample).sum(0) >= 3, sample, out)
        return out

    def draw_weather(self):
        tick, shape = int(self.look.numbers[at.TICK]), self.mask.shape
        kinds = ((at.STREAKS, 0.0015, 0.12, 70, 190), (at.FLAKES, 0.008, 0.008, 190, 250))
        for kind, (number, wide, tall, alpha, bright) in enumerate(kinds):
            for n in range(int(self.look.numbers[number])):
                away = 0.4 + 5.0 * hash01(n, 1, tick + kind)
                x, y = int(hash01(n, 2, tick + kind) * shape[1]), int(hash01(n, 3, tick + kind) * shape[0])
                px, long = (max(1, int(self.f * size / away + 0.5)) for size in (wide, tall))
                for row in range(y, min(y + long, shape[0])):
                    lean = (row - y) // 6 if kind == 0 else 0
                    for col in range(x + lean, min(x + lean + px, shape[1])):
                        if np.float32(self.depth[row, col]) > away:
                            self.rgb[row, col] = fade(self.rgb[row, col], (bright,) * 3, alpha)
