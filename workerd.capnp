# How workerd serves Footnote to others:
#
#   workerd serve workerd.capnp --socket-addr http=127.0.0.1:8787 --directory-path data=.data
#
# Outgoing requests reach public addresses only: whatever a question, a link or a redirect names, and whatever a
# name resolves to. workerd.dev.capnp is the same Worker with private addresses allowed.

using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "footnote", worker = (
      # Spelled out in each configuration: what is embedded in a constant is copied into whatever names it.
      modules = [
        (name = "src/entry.mjs", esModule = embed "src/entry.mjs"),
        (name = "build/index.js", esModule = embed "build/index.js"),
        (name = "build/index_bg.wasm", wasm = embed "build/index_bg.wasm"),
      ],
      compatibilityDate = .compatibilityDate,
      durableObjectNamespaces = .namespaces,
      durableObjectStorage = (localDisk = "data"),
      globalOutbound = "internet",
      bindings = .bindings,
    )),
    (name = "internet", network = (allow = ["public"], tlsOptions = (trustBrowserCas = true))),
    (name = "data", disk = .data),
  ],
  sockets = [.http],
  v8Flags = .v8Flags,
);

# Everything below is shared with workerd.dev.capnp.

const compatibilityDate :Text = "2026-11-01";

const namespaces :List(Workerd.Worker.DurableObjectNamespace) = [
  (className = "JobObject", uniqueKey = "footnote-job", enableSql = true),
  (className = "LibraryObject", uniqueKey = "footnote-library", enableSql = true),
  (className = "AccountObject", uniqueKey = "footnote-account", enableSql = true),
  (className = "KeyringObject", uniqueKey = "footnote-keyring", enableSql = true),
  (className = "SchedulerObject", uniqueKey = "footnote-scheduler", enableSql = true),
  (className = "SiteObject", uniqueKey = "footnote-site", enableSql = true),
];

