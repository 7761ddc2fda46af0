#!/usr/bin/env bash
# Builds the container without Docker: runs the Dockerfile's own steps on a copy of what it would be given, in an empty
# directory, starts the result by its own command, and asks its health check. `make rehearse [DIR=folder] [REUSE=1]`.
#
#   REUSE=1   takes over node_modules and build from here instead of running `make build`, which takes a quarter of an hour
#             where nothing is there yet
set -euo pipefail
cd "$(dirname "$0")/.."
dir=${1:-$(mktemp -d)}
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
[ -z "$(ls -A "$dir")" ] || { echo "$dir is not empty" >&2; exit 1; }

mkdir -p "$dir/footnote" "$dir/data"
# COPY . . without what .dockerignore names; what git does not know is not part of a clean directory either.
git ls-files --cached --others --exclude-standard -z | tar --null -T - -cf - | tar -C "$dir/footnote" -xf -
if [ "${REUSE:-0}" != 0 ]; then
  ln -s "$(readlink -f node_modules)" "$dir/footnote/node_modules"
  cp -a build "$dir/footnote/"
fi

# The steps of the stage that builds, with the image's root moved.
stage=$(awk '/^FROM /{stage = ($4 == "build")} stage && /^RUN /' deploy/Dockerfile | sed -e 's/^RUN //' -e "s|/image|$dir/image|g")
while IFS= read -r step; do
  if [ "${REUSE:-0}" != 0 ] && [ "$step" = "make build" ]; then
    echo "- $step (taken over)"
    continue
  fi
  echo "+ $step"
  (cd "$dir/footnote" && bash -euc "$step")
done <<< "$stage"

port=${PORT:-18787}
command=$(sed -n 's/^ENTRYPOINT //p' deploy/Dockerfile | sed -e "s|/opt/|$dir/image/opt/|g" -e "s|=/data|=$dir/data|" -e "s|\*:8787|127.0.0.1:$port|" -e 's/^\[//; s/\]$//; s/", "/" "/g')
echo "+ $command"
eval "exec_line=($command)"
ALLOW_ANONYMOUS=1 SEARCH=library "${exec_line[@]}" > "$dir/log" 2>&1 &
pid=$!
trap 'kill "$pid" 2>/dev/null || true; wait "$pid" 2>/dev/null || true' EXIT
for _ in $(seq 60); do
  "$dir/image/opt/footnote/bin/ready" "$port" 2>/dev/null && { echo "It is ready. The image is $dir/image, its data $dir/data."; exit 0; }
  kill -0 "$pid" 2>/dev/null || break
  sleep 0.5
done
echo "It did not become ready:" >&2
cat "$dir/log" >&2
exit 1
