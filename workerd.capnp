# How workerd serves Footnote to others:
#
#   workerd serve workerd.capnp --socket-addr http=127.0.0.1:8787 --directory-path data=.data
#
# Outgoing requests reach public addresses only: whatever a question, a link or a redirect names, and whatever a
# name resolves to. workerd.dev.capnp is the same Worker with private addresses allowed.

using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "footnote", worker = .footnote),
    (name = "internet", network = (allow = ["public"], tlsOptions = (trustBrowserCas = true))),
    (name = "data", disk = .data),
  ],
  sockets = [.http],
);

# Everything below is shared with workerd.dev.capnp.

const footnote :Workerd.Worker = (
  modules = [
    (name = "src/entry.mjs", esModule = embed "src/entry.mjs"),
    (name = "build/index.js", esModule = embed "build/index.js"),
    (name = "build/index_bg.wasm", wasm = embed "build/index_bg.wasm"),
  ],
  compatibilityDate = "2026-11-01",
  durableObjectNamespaces = [
    (className = "JobObject", uniqueKey = "footnote-job", enableSql = true),
    (className = "LibraryObject", uniqueKey = "footnote-library", enableSql = true),
  ],
  durableObjectStorage = (localDisk = "data"),
  globalOutbound = "internet",
  bindings = [
    (name = "JOB", durableObjectNamespace = "JobObject"),
    (name = "LIBRARY", durableObjectNamespace = "LibraryObject"),
    # A variable that is not set reads as null.
    (name = "API_KEYS", fromEnvironment = "API_KEYS"),
    (name = "ALLOW_ANONYMOUS", fromEnvironment = "ALLOW_ANONYMOUS"),
    (name = "PUBLIC_URL", fromEnvironment = "PUBLIC_URL"),
    (name = "SEARCH", fromEnvironment = "SEARCH"),
    (name = "SEARXNG_URL", fromEnvironment = "SEARXNG_URL"),
    (name = "BRAVE_URL", fromEnvironment = "BRAVE_URL"),
    (name = "BRAVE_API_KEY", fromEnvironment = "BRAVE_API_KEY"),
    (name = "MODEL", fromEnvironment = "MODEL"),
    (name = "OPENAI_BASE_URL", fromEnvironment = "OPENAI_BASE_URL"),
    (name = "OPENAI_API_KEY", fromEnvironment = "OPENAI_API_KEY"),
    (name = "OPENAI_MODEL", fromEnvironment = "OPENAI_MODEL"),
    (name = "ALLOW_PRIVATE_HOSTS", fromEnvironment = "ALLOW_PRIVATE_HOSTS"),
  ],
);

# Both paths are meant to be overridden on the command line.
const data :Workerd.DiskDirectory = (path = ".data", writable = true);
const http :Workerd.Socket = (name = "http", address = "127.0.0.1:8787", http = (), service = "footnote");
