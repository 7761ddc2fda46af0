"""Reads a webhook by OpenAI's official client: a line of JSON {headers, body, secret} from standard input."""

import json
import sys

from openai import InvalidWebhookSignatureError, OpenAI

told = json.load(sys.stdin)
client = OpenAI(base_url="http://127.0.0.1:9/v1", api_key="k", webhook_secret=told["secret"])
event = client.webhooks.unwrap(told["body"], told["headers"])
try:
    client.webhooks.unwrap(told["body"].replace("resp_", "resp_0"), told["headers"])
    forged = "taken"
except InvalidWebhookSignatureError:
    forged = "refused"
print(json.dumps({"class": type(event).__name__, "type": event.type, "id": event.data.id, "object": event.object,
                  "event": event.id, "created_at": event.created_at, "forged": forged}))
