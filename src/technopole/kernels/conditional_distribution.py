"""The whole conditional permutation distribution of local statistics whose links count alike, without drawing.

The sum of k of n values drawn without replacement has the characteristic function e_k(exp(i t x)) / C(n, k), with e_k the
elementary symmetric polynomial, which Newton's identities build from the power sums; these are the characteristic function
of a single value at multiples of t. Values are put on a grid, so that one Fourier transform per k gives the distribution for all
n places at once. Leaving out a place's own value v is exact too, as the sum of all draws splits by whether v is in:

    F_k(s) = (1 - k/n) G_k(s) + k/n G_{k-1}(s - v)          F: of all values, G: without v
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]
ROOM = 2**24  # grid points times (neighbours + 1): 128 MB
MOST = 64  # neighbours
ACCURACY = 1e-12  # of a probability
ROUNDING = 1e-12  # values that differ by less, relative to the range, are equal


def tails(values: Floats, indptr: Indices, indices: Indices) -> tuple[Floats, Floats]:
    """Return for each place the probability that its k neighbours' sum is at most, and at least, as large as it is.

    Probabilities below `ACCURACY` are given as that. No place has more than `MOST` neighbours, or neighbours that are more than
    half of all places.
    """
    n, k = len(values), np.diff(indptr)
    most = max(int(k.max(initial=0)), 1)
    size = 2 ** int(np.log2(ROOM / (most + 1)))
    v = _on_grid(values, (size - 1) // most)
    observed = np.add.reduceat(np.append(v[indices], 0), indptr[:-1])
    observed[k == 0] = 0
    low, high = (np.where(observed - k * v >= 0, 1.0, 0.0), np.where(observed - k * v <= 0, 1.0, 0.0))
    for j, probability in enumerate(_distributions(v, most, size), start=1):
        on = np.flatnonzero(k >= j)
        at = observed[on] - (k[on] - j) * v[on]
        below = np.concatenate([[0.0], np.cumsum(probability)])
        above = np.concatenate([np.cumsum(probability[::-1])[::-1], [0.0]])
        within = j / n
        low[on] = (below[np.clip(at + 1, 0, size)] - within * low[on]) / (1 - within)
        high[on] = (above[np.clip(at, 0, size)] - within * high[on]) / (1 - within)
    return np.clip(low, ACCURACY, 1.0), np.clip(high, ACCURACY, 1.0)


def _on_grid(values: Floats, steps: int) -> Indices:
    """Return whole numbers from 0 to `steps`, 0 for the smallest value alone; whole values of a smaller range stay as they are."""
    off = values - values.min()
    spread = float(off.max())
    if spread <= steps and (off == np.round(off)).all():
        return off.astype(np.int64)
    found = np.round(off * (steps / spread)).astype(np.int64)
    return np.where(off > ROUNDING * spread, np.maximum(found, 1), 0)


def _distributions(v: Indices, most: int, size: int) -> Iterator[Floats]:
    """Yield the probabilities of each sum of 1, 2, ... `most` of the values, drawn without replacement."""
    n = len(v)
    single = np.fft.rfft(np.bincount(v, minlength=size) / n)
    frequency = np.arange(size // 2 + 1)
    found = [np.ones(size // 2 + 1, dtype=np.complex128)]
    multiples: list[npt.NDArray[np.complex128]] = []
    for k in range(1, most + 1):
        turned = (frequency * k) % size
        mirrored = turned > size // 2
        power = single[np.where(mirrored, size - turned, turned)]
        multiples.append(np.where(mirrored, power.conj(), power))
        total = np.zeros(size // 2 + 1, dtype=np.complex128)
        share = n / k  # of e_{k-m} C(n, k-m) / C(n, k), with sign
        for m in range(1, k + 1):
            share *= (k - m + 1) / (n - k + m)
            total += share * multiples[m - 1] * found[k - m]
            share = -share
        found.append(total)
        yield np.fft.irfft(total, size)