const bindings :List(Workerd.Worker.Binding) = [
  (name = "JOB", durableObjectNamespace = "JobObject"),
  (name = "LIBRARY", durableObjectNamespace = "LibraryObject"),
  (name = "ACCOUNT", durableObjectNamespace = "AccountObject"),
  (name = "KEYRING", durableObjectNamespace = "KeyringObject"),
  (name = "SCHEDULER", durableObjectNamespace = "SchedulerObject"),
  (name = "SITE", durableObjectNamespace = "SiteObject"),
  # A variable that is not set reads as null.
  (name = "API_KEYS", fromEnvironment = "API_KEYS"),
  (name = "ADMIN_KEY", fromEnvironment = "ADMIN_KEY"),
  (name = "METRICS_TOKEN", fromEnvironment = "METRICS_TOKEN"),
  (name = "ALLOW_ANONYMOUS", fromEnvironment = "ALLOW_ANONYMOUS"),
  (name = "PUBLIC_URL", fromEnvironment = "PUBLIC_URL"),
  (name = "SEARCH", fromEnvironment = "SEARCH"),
  (name = "SEARXNG_URL", fromEnvironment = "SEARXNG_URL"),
  (name = "BRAVE_URL", fromEnvironment = "BRAVE_URL"),
  (name = "BRAVE_API_KEY", fromEnvironment = "BRAVE_API_KEY"),
  (name = "TAVILY_URL", fromEnvironment = "TAVILY_URL"),
  (name = "TAVILY_API_KEY", fromEnvironment = "TAVILY_API_KEY"),
  (name = "SERPER_URL", fromEnvironment = "SERPER_URL"),
  (name = "SERPER_API_KEY", fromEnvironment = "SERPER_API_KEY"),
  (name = "EXA_URL", fromEnvironment = "EXA_URL"),
  (name = "EXA_API_KEY", fromEnvironment = "EXA_API_KEY"),
  (name = "WIKIPEDIA_URL", fromEnvironment = "WIKIPEDIA_URL"),
  (name = "OPENALEX_URL", fromEnvironment = "OPENALEX_URL"),
  (name = "OPENALEX_API_KEY", fromEnvironment = "OPENALEX_API_KEY"),
  (name = "OPENALEX_MAILTO", fromEnvironment = "OPENALEX_MAILTO"),
  (name = "ARXIV_URL", fromEnvironment = "ARXIV_URL"),
  (name = "HACKERNEWS_URL", fromEnvironment = "HACKERNEWS_URL"),
  (name = "STACKEXCHANGE_URL", fromEnvironment = "STACKEXCHANGE_URL"),
  (name = "STACKEXCHANGE_API_KEY", fromEnvironment = "STACKEXCHANGE_API_KEY"),
  (name = "GITHUB_URL", fromEnvironment = "GITHUB_URL"),
  (name = "GITHUB_API_KEY", fromEnvironment = "GITHUB_API_KEY"),
  (name = "MODEL", fromEnvironment = "MODEL"),
  (name = "OPENAI_BASE_URL", fromEnvironment = "OPENAI_BASE_URL"),
  (name = "OPENAI_API_KEY", fromEnvironment = "OPENAI_API_KEY"),
  (name = "OPENAI_MODEL", fromEnvironment = "OPENAI_MODEL"),
  (name = "MODEL_PLAN", fromEnvironment = "MODEL_PLAN"),
  (name = "MODEL_ANALYZE", fromEnvironment = "MODEL_ANALYZE"),
  (name = "MODEL_WRITE", fromEnvironment = "MODEL_WRITE"),
  (name = "MODEL_TIMEOUT_S", fromEnvironment = "MODEL_TIMEOUT_S"),
  (name = "CONTEXT_TOKENS", fromEnvironment = "CONTEXT_TOKENS"),
  (name = "ANTHROPIC_BASE_URL", fromEnvironment = "ANTHROPIC_BASE_URL"),
  (name = "ANTHROPIC_API_KEY", fromEnvironment = "ANTHROPIC_API_KEY"),
  (name = "ANTHROPIC_MODEL", fromEnvironment = "ANTHROPIC_MODEL"),
  (name = "GEMINI_BASE_URL", fromEnvironment = "GEMINI_BASE_URL"),
  (name = "GEMINI_API_KEY", fromEnvironment = "GEMINI_API_KEY"),
  (name = "GEMINI_MODEL", fromEnvironment = "GEMINI_MODEL"),
  (name = "WORKERS_AI_MODEL", fromEnvironment = "WORKERS_AI_MODEL"),
  (name = "PRICES", fromEnvironment = "PRICES"),
  (name = "ALLOW_PRIVATE_HOSTS", fromEnvironment = "ALLOW_PRIVATE_HOSTS"),
  (name = "SITE_DELAY_MS", fromEnvironment = "SITE_DELAY_MS"),
  (name = "SITE_CONNECTIONS", fromEnvironment = "SITE_CONNECTIONS"),
  (name = "PAGE_CACHE_S", fromEnvironment = "PAGE_CACHE_S"),
  (name = "SITE_APIS", fromEnvironment = "SITE_APIS"),
  (name = "RENDER_URL", fromEnvironment = "RENDER_URL"),
  (name = "RENDER_TOKEN", fromEnvironment = "RENDER_TOKEN"),
  (name = "QUOTA_CONCURRENT_JOBS", fromEnvironment = "QUOTA_CONCURRENT_JOBS"),
  (name = "QUOTA_JOBS_PER_DAY", fromEnvironment = "QUOTA_JOBS_PER_DAY"),
  (name = "QUOTA_SPEND_USD_PER_DAY", fromEnvironment = "QUOTA_SPEND_USD_PER_DAY"),
  (name = "RETENTION_DAYS", fromEnvironment = "RETENTION_DAYS"),
  (name = "WEBHOOK_RETRIES_S", fromEnvironment = "WEBHOOK_RETRIES_S"),
];

# Both paths are meant to be overridden on the command line.
const data :Workerd.DiskDirectory = (path = ".data", writable = true);
const http :Workerd.Socket = (name = "http", address = "127.0.0.1:8787", http = (), service = "footnote");

# A research of half a minute runs most of its code a few times only: V8 optimises a function once it has worked ten times
# as long as by default, and inlines nothing, which takes a quarter off what the first job of a process costs and nothing
# off the later ones.
# What JavaScript holds here is next to nothing, but each request leaves garbage that is finalised in one go: the more of it,
# the longer nobody is answered (25 ms at a hundred jobs a second). A small nursery is swept more often and half as long.
const v8Flags :List(Text) =
  ["--wasm-tiering-budget=130000000", "--no-wasm-inlining", "--max-semi-space-size=2"];
