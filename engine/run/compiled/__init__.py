"""Compile a plan into Python functions, each once; tests prove them equal to the interpreter."""

from ...mapping.plan import Plan
from .prerequisites import (
    compile_prerequisites,
    find_lookup_keys,
    find_next_request,
    get_prerequisites,
)
from .program import (
    DOUBTS,
    Program,
    compile_program,
    format_function,
    get_program,
    instrument_function,
    render,
)
from .trigger import CompiledTrigger, get_trigger


def prepare_plan(plan: Plan) -> None:
    """Compile all functions of a plan now: with its first order they would be compiled on the event loop."""
    get_program(plan)
    get_trigger(plan)
    get_prerequisites(plan)


__all__ = [
    "DOUBTS",
    "CompiledTrigger",
    "Program",
    "compile_prerequisites",
    "compile_program",
    "find_lookup_keys",
    "find_next_request",
    "format_function",
    "get_program",
    "get_trigger",
    "instrument_function",
    "prepare_plan",
    "render",
]
