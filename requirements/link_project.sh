#!/bin/sh
# Makes this checkout importable in a virtual environment, and its command `hotline` callable, without a build.
set -eu

venv="$(cd "$1" && pwd)"
checkout="$(cd "$(dirname "$0")/.." && pwd)"
site="$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"
printf '%s\n' "$checkout" >"$site/legalaid_hotline.pth"
cat >"$venv/bin/hotline" <<SCRIPT
#!$venv/bin/python
from hotline.cli import main

main()
SCRIPT
chmod +x "$venv/bin/hotline"
