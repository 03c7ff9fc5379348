"""Compile a plan into Python functions, each once; tests prove them equal to the interpreter."""

from .prerequisites import compile_prerequisites, find_lookup_keys, find_next_request
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
    "render",
]
