"""The mutants of a source text: one small change each, made in the text itself so that it can be shown as one line."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE), ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.LtE), ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,), ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}  # fmt: skip
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult,
    ast.Pow: ast.Mult, ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr, ast.BitXor: ast.BitOr,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of a module: `start` and `end` are offsets in its UTF-8 bytes, `line` is where it begins."""

    path: str
    line: int
    operator: str
    start: int
    end: int
    text: str

    def applied_to(self, source: bytes) -> bytes:
        """The changed source."""
        return source[: self.start] + self.text.encode() + source[self.end :]

    def shown_in(self, source: bytes) -> tuple[str, str]:
        """The first line that differs, before and after, without its indentation."""
        before, after = source.decode().splitlines(), self.applied_to(source).decode().splitlines()
        first = next((n for n, (one, other) in enumerate(zip(before, after, strict=False)) if one != other), self.line - 1)
        return before[first].strip(), after[first].strip() if first < len(after) else ""


def mutants_of(path: str, source: bytes) -> list[Mutant]:
    """Every mutant of a module, in the order of the text; a few may not compile, or say the same in other words."""
    finder = _Finder(path, source)
    finder.visit(ast.parse(source))
    unique = {(one.start, one.end, one.text): one for one in finder.found}
    return sorted(unique.values(), key=lambda one: (one.start, one.end, one.text))


def changes(mutant: Mutant, source: bytes) -> bool:
    """Whether a mutant of this source compiles and is another program."""
    try:
        return ast.dump(ast.parse(mutant.applied_to(source))) != ast.dump(ast.parse(source))
    except SyntaxError:
        return False


