# noop.mjs, on disk as Footnote is.

using Workerd = import "/workerd/workerd.capnp";
using Serving = import "../../workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "footnote", worker = .noop),
    (name = "data", disk = Serving.data),
  ],
  sockets = [Serving.http],
);

const noop :Workerd.Worker = (
  modules = [(name = "noop.mjs", esModule = embed "noop.mjs")],
  compatibilityDate = Serving.compatibilityDate,
  durableObjectNamespaces = [(className = "Row", uniqueKey = "bench-row", enableSql = true)],
  durableObjectStorage = (localDisk = "data"),
  bindings = [(name = "ROW", durableObjectNamespace = "Row")],
);
