# The Worker of workerd.capnp on a network that also reaches private addresses: for a model, a search engine or pages
# on this machine. Footnote itself still refuses every private host that ALLOW_PRIVATE_HOSTS does not name.

using Workerd = import "/workerd/workerd.capnp";
using Serving = import "workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "footnote", worker = Serving.footnote),
    (name = "internet", network = (allow = ["public", "private"], tlsOptions = (trustBrowserCas = true))),
    (name = "data", disk = Serving.data),
  ],
  sockets = [Serving.http],
);
