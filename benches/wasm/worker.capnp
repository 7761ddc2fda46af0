# The bench's Worker: no storage, no network, and a socket on loopback whose port the system chooses.

using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "bench", worker = .bench),
    (name = "internet", network = (allow = [])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "bench")],
);

const bench :Workerd.Worker = (
  modules = [
    (name = "worker.mjs", esModule = embed "worker.mjs"),
    (name = "bench.js", esModule = embed "bench.js"),
    (name = "bench_bg.wasm", wasm = embed "bench_bg.wasm"),
  ],
  compatibilityDate = "2026-11-01",
);
