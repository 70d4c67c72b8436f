//! Bytes that were written once and must always be readable; and what a reader in Python makes of them
//!
//! `GOLDEN=write cargo test --test golden` writes the files of the schema at hand anew. Once a schema is
//! released that may not be: other bytes need another number.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command as Process;

use ipam_core::{DecodeLimits, Engine, Event, EventLog};
use serde_json::Value;

use super::{facts, history};

const NO_LIMITS: DecodeLimits = DecodeLimits::UNLIMITED;

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)
}

/// A golden file, which must be as what is written today
fn golden(name: &str, today: &[u8]) -> Vec<u8> {
    let path = path(name);
    if std::env::var_os("GOLDEN").is_some_and(|value| value == "write") {
        std::fs::write(&path, today).unwrap();
    }
    let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert!(
        bytes == today,
        "{name} is not what is written today: that needs another schema number"
    );
    bytes
}

fn events() -> Vec<u8> {
    let mut bytes = Vec::new();
    history::events().iter().for_each(|event| event.encode(&mut bytes));
    golden("schema-1.events", &bytes)
}

fn engine() -> Vec<u8> {
    let mut bytes = Vec::new();
    history::engine().encode(&mut bytes);
    golden("schema-1.engine", &bytes)
}

#[test]
fn golden_events_are_read_and_written_as_ever() {
    let events: Vec<Event> =
        EventLog::new(&events(), &NO_LIMITS).collect::<Result<_, _>>().unwrap();
    assert_eq!(events, history::events());
    // Every kind of change is among them.
    let changes = events.iter().flat_map(Event::changes);
    let name =
        |shown: String| shown.split(|at: char| !at.is_alphanumeric()).next().unwrap().to_owned();
    let kinds: BTreeSet<String> = changes.map(|change| name(format!("{change:?}"))).collect();
    assert_eq!(kinds.len(), 26, "{kinds:?}");
}

#[test]
fn a_golden_engine_is_read_and_written_as_ever() {
    let engine = Engine::decode(&engine(), 9, &NO_LIMITS).unwrap();
    assert_eq!(engine.check(), Ok(()));
    assert_eq!(engine, history::engine());
}

#[test]
fn a_reader_in_python_agrees() {
    let read = |kind: &str, file: &str| -> Option<Value> {
        let run = Process::new("python3").arg(path("decode.py")).arg(kind).arg(path(file)).output();
        let Ok(output) = run else {
            println!("there is no python3 here: the second reader was not asked");
            return None;
        };
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{file}: {errors}");
        Some(serde_json::from_slice(&output.stdout).unwrap())
    };
    // Written first if they are to be.
    let (_, _) = (events(), engine());
    if let Some(theirs) = read("events", "schema-1.events") {
        assert_eq!(theirs, serde_json::to_value(history::events()).unwrap());
    }
    if let Some(theirs) = read("engine", "schema-1.engine") {
        assert_eq!(theirs, facts::facts(&history::engine()));
    }
}
