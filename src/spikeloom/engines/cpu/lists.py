"""Lists of what few neurons have, made without a branch: the numbers of those that spike, the slopes near threshold.

Sixteen neurons at a time (eight in double precision) are compared, and those that count are pushed together in a
register and written behind the list's end: ``llvm.experimental.vector.compress``, one instruction with AVX-512. Where
the compiler is too old for it, plain loops make the same lists.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types

from spikeloom.engines.cpu import vectors
from spikeloom.engines.cpu.compiled import compiled, intrinsic
from spikeloom.engines.cpu.vectors import BYTES, I32, I64, Row, lanes_of


def _push(builder: Any, values: Any, mask: Any, pointer: Any, alignment: int) -> None:
    """Write those ``values`` that the ``mask`` chooses, pushed together."""
    arguments = [values, mask, ir.Constant(values.type, ir.Undefined)]
    name = f"llvm.experimental.vector.compress.{vectors.suffix(values.type)}"
    place = builder.bitcast(pointer, values.type.as_pointer())
    builder.store(vectors.call(builder, name, values.type, arguments), place).align = alignment


def _moved(builder: Any, end: Any, bits: Any) -> Any:
    """``end`` and the number of ``bits`` that are set."""
    count = vectors.call(builder, f"llvm.ctpop.i{bits.type.width}", bits.type, [bits])
    return builder.add(end, builder.zext(count, I64))


def _appends(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    """Code for ``_append``."""
    kinds, (where, start, index, end) = signature.args, arguments
    row = Row(context, builder, kinds[0].dtype, 1)
    found = row.load(vectors.data_of(context, builder, kinds[0], where, start), 0)
    mask = builder.fcmp_ordered(">", found, ir.Constant(row.type, None))
    _push(
        builder, _numbers(builder, start, row.lanes), mask, vectors.data_of(context, builder, kinds[2], index, end), 4
    )
    return _moved(builder, end, builder.bitcast(mask, ir.IntType(row.lanes)))


def _appends_marked(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    """Code for ``_append_marked``."""
    kinds, (marks, start, index, end, _) = signature.args, arguments
    lanes = BYTES // (kinds[4].bitwidth // 8)
    bits = _bits(context, builder, kinds[0], marks, start, lanes)
    mask = builder.bitcast(builder.load(bits, align=1), ir.VectorType(ir.IntType(1), lanes))
    _push(builder, _numbers(builder, start, lanes), mask, vectors.data_of(context, builder, kinds[2], index, end), 4)
    return _moved(builder, end, builder.load(bits, align=1))


def _numbers(builder: Any, start: Any, lanes: int) -> Any:
    """``start``, ``start + 1`` ..."""
    return builder.add(vectors.splat(builder, builder.trunc(start, I32), lanes), vectors.lane_numbers(lanes))


def _bits(context: Any, builder: Any, kind: Any, marks: Any, start: Any, lanes: int) -> Any:
    """Pointer to the bits of the neurons from ``start`` on, one for each lane."""
    place = vectors.data_of(context, builder, kind, marks, builder.lshr(start, I64(3)))
    return builder.bitcast(place, ir.IntType(lanes).as_pointer())


def _packer(masked: bool) -> Any:
    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kinds, (values, marks, kept, start, end, rest) = signature.args, arguments
        row = Row(context, builder, kinds[0].dtype, 1, rest if masked else None)
        found = row.load(vectors.data_of(context, builder, kinds[0], values, start), 0)
        mask = builder.fcmp_unordered("!=", found, ir.Constant(row.type, None))
        bits = builder.bitcast(mask, ir.IntType(row.lanes))
        builder.store(bits, _bits(context, builder, kinds[1], marks, start, row.lanes)).align = 1
        _push(builder, found, mask, vectors.data_of(context, builder, kinds[2], kept, end), BYTES // row.lanes)
        return _moved(builder, end, bits)

    @intrinsic
    def pack(typingctx, values, marks, kept, start, end, rest):
        return types.int64(values, marks, kept, types.int64, types.int64, types.int64), code

    return pack


def _unpacker(masked: bool) -> Any:
    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kinds, (values, marks, kept, start, end, rest) = signature.args, arguments
        row = Row(context, builder, kinds[0].dtype, 1, rest if masked else None)
        bits = builder.load(_bits(context, builder, kinds[1], marks, start, row.lanes), align=1)
        mask = builder.bitcast(bits, ir.VectorType(ir.IntType(1), row.lanes))
        given = [vectors.data_of(context, builder, kinds[2], kept, end), mask, ir.Constant(row.type, None)]
        found = vectors.call(builder, f"llvm.masked.expandload.{vectors.suffix(row.type)}", row.type, given)
        row.store(found, vectors.data_of(context, builder, kinds[0], values, start), 0)
        return _moved(builder, end, bits)

    @intrinsic
    def unpack(typingctx, values, marks, kept, start, end, rest):
        return types.int64(values, marks, kept, types.int64, types.int64, types.int64), code

    return unpack


@intrinsic
def _append(typingctx, where, start, index, end):
    """``index[end:]`` = those of ``start, start + 1 ...`` (one register full) where ``where > 0``; the new end."""
    return types.int64(where, types.int64, index, types.int64), _appends


@intrinsic
def _append_marked(typingctx, marks, start, index, end, like):
    """``index[end:]`` = those of ``start, start + 1 ...`` (one register full) that are marked; the new end."""
    return types.int64(marks, types.int64, index, types.int64, like), _appends_marked


_pack_all, _pack_rest, _unpack_all, _unpack_rest = _packer(False), _packer(True), _unpacker(False), _unpacker(True)


@compiled()
def _list_positive_together(where, index, end):
    n = where.shape[0]
    lanes = lanes_of(where)
    j = 0
    while j + lanes <= n:
        end = _append(where, j, index, end)
        j += lanes
    while j < n:
        index[end] = j
        end += 1 if where[j] > 0 else 0
        j += 1
    return end


@compiled()
def _list_positive_one_by_one(where, index, end):
    for j in range(where.shape[0]):
        index[end] = j
        end += 1 if where[j] > 0 else 0
    return end


@compiled()
def _list_marked_together(marks, like, index):
    lanes = lanes_of(like)
    end = 0
    j = 0
    while j < like.shape[0]:
        end = _append_marked(marks, j, index, end, like[0])
        j += lanes
    return end


@compiled()
def _list_marked_one_by_one(marks, like, index):
    end = 0
    for j in range(like.shape[0]):
        index[end] = j
        end += (marks[j >> 3] >> (j & 7)) & 1
    return end


@compiled()
def _pack_together(values, marks, kept, end):
    n = values.shape[0]
    lanes = lanes_of(values)
    j = 0
    while j + lanes <= n:
        end = _pack_all(values, marks, kept, j, end, 0)
        j += lanes
    if j < n:
        end = _pack_rest(values, marks, kept, j, end, n - j)
    return end


@compiled()
def _pack_one_by_one(values, marks, kept, end):
    for j in range(marks.shape[0]):
        marks[j] = 0
    for j in range(values.shape[0]):
        if values[j] != 0:
            marks[j >> 3] |= 1 << (j & 7)
            kept[end] = values[j]
            end += 1
    return end


@compiled()
def _unpack_together(values, marks, kept, end):
    n = values.shape[0]
    lanes = lanes_of(values)
    j = 0
    while j + lanes <= n:
        end = _unpack_all(values, marks, kept, j, end, 0)
        j += lanes
    if j < n:
        _unpack_rest(values, marks, kept, j, end, n - j)


@compiled()
def _unpack_one_by_one(values, marks, kept, end):
    for j in range(values.shape[0]):
        values[j] = 0
        if (marks[j >> 3] >> (j & 7)) & 1:
            values[j] = kept[end]
            end += 1


SLACK = BYTES
"""Numbers that may be written behind the end of a list."""


def marks_of(neurons: int) -> int:
    """Bytes for one bit of each neuron."""
    return -(-neurons // 64) * 8


list_positive = _list_positive_together if vectors.AVAILABLE else _list_positive_one_by_one
"""``index[end:]`` = the j with ``where[j] > 0``; returns the new end. There must be room for all of them."""

pack = _pack_together if vectors.AVAILABLE else _pack_one_by_one
"""``kept[end:]`` = the ``values`` that are not zero, bit j of ``marks`` says whether value j is one; the new end."""

unpack = _unpack_together if vectors.AVAILABLE else _unpack_one_by_one
"""The ``values`` again, from the ``marks`` and from ``kept[end:]``."""

list_marked = _list_marked_together if vectors.AVAILABLE else _list_marked_one_by_one
"""``index`` = the numbers of the bits that are set, of as many ``marks`` as ``like`` has values; how many."""
