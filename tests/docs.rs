//! What the documents name is there: files, links, commands.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every document for people: those beside the crate, and those under `docs`.
fn documents() -> Vec<(PathBuf, String)> {
    let folders = [root().to_owned(), root().join("docs")];
    let entries =
        folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap()).map(|entry| entry.unwrap().path());
    let documents = entries.filter(|path| path.extension().is_some_and(|e| e == "md"));
    documents.map(|path| (path.clone(), fs::read_to_string(&path).unwrap())).collect()
}

/// What stands between two marks, on one line each.
fn between<'a>(text: &'a str, open: &'a str, close: &'a str) -> impl Iterator<Item = &'a str> {
    text.lines().flat_map(move |line| {
        line.split(open).skip(1).filter_map(move |rest| Some(rest.split_once(close)?.0))
    })
}

#[test]
fn every_link_leads_somewhere() {
    for (path, text) in documents() {
        for target in
            between(&text, "](", ")").filter(|target| !target.contains("://") && !target.starts_with('#'))
        {
            let file = target.split('#').next().unwrap_or_default();
            let there = path.parent().unwrap().join(file).exists();
            assert!(there, "{} links to {target}", path.display());
        }
    }
}

#[test]
fn every_file_that_a_document_names_is_there() {
    const ENDINGS: [&str; 8] = [".rs", ".mjs", ".sh", ".md", ".toml", ".capnp", ".service", ".example"];
    for (path, text) in documents() {
        // What changed in the past names what was there then, and a guide what is to be made.
        if ["CHANGELOG.md", "adding-a-provider.md"].iter().any(|name| path.ends_with(name)) {
            continue;
        }
        for line in text.lines() {
            for code in line.split('`').skip(1).step_by(2) {
                let plain =
                    code.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'.' | b'_' | b'-'));
                let is_file = plain && code.contains('/') && !code.starts_with('/');
                if !is_file || !ENDINGS.iter().any(|ending| code.ends_with(ending)) {
                    continue;
                }
                let there = ["", "src", "reading/src", "docs"]
                    .iter()
                    .any(|folder| root().join(folder).join(code).exists());
                assert!(there, "{} names {code}", path.display());
            }
        }
    }
}

#[test]
fn every_make_command_that_a_document_gives_exists() {
    let makefile = fs::read_to_string(root().join("Makefile")).unwrap();
    let targets: BTreeSet<&str> =
        makefile.lines().filter_map(|line| line.split_once(':')).map(|(name, _)| name).collect();
    for (path, text) in documents() {
        let commands = text.lines().flat_map(|line| {
            let given = line.trim_start().strip_prefix("make ").into_iter();
            given.chain(line.split("`make ").skip(1)).chain(line.split("`sudo make ").skip(1))
        });
        for command in commands {
            let name: String = command.chars().take_while(|c| c.is_ascii_lowercase() || *c == '-').collect();
            assert!(name.is_empty() || targets.contains(name.as_str()), "{}: make {name}", path.display());
        }
    }
}
