"""Shares and rates with their 95% intervals."""

from __future__ import annotations

import math

from collabnlp.schema import Figure

LEAST_UNITS, MOST_FOUND = 200, 0.30
"""Documents with fewer units are too small to correct by other families' errors; with a greater
share of units found these are not known, for no mix that they were measured on has it."""

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


def among(part: Figure, others: Figure) -> Figure:
    """The share (0..1) that a count has of itself and others, both uncertain: distances of the log
    odds added as independent errors are."""
    if part.high <= 0:
        return Figure(0.0, 0.0, 0.0)
    if others.high <= 0:
        return Figure(1.0, 1.0, 1.0)

    def share(count: float, rest: float) -> float:
        return count / (count + rest) if count > 0 else 0.0

    value = share(part.value, others.value)
    if not 0.0 < value < 1.0:
        return Figure(value, share(part.low, others.high), share(part.high, others.low))

    def beyond(edge: float, other: float) -> float:
        if edge <= 0 or other <= 0:
            return math.inf
        return math.hypot(math.log(edge / part.value), math.log(other / others.value))

    odds = part.value / others.value
    low, high = beyond(part.low, others.high), beyond(part.high, others.low)
    lowest, highest = odds * math.exp(-low), odds * math.exp(high) if high < 700 else math.inf
    return Figure(
        value,
        lowest / (1.0 + lowest),
        1.0 if math.isinf(highest) else highest / (1.0 + highest),
    )
