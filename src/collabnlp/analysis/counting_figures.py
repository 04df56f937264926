"""Shares and rates with their 95% intervals."""

from __future__ import annotations

import math

from collabnlp.schema import Figure

_Z = 1.959963984540054


def wilson(count: int, whole: int) -> Figure:
    """A share (0..1) with its Wilson score interval (Wilson 1927). ``whole`` is at least 1."""
    share = count / whole
    square = _Z * _Z
    centre = (share + square / (2 * whole)) / (1 + square / whole)
    spread = math.sqrt(share * (1 - share) / whole + square / (4 * whole * whole))
    reach = _Z * spread / (1 + square / whole)
    return Figure(share, min(share, max(0.0, centre - reach)), max(share, min(1.0, centre + reach)))


def poisson(count: int, whole: float) -> Figure:
    """A rate, ``count`` divided by ``whole``, with its exact Poisson interval (Garwood 1936)."""
    from scipy.special import gammaincinv

    low = float(gammaincinv(count, 0.025)) if count else 0.0
    high = float(gammaincinv(count + 1, 0.975))
    return Figure(count / whole, low / whole, high / whole)


def combined(value: float, first: Figure, second: Figure) -> Figure:
    """An interval for ``value``, a product of two uncertain figures: their distances, as ratios,
    added as independent errors are."""

    def part(middle: float, edge: float) -> float:
        if middle <= 0 or edge <= 0:
            return math.inf if edge != middle else 0.0
        return math.log(edge / middle)

    below = math.hypot(part(first.value, first.low), part(second.value, second.low))
    above = math.hypot(part(first.value, first.high), part(second.value, second.high))
    high = value * math.exp(above) if math.isfinite(above) else math.inf
    return Figure(value, value * math.exp(-below), high)
