# pyright: basic
"""Memory by its address, and functions by theirs: how compiled code reaches what a run works with.

Numba spends more time on taking thirty arrays from Python than a small network needs for a step. So a kernel of this
engine has one signature, ``(now, steps, parcel)``: the parcel is a row of numbers, addresses and lengths among them,
that the kernel unpacks by itself. A row of kernels with their parcels is a programme that runs without Python.
"""

from __future__ import annotations

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.np.arrayobj import populate_array

from spikeloom.engines.cpu.compiled import compiled, intrinsic

SIGNATURE = types.void(types.int64, types.int64, types.int64)


def kernel(function):
    """Compile ``function(now, steps, parcel)`` to something that has an address."""
    options = {"error_model": "numpy", "_nrt": False}
    return numba.cfunc(SIGNATURE, cache=True, **options)(function)


def _array(context, builder, kind, address, shape, apart=None):
    array = context.make_array(kind)(context, builder)
    size = context.get_constant(types.intp, context.get_abi_sizeof(context.get_data_type(kind.dtype)))
    strides, step = [], size if apart is None else apart
    for n in reversed(shape):
        strides.insert(0, step)
        step = builder.mul(step, n)
    populate_array(
        array,
        data=builder.inttoptr(address, array.data.type),
        shape=cgutils.pack_array(builder, shape),
        strides=cgutils.pack_array(builder, strides),
        itemsize=size,
        meminfo=None,
    )
    return array._getvalue()


@intrinsic
def vector(typing_context, address, n, kind):
    """The array of ``n`` values of type ``kind`` at ``address``."""
    made = types.Array(kind.dtype, 1, "C")

    def write(context, builder, signature, arguments):
        return _array(context, builder, signature.return_type, arguments[0], [arguments[1]])

    return made(types.int64, types.int64, kind), write


@intrinsic
def column(typing_context, address, n, apart, kind):
    """The array of ``n`` values of type ``kind`` from ``address`` on, each ``apart`` bytes behind the one before."""
    made = types.Array(kind.dtype, 1, "A")

    def write(context, builder, signature, arguments):
        return _array(context, builder, signature.return_type, arguments[0], [arguments[1]], arguments[2])

    return made(types.int64, types.int64, types.int64, kind), write


@intrinsic
def matrix(typing_context, address, rows, columns, kind):
    """The array of shape (rows, columns) at ``address``."""
    made = types.Array(kind.dtype, 2, "C")

    def write(context, builder, signature, arguments):
        return _array(context, builder, signature.return_type, arguments[0], [arguments[1], arguments[2]])

    return made(types.int64, types.int64, types.int64, kind), write


@intrinsic
def prefetch(typing_context, array, i):
    """Ask for the memory of ``array[i]``, which will be changed soon; it need not exist."""

    def write(context, builder, signature, arguments):
        found = context.make_array(signature.args[0])(context, builder, arguments[0])
        byte, flag = ir.IntType(8).as_pointer(), ir.IntType(32)
        name = "llvm.prefetch.p0i8"
        if name not in builder.module.globals:
            ir.Function(builder.module, ir.FunctionType(ir.VoidType(), [byte, flag, flag, flag]), name)
        begin = builder.ptrtoint(found.data, ir.IntType(64))
        behind = builder.mul(builder.extract_value(found.strides, 0), arguments[1])
        where = builder.inttoptr(builder.add(begin, behind), byte)
        builder.call(builder.module.globals[name], [where, flag(1), flag(3), flag(1)])
        return context.get_dummy_value()

    return types.void(array, types.int64), write


@intrinsic
def _call(typing_context, address, now, steps, parcel):
    def write(context, builder, signature, arguments):
        kind = ir.FunctionType(ir.VoidType(), [ir.IntType(64)] * 3)
        builder.call(builder.inttoptr(arguments[0], kind.as_pointer()), arguments[1:])
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.int64, types.int64), write


@compiled(cache=True)
def execute(kernels, parcels, first, last, now, steps):
    """Call the kernels ``first`` to ``last`` - 1 at these addresses, in order."""
    for k in range(first, last):
        _call(kernels[k], np.int64(now), np.int64(steps), parcels[k])


@compiled(cache=True)
def drive(kernels, parcels, phases, now, end, block, pending):
    """Run from step ``now`` to ``end``, ``block`` steps at a time; returns where it stands and what is pending.

    ``phases`` (some, 3): from which kernel to which, and whether they belong to the block before (``pending`` steps),
    which is done when the next one begins.
    """
    while now < end:
        steps = min(block, end - now)
        for p in range(phases.shape[0]):
            if phases[p, 2] == 0:
                execute(kernels, parcels, phases[p, 0], phases[p, 1], now, steps)
            elif pending > 0:
                execute(kernels, parcels, phases[p, 0], phases[p, 1], now - pending, pending)
        pending = steps
        now += steps
    return now, pending
