#!/usr/bin/env bash
# Asks a Footnote deployment and prints the report. Needs curl and jq.
#
#   FOOTNOTE_URL=https://research.example.org FOOTNOTE_KEY=... ./research.sh "What may unsafe Rust do?"
set -euo pipefail
question=${1:?usage: research.sh QUESTION}
url=${FOOTNOTE_URL:-http://127.0.0.1:8787}

# The key goes by a file, so that it is in no list of processes.
call() {
  curl --silent --show-error --fail-with-body --retry 4 --max-time 60 --config - "$@" <<< "${FOOTNOTE_KEY:+header = \"Authorization: Bearer $FOOTNOTE_KEY\"}"
}

# Repetitions under one idempotency key are one job.
started=$(jq -n --arg query "$question" '{$query}' \
  | call "$url/v1/research" -H 'Content-Type: application/json' -H "Idempotency-Key: $(date +%s%N)-$$" --data @/dev/fd/3 3<&0) \
  || { jq -r '.error // .' <<< "${started:-}" >&2; exit 1; }
id=$(jq -r .id <<< "$started")

while :; do
  job=$(call "$url/v1/research/$id?wait=25")
  status=$(jq -r .status <<< "$job")
  [ "$status" = processing ] || break
  jq -r '"\(.progress.percent) %  \(.progress.pages_read) pages"' <<< "$job" >&2
done
[ "$status" = completed ] || { jq -r '.error // "the job failed"' <<< "$job" >&2; exit 1; }
jq -r .report <<< "$job"
jq -r '.citations[:5][] | "[\(.n)] “\(.quote)” — \(.url)"' <<< "$job" >&2