class _Finder(ast.NodeVisitor):
    """Collects mutants. Annotations, decorators, docstrings and what stands in f-strings are left alone."""

    def __init__(self, path: str, source: bytes) -> None:
        self.found: list[Mutant] = []
        self._path, self._source = path, source
        self._starts = [0]
        for line in source.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))

    # ---- writing one down

    def _span(self, node: ast.AST) -> tuple[int, int]:
        line, end_line = getattr(node, "lineno", 1), getattr(node, "end_lineno", 1)
        return (
            self._starts[line - 1] + getattr(node, "col_offset", 0),
            self._starts[end_line - 1] + getattr(node, "end_col_offset", 0),
        )

    def _text(self, node: ast.AST) -> str:
        start, end = self._span(node)
        return self._source[start:end].decode()

    def _replace(self, node: ast.AST, text: str, operator: str) -> None:
        start, end = self._span(node)
        self.found.append(Mutant(self._path, getattr(node, "lineno", 1), operator, start, end, text))

    def _rewrite(self, node: ast.expr, new: ast.expr, operator: str) -> None:
        self._replace(node, f"({ast.unparse(new)})", operator)

    # ---- what is walked through

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for default in (*node.args.defaults, *node.args.kw_defaults):
            if default is not None:
                self.visit(default)
        self._body(node.body)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._body(node.body)

    def visit_Module(self, node: ast.Module) -> None:
        self._body(node.body)

    def _body(self, body: Sequence[ast.stmt]) -> None:
        for statement in body:
            if not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)):
                self.visit(statement)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """Python 3.11 does not know where the parts of an f-string stand."""

    def visit_Import(self, node: ast.Import) -> None:
        """Nothing to change."""

    visit_ImportFrom = visit_Import  # type: ignore[assignment]

    # ---- statements

    def visit_Expr(self, node: ast.Expr) -> None:
        if isinstance(node.value, ast.Call):
            self._replace(node, "pass", "statement removed")
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self._replace(node, "pass", "statement removed")
        self.visit(node.value)

    def visit_Assign(self, node: ast.Assign) -> None:
        if any(isinstance(target, ast.Attribute | ast.Subscript) for target in node.targets):
            self._replace(node, "pass", "statement removed")
        self.visit(node.value)

    def visit_Continue(self, node: ast.Continue) -> None:
        self._replace(node, "break", "continue and break")
        self._replace(node, "pass", "statement removed")

    def visit_Break(self, node: ast.Break) -> None:
        self._replace(node, "continue", "continue and break")
        self._replace(node, "pass", "statement removed")

    def visit_Return(self, node: ast.Return) -> None:
        if node.value is not None:
            if not (isinstance(node.value, ast.Constant) and node.value.value is None):
                self._replace(node.value, "None", "return value")
            self.visit(node.value)

    # ---- conditions

    def visit_If(self, node: ast.If) -> None:
        self._negate(node.test)
        self.generic_visit(node)

    def visit_While(self, node: ast.While) -> None:
        self._negate(node.test)
        self.generic_visit(node)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self._negate(node.test)
        self.generic_visit(node)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        for condition in node.ifs:
            self._replace(condition, "True", "condition removed")
        self.generic_visit(node)

    def _negate(self, test: ast.expr) -> None:
        if not isinstance(test, ast.Compare | ast.UnaryOp):
            self._replace(test, f"(not ({self._text(test)}))", "condition negated")

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        self._rewrite(node, ast.BoolOp(other, node.values), "and and or")
        for n in range(len(node.values)):
            left = [value for m, value in enumerate(node.values) if m != n]
            self._rewrite(node, left[0] if len(left) == 1 else ast.BoolOp(node.op, left), "clause removed")
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, ast.Not | ast.USub | ast.Invert):
            self._rewrite(node, node.operand, "negation removed")
        self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> None:
        for n, operator in enumerate(node.ops):
            for other in _COMPARISONS[type(operator)]:
                ops = [*node.ops[:n], other(), *node.ops[n + 1 :]]
                self._rewrite(node, ast.Compare(node.left, ops, node.comparators), "comparison")
        self.generic_visit(node)

    # ---- values

    def visit_BinOp(self, node: ast.BinOp) -> None:
        other = _ARITHMETIC.get(type(node.op))
        if other is not None:
            self._rewrite(node, ast.BinOp(node.left, other(), node.right), "arithmetic")
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        for value in _other_values(node.value):
            self._replace(node, repr(value), "constant")

    def visit_Slice(self, node: ast.Slice) -> None:
        for bound in (node.lower, node.upper):
            if bound is not None:
                self._replace(bound, "", "slice")
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        words = node.func.value if isinstance(node.func, ast.Attribute) and node.func.attr == "split" else None
        if isinstance(words, ast.Constant) and isinstance(words.value, str) and not node.args:
            # A set that is written as a text: its words are its elements.
            parts = words.value.split()
            for gone in _some(len(parts)):
                self._replace(words, repr(" ".join(parts[:gone] + parts[gone + 1 :])), "element removed")
            return
        self.generic_visit(node)

    def _elements(self, node: ast.Tuple | ast.List | ast.Set) -> None:
        # A pair is taken apart by two names: without one of them the module would not even be imported.
        if len(node.elts) > 2 and all(isinstance(one, ast.Constant) for one in node.elts):
            for gone in _some(len(node.elts)):
                left = [one for n, one in enumerate(node.elts) if n != gone]
                fewer = ast.Set(left) if isinstance(node, ast.Set) else type(node)(left, ast.Load())
                self._replace(node, ast.unparse(fewer), "element removed")
        self.generic_visit(node)

    visit_List = visit_Set = visit_Tuple = _elements

    def visit_Dict(self, node: ast.Dict) -> None:
        if len(node.keys) > 1:
            for gone in _some(len(node.keys)):
                keys = [key for n, key in enumerate(node.keys) if n != gone]
                values = [value for n, value in enumerate(node.values) if n != gone]
                self._replace(node, ast.unparse(ast.Dict(keys, values)), "element removed")
        for n in _some(len(node.keys)):
            self.visit(node.values[n])


def _other_values(value: object) -> Iterator[object]:
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int | float):
        yield value + 1
        yield value - 1
    elif isinstance(value, str) and value:
        yield ""


def _some(count: int) -> list[int]:
    """Places in a table: all of a small one, first, middle and last of a large one, so that no table fills the sample."""
    return list(range(count)) if count <= 4 else [0, count // 2, count - 1]
