#!/usr/bin/env python3
"""Fills the page's template as shirasim does: fill.py REPORT.json TEMPLATE KEYS.md > report.html"""
import base64
import html
import json
import re
import sys
import zlib


def keys_of(text):
    rows = re.findall(r"^\| `([^`]+)` \| ([^|]*) \| (.*) \|$", text, re.M)
    return {key: {"unit": unit.strip(), "meaning": meaning.replace("`", "")} for key, unit, meaning in rows}


def fill(template, data, keys, text):
    """`data` is the text of report.json, `keys` that of keys.md, `text` that of report.md."""
    packed = base64.b64encode(zlib.compress(data.encode(), 1)).decode()
    marks = {"KEYS": json.dumps(keys_of(keys)).replace("<", "\\u003c"), "DATA": packed, "TEXT": html.escape(text, quote=False)}
    return re.sub(r"<!--(KEYS|DATA|TEXT)-->", lambda m: marks[m.group(1)], template)


if __name__ == "__main__":
    data, template, keys = (open(p, encoding="utf-8").read() for p in sys.argv[1:4])
    answer = json.loads(data)["answer"]
    words = "\n\n".join([answer["headline"]] + [f"{t['title']}: {t['text']}" for t in answer["text"]])
    sys.stdout.write(fill(template, data, keys, words))
