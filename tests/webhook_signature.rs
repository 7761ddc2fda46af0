//! What is signed here verifies with the libraries that the authors of Standard Webhooks publish for JavaScript and Python,
//! and what was tampered with does not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::disallowed_types)]

use footnote::account::{EndState, JobSummary, Settlement, Spent};
use footnote::job::Timestamp;
use footnote::webhook::{body, signature};
use serde_json::{Map, Value, json};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

fn settlement(state: EndState, reason: Option<&str>, metadata: Value) -> Settlement {
    let metadata: Map<String, Value> = metadata.as_object().unwrap().clone();
    Settlement {
        job: JobSummary {
            id: "res_0123456789abcdef0123456789abcdef".into(),
            query: "why?".into(),
            deep: false,
            created_at: Timestamp(0),
            schedule_id: Some("sch_1".into()),
        },
        state,
        ended_at: Timestamp(1_795_305_472_123),
        spent: Spent::default(),
        changes: None,
        reason: reason.map(str::to_owned),
        metadata,
        calls: Default::default(),
        dialect: None,
    }
}

/// Messages as they leave, and the same with something changed on the way.
fn cases() -> Vec<Value> {
    let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap();
    let (current, retired) = (signature::secret([7; 32]), signature::secret([9; 32]));
    let mut cases = Vec::new();
    for settlement in [
        settlement(EndState::Completed, None, json!({})),
        settlement(
            EndState::Partial,
            Some("das Modell blieb stumm: \u{201e}503\u{201c} \u{1f980}"),
            json!({"team": "a\"b\\c\n"}),
        ),
        settlement(EndState::Cancelled, None, json!({"n": 3, "ok": true, "note": "x".repeat(400)})),
        settlement(EndState::Failed, Some(&"y".repeat(3_000)), json!({})),
    ] {
        let text = body(&settlement, "https://footnote.example");
        for secrets in [vec![current.clone()], vec![current.clone(), retired.clone()]] {
            let id = signature::message_id([u8::try_from(cases.len()).unwrap(); 16]);
            let headers: Map<String, Value> = signature::headers(&secrets, &id, now, &text)
                .unwrap()
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value.into()))
                .collect();
            for secret in [&current, &retired] {
                let valid = secrets.contains(secret);
                cases.push(json!({"secret": secret, "headers": headers, "body": text, "valid": valid}));
            }
            let tampered = text.replace("footnote.example", "evil.example");
            cases.push(json!({"secret": current, "headers": headers, "body": tampered, "valid": false}));
            let mut other = headers.clone();
            other.insert("webhook-id".into(), "msg_other".into());
            cases.push(json!({"secret": current, "headers": other, "body": text, "valid": false}));
        }
    }
    cases
}

#[track_caller]
fn judged_by(program: &Path, script: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let cases = cases();
    let mut child = Command::new(program)
        .arg(root.join("tests/webhooks").join(script))
        .current_dir(root)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{}: {error}: run `make tools` first", program.display()));
    let lines: String = cases.iter().map(|case| format!("{case}\n")).collect();
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), cases.len().to_string());
}

#[test]
fn the_library_for_javascript_agrees() {
    judged_by(Path::new("node"), "verify.mjs");
}

#[test]
fn the_library_for_python_agrees() {
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join(".tools");
    let folders = std::fs::read_dir(&tools)
        .unwrap_or_else(|e| panic!("{}: {e}: run `make tools` first", tools.display()));
    let python = folders
        .flatten()
        .map(|entry| entry.path().join("bin/python"))
        .find(|path| path.exists() && path.to_string_lossy().contains("python-webhooks-"));
    judged_by(&python.expect("run `make tools` first"), "verify.py");
}
