"""Where a configuration file gives its names their values."""

import ast


def of_names(source):
    """The line of the last assignment of each name at the top level, also in the branches of `if` and the like."""
    lines = {}
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return lines
    visit(tree.body, lines)
    return lines


def visit(statements, lines):
    for statement in statements:
        for name in bound(statement):
            lines[name] = statement.lineno
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        for block in ("body", "orelse", "handlers", "finalbody", "cases"):
            for inner in getattr(statement, block, ()):
                visit([inner] if isinstance(inner, ast.stmt) else getattr(inner, "body", []), lines)


def bound(statement):
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return [statement.name]
    if isinstance(statement, (ast.Import, ast.ImportFrom)):
        return [(alias.asname or alias.name).partition(".")[0] for alias in statement.names]
    if isinstance(statement, ast.Assign):
        targets = statement.targets
    elif isinstance(statement, (ast.AnnAssign, ast.AugAssign, ast.For)):
        targets = [statement.target]
    elif isinstance(statement, ast.With):
        targets = [item.optional_vars for item in statement.items if item.optional_vars]
    else:
        return []
    return [node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)]
