"""How branchy a function is: McCabe's number, boolean operators and comprehensions counted."""

import ast
from collections.abc import Iterator

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
BRANCHES = (
    *(ast.If, ast.IfExp, ast.For, ast.AsyncFor, ast.While),
    *(ast.ExceptHandler, ast.Assert, ast.Lambda),
)


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Return all functions of a module, those inside of others as well."""
    return (node for node in ast.walk(tree) if isinstance(node, FUNCTIONS))


def complexity(function: ast.AST) -> int:
    """Return the ways through a function; one inside of it counts to it as well."""
    return 1 + sum(map(_ways, ast.walk(function)))


def _ways(node: ast.AST) -> int:
    match node:
        case ast.BoolOp(values=values):
            return len(values) - 1
        case ast.comprehension(ifs=ifs):
            return 1 + len(ifs)
        case ast.Match(cases=cases):
            wildcards = sum(
                isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None
                for case in cases
            )
            return len(cases) - bool(wildcards)
        case _:
            return isinstance(node, BRANCHES)
