#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# What Python's Unicode tables say about the rule of base/text_safe.h: a second source beside the
# tables of perl that base/text_table.c was written from, and a second UTF-8 decoder.
#
#   python3 tests/lib/unicode_rule.py points    > fixtures/unicode/points.txt
#   python3 tests/lib/unicode_rule.py malformed > fixtures/unicode/malformed.txt
#
# points: runs of code points, `first last class`; class U: must be replaced, else its columns.
# malformed: `input output` in hex, output with one U+FFFD for each maximal bad sequence.
import random
import sys
import unicodedata

UNSAFE = {"Cc", "Cf", "Zl", "Zp", "Co", "Cs", "Cn"}


def kind(code_point):
    character = chr(code_point)
    category = unicodedata.category(character)
    if category in UNSAFE:
        return "U"
    if category in ("Mn", "Me"):
        return "0"
    return "2" if unicodedata.east_asian_width(character) in "WF" else "1"


def points():
    print("# Unicode", unicodedata.unidata_version)
    first, last_kind = 0, kind(0)
    for code_point in range(1, 0x110000):
        now = kind(code_point)
        if now != last_kind:
            print(f"{first:x} {code_point - 1:x} {last_kind}")
            first, last_kind = code_point, now
    print(f"{first:x} 10ffff {last_kind}")


def malformed():
    chance = random.Random(8)
    pieces = [b"a", b"\x7e", "é".encode(), "街".encode(), "😀".encode(), b"\x80", b"\xbf", b"\xc0",
              b"\xc1\x81", b"\xc2", b"\xe0\x9f\xbf", b"\xe1\x80", b"\xed\xa0\x80", b"\xed\xbf\xbf",
              b"\xef\xbf", b"\xf0\x8f\xbf\xbf", b"\xf0\x90\x80", b"\xf1\x80", b"\xf4\x90\x80\x80",
              b"\xf5\x80\x80\x80", b"\xf8\x88\x80\x80\x80", b"\xfe", b"\xff"]
    texts = list(pieces)
    for _ in range(250):
        texts.append(b"".join(chance.choice(pieces) for _ in range(chance.randint(2, 6))))
    for _ in range(150):
        texts.append(bytes(chance.choice([chance.randint(0xc0, 0xff), chance.randint(0x80, 0xbf),
                                          chance.randint(0x20, 0x7e)])
                           for _ in range(chance.randint(1, 12))))
    for text in texts:
        characters = text.decode("utf-8", "replace")
        clean = "".join("\ufffd" if unicodedata.category(c) in UNSAFE else c for c in characters)
        print(text.hex(), clean.encode().hex())


{"points": points, "malformed": malformed}[sys.argv[1]]()
