"""Registers full of numbers in compiled functions: what the compiler does not find by itself.

A :class:`Row` is a stretch of an array as some vectors of 64 bytes each; the last one may be partly beyond the array's
end, and then a mask keeps it from being read or written there. On a processor with shorter registers a vector takes
several of them: the results are the same.
"""

from __future__ import annotations

from typing import Any

import llvmlite.binding
from llvmlite import ir
from numba import types
from numba.core import cgutils

from spikeloom.engines.cpu.compiled import intrinsic

AVAILABLE = llvmlite.binding.llvm_version_info[0] >= 19
"""Whether the compiler knows all that is used here; where it does not, plain loops give the same results."""

BYTES = 64
"""Of one vector: the widest register of today's processors."""

MOST = 16 if llvmlite.binding.get_host_cpu_features().get("avx512f", False) else 4
"""Vectors that are held at once: as many as leave registers for the rest of a loop's work."""

I32, I64 = ir.IntType(32), ir.IntType(64)


def data_of(context: Any, builder: Any, kind: Any, array: Any, start: Any) -> Any:
    """Pointer to the element ``start`` of an array of one dimension, or to the column ``start`` of its first row."""
    return builder.gep(context.make_array(kind)(context, builder, array).data, [start])


def row_length(context: Any, builder: Any, kind: Any, array: Any) -> Any:
    """Elements from a row of a C-ordered matrix to the next one."""
    return cgutils.unpack_tuple(builder, context.make_array(kind)(context, builder, array).shape, 2)[1]


def splat(builder: Any, value: Any, lanes: int) -> Any:
    """A vector of ``lanes`` times ``value``."""
    vector = ir.VectorType(value.type, lanes)
    first = builder.insert_element(ir.Constant(vector, ir.Undefined), value, ir.Constant(I32, 0))
    return builder.shuffle_vector(
        first, ir.Constant(vector, ir.Undefined), ir.Constant(ir.VectorType(I32, lanes), [0] * lanes)
    )


def lane_numbers(lanes: int) -> Any:
    """0, 1, 2 ... as a vector of 32-bit integers."""
    return ir.Constant(ir.VectorType(I32, lanes), list(range(lanes)))


def call(builder: Any, name: str, result: Any, arguments: list[Any], **options: Any) -> Any:
    """A call of an intrinsic function of the compiler."""
    kind = ir.FunctionType(result, [a.type for a in arguments])
    return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), arguments, **options)


def suffix(vector: Any) -> str:
    """How the compiler's intrinsic functions call a vector type."""
    return f"v{vector.count}" + {"float": "f32", "double": "f64", "i32": "i32"}[str(vector.element)]


@intrinsic
def lanes_of(typingctx, array):
    """How many numbers of an array one vector holds: known to the compiler, where ``itemsize`` would be divided by."""
    lanes = BYTES // (array.dtype.bitwidth // 8)
    return types.int64(array), lambda context, builder, signature, arguments: I64(lanes)


class Row:
    """``vectors`` vectors of numbers that lie one behind the other; with ``rest``, only so many of the last one."""

    def __init__(self, context: Any, builder: Any, real: Any, vectors: int, rest: Any = None) -> None:
        self._builder, self._size = builder, real.bitwidth // 8
        self.vectors, self.lanes = vectors, BYTES // self._size
        self.type = ir.VectorType(context.get_value_type(real), self.lanes)
        self._mask = None
        if rest is not None:
            last = splat(builder, builder.trunc(rest, I32), self.lanes)
            self._mask = builder.icmp_signed("<", lane_numbers(self.lanes), last)

    def _at(self, pointer: Any, k: int) -> Any:
        start = self._builder.gep(pointer, [ir.Constant(I64, k * self.lanes)])
        return self._builder.bitcast(start, self.type.as_pointer())

    def load(self, pointer: Any, k: int) -> Any:
        """Vector ``k`` of the row that begins at ``pointer``."""
        place = self._at(pointer, k)
        if self._mask is None or k + 1 < self.vectors:
            found = self._builder.load(place)
            found.align = self._size
            return found
        arguments = [place, ir.Constant(I32, self._size), self._mask, ir.Constant(self.type, None)]
        return call(self._builder, f"llvm.masked.load.{suffix(self.type)}.p0", self.type, arguments)

    def store(self, value: Any, pointer: Any, k: int) -> None:
        """Write vector ``k`` of the row that begins at ``pointer``."""
        place = self._at(pointer, k)
        if self._mask is None or k + 1 < self.vectors:
            self._builder.store(value, place).align = self._size
            return
        arguments = [value, place, ir.Constant(I32, self._size), self._mask]
        call(self._builder, f"llvm.masked.store.{suffix(self.type)}.p0", ir.VoidType(), arguments)

    def sum(self, vector: Any) -> Any:
        """The sum of a vector's numbers, pairs first."""
        zero = ir.Constant(self.type.element, 0.0)
        name = f"llvm.vector.reduce.fadd.{suffix(self.type)}"
        return call(self._builder, name, self.type.element, [zero, vector], fastmath=("reassoc",))


def loop(builder: Any, start: Any, stop: Any, begin: list[Any], body: Any) -> list[Any]:
    """``for k in range(start, stop): values = body(k, values)``, with the values in registers; the last ones."""
    entry = builder.block
    inside, behind = builder.append_basic_block("loop"), builder.append_basic_block("behind")
    builder.cbranch(builder.icmp_signed("<", start, stop), inside, behind)
    builder.position_at_end(inside)
    k = builder.phi(I64)
    values = [builder.phi(v.type) for v in begin]
    after = body(k, values)
    following = builder.add(k, ir.Constant(I64, 1))
    last = builder.block
    builder.cbranch(builder.icmp_signed("<", following, stop), inside, behind)
    k.add_incoming(start, entry)
    k.add_incoming(following, last)
    for phi, old, new in zip(values, begin, after, strict=True):
        phi.add_incoming(old, entry)
        phi.add_incoming(new, last)
    builder.position_at_end(behind)
    results: list[Any] = []
    for old, new in zip(begin, after, strict=True):
        phi = builder.phi(old.type)
        phi.add_incoming(old, entry)
        phi.add_incoming(new, last)
        results.append(phi)
    return results
