"""`1 + 2 * -(3 - 0.5)`: worked out exactly, in fractions, by a parser of one function a rule.

    sum      = product (("+" | "-") product)*
    product  = factor (("*" | "/") factor)*
    factor   = ("-" | "+") factor | "(" sum ")" | number

Text comes from strangers, so it is not handed to `eval`, and everything has a bound.
"""

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Final

LENGTH_MAX: Final = 1_000
DEPTH_MAX: Final = 50
"""Parentheses and signs within each other."""
PLACES: Final = 30
"""Decimals of an answer that would have more; those that fit are all shown."""
_token: Final = re.compile(r"[ \t\n]*([0-9]+(?:\.[0-9]+)?|[-+*/()])[ \t\n]*").match


def calculate(text: str) -> str:
    """The value as a decimal, or as a fraction where no decimal is exact: 7/3.

    Raises:
        ValueError: it is no such expression, divides by nothing, or is past a bound.
    """
    if len(text) > LENGTH_MAX:
        raise ValueError(f"the expression is longer than {LENGTH_MAX} characters")
    parser = _Parser(_tokens(text))
    value = parser.sum(0)
    if parser.next:
        raise ValueError(f"{parser.next} is one too many")
    return shown(value)


def shown(value: Fraction) -> str:
    """A fraction as people write it."""
    scaled = value * 10**PLACES
    if scaled.denominator != 1:
        return f"{value.numerator}/{value.denominator}"
    digits = str(abs(scaled.numerator)).rjust(PLACES + 1, "0")
    whole, part = digits[:-PLACES], digits[-PLACES:].rstrip("0")
    return f"{'-' if value < 0 else ''}{whole}{'.' if part else ''}{part}"


def _tokens(text: str) -> Iterator[str]:
    at = 0
    while at < len(text):
        found = _token(text, at)
        if found is None:
            raise ValueError(f"there is no such sign: {text[at]!r}")
        yield found[1]
        at = found.end()


class _Parser:
    """Reads tokens from left to right, looking one ahead."""

    def __init__(self, tokens: Iterator[str]) -> None:
        self._tokens = tokens
        self.next = next(tokens, "")
        """Not taken yet; empty: the end."""

    def sum(self, depth: int) -> Fraction:
        value = self._product(depth)
        while self.next in {"+", "-"}:
            value = (
                value + self._product(depth)
                if self._take() == "+"
                else value - self._product(depth)
            )
        return value

    def _product(self, depth: int) -> Fraction:
        value = self._factor(depth)
        while self.next in {"*", "/"}:
            if self._take() == "*":
                value *= self._factor(depth)
            elif divisor := self._factor(depth):
                value /= divisor
            else:
                raise ValueError("it divides by nothing")
        return value

    def _factor(self, depth: int) -> Fraction:
        if depth > DEPTH_MAX:
            raise ValueError(f"more than {DEPTH_MAX} parentheses or signs within each other")
        match token := self._take():
            case "-":
                return -self._factor(depth + 1)
            case "+":
                return self._factor(depth + 1)
            case "(":
                value = self.sum(depth + 1)
                if self._take() != ")":
                    raise ValueError("a parenthesis is left open")
                return value
            case _ if token[:1].isdigit():
                return Fraction(token)
            case _:
                raise ValueError(f"a number is missing before {token or 'the end'}")

    def _take(self) -> str:
        token, self.next = self.next, next(self._tokens, "")
        return token
