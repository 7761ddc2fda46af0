#!/usr/bin/env python3
"""Asks a Footnote deployment and prints the report. Python 3.9 or newer, nothing to install.

    FOOTNOTE_URL=https://research.example.org FOOTNOTE_KEY=... python3 research.py "What may unsafe Rust do?"
"""

import json
import os
import sys
import time
import urllib.error
import urllib.request
import uuid

URL = os.environ.get("FOOTNOTE_URL", "http://127.0.0.1:8787").rstrip("/")
KEY = os.environ.get("FOOTNOTE_KEY")
RETRIES = 4


class Refused(Exception):
    """The deployment says what to change."""


def call(method, path, body=None, **headers):
    """One call; what a repetition may mend (no connection, 5xx) is repeated."""
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    if KEY:
        headers["Authorization"] = f"Bearer {KEY}"
    data = None
    if body is not None:
        data = json.dumps(body).encode()
        headers["Content-Type"] = "application/json"
    for attempt in range(RETRIES + 1):
        request = urllib.request.Request(URL + path, data=data, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code < 500 or attempt == RETRIES:
                raise Refused(json.load(error)["error"]) from None
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            if attempt == RETRIES:
                raise
        time.sleep(2**attempt / 2)


def research(query, **options):
    """Starts a job and waits for its end. The idempotency key makes repetitions of the start one job."""
    started = call("POST", "/v1/research", {"query": query, **options}, Idempotency_Key=str(uuid.uuid4()))
    while True:
        job = call("GET", f"/v1/research/{started['id']}?wait=25")
        if job["status"] != "processing":
            return job
        progress = job["progress"]
        print(f"{progress['percent']:3} %  {progress['pages_read']} pages", file=sys.stderr)


def main():
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} QUESTION")
    try:
        job = research(sys.argv[1])
    except Refused as refused:
        sys.exit(str(refused))
    if job["status"] == "failed":
        sys.exit(job.get("error") or "the job failed")
    print(job["report"])
    for citation in job["citations"][:5]:
        print(f"[{citation['n']}] “{citation['quote']}” — {citation['url']}", file=sys.stderr)


if __name__ == "__main__":
    main()
