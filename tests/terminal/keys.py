"""The bytes that xterm sends for a key: a, tab, esc, f3, ctrl+c, alt+x, shift+tab, ctrl+left."""

from __future__ import annotations

PLAIN = {"tab": "\t", "enter": "\r", "space": " ", "backspace": "\x7f", "esc": "\x1b"}
LETTERS = {"up": "A", "down": "B", "right": "C", "left": "D", "home": "H", "end": "F"}
FUNCTIONS = {"f1": "P", "f2": "Q", "f3": "R", "f4": "S"}
NUMBERS = {
    "insert": 2,
    "delete": 3,
    "pageup": 5,
    "pagedown": 6,
    "f5": 15,
    "f6": 17,
    "f7": 18,
    "f8": 19,
    "f9": 20,
    "f10": 21,
    "f11": 23,
    "f12": 24,
}
# https://invisible-island.net/xterm/ctlseqs/ctlseqs.html#h2-PC-Style-Function-Keys
MODIFIERS = {"shift": 1, "alt": 2, "ctrl": 4}


def encode(name: str) -> bytes:
    """Give the bytes of one key; raise ValueError for a name that no keyboard has."""
    *modifiers, key = name.split("+") if len(name) > 1 else [name]
    if name == "shift+tab":
        return b"\x1b[Z"
    if not set(modifiers) <= set(MODIFIERS):
        raise ValueError(f"{name} is no key")
    if len(key) == 1 or key in PLAIN:
        return _character(name, PLAIN.get(key, key), modifiers)
    return _sequence(name, key, sum(MODIFIERS[each] for each in modifiers))


def _character(name: str, character: str, modifiers: list[str]) -> bytes:
    if "shift" in modifiers:
        raise ValueError(f"{name} sends nothing of its own: press the character")
    if "ctrl" in modifiers:
        character = chr(ord(character.upper()) & 0x1F)
    return ("\x1b" * ("alt" in modifiers) + character).encode()


def _sequence(name: str, key: str, modifiers: int) -> bytes:
    more = f";{modifiers + 1}" if modifiers else ""
    if key in NUMBERS:
        return f"\x1b[{NUMBERS[key]}{more}~".encode()
    letter = (LETTERS | FUNCTIONS).get(key)
    if not letter:
        raise ValueError(f"{name} is no key")
    if more:
        return f"\x1b[1{more}{letter}".encode()
    return f"\x1b{'O' if key in FUNCTIONS else '['}{letter}".encode()
