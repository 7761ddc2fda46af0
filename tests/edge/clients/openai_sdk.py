"""Background responses by OpenAI's official client: openai_sdk.py URL KEY KEY_WITHOUT_JOBS BROKEN_URL QUESTION.
Prints what it saw as JSON."""

import asyncio
import json
import socket
import sys
import time

import openai
from openai import AsyncOpenAI, OpenAI
from pydantic import BaseModel

url, key, poor, broken, question = sys.argv[1:]


def client_of(key, base=url, **more):
    return OpenAI(base_url=f"{base}/v1", api_key=key, max_retries=0, **more)


# Takes connections, and never answers.
listener = socket.create_server(("127.0.0.1", 0))
silent = f"http://127.0.0.1:{listener.getsockname()[1]}"
client = client_of(key)
small = {"max_iterations": 1, "max_sources": 3}
ask = {"model": "o4-mini-deep-research", "extra_body": small}


def ended(response):
    # More polls than any job of the tests needs.
    for _ in range(600):
        if response.status not in ("queued", "in_progress"):
            return response
        time.sleep(0.2)
        response = client.responses.retrieve(response.id)
    raise TimeoutError(response.id)


def shown(response):
    message = response.output[-1] if response.output and response.output[-1].type == "message" else None
    part = message.content[0] if message else None
    return {
        "id": response.id, "status": response.status, "model": response.model, "background": response.background,
        "metadata": response.metadata, "text": response.output_text, "previous": response.previous_response_id,
        "items": [item.type for item in response.output],
        "queries": [i.action.query for i in response.output if i.type == "web_search_call" and i.action.type == "search"],
        "opened": [i.action.url for i in response.output if i.type == "web_search_call" and i.action.type == "open_page"],
        "cited": [
            {"mark": part.text[a.start_index:a.end_index], "url": a.url, "title": a.title, "type": a.type}
            for a in part.annotations
        ] if part else [],
        "tokens": response.usage.total_tokens if response.usage else None,
        "incomplete": response.incomplete_details.reason if response.incomplete_details else None,
        "class": type(response).__name__,
    }


def raised(call):
    try:
        call()
    except openai.APIError as error:
        return {
            "class": type(error).__name__, "status": getattr(error, "status_code", None), "says": str(error),
            "code": error.code, "param": error.param, "type": error.type,
        }
    return None


seen = {}
created = client.responses.create(
    **ask,
    background=True,
    input=[
        {"role": "developer", "content": [{"type": "input_text", "text": "You write for engineers."}]},
        {"role": "user", "content": [{"type": "input_text", "text": question}]},
    ],
    reasoning={"summary": "auto"},
    tools=[{"type": "web_search_preview"}, {"type": "code_interpreter", "container": {"type": "auto", "file_ids": []}}],
    metadata={"team": "ferry"},
)
seen["created"] = shown(created)
whole = ended(created)
seen["whole"] = shown(whole)
seen["input"] = [item.to_dict() for item in client.responses.input_items.list(whole.id, order="asc")]

# A stream that is cut after its third event and taken up again.
events, first = [], None
with client.responses.create(**ask, input=question, background=True, stream=True) as stream:
    for event in stream:
        first = first or event
        events.append([event.sequence_number, event.type])
        if len(events) == 3:
            break
for event in client.responses.retrieve(first.response.id, stream=True, starting_after=events[-1][0]):
    events.append([event.sequence_number, event.type])
seen["events"], seen["streamed"] = events, shown(event.response)
with client.responses.stream(**ask, input=question) as stream:
    deltas = "".join(event.delta for event in stream if event.type == "response.output_text.delta")
    seen["helper"] = shown(stream.get_final_response())
    seen["deltas"] = deltas


class Ferry(BaseModel):
    battery_capacity: str | None


parsed = client.responses.parse(**ask, input=question, text_format=Ferry)
seen["parsed"] = {"value": parsed.output_parsed.model_dump(), **shown(parsed)}
seen["waited"] = shown(client.responses.create(**ask, input=question))
follow_up = client.responses.create(
    **ask, input=f"{question} And who paid for it?", previous_response_id=whole.id, background=True
)
seen["follow-up"] = shown(ended(follow_up))
keyed = {"extra_headers": {"Idempotency-Key": "the-same-key"}}
twice = [client.responses.create(**ask, input=question, background=True, **keyed).id for _ in range(2)]
seen["twice"] = twice
running = client.responses.create(model="footnote-deep", input=question, background=True)
seen["cancelled"] = [shown(client.responses.cancel(running.id)), shown(client.responses.cancel(running.id))]
seen["late"] = shown(client.responses.cancel(whole.id))
seen["deleted"] = client.responses.delete(whole.id)
seen["models"] = [model.id for model in client.models.list()]


async def asynchronously():
    async with AsyncOpenAI(base_url=f"{url}/v1", api_key=key) as client:
        response = await client.responses.create(**ask, input=question, background=True)
        return shown(await client.responses.retrieve(response.id))


seen["async"] = asyncio.run(asynchronously())
seen["errors"] = {
    "model": raised(lambda: client.responses.create(model="gpt-5", input=question)),
    "unknown field": raised(lambda: client.responses.create(**{**ask, "extra_body": {"wibble": 1}}, input=question)),
    "nothing before": raised(lambda: client.responses.create(**ask, input=question, previous_response_id="resp_" + "0" * 32)),
    "deleted": raised(lambda: client.responses.retrieve(whole.id)),
    "unknown": raised(lambda: client.responses.retrieve("resp_68af4030592c81938ec0a5fbab4a3e9f05438e46b5f69a3b")),
    "key": raised(lambda: client_of("k-no-such-key-1234567890").responses.create(**ask, input=question)),
    "no jobs left": raised(lambda: client_of(poor).responses.create(**ask, input=question)),
    "other body": raised(lambda: client.responses.create(**ask, input="Another?", background=True, **keyed)),
    "broken": raised(lambda: client_of(key, broken).responses.create(**ask, input=question)),
    "slow": raised(lambda: client_of(key, silent, timeout=0.2).responses.retrieve(created.id)),
    "nobody": raised(lambda: client_of(key, "http://127.0.0.1:9").responses.retrieve(created.id)),
}
print(json.dumps(seen))
