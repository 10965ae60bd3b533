#!/usr/bin/env bash
# Pictures of a report's page for README: light, dark and narrow, from the top, into host/report/page.
# usage: tests/page/shots.sh OUT/report.html
set -eu
cd "$(dirname "$0")/../.."
exec /usr/bin/python3 -B tests/page/shots.py "$1" host/report/page
