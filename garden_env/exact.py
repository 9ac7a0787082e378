"""Sums and lengths, compiled, to the bit as Python and NumPy give them.

A compiled sum adds from left to right and the C library's `hypot` is off by a last bit now and then; a world that is
stepped by compiled code has to live the same life as one that was not.
"""

import math

from numba import njit

BLOCK = 128  # numbers that NumPy adds up without halving them
SPLIT = 134217729.0  # 2**27 + 1: cuts a float64 into two halves whose products are exact (Veltkamp, Dekker 1971)


@njit(cache=True)
def length(x, y):
    """`math.hypot` of two numbers: scaled, squared exactly, and corrected once after the root.

    >>> length(3.0, 4.0), length(0.1, -0.7) == math.hypot(0.1, -0.7)
    (5.0, True)
    """
    x, y = abs(x), abs(y)
    top = max(x, y)
    if top == 0.0:
        return 0.0
    scale = math.ldexp(1.0, -math.frexp(top)[1])
    total, high, middle, low = 1.0, 0.0, 0.0, 0.0
    for k in range(2):
        number = (x if k == 0 else y) * scale
        cut = number * SPLIT
        big = cut - (cut - number)
        small = number - big
        part, old = big * big, total
        total += part
        high += (old - total) + part
        part, old = 2.0 * big * small, total
        total += part
        middle += (old - total) + part
        low += small * small
    root = math.sqrt(total - 1.0 + (high + middle + low))
    cut = root * SPLIT
    big = cut - (cut - root)
    small = root - big
    part, old = -big * big, total
    total += part
    high += (old - total) + part
    part, old = -2.0 * big * small, total
    total += part
    middle += (old - total) + part
    part, old = -small * small, total
    total += part
    low += (old - total) + part
    return (root + (total - 1.0 + (high + middle + low)) / (2.0 * root)) / scale


@njit(cache=True)
def total(numbers):
    """NumPy's sum of a row of at most 248 numbers, float32 or float64: pairwise, eight at a time (Higham 1993).

    No garden has more plants. NumPy halves a longer row again and again; compiled code does not call itself here.

    >>> import numpy as np
    >>> some = np.random.default_rng(0).normal(size=200)
    >>> bool(total(some) == some.sum())
    True
    """
    count = len(numbers)
    if count <= BLOCK:
        return _block(numbers, 0, count)
    half = count // 2
    half -= half % 8
    if count - half > BLOCK:
        raise ValueError("total adds up at most 248 numbers")
    return _block(numbers, 0, half) + _block(numbers, half, count - half)


@njit(cache=True)
def _block(numbers, first, count):
    out, whole = numbers.dtype.type(0.0), 0
    if count >= 8:
        whole = count - count % 8
        a, b, c, d = numbers[first], numbers[first + 1], numbers[first + 2], numbers[first + 3]
        e, f, g, h = numbers[first + 4], numbers[first + 5], numbers[first + 6], numbers[first + 7]
        for k in range(first + 8, first + whole, 8):
            a, b, c, d = a + numbers[k], b + numbers[k + 1], c + numbers[k + 2], d + numbers[k + 3]
            e, f, g, h = e + numbers[k + 4], f + numbers[k + 5], g + numbers[k + 6], h + numbers[k + 7]
        out = ((a + b) + (c + d)) + ((e + f) + (g + h))
    for k in range(first + whole, first + count):
        out += numbers[k]
    return out
