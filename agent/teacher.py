"""The teacher: turns what is really there into answers at the net's resolution.

A net's output pixel covers `STRIDE` x `STRIDE` camera pixels. Where at least three of the four agree, that class is the
answer; where they do not, the pixel is a mixture and there is no answer (255). The same rule makes the labels that are
learned from and those that are scored.
"""

import numpy as np
from numba import njit

from scenarios.tables import IGNORE

STRIDE = 2  # camera pixels an output pixel, in each direction
AGREEING = 3  # of STRIDE * STRIDE


@njit(cache=True)
def _majority(mask, answers, agreeing, none):
    for frame in range(answers.shape[0]):
        for row in range(answers.shape[1]):
            for column in range(answers.shape[2]):
                a = mask[frame, 2 * row, 2 * column]
                b = mask[frame, 2 * row, 2 * column + 1]
                c = mask[frame, 2 * row + 1, 2 * column]
                d = mask[frame, 2 * row + 1, 2 * column + 1]
                candidate = a if a in (b, c, d) else b
                votes = (a == candidate) + (b == candidate) + (c == candidate) + (d == candidate)
                answers[frame, row, column] = candidate if votes >= agreeing else none


def answer(masks: np.ndarray) -> np.ndarray:
    """The label map of each frame.

    Args:
        masks: (n, H, W) uint8, classes by camera pixel; 255 is no answer.

    Returns:
        (n, H // 2, W // 2) uint8.

    >>> answer(np.array([[[1, 1, 2, 3], [1, 4, 2, 3]]], np.uint8))
    array([[[  1, 255]]], dtype=uint8)
    """
    frames, height_px, width_px = masks.shape
    answers = np.empty((frames, height_px // STRIDE, width_px // STRIDE), np.uint8)
    _majority(np.ascontiguousarray(masks), answers, AGREEING, np.uint8(IGNORE))
    return answers


def pick(frames: int, answered: int) -> np.ndarray:
    """Which frames of a block the teacher answers: evenly spaced, the last one always.

    >>> pick(12, 8).tolist()
    [1, 2, 4, 5, 7, 8, 10, 11]
    """
    answered = min(frames, answered)
    return np.ceil((np.arange(1, answered + 1) * frames) / answered).astype(int) - 1
