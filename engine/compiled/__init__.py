"""A plan compiled once into one Python function, and proved equal to the interpreter."""

from .program import DOUBTS, Program, clocked, compile_program, function_text, program_of

__all__ = ["DOUBTS", "Program", "clocked", "compile_program", "function_text", "program_of"]
