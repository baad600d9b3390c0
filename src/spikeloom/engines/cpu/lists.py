"""Lists of the neurons that exceed a bound, made without a branch.

Sixteen neurons at a time (eight in double precision) are compared, and those that count are pushed together in a
register and written behind the list's end: ``llvm.experimental.vector.compress``, one instruction with AVX-512. Where
the compiler is too old for it, each candidate is written behind the end, which moves only past those that count: the
same lists.
"""

from __future__ import annotations

import functools
from typing import Any

import llvmlite.binding
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

COMPRESSES = llvmlite.binding.llvm_version_info[0] >= 19
"""Whether the compiler can push chosen elements of a vector together."""


def _splat(builder: Any, value: Any, width: int) -> Any:
    """A vector of ``width`` times ``value``."""
    vector = ir.VectorType(value.type, width)
    first = builder.insert_element(ir.Constant(vector, ir.Undefined), value, ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(
        first, ir.Constant(vector, ir.Undefined), ir.Constant(ir.VectorType(ir.IntType(32), width), [0] * width)
    )


def _at(context: Any, builder: Any, kind: Any, array: Any, start: Any, width: int) -> Any:
    """Pointer to ``width`` elements of a one-dimensional array from ``start`` on, as one vector."""
    data = context.make_array(kind)(context, builder, array).data
    vector = ir.VectorType(context.get_value_type(kind.dtype), width)
    return builder.bitcast(builder.gep(data, [start]), vector.as_pointer())


def _push(builder: Any, values: Any, mask: Any, pointer: Any, alignment: int) -> None:
    """Write those ``values`` that the ``mask`` chooses, pushed together."""
    width = values.type.count
    element = {"float": "f32", "double": "f64", "i32": "i32"}[str(values.type.element)]
    compress = cgutils.get_or_insert_function(
        builder.module,
        ir.FunctionType(values.type, [values.type, mask.type, values.type]),
        f"llvm.experimental.vector.compress.v{width}{element}",
    )
    together = builder.call(compress, [values, mask, ir.Constant(values.type, ir.Undefined)])
    builder.store(together, pointer).align = alignment


def _appends(context: Any, builder: Any, signature: Any, arguments: Any, keep: bool) -> Any:
    """Code for ``_append`` and ``_append_with_values``."""
    where, _, _, index, values, _ = signature.args
    size = where.dtype.bitwidth // 8
    width = 64 // size
    source = builder.load(_at(context, builder, where, arguments[0], arguments[1], width))
    source.align = size
    mask = builder.fcmp_ordered(">", source, _splat(builder, arguments[2], width))
    lanes = ir.Constant(ir.VectorType(ir.IntType(32), width), list(range(width)))
    numbers = builder.add(_splat(builder, builder.trunc(arguments[1], ir.IntType(32)), width), lanes)
    _push(builder, numbers, mask, _at(context, builder, index, arguments[3], arguments[5], width), 4)
    if keep:
        _push(builder, source, mask, _at(context, builder, values, arguments[4], arguments[5], width), size)
    bits = builder.bitcast(mask, ir.IntType(width))
    count = builder.module.declare_intrinsic("llvm.ctpop", [ir.IntType(width)])
    return builder.zext(builder.call(count, [bits]), ir.IntType(64))


@intrinsic
def _append(typingctx, where, start, bound, index, values, end):
    """``index[end:]`` = those of ``start, start + 1 ...`` (one register full) where ``where > bound``; how many."""
    return types.int64(where, start, bound, index, values, end), functools.partial(_appends, keep=False)


@intrinsic
def _append_with_values(typingctx, where, start, bound, index, values, end):
    """The same, and ``values[end:]`` = what ``where`` is there."""
    return types.int64(where, start, bound, index, values, end), functools.partial(_appends, keep=True)


@njit(nogil=True, cache=True, error_model="numpy")
def _list_one_by_one(where, bound, index, end):
    for j in range(where.shape[0]):
        index[end] = j
        end += 1 if where[j] > bound else 0
    return end


@njit(nogil=True, cache=True, error_model="numpy")
def _list_with_values_one_by_one(where, bound, index, values, end):
    for j in range(where.shape[0]):
        index[end] = j
        values[end] = where[j]
        end += 1 if where[j] > bound else 0
    return end


@njit(nogil=True, cache=True, error_model="numpy")
def _list_together(where, bound, index, end):
    n = where.shape[0]
    width = 64 // where.itemsize
    whole = n - n % width
    for start in range(0, whole, width):
        end += _append(where, start, bound, index, where, end)  # pyright: ignore[reportCallIssue]
    for j in range(whole, n):
        index[end] = j
        end += 1 if where[j] > bound else 0
    return end


@njit(nogil=True, cache=True, error_model="numpy")
def _list_with_values_together(where, bound, index, values, end):
    n = where.shape[0]
    width = 64 // where.itemsize
    whole = n - n % width
    for start in range(0, whole, width):
        end += _append_with_values(where, start, bound, index, values, end)  # pyright: ignore[reportCallIssue]
    for j in range(whole, n):
        index[end] = j
        values[end] = where[j]
        end += 1 if where[j] > bound else 0
    return end


list_above = _list_together if COMPRESSES else _list_one_by_one
"""``index[end:]`` = the j with ``where[j] > bound``; returns the new end. There must be room for all of them."""

list_above_with_values = _list_with_values_together if COMPRESSES else _list_with_values_one_by_one
"""The same, with ``values[end:]`` = their ``where[j]``."""
