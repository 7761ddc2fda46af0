# workerd.capnp with an internet of its own: whatever the Worker asks for goes to one server on this machine, as to a proxy,
# so that pages of hosts that everybody knows can be served without reaching beyond it.

using Workerd = import "/workerd/workerd.capnp";
using Serving = import "../../../workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "footnote", worker = (
      # Spelled out in each configuration: what is embedded in a constant is copied into whatever names it.
      modules = [
        (name = "src/entry.mjs", esModule = embed "../../../src/entry.mjs"),
        (name = "build/index.js", esModule = embed "../../../build/index.js"),
        (name = "build/index_bg.wasm", wasm = embed "../../../build/index_bg.wasm"),
      ],
      compatibilityDate = Serving.compatibilityDate,
      durableObjectNamespaces = Serving.namespaces,
      durableObjectStorage = (localDisk = "data"),
      globalOutbound = "internet",
      bindings = Serving.bindings,
    )),
    # The address is given on the command line.
    (name = "internet", external = (address = "127.0.0.1:9", http = (style = proxy))),
    (name = "data", disk = Serving.data),
  ],
  sockets = [Serving.http],
  v8Flags = Serving.v8Flags,
);
