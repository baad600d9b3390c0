# pyright: basic
"""Columns of a table in memory: what belongs to one synapse lies side by side, and each value is one column."""

from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.np.arrayobj import populate_array

from spikeloom.engines.cpu.compiled import intrinsic


@intrinsic
def column(typing_context, address, n, apart, kind):
    """The array of ``n`` values of type ``kind`` from ``address`` on, each ``apart`` bytes behind the one before."""
    made = types.Array(kind.dtype, 1, "A")

    def write(context, builder, signature, arguments):
        array = context.make_array(signature.return_type)(context, builder)
        populate_array(
            array,
            data=builder.inttoptr(arguments[0], array.data.type),
            shape=cgutils.pack_array(builder, [arguments[1]]),
            strides=cgutils.pack_array(builder, [arguments[2]]),
            itemsize=context.get_constant(types.intp, context.get_abi_sizeof(context.get_data_type(kind.dtype))),
            meminfo=None,
        )
        return array._getvalue()

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
