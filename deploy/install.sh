#!/usr/bin/env bash
# Puts all that running needs into ROOT/opt/footnote: workerd, the built Worker, its configuration, the unit's files.
# The Dockerfile and a machine with systemd use the same: `make build`, then `sudo deploy/install.sh /`.
set -euo pipefail
root=${1:?say where: deploy/install.sh / installs into /opt/footnote}
cd "$(dirname "$0")/.."
for built in build/index.js build/index_bg.wasm; do
  [ -e "$built" ] || { echo "$built is missing: run \`make build\` first" >&2; exit 1; }
done
workerd=$(ls node_modules/@cloudflare/workerd-*/bin/workerd 2>/dev/null | head -n 1 || true)
[ -n "$workerd" ] || { echo "workerd is missing: run \`make build\` first" >&2; exit 1; }

place=${root%/}/opt/footnote
# A release is put beside the running one and takes its place by renaming: whoever starts in between finds one or the other.
fresh=$place.new
rm -rf "$fresh"
install -d "$fresh/bin" "$fresh/build" "$fresh/src" "$fresh/deploy"
install -m 755 "$workerd" "$fresh/bin/workerd"
install -m 755 deploy/ready "$fresh/bin/ready"
install -m 644 build/index.js build/index_bg.wasm "$fresh/build/"
install -m 644 src/entry.mjs "$fresh/src/"
install -m 644 workerd.capnp workerd.dev.capnp LICENSE-MIT LICENSE-APACHE "$fresh/"
install -m 644 deploy/footnote.service deploy/env.example "$fresh/deploy/"
if [ -e "$place" ]; then
  rm -rf "$place.old"
  mv "$place" "$place.old"
fi
mv "$fresh" "$place"
echo "$place: $("$place/bin/workerd" --version)"
