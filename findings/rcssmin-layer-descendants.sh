#!/bin/sh
# rcssmin: inside `@layer { }` it takes the space before `:is()` out of a selector, as if it stood in a declaration. What was
# "a cell anywhere in a table" becomes "a table that is a cell", which matches nothing. Outside of a layer the space stays.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check "rcssmin==1.3.0" || {
    echo "rcssmin 1.3.0 could not be installed." >&2
    exit 1
}
"$work/venv/bin/python" - <<'PYTHON'
import sys
from importlib.metadata import version

from rcssmin import cssmin

rule = ".table :is(th, td) { padding: 4px; }"
outside, inside = cssmin(rule), cssmin(f"@layer parts {{ {rule} }}")
print("rcssmin", version("rcssmin"))
print("given          ", rule)
print("outside a layer", outside)
print("inside a layer ", inside)
if ".table :is(" not in outside or ".table:is(" not in inside:
    sys.exit("It behaves in another way now.")
PYTHON
