#!/usr/bin/env python3
"""light.png, dark.png and narrow.png of a page: shots.py REPORT.html FOLDER"""
import base64
import os
import sys
import time

from browser import Browser

SHOTS = [("light", 1280, 1420), ("dark", 1280, 1420), ("narrow", 390, 2400)]  # name, pixels


def main():
    with Browser() as b:
        for name, width, height in SHOTS:
            b.color("dark" if name == "dark" else "light")
            b.size(width, height)
            b.open(sys.argv[1])
            b.wait("document.querySelector('#picture-size svg')")
            time.sleep(0.3)  # the last picture is on the screen
            shot = base64.b64decode(b.call("Page.captureScreenshot", format="png")["data"])
            path = os.path.join(sys.argv[2], name + ".png")
            with open(path, "wb") as f:
                f.write(shot)
            print(f"{path}: {len(shot)} bytes")


if __name__ == "__main__":
    main()
