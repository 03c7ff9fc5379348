"""JMESPath with exact numbers: parse a path once, evaluate it within a budget.

The grammar and the tree are the `jmespath` library's. The evaluation is our own,
because the library's uses floats and has no bounds.
"""

from .evaluate import evaluate_path
from .functions import FUNCTIONS
from .parse import Node, Path, parse_path, walk_nodes
from .root_names import PathName, find_root_names

__all__ = [
    "FUNCTIONS",
    "Node",
    "Path",
    "PathName",
    "evaluate_path",
    "find_root_names",
    "parse_path",
    "walk_nodes",
]
