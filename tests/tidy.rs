//! Rules of the house that no compiler knows.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use footnote::search::Provider;
use footnote::search::provider::Need;
use std::fs;
use std::path::{Path, PathBuf};

/// Longest file, in lines: what one can hold in mind; beyond it a room needs redrawing.
const LINES_MAX: usize = 600;
/// Crates that know the platform.
const PLATFORM: [&str; 6] =
    ["worker", "wasm_bindgen", "js_sys", "web_sys", "getrandom", "console_error_panic_hook"];
/// Settings, by the names users know.
const SETTINGS: &[&str] = &[
    "API_KEYS",
    "ALLOW_ANONYMOUS",
    "SEARCH",
    "OPENALEX_MAILTO",
    "MODEL",
    "OPENAI_BASE_URL",
    "OPENAI_API_KEY",
    "OPENAI_MODEL",
    "MODEL_PLAN",
    "MODEL_ANALYZE",
    "MODEL_WRITE",
    "CONTEXT_TOKENS",
    "ANTHROPIC_BASE_URL",
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_MODEL",
    "GEMINI_BASE_URL",
    "GEMINI_API_KEY",
    "GEMINI_MODEL",
    "WORKERS_AI_MODEL",
    "ALLOW_PRIVATE_HOSTS",
    "PUBLIC_URL",
    "ADMIN_KEY",
    "METRICS_TOKEN",
    "PRICES",
    "QUOTA_CONCURRENT_JOBS",
    "QUOTA_JOBS_PER_DAY",
    "QUOTA_SPEND_USD_PER_DAY",
    "RETENTION_DAYS",
    "WEBHOOK_RETRIES_S",
    "SITE_DELAY_MS",
    "SITE_CONNECTIONS",
    "PAGE_CACHE_S",
    "SITE_APIS",
    "RENDER_URL",
    "RENDER_TOKEN",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &str, ending: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == ending) {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path.strip_prefix(root()).unwrap().to_owned(), text));
            }
        }
    }
    found.sort();
    found
}

fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

#[test]
fn only_the_edge_names_the_platform() {
    let rooms = files("src", "rs").into_iter().chain(files("reading/src", "rs"));
    for (path, text) in rooms {
        if path.starts_with("src/edge") {
            continue;
        }
        for line in text.lines().filter(|l| !l.trim_start().starts_with("//")) {
            for name in PLATFORM {
                let named = [format!("{name}::"), format!("use {name};"), format!("extern crate {name}")];
                assert!(!named.iter().any(|n| line.contains(n.as_str())), "{}: {line}", path.display());
            }
        }
    }
}

#[test]
fn no_file_is_longer_than_one_can_hold_in_mind() {
    for folder in ["src", "reading/src", "tests"] {
        for (path, text) in files(folder, "rs") {
            let lines = text.lines().count();
            assert!(lines <= LINES_MAX, "{} has {lines} lines", path.display());
        }
    }
}

#[test]
fn modules_are_files_beside_their_folder() {
    for (path, _) in files("src", "rs").into_iter().chain(files("reading/src", "rs")) {
        assert!(path.file_name().unwrap() != "mod.rs", "{}: use foo.rs beside foo/", path.display());
    }
}

#[test]
fn no_test_is_switched_off_and_nothing_is_left_to_do() {
    let marks = [
        concat!("#[ig", "nore"),
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("todo", "!("),
        concat!("unimplemented", "!("),
    ];
    for folder in ["src", "reading/src", "tests"] {
        for (path, text) in files(folder, "rs") {
            for mark in marks {
                assert!(!text.contains(mark), "{} contains {mark}", path.display());
            }
        }
    }
}

#[test]
fn every_setting_is_read_passed_on_and_documented() {
    let rooms: String = files("src/config", "rs").into_iter().map(|(_, text)| text).collect();
    let (config, capnp, readme) = (text("src/config.rs") + &rooms, text("workerd.capnp"), text("README.md"));
    let wrangler = text("wrangler.toml");
    for setting in SETTINGS {
        assert!(config.contains(&format!("\"{setting}\"")), "{setting} is not read by src/config.rs");
        assert!(
            capnp.contains(&format!("fromEnvironment = \"{setting}\"")),
            "{setting} is not passed on by workerd.capnp"
        );
        assert!(readme.contains(&format!("`{setting}`")), "{setting} is not in README.md");
        assert!(wrangler.contains(setting), "{setting} is not in wrangler.toml");
    }
}

#[test]
fn every_search_provider_s_settings_are_passed_on_and_documented() {
    let (capnp, readme, wrangler) = (text("workerd.capnp"), text("README.md"), text("wrangler.toml"));
    for provider in Provider::ALL.into_iter().filter(|provider| *provider != Provider::Library) {
        let name = provider.name().to_ascii_uppercase();
        let key = matches!(provider.need(), Need::Key | Need::OptionalKey);
        for setting in
            [Some(format!("{name}_URL")), key.then(|| format!("{name}_API_KEY"))].into_iter().flatten()
        {
            assert!(capnp.contains(&format!("fromEnvironment = \"{setting}\"")), "{setting}: workerd.capnp");
            assert!(readme.contains(&format!("`{setting}`")), "{setting}: README.md");
            assert!(wrangler.contains(&setting), "{setting}: wrangler.toml");
        }
    }
}

#[test]
fn workerd_and_wrangler_know_the_same_objects() {
    let (capnp, wrangler, entry) = (text("workerd.capnp"), text("wrangler.toml"), text("src/entry.mjs"));
    for class in
        ["JobObject", "LibraryObject", "AccountObject", "KeyringObject", "SchedulerObject", "SiteObject"]
    {
        for (name, text) in
            [("workerd.capnp", &capnp), ("wrangler.toml", &wrangler), ("src/entry.mjs", &entry)]
        {
            assert!(text.contains(class), "{class} is missing in {name}");
        }
    }
}

#[test]
fn tools_are_pinned_to_what_the_crate_uses() {
    let (makefile, lock) = (text("Makefile"), text("Cargo.lock"));
    let locked = |name: &str| {
        let mut lines = lock.lines().skip_while(|l| *l != format!("name = \"{name}\""));
        lines.nth(1).and_then(|l| l.split('"').nth(1)).unwrap().to_owned()
    };
    assert!(makefile.contains(&format!("WASM_BINDGEN_VERSION := {}", locked("wasm-bindgen"))));
    assert!(makefile.contains(&format!("WORKER_BUILD_VERSION := {}", locked("worker"))));
}

#[test]
fn make_exports_only_what_it_sets() {
    let makefile = fs::read_to_string(root().join("Makefile")).expect("a Makefile");
    for name in
        makefile.lines().filter_map(|line| line.strip_prefix("export ")).flat_map(str::split_whitespace)
    {
        let set = makefile.lines().any(|line| {
            line.strip_prefix(name).is_some_and(|rest| rest.starts_with(" ?=") || rest.starts_with(" :="))
        });
        assert!(set, "`export {name}` hands on an empty {name} where nobody set one");
    }
}
