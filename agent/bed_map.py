"""Which ground is bed, where leaves and trunks stand on it, and where roots are: votes over the semantic map.

A piece of ground is a block of `BLOCK` x `BLOCK` cells. A look at soil, or at leaves beside soil, is a vote for bed,
path, lawn or something solid one against it; under snow and litter there is none. Leaves come and go; votes stay.
"""

import math

import numpy as np
from scipy import ndimage

from agent.mapping import SemanticMap
from scenarios.tables import BLOSSOM, FOLIAGE, LAWN, OBSTACLE, PATH, SOIL, WATER, WILTED, WOOD

SOLID = [WATER, WOOD, OBSTACLE]
SQUARE = np.ones((3, 3))
BLOCK = 2  # cells a side of a piece of bed that is watered or not
SURE = 0.6  # counts of plants without which a piece of ground has none
OVERHANG = 2  # blocks by which leaves hide the earth in which they grow
LEAF_VOTE, TREE_BLOCKS = 0.25, 4  # what leaves say of the ground below them, but for a tree's: so far from the wood
VOTE_STEPS = 6  # between two votes
BED_VOTES, MOST_VOTES = 2.0, 12.0  # looks that make ground a bed, and the most that are remembered
GAP = 1  # blocks between pieces of bed that belong to it, though nobody saw them: plants stand before them
LEAST_BED = 6  # blocks that hang together; less is no bed
LEAVES_STAY_D = 21.0  # a plant seen so long ago is still there, and thirsty
NEAR = 3  # blocks from leaves that were seen to those that other plants hide
ROOTED, BARE_ROOTED = 0.4, 0.1  # share of bed that is rooted, where leaves were seen and where not


class BedMap:
    """What of the map is bed.

    Args:
        map_: drawn by the robot.

    Attributes:
        votes: (R, C) float64, for bed less those against it, by block.
        leafy_d: (R, C) float64, when leaves were last seen on each block [d]; -inf for never.
    """

    def __init__(self, map_: SemanticMap) -> None:
        self._map = map_
        self.votes = np.zeros(coarse(map_.seen_step, BLOCK).shape)
        self.leafy_d = np.full(self.votes.shape, -math.inf)
        self._voted_step = -1
        self._planted: np.ndarray | None = None

    @property
    def is_bed(self) -> np.ndarray:
        """Where the ground was found to be bed more often than not, (R, C) bool."""
        return self.votes >= BED_VOTES

    @property
    def planted(self) -> np.ndarray:
        """Beds as wholes, (R, C) bool: without specks, and with what was not seen between their pieces."""
        if self._planted is None:
            padded = np.pad(self.is_bed, GAP)
            bed = np.asarray(ndimage.binary_closing(padded, SQUARE, iterations=GAP), bool)[GAP:-GAP, GAP:-GAP]
            labels = np.zeros(bed.shape, np.int32)
            ndimage.label(bed, SQUARE, output=labels)
            self._planted = bed & (np.bincount(labels.ravel())[labels] >= LEAST_BED)
        return self._planted

    def vote(self, step: int) -> None:
        """Blocks seen since the last vote speak for bed or against it, if it is time for the next vote."""
        if step - self._voted_step < VOTE_STEPS:
            return
        counts = self.counts()
        share, bed = thirst(counts)
        seen = coarse(self._map.seen_step > self._voted_step, BLOCK) > 0.0
        other = counts[..., [PATH, LAWN, *SOLID]].sum(-1) > 0.6 * counts.sum(-1)
        wood = ndimage.binary_dilation(counts[..., WOOD] > SURE / BLOCK**2, SQUARE, iterations=TREE_BLOCKS)
        leafy = (counts[..., [FOLIAGE, BLOSSOM]].sum(-1) > 0.5 * counts.sum(-1)) & np.logical_not(wood | bed)
        self.votes[seen & bed] += 1.0
        self.votes[seen & leafy] += LEAF_VOTE
        self.votes[seen & (share > 0.5)] += 1.0
        self.votes[seen & other & ~bed] -= 1.0
        self.votes = np.clip(self.votes, -MOST_VOTES, MOST_VOTES)
        self._voted_step, self._planted = step, None

    def counts(self) -> np.ndarray:
        """The map's evidence by block, (R, C, K), a mean over its cells."""
        return coarse(self._map.evidence, BLOCK)

    def leafy(self, now_d: float) -> np.ndarray:
        """Where leaves were seen not long ago, (R, C) bool."""
        return now_d - self.leafy_d <= LEAVES_STAY_D

    def leafy_about(self, now_d: float) -> np.ndarray:
        """Where leaves of a bed were seen not long ago, or nearby: small plants hide behind others, (R, C) bool."""
        return ndimage.binary_dilation(self.planted & self.leafy(now_d), SQUARE, iterations=NEAR)

    def roots_m2(self, now_d: float) -> np.ndarray:
        """Ground over roots, if it is bed, (R, C) float64: there is more of them under leaves that were seen [m2]."""
        return np.where(self.leafy(now_d), ROOTED, BARE_ROOTED) * (BLOCK * self._map.cell_m) ** 2

    def trees(self, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where trunks seem to stand, y and x [m]: the middles of what hangs together as wood."""
        wood = (counts[..., WOOD] > 0.5 * counts.sum(-1)) & (counts[..., WOOD] > SURE / BLOCK**2)
        wood = np.where(self.is_bed, False, wood)  # stakes and bare shrubs look like it
        labels = np.zeros(wood.shape, np.int32)
        trees = int(ndimage.label(wood, SQUARE, output=labels))  # pyright: ignore[reportArgumentType]
        middles = np.array(ndimage.center_of_mass(wood, labels, range(1, trees + 1))).reshape(-1, 2)
        return (middles[:, 0] + 0.5) * BLOCK * self._map.cell_m, (middles[:, 1] + 0.5) * BLOCK * self._map.cell_m


def thirst(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """By block: the share of its plants that look wilted, -1 where there are none; and whether it is bed."""
    plants = counts[..., [FOLIAGE, BLOSSOM, WILTED]].sum(-1)
    grown = plants > SURE / BLOCK**2
    thirst = np.where(grown, counts[..., WILTED] / np.maximum(plants, 1e-9), -1.0)
    total = counts.sum(-1)
    near = SQUARE / 9.0
    earth = ndimage.convolve(counts[..., SOIL], near, mode="constant")
    around = ndimage.convolve(total, near, mode="constant")
    solid = counts[..., SOLID].sum(-1)
    bed = (total > 0.0) & (earth > 0.15 * around) & (counts[..., SOIL] + plants > 0.5 * total) & (solid < 0.3 * total)
    leafy = grown & (solid < 0.3 * total)
    return thirst, ndimage.binary_dilation(bed, SQUARE, iterations=OVERHANG, mask=bed | leafy)


def coarse(fine: np.ndarray, cells: int) -> np.ndarray:
    """The mean of every square of so many cells a side, of (R, C) or (R, C, K); squares at the rim may be smaller."""
    rows, columns, *rest = fine.shape
    pad = ((0, -rows % cells), (0, -columns % cells), *((0, 0) for _ in rest))
    padded = np.pad(fine, pad, mode="edge") if any(after for _, after in pad) else fine
    parts = [padded[i::cells, j::cells] for i in range(cells) for j in range(cells)]
    return sum(parts[1:], parts[0].astype(float)) / cells**2
