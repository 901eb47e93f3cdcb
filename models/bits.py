"""Bits of whole numbers, for compiled loops."""

from typing import Any

from llvmlite import ir
from numba.extending import intrinsic


@intrinsic
def lowest_bit(_context: Any, number: Any) -> Any:
    """The index of the lowest bit that is set; of many numbers at once where the processor can do that."""

    def _generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        never_zero = ir.Constant(ir.IntType(1), 1)
        return builder.cttz(arguments[0], never_zero)

    return number(number), _generate
