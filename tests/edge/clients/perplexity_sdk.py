"""Asynchronous completions by Perplexity's official client: perplexity_sdk.py URL KEY KEY_WITHOUT_JOBS QUESTION.
Prints what it saw as JSON."""

import json
import sys
import time

import perplexity
from perplexity import Perplexity

url, key, poor, question = sys.argv[1:]


def client_of(key, base=url):
    return Perplexity(base_url=base, api_key=key, max_retries=0)


def request(**more):
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": question}]
    return {"model": "sonar-deep-research", "messages": messages, "max_iterations": 1, "max_sources": 3, **more}


def ended(client, completion):
    # More polls than any job of the tests needs.
    for _ in range(600):
        if completion.status in ("COMPLETED", "FAILED"):
            return completion
        time.sleep(0.2)
        completion = client.async_.chat.completions.get(completion.id)
    raise TimeoutError(completion.id)


def raised(call):
    try:
        call()
    except perplexity.APIError as error:
        return {"class": type(error).__name__, "status": getattr(error, "status_code", None), "body": error.body}
    return None


seen = {}
# With /v1 in the base URL and without.
for name, base in [("plain", url), ("versioned", f"{url}/v1")]:
    client = client_of(key, base)
    created = client.async_.chat.completions.create(request=request(), idempotency_key=f"the-{name}-key")
    again = client.async_.chat.completions.create(request=request(), idempotency_key=f"the-{name}-key")
    whole = ended(client, created)
    listed = client.async_.chat.completions.list()
    seen[name] = {
        "created": created.to_dict(), "again": again.id, "whole": whole.to_dict(),
        "content": whole.response.choices[0].message.content,
        "citations": whole.response.citations, "results": [r.title for r in whole.response.search_results],
        "listed": [row.id for row in listed.requests],
    }
completions = client_of(key).async_.chat.completions
seen["errors"] = {
    "model": raised(lambda: completions.create(request=request(model="gpt-5"))),
    "stream": raised(lambda: completions.create(request=request(stream=True))),
    "unknown": raised(lambda: completions.get("res_" + "0" * 32)),
    "key": raised(lambda: client_of("k-no-such-key-1234567890").async_.chat.completions.list()),
    "no jobs left": raised(lambda: client_of(poor).async_.chat.completions.create(request=request())),
}
print(json.dumps(seen))
