//! The files under `deploy/` say what the code does.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use footnote::config::Config;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

fn text(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(root.join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

fn example() -> BTreeMap<String, String> {
    let text = text("deploy/env.example");
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| line.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned())).unwrap())
        .collect()
}

#[test]
fn the_example_of_an_environment_has_every_setting() {
    let capnp = text("workerd.capnp");
    let read: BTreeSet<String> = capnp
        .split("fromEnvironment = \"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next().map(str::to_owned))
        .collect();
    assert!(read.len() > 50, "{read:?}");
    assert_eq!(example().into_keys().collect::<BTreeSet<_>>(), read);
}

#[test]
fn the_example_s_values_are_the_defaults() {
    let example = example();
    let by_example = Config::from_lookup(|name| example.get(name).cloned()).unwrap();
    let by_default = Config::from_lookup(|_| None).unwrap();
    assert_eq!(format!("{by_example:?}"), format!("{by_default:?}"));
    // Each that has a value is a default that matters: another one gives another configuration or is refused.
    for (name, value) in example.iter().filter(|(_, value)| !value.is_empty()) {
        let other = if value.parse::<u32>().is_ok() { "2" } else { "https://other.example" };
        let changed = Config::from_lookup(|asked| {
            if asked == name { Some(other.to_owned()) } else { example.get(asked).cloned() }
        });
        // A model's address means nothing until the model is named.
        let unused = name.ends_with("_BASE_URL");
        let same = changed.is_ok_and(|changed| format!("{changed:?}") == format!("{by_default:?}"));
        assert!(!same || unused, "{name} changes nothing");
    }
}

#[test]
fn container_unit_and_script_start_the_same_thing() {
    let entry = text("deploy/Dockerfile");
    // Seen: without roots workerd ends at once, and the slim image has none.
    assert!(entry.contains("COPY --from=build /etc/ssl/certs/ca-certificates.crt"));
    let unit = text("deploy/footnote.service");
    for part in [
        "/opt/footnote/bin/workerd",
        "serve",
        "/opt/footnote/workerd.capnp",
        "--socket-addr=http=",
        "--directory-path=data=",
    ] {
        assert!(entry.contains(part) && unit.contains(part), "{part}");
    }
}

/// systemd's own opinion, where systemd is.
#[test]
fn the_unit_is_one_that_systemd_takes() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let Ok(verified) = Command::new("systemd-analyze")
        .args(["verify", "--man=no"])
        .arg(root.join("deploy/footnote.service"))
        .output()
    else {
        return;
    };
    let said = String::from_utf8_lossy(&verified.stderr);
    // Where Footnote is not installed, its program is missing, and nothing else may be.
    let complaints: Vec<&str> = said
        .lines()
        .filter(|line| line.contains("footnote.service") && !line.contains("/opt/footnote/bin/workerd"))
        .collect();
    assert!(complaints.is_empty(), "{complaints:#?}");
}
