"""JMESPath with exact numbers: parse a path once, evaluate it within a budget.

The grammar and the tree are the `jmespath` library's; the evaluation is ours,
because the library's knows floats only and no bounds.
"""

from .evaluate import evaluate_path
from .functions import FUNCTIONS
from .parse import Node, Path, nodes, parse_path
from .root_names import PathName, path_names

__all__ = [
    "FUNCTIONS",
    "Node",
    "Path",
    "PathName",
    "evaluate_path",
    "nodes",
    "parse_path",
    "path_names",
]
