# workerd.dev.capnp with a library that can be filled quickly: entry.mjs beside this file wraps src/entry.mjs.

using Workerd = import "/workerd/workerd.capnp";
using Serving = import "../../workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "footnote", worker = .filled),
    (name = "internet", network = (allow = ["public", "private"], tlsOptions = (trustBrowserCas = true))),
    (name = "data", disk = Serving.data),
  ],
  sockets = [Serving.http],
  v8Flags = Serving.v8Flags,
);

const filled :Workerd.Worker = (
  modules = [
    (name = "bench/entry.mjs", esModule = embed "entry.mjs"),
    (name = "src/entry.mjs", esModule = embed "../../src/entry.mjs"),
    (name = "build/index.js", esModule = embed "../../build/index.js"),
    (name = "build/index_bg.wasm", wasm = embed "../../build/index_bg.wasm"),
  ],
  compatibilityDate = Serving.compatibilityDate,
  durableObjectNamespaces = Serving.namespaces,
  durableObjectStorage = (localDisk = "data"),
  globalOutbound = "internet",
  bindings = Serving.bindings,
);
