"""Reads lines of {secret, headers, body, valid} and fails on the first whose signature the standard's own library for
Python judges otherwise."""

import json
import sys

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

count = 0
for line in sys.stdin:
    case = json.loads(line)
    try:
        Webhook(case["secret"]).verify(case["body"], case["headers"])
        verdict = True
    except WebhookVerificationError:
        verdict = False
    if verdict != case["valid"]:
        sys.exit(f"{line}should be {'valid' if case['valid'] else 'invalid'}")
    count += 1
print(count)
