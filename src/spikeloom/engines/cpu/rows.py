"""Sums over the rows of a matrix, with the result in registers while rows pass by.

The compiler would write a result of 256 numbers to memory and read it again for each row; held in sixteen registers of
AVX-512, it is read and written once. A row is cut into stretches as wide as the registers allow; each number of the
result is the same sum, in the same order, wherever it lies.
"""

from __future__ import annotations

from typing import Any

from numba import types

from spikeloom.engines.cpu import vectors
from spikeloom.engines.cpu.compiled import compiled, intrinsic
from spikeloom.engines.cpu.vectors import I64, MOST, Row, lanes_of


def _row_of(context: Any, builder: Any, kind: Any, matrix: Any, column: Any, number: Any) -> Any:
    """Pointer to the ``column`` of row ``number``."""
    if number.type != I64:
        number = builder.sext(number, I64)
    length = vectors.row_length(context, builder, kind, matrix)
    first = vectors.data_of(context, builder, kind, matrix, column)
    return builder.gep(first, [builder.mul(number, length)])


def _adder(width: int, masked: bool) -> Any:
    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kinds, (x, begin, indices, start, stop, matrix, column, rest) = signature.args, arguments
        row = Row(context, builder, kinds[0].dtype, width, rest if masked else None)
        target = vectors.data_of(context, builder, kinds[0], x, column)
        source = vectors.data_of(context, builder, kinds[1], begin, column)
        events = vectors.data_of(context, builder, kinds[2], indices, I64(0))

        def add(k: Any, sums: list[Any]) -> list[Any]:
            at = _row_of(context, builder, kinds[5], matrix, column, builder.load(builder.gep(events, [k])))
            return [builder.fadd(s, row.load(at, v)) for v, s in enumerate(sums)]

        sums = vectors.loop(builder, start, stop, [row.load(source, v) for v in range(width)], add)
        for v, s in enumerate(sums):
            row.store(s, target, v)
        return context.get_dummy_value()

    @intrinsic
    def add(typingctx, x, begin, indices, start, stop, matrix, column, rest):
        integer = types.int64
        return types.void(x, begin, indices, integer, integer, matrix, integer, integer), code

    return add


def _spreader(width: int, masked: bool) -> Any:
    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kinds, (matrix, indices, start, stop, g, column, rest) = signature.args, arguments
        row = Row(context, builder, kinds[4].dtype, width, rest if masked else None)
        events = vectors.data_of(context, builder, kinds[1], indices, I64(0))
        given = vectors.data_of(context, builder, kinds[4], g, column)
        terms = [row.load(given, v) for v in range(width)]

        def add(k: Any, _: list[Any]) -> list[Any]:
            at = _row_of(context, builder, kinds[0], matrix, column, builder.load(builder.gep(events, [k])))
            for v, term in enumerate(terms):
                row.store(builder.fadd(row.load(at, v), term), at, v)
            return []

        vectors.loop(builder, start, stop, [], add)
        return context.get_dummy_value()

    @intrinsic
    def spread(typingctx, matrix, indices, start, stop, g, column, rest):
        integer = types.int64
        return types.void(matrix, indices, integer, integer, g, integer, integer), code

    return spread


def _multiplier(width: int, masked: bool) -> Any:
    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kinds, (x, factors, matrix, column, rest) = signature.args, arguments
        row = Row(context, builder, kinds[0].dtype, width, rest if masked else None)
        target = vectors.data_of(context, builder, kinds[0], x, column)
        given = vectors.data_of(context, builder, kinds[1], factors, I64(0))
        count = context.make_array(kinds[1])(context, builder, factors).nitems

        def add(k: Any, sums: list[Any]) -> list[Any]:
            factor = builder.load(builder.gep(given, [k]))
            before = builder.block
            # Many are zero: nothing reaches a read-out after the step at which its maximum was taken.
            with builder.if_then(builder.fcmp_unordered("!=", factor, factor.type(0.0))):
                at = _row_of(context, builder, kinds[2], matrix, column, k)
                factors = vectors.splat(builder, factor, row.lanes)
                products = (builder.fmul(factors, row.load(at, v), flags=("contract",)) for v in range(width))
                added = [builder.fadd(s, p, flags=("contract",)) for s, p in zip(sums, products, strict=True)]
                taken = builder.block
            results: list[Any] = []
            for old, new in zip(sums, added, strict=True):
                phi = builder.phi(old.type)
                phi.add_incoming(old, before)
                phi.add_incoming(new, taken)
                results.append(phi)
            return results

        zeros = [row.type(None)] * width
        for v, s in enumerate(vectors.loop(builder, I64(0), count, zeros, add)):
            row.store(s, target, v)
        return context.get_dummy_value()

    @intrinsic
    def multiply(typingctx, x, factors, matrix, column, rest):
        return types.void(x, factors, matrix, types.int64, types.int64), code

    return multiply


