"""Every research call of webclaw's published client, and every error it knows:
webclaw_sdk.py URL KEY KEY_WITHOUT_JOBS BROKEN_URL QUESTION. Prints what it saw as JSON."""

import asyncio
import json
import socket
import sys
import urllib.request
import warnings

from webclaw import AsyncWebclaw, Webclaw, WebclawError

url, key, poor, broken, question = sys.argv[1:]
client = Webclaw(key, base_url=url)


def shown(job):
    return {
        "id": job.id, "status": job.status, "query": job.query, "report": job.report, "sources": job.sources,
        "findings": job.findings, "iterations": job.iterations, "elapsed_ms": job.elapsed_ms,
        "sources_count": job.sources_count, "findings_count": job.findings_count,
        "total_pages_analyzed": job.total_pages_analyzed, "created_at": job.created_at, "error": job.error,
    }


def raised(call):
    try:
        call()
    except WebclawError as error:
        return {"class": type(error).__name__, "status": error.status_code, "says": str(error)}
    return None


def started(body):
    """A job whose id is known before it ends: the client has no call that only starts one."""
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
    request = urllib.request.Request(f"{url}/v1/research", json.dumps(body).encode(), headers)
    return json.load(urllib.request.urlopen(request))["id"]


def cancelled(job):
    headers = {"authorization": f"Bearer {key}"}
    request = urllib.request.Request(f"{url}/v1/research/{job}/cancel", b"", headers, method="POST")
    urllib.request.urlopen(request).read()
    return job


async def asynchronously():
    async with AsyncWebclaw(key, base_url=url) as client:
        job = await client.research(question, max_iterations=1, max_sources=2)
        again = await client.wait_for_research(job.id, interval=0.1)
        return {"research": shown(job), "again": shown(again), "seen": shown(await client.get_research_status(job.id))}


seen = {"research": shown(client.research(question, max_iterations=1, max_sources=3, topic="energy"))}
with warnings.catch_warnings(record=True):
    warnings.simplefilter("always")
    seen["deep"] = shown(client.research(question, deep=True, max_iterations=1, max_sources=2))
job = started({"query": question, "max_iterations": 1})
seen["early"] = shown(client.get_research_status(job))
seen["waited"] = shown(client.wait_for_research(job, interval=0.1, timeout=60))
seen["async"] = asyncio.run(asynchronously())
late = started({"query": question, "deep": True})
seen["impatient"] = raised(lambda: client.wait_for_research(late, interval=0.01, timeout=0.0))
seen["cancelled"] = raised(lambda: client.wait_for_research(cancelled(late), interval=0.1))
seen["nothing asked"] = raised(lambda: client.research(""))
seen["unknown key"] = raised(lambda: Webclaw("k-no-such-key-1234567890", base_url=url).research(question))
seen["unknown job"] = raised(lambda: client.get_research_status("res_" + "0" * 32))
seen["admin's"] = raised(lambda: client._request("GET", "/v1/keys"))
seen["no jobs left"] = raised(lambda: Webclaw(poor, base_url=url).research(question))
seen["broken"] = raised(lambda: Webclaw(key, base_url=broken).research(question))
# Takes connections, and never answers.
listener = socket.create_server(("127.0.0.1", 0))
silent = f"http://127.0.0.1:{listener.getsockname()[1]}"
seen["slow"] = raised(lambda: Webclaw(key, base_url=silent, timeout=0.2).research(question))
seen["nobody"] = raised(lambda: Webclaw(key, base_url="http://127.0.0.1:9").research(question))
client.close()
print(json.dumps(seen))
