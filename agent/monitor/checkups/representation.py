"""How far the features of a net have moved on fixed frames, and how many dimensions they still use.

All functions take features as rows: (n, d), one row a place in a frame, the same places at both times. Ranks grow with
n, so compare them only at equal n: here always with the same frames through the net as it was commissioned.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
SRANK_DELTA = 0.01  # Kumar et al. 2021


def effective_rank(features: ArrayLike) -> float:
    """exp of the entropy of the singular values' shares (Roy & Vetterli 2007, eq. 3); 0 where all features are 0.

    >>> round(effective_rank(np.eye(4)), 6)
    4.0
    """
    shares = _shares(features)
    shares = shares[shares > 0]
    return float(np.exp(-(shares * np.log(shares)).sum())) if len(shares) else 0.0


def srank(features: ArrayLike, delta: float = SRANK_DELTA) -> int:
    """The least number of singular values that make up 1 - delta of their sum (Kumar et al. 2021, section 3).

    It is often called stable rank, which it is not: that is ||X||_F^2 / ||X||_2^2.

    >>> srank(np.diag([10.0, 5.0, 0.01]))
    2
    """
    reached = np.cumsum(_shares(features)) >= 1.0 - delta - 1e-12
    return int(reached.argmax()) + 1 if reached.any() else 0


def cka(ours: ArrayLike, theirs: ArrayLike) -> float:
    """Debiased linear CKA: HSIC without the diagonal (Song et al. 2012, eq. 5; Kornblith et al. 2019).

    The plain estimate is biased towards 1 where rows are few beside columns.

    Args:
        ours, theirs: (n, d) and (n, e), rows of the same places; n of at least 4.

    Returns:
        1 = the same up to rotation and scale; about 0 = nothing in common, which may come out a little below. NaN
        where one of them does not vary.
    """
    kernels = [_without_diagonal(x) for x in (ours, theirs)]
    cross, own, other = (_hsic(a, b) for a, b in ((kernels[0], kernels[1]), (kernels[0],) * 2, (kernels[1],) * 2))
    scale = own * other
    return float(cross / np.sqrt(scale)) if scale > 0 else float("nan")


def shift(now: ArrayLike, before: ArrayLike) -> float:
    """Mean over rows of ||now - before|| / ||before||: 0 = not moved. A rotation moves it, and harms nobody.

    >>> shift([[3.0, 4.0]], [[0.0, 5.0]]) == 10**0.5 / 5
    True
    """
    moved, first = np.asarray(now, dtype=np.float64), np.asarray(before, dtype=np.float64)
    sizes = np.linalg.norm(first, axis=1)
    usable = sizes > 0
    if not usable.any():
        return float("nan")
    return float((np.linalg.norm(moved - first, axis=1)[usable] / sizes[usable]).mean())


def cosine(now: ArrayLike, before: ArrayLike) -> float:
    """Mean over rows of the cosine between now and before: 1 = the same direction. Rows of zeros are left out."""
    moved, first = np.asarray(now, dtype=np.float64), np.asarray(before, dtype=np.float64)
    sizes = np.linalg.norm(moved, axis=1) * np.linalg.norm(first, axis=1)
    usable = sizes > 0
    if not usable.any():
        return float("nan")
    return float(((moved * first).sum(1)[usable] / sizes[usable]).mean())


def _shares(features: ArrayLike) -> Floats:
    values = np.linalg.svd(np.asarray(features, dtype=np.float64), compute_uv=False)
    total = values.sum()
    return np.asarray(values / total if total > 0 else np.zeros_like(values), dtype=np.float64)


def _without_diagonal(features: ArrayLike) -> Floats:
    rows = np.asarray(features, dtype=np.float64)
    rows = rows - rows.mean(0)  # changes nothing, but keeps large means from eating digits
    kernel = rows @ rows.T
    np.fill_diagonal(kernel, 0.0)
    return kernel


def _hsic(k: Floats, m: Floats) -> float:
    """The unbiased estimate; kernels have zeros on their diagonals (Song et al. 2012, eq. 5)."""
    n = len(k)
    if n < 4:
        raise ValueError(f"debiased CKA needs at least 4 rows, got {n}")
    both = (k * m).sum() + k.sum() * m.sum() / ((n - 1) * (n - 2)) - 2.0 / (n - 2) * (k @ m).sum()
    return float(both / (n * (n - 3)))