def _dotter(width: int, masked: bool) -> Any:
    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kinds, (totals, indices, start, stop, matrix, g, column, rest) = signature.args, arguments
        row = Row(context, builder, kinds[5].dtype, width, rest if masked else None)
        results = vectors.data_of(context, builder, kinds[0], totals, builder.neg(start))
        events = vectors.data_of(context, builder, kinds[1], indices, I64(0))
        given = vectors.data_of(context, builder, kinds[5], g, column)
        factors = [row.load(given, v) for v in range(width)]

        def dot(k: Any, _: list[Any]) -> list[Any]:
            event = builder.load(builder.gep(events, [k]))
            at = _row_of(context, builder, kinds[4], matrix, column, event)
            sums: list[Any] = []
            for v, factor in enumerate(factors):
                product = builder.fmul(factor, row.load(at, v), flags=("contract",))
                if v < 4:  # four sums, for none to wait for the one before
                    sums.append(product)
                else:
                    sums[v % 4] = builder.fadd(sums[v % 4], product, flags=("contract",))
            while len(sums) > 1:
                sums = [builder.fadd(sums[i], sums[i + 1]) for i in range(0, len(sums), 2)]
            place = builder.gep(results, [k])
            builder.store(builder.fadd(builder.load(place), row.sum(sums[0])), place)
            return []

        vectors.loop(builder, start, stop, [], dot)
        return context.get_dummy_value()

    @intrinsic
    def dot(typingctx, totals, indices, start, stop, matrix, g, column, rest):
        integer = types.int64
        return types.void(totals, indices, integer, integer, matrix, g, integer, integer), code

    return dot


_add_most, _add_one, _add_rest = _adder(MOST, False), _adder(1, False), _adder(1, True)
_spread_most, _spread_one, _spread_rest = _spreader(MOST, False), _spreader(1, False), _spreader(1, True)
_multiply_most, _multiply_one, _multiply_rest = _multiplier(MOST, False), _multiplier(1, False), _multiplier(1, True)
_dot_most, _dot_one, _dot_rest = _dotter(MOST, False), _dotter(1, False), _dotter(1, True)


@compiled()
def _add_rows_together(x, begin, indices, start, stop, matrix):
    n = x.shape[0]
    lanes = lanes_of(x)
    c = 0
    while c + MOST * lanes <= n:
        _add_most(x, begin, indices, start, stop, matrix, c, 0)
        c += MOST * lanes
    while c + lanes <= n:
        _add_one(x, begin, indices, start, stop, matrix, c, 0)
        c += lanes
    if c < n:
        _add_rest(x, begin, indices, start, stop, matrix, c, n - c)


@compiled()
def _add_rows_one_by_one(x, begin, indices, start, stop, matrix):
    n = x.shape[0]
    for j in range(n):
        x[j] = begin[j]
    for k in range(start, stop):
        row = matrix[indices[k]]
        for j in range(n):
            x[j] += row[j]


@compiled()
def _spread_row_together(matrix, indices, start, stop, g):
    n = g.shape[0]
    lanes = lanes_of(g)
    c = 0
    while c + MOST * lanes <= n:
        _spread_most(matrix, indices, start, stop, g, c, 0)
        c += MOST * lanes
    while c + lanes <= n:
        _spread_one(matrix, indices, start, stop, g, c, 0)
        c += lanes
    if c < n:
        _spread_rest(matrix, indices, start, stop, g, c, n - c)


@compiled()
def _spread_row_one_by_one(matrix, indices, start, stop, g):
    for k in range(start, stop):
        row = matrix[indices[k]]
        for j in range(g.shape[0]):
            row[j] += g[j]


@compiled()
def _multiply_together(x, factors, matrix):
    n = x.shape[0]
    lanes = lanes_of(x)
    c = 0
    while c + MOST * lanes <= n:
        _multiply_most(x, factors, matrix, c, 0)
        c += MOST * lanes
    while c + lanes <= n:
        _multiply_one(x, factors, matrix, c, 0)
        c += lanes
    if c < n:
        _multiply_rest(x, factors, matrix, c, n - c)


@compiled(fastmath={"contract"})
def _multiply_one_by_one(x, factors, matrix):
    n = x.shape[0]
    x[:] = 0
    for k in range(factors.shape[0]):
        for j in range(n):
            x[j] += factors[k] * matrix[k, j]


@compiled()
def _dot_rows_together(totals, indices, start, stop, matrix, g):
    n = g.shape[0]
    lanes = lanes_of(g)
    c = 0
    while c + MOST * lanes <= n:
        _dot_most(totals, indices, start, stop, matrix, g, c, 0)
        c += MOST * lanes
    while c + lanes <= n:
        _dot_one(totals, indices, start, stop, matrix, g, c, 0)
        c += lanes
    if c < n:
        _dot_rest(totals, indices, start, stop, matrix, g, c, n - c)


@compiled(fastmath={"reassoc", "contract"})
def _dot_rows_one_by_one(totals, indices, start, stop, matrix, g):
    for k in range(start, stop):
        row = matrix[indices[k]]
        total = g.dtype.type(0.0)
        for j in range(g.shape[0]):
            total += row[j] * g[j]
        totals[k - start] += total


add_rows = _add_rows_together if vectors.AVAILABLE else _add_rows_one_by_one
"""``x = begin + sum of matrix[i]`` over ``indices[start:stop]``, in their order; ``begin`` may be ``x``."""

spread_row = _spread_row_together if vectors.AVAILABLE else _spread_row_one_by_one
"""``matrix[i] += g`` for each i of ``indices[start:stop]``, in their order."""

multiply = _multiply_together if vectors.AVAILABLE else _multiply_one_by_one
"""``x = factors @ matrix``."""

dot_rows = _dot_rows_together if vectors.AVAILABLE else _dot_rows_one_by_one
"""``totals[k - start] += matrix[i] . g`` for each i of ``indices[start:stop]``."""
