"""The loop over events, compiled: the next one from a heap, what it does, and when its neurons will fire."""

from __future__ import annotations

import heapq
import math
from typing import Any

import numba
import numpy as np

from spikeloom.core.philox import philox4x32
from spikeloom.engines.exact.crossing import first_crossing, membrane

_LOW, _32 = np.uint64(0xFFFFFFFF), np.uint64(32)
SPIKE, PACKET, DRIVE = 0, 1, 2


@numba.njit(cache=True, nogil=True)
def _interval(key, neuron, count, rate):
    """The time between two Poisson events of a neuron: a function of both and of how many came before."""
    k, c, n = np.uint64(key), np.uint64(count), np.uint64(neuron)
    w0, w1, _, _ = philox4x32(n & _LOW, n >> _32, c & _LOW, c >> _32, k & _LOW, k >> _32)
    u = (np.float64(((w0 << _32) | w1) >> np.uint64(11)) + 0.5) * 2.0**-53
    return -math.log(u) / rate


@numba.njit(cache=True, nogil=True)
def _advance(j, t, v, i, last, free, rest, tau_m, tau_s, resistance):
    """Bring neuron ``j`` to time ``t``; while it is refractory its membrane stands still."""
    begin = last[j]
    if free[j] > begin:
        pause = min(free[j], t) - begin
        if tau_s[j] > 0.0:
            i[j] *= math.exp(-pause / tau_s[j])
        begin += pause
    if t > begin:
        v[j] = membrane(t - begin, v[j], i[j], rest[j], tau_m[j], tau_s[j], resistance[j])
        if tau_s[j] > 0.0:
            i[j] *= math.exp(-(t - begin) / tau_s[j])
    last[j] = t


@numba.njit(cache=True, nogil=True)
def _next_spike(j, v, i, last, free, rest, theta, tau_m, tau_s, resistance):
    """When neuron ``j`` will fire if nothing more arrives."""
    pause = max(0.0, free[j] - last[j])
    current = i[j] * math.exp(-pause / tau_s[j]) if tau_s[j] > 0.0 and pause > 0.0 else i[j]
    return last[j] + pause + first_crossing(v[j], current, rest[j], theta[j], tau_m[j], tau_s[j], resistance[j])


@numba.njit(cache=True, nogil=True)
def simulate(
    end,
    v,
    i,
    last,
    free,
    rest,
    theta,
    reset,
    t_ref,
    tau_m,
    tau_s,
    resistance,
    packets,
    packet_delay,
    packet_begin,
    packet_end,
    packet_current,
    target,
    weight,
    input_time,
    input_source,
    drive_key,
    drive_rate,
    drive_weight,
    drive_first,
    drive_last,
    drive_current,
    most,
):
    """Run to time ``end``: times and neurons of all spikes, and whether there were more than ``most``."""
    n = v.size
    version = np.zeros(n, np.int64)
    times = np.empty(1024)
    fired = np.empty(1024, np.int64)
    spikes = 0
    order = 0
    heap: Any = [(math.inf, 0, SPIKE, 0, 0)]
    for j in range(n):
        at = _next_spike(j, v, i, last, free, rest, theta, tau_m, tau_s, resistance)
        if at < end:
            order += 1
            heapq.heappush(heap, (at, order, SPIKE, j, 0))
    for d in range(drive_rate.size):
        for j in range(drive_first[d], drive_last[d]):
            at = _interval(drive_key[d], j, 0, drive_rate[d])
            if at < end:
                order += 1
                heapq.heappush(heap, (at, order, DRIVE, d * n + j, 1))
    nothing = np.zeros(1, np.int64)
    given = 0
    while True:
        sent = -1
        t, _, kind, a, b = heap[0]
        if given < input_time.size and input_time[given] <= t:
            t = input_time[given]
            if t >= end:
                break
            sent = input_source[given]
            given += 1
        elif t >= end:
            break
        else:
            heapq.heappop(heap)
            if kind == SPIKE:
                if b != version[a]:
                    continue  # something arrived since this was foreseen
                _advance(a, t, v, i, last, free, rest, tau_m, tau_s, resistance)
                sent = _fire(a, t, v, free, version, reset, t_ref)
                at = _next_spike(a, v, i, last, free, rest, theta, tau_m, tau_s, resistance)
                if at < end:
                    order += 1
                    heapq.heappush(heap, (at, order, SPIKE, a, version[a]))
            else:
                if kind == PACKET:
                    first, stop, current = packet_begin[a], packet_end[a], packet_current[a]
                else:
                    d = a // n
                    nothing[0] = a % n
                    first, stop, current = 0, 1, drive_current[d]
                    at = t + _interval(drive_key[d], nothing[0], b, drive_rate[d])
                    if at < end:
                        order += 1
                        heapq.heappush(heap, (at, order, DRIVE, a, b + 1))
                for s in range(first, stop):
                    j = target[s] if kind == PACKET else nothing[0]
                    w = weight[s] if kind == PACKET else drive_weight[a // n]
                    _advance(j, t, v, i, last, free, rest, tau_m, tau_s, resistance)
                    if current:
                        i[j] += w
                    elif free[j] < t:  # at its very end a refractory period is not over, as on the grid
                        v[j] += w
                    version[j] += 1
                    at = _next_spike(j, v, i, last, free, rest, theta, tau_m, tau_s, resistance)
                    if at < end:
                        order += 1
                        heapq.heappush(heap, (at, order, SPIKE, j, version[j]))
                continue
        if sent < n:
            if spikes == times.size:
                if spikes >= most:
                    return times, fired, True
                grown = np.empty(2 * spikes)
                grown[:spikes] = times
                times = grown
                more = np.empty(2 * spikes, np.int64)
                more[:spikes] = fired
                fired = more
            times[spikes] = t
            fired[spikes] = sent
            spikes += 1
        for p in range(packets[sent], packets[sent + 1]):
            order += 1
            heapq.heappush(heap, (t + packet_delay[p], order, PACKET, p, 0))
    for j in range(n):
        _advance(j, end, v, i, last, free, rest, tau_m, tau_s, resistance)
    return times[:spikes], fired[:spikes], False


@numba.njit(cache=True, nogil=True)
def _fire(j, t, v, free, version, reset, t_ref):
    v[j] = reset[j]
    free[j] = t + t_ref[j] if t_ref[j] > 0.0 else -1.0
    version[j] += 1
    return j
