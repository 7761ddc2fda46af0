// The browser's only way out: an HTTP proxy that looks names up itself, refuses what leads to a private address, and
// connects to the very address that it looked at.

import dns from "node:dns/promises";
import http from "node:http";
import net from "node:net";

/** Connections of one page: the busiest pages of the web open some hundred. */
const CONNECTIONS_MAX = 300;
/** Bytes of one page with all that it loads. */
const BYTES_MAX = 50_000_000;
const CONNECT_MS = 10_000;

const PRIVATE = new net.BlockList();
for (const [network, bits] of [
  ["0.0.0.0", 8], ["10.0.0.0", 8], ["100.64.0.0", 10], ["127.0.0.0", 8], ["169.254.0.0", 16], ["172.16.0.0", 12],
  ["192.0.0.0", 24], ["192.0.2.0", 24], ["192.88.99.0", 24], ["192.168.0.0", 16], ["198.18.0.0", 15],
  ["198.51.100.0", 24], ["203.0.113.0", 24], ["224.0.0.0", 4], ["240.0.0.0", 4],
]) {
  PRIVATE.addSubnet(network, bits, "ipv4");
}
// Of IPv6 only global unicast is public, without documentation and without what carries IPv4 addresses.
const GLOBAL = new net.BlockList();
GLOBAL.addSubnet("2000::", 3, "ipv6");
const CARRYING = new net.BlockList();
for (const [network, bits] of [["2001::", 32], ["2001:db8::", 32], ["2002::", 16]]) {
  CARRYING.addSubnet(network, bits, "ipv6");
}

export function isPublic(address) {
  if (net.isIPv4(address)) return !PRIVATE.check(address, "ipv4");
  return net.isIPv6(address) && GLOBAL.check(address, "ipv6") && !CARRYING.check(address, "ipv6");
}

export class Gatekeeper {
  /** One for each page, on a port that the system chooses. `allowed` are `host:port` pairs, with commas. */
  static async start(allowed) {
    const gate = new Gatekeeper(allowed);
    await new Promise((resolve, reject) => gate.server.once("error", reject).listen(0, "127.0.0.1", resolve));
    return gate;
  }

  constructor(allowed) {
    this.allowed = new Set(allowed.split(",").map((pair) => pair.trim().toLowerCase()).filter(Boolean));
    this.connections = 0;
    this.bytes = 0;
    /** `host:port` pairs to which there is no connection. */
    this.refused = new Set();
    this.sockets = new Set();
    this.server = http.createServer((request, response) => {
      this.forward(request, response).catch(() => response.writeHead(403).end());
    });
    this.server.on("connect", (request, socket, head) => {
      this.tunnel(request, socket, head).catch(() => socket.end("HTTP/1.1 403 Forbidden\r\n\r\n"));
    });
    this.server.on("connection", (socket) => this.hold(socket));
  }

  get port() {
    return this.server.address().port;
  }

  close() {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }

  hold(socket) {
    this.sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.sockets.delete(socket));
    return socket;
  }

  /** A connection to a public address of the host, or to an allowed one. */
  async connect(hostname, port) {
    try {
      return await this.checked(hostname, port);
    } catch (error) {
      this.refused.add(`${hostname}:${port}`);
      throw error;
    }
  }

  async checked(hostname, port) {
    const host = hostname.replace(/^\[|\]$/g, "").toLowerCase();
    const pair = `${net.isIPv6(host) ? `[${host}]` : host}:${port}`;
    const isWeb = port === 80 || port === 443 || port >= 1024;
    const addresses = net.isIP(host) ? [host] : (await dns.lookup(host, { all: true })).map((found) => found.address);
    const isAllowed = this.allowed.has(pair) || (isWeb && addresses.length > 0 && addresses.every(isPublic));
    this.connections += 1;
    if (!isAllowed || this.connections > CONNECTIONS_MAX) throw new Error(`${pair} is refused`);
    const socket = this.hold(net.connect({ host: addresses[0], port, timeout: CONNECT_MS }));
    socket.on("timeout", () => socket.destroy());
    socket.on("data", (chunk) => {
      this.bytes += chunk.length;
      if (this.bytes > BYTES_MAX) socket.destroy();
    });
    await new Promise((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("close", () => reject(new Error(`${pair} does not answer`)));
    });
    socket.setTimeout(0);
    return socket;
  }

  async forward(request, response) {
    const url = new URL(request.url);
    if (url.protocol !== "http:") throw new Error("only http is forwarded");
    const socket = await this.connect(url.hostname, Number(url.port || 80));
    const headers = { ...request.headers, host: url.host, connection: "close" };
    delete headers["proxy-connection"];
    delete headers["proxy-authorization"];
    const options = { createConnection: () => socket, method: request.method, path: url.pathname + url.search, headers };
    const onward = http.request(options, (reply) => {
      response.writeHead(reply.statusCode, reply.headers);
      reply.on("error", () => response.destroy());
      reply.pipe(response);
    });
    onward.on("error", () => response.destroy());
    request.pipe(onward);
  }

  async tunnel(request, client, head) {
    this.hold(client);
    const at = request.url.lastIndexOf(":");
    const socket = await this.connect(request.url.slice(0, at), Number(request.url.slice(at + 1)));
    client.write("HTTP/1.1 200 Connection established\r\n\r\n");
    socket.write(head);
    socket.pipe(client);
    client.pipe(socket);
    client.on("close", () => socket.destroy());
    socket.on("close", () => client.destroy());
  }
}
