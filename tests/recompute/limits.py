#!/usr/bin/python3
"""Every resource of the bounds must be the limit of some result, or a wrong demand for it would not be seen:
limits.py REPORT.json... Prints TAP.
"""
import json
import sys

# A pass reads more activations than it writes, so that the port for writes is never the limit.
NAMES = ("none", "memory", "memory latency", "masked writes", "host link", "axi read", "axi write", "macs", "results",
         "lanes", "decoder", "weight read port", "weight write port", "weight port", "activation read port",
         "activation port")


def main():
    seen = set()
    for path in sys.argv[1:]:
        with open(path) as f:
            seen |= {r["limit"] for r in json.load(f)["results"] if r["done"]}
    missing = [name for name in NAMES if name not in seen]
    print("%sok - every resource is the limit of some result" % ("not " if missing else ""))
    for name in missing:
        print("# never: " + name)


if __name__ == "__main__":
    main()
