# The Worker of workerd.capnp on a network that also reaches private addresses: for a model, a search engine or pages
# on this machine. Footnote itself still refuses every private host that ALLOW_PRIVATE_HOSTS does not name.

using Workerd = import "/workerd/workerd.capnp";
using Serving = import "workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "footnote", worker = (
      # Spelled out in each configuration: what is embedded in a constant is copied into whatever names it.
      modules = [
        (name = "src/entry.mjs", esModule = embed "src/entry.mjs"),
        (name = "build/index.js", esModule = embed "build/index.js"),
        (name = "build/index_bg.wasm", wasm = embed "build/index_bg.wasm"),
      ],
      compatibilityDate = Serving.compatibilityDate,
      durableObjectNamespaces = Serving.namespaces,
      durableObjectStorage = (localDisk = "data"),
      globalOutbound = "internet",
      bindings = Serving.bindings,
    )),
    (name = "internet", network = (allow = ["public", "private"], tlsOptions = (trustBrowserCas = true))),
    (name = "data", disk = Serving.data),
  ],
  sockets = [Serving.http],
  v8Flags = Serving.v8Flags,
);
