// Reads a webhook by OpenAI's official client for JavaScript: a line of JSON {headers, body, secret} from standard input.

import { text } from "node:stream/consumers";
import OpenAI from "openai";

const told = JSON.parse(await text(process.stdin));
const client = new OpenAI({ baseURL: "http://127.0.0.1:9/v1", apiKey: "k", webhookSecret: told.secret });
const event = await client.webhooks.unwrap(told.body, told.headers);
const forged = await client.webhooks.unwrap(told.body.replace("resp_", "resp_0"), told.headers).then(() => "taken", () => "refused");
console.log(JSON.stringify({ type: event.type, id: event.data.id, object: event.object, forged }));
