"""How long a stream remembers: the integrated autocorrelation time, which says how many frames are worth one.

Frames that follow one another show nearly the same. The mean of n of them is as uncertain as that of n / tau
independent ones, and a detector that takes them for independent alarms all the time. So means are taken over blocks of
at least 2 tau frames, and of whole days, lest the hours of the day beat into them.
"""

import math

import numpy as np
from numpy.typing import NDArray

WINDOW = 5.0  # lags are summed up to so many times tau: beyond it is noise (Sokal 1997, section 3)


def autocorrelation_time(series: NDArray[np.float64]) -> float:
    """The integrated autocorrelation time tau = 1 + 2 (rho_1 + rho_2 + ...), summed up to a window of 5 tau.

    Args:
        series: (n,) float64, evenly spaced.

    Returns:
        At least 1; 1 for a series that does not move or has fewer than 4 values. For an autoregression of order one
        with coefficient a it is (1 + a) / (1 - a).

    >>> autocorrelation_time(np.zeros(100))
    1.0
    """
    count = len(series)
    centred = np.asarray(series, np.float64) - np.mean(series) if count else np.zeros(0)
    power = float(centred @ centred)
    if count < 4 or power <= 1e-24 * count:
        return 1.0
    spectrum = np.fft.rfft(centred, 2 * count)
    correlation = np.fft.irfft(spectrum * spectrum.conj())[:count] / power
    summed = 2 * np.cumsum(correlation) - 1.0
    enough = np.flatnonzero(np.arange(count) >= WINDOW * summed)
    return max(1.0, float(summed[enough[0] if len(enough) else -1]))


def block_days(tau_frames: float, frames_a_day: float) -> int:
    """Whole days that hold at least 2 tau frames; at least one.

    >>> block_days(10.0, 24.0), block_days(20.0, 24.0)
    (1, 2)
    """
    return max(1, math.ceil(2 * tau_frames / max(frames_a_day, 1.0)))
