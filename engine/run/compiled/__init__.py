"""A plan compiled into Python functions, each once, and proved equal to the interpreter."""

from .prerequisites import compile_needs, next_request, wanted_keys
from .program import DOUBTS, Program, clocked, compile_program, function_text, program_of
from .trigger import CompiledTrigger, trigger_of

__all__ = [
    "DOUBTS",
    "CompiledTrigger",
    "Program",
    "clocked",
    "compile_needs",
    "compile_program",
    "function_text",
    "next_request",
    "program_of",
    "trigger_of",
    "wanted_keys",
]
