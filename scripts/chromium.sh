#!/usr/bin/env bash
# Sees to it that a browser is there for the rendering tests and for `make renderer`: Debian's chromium, if none is.
set -euo pipefail

for name in chromium chromium-browser google-chrome google-chrome-stable; do
  if command -v "$name" >/dev/null; then exit 0; fi
done
if [ -n "${CHROMIUM:-}" ]; then exit 0; fi

as_root=()
if [ "$(id -u)" != 0 ]; then as_root=(sudo -n); fi
if command -v apt-get >/dev/null && "${as_root[@]}" true 2>/dev/null; then
  export DEBIAN_FRONTEND=noninteractive
  "${as_root[@]}" apt-get update -qq
  # Ubuntu's package of that name is an empty one for snap.
  if "${as_root[@]}" apt-get install -y -qq --no-install-recommends chromium >/dev/null && command -v chromium >/dev/null; then
    exit 0
  fi
fi
echo "No browser is found: install Debian's chromium (apt-get install chromium) or Chrome, or set CHROMIUM to its path." >&2
exit 1
