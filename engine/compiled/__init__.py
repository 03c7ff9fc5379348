"""A plan compiled once into one Python function, and proved equal to the interpreter."""

from .program import Program, program_of

__all__ = ["Program", "program_of"]
