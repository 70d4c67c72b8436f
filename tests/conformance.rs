//! What other systems' tests assert and providers document, as cases; the format is described in
//! `tests/conformance/README.md`
//!
//! Runs the cases of the file that `IPAM_CASES` names, or else the project's own:
//!
//! ```text
//! IPAM_CASES=path cargo test --test conformance -- --nocapture
//! ```

#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops at what it did not foresee"
)]

#[path = "conformance/answer.rs"]
mod answer;
#[path = "conformance/assign.rs"]
mod assign;
#[path = "conformance/case.rs"]
mod case;
#[path = "conformance/prefixes.rs"]
mod prefixes;
#[path = "conformance/report.rs"]
mod report;
#[path = "conformance/runner.rs"]
mod runner;
#[path = "conformance/space.rs"]
mod space;
#[path = "conformance/world.rs"]
mod world;

use std::panic::catch_unwind;

use case::Case;
use report::Report;
use runner::Verdict;

const OWN_CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/conformance/cases.jsonl");

#[test]
fn cases() {
    let path = std::env::var("IPAM_CASES").unwrap_or_else(|_| OWN_CASES.to_owned());
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let report = Report::of(&text);
    println!("\n{report}");
    assert_eq!(report.failed, 0, "cases failed");
    assert!(report.passed > 0, "{path} has no cases");
}

/// Corners of the format that no peer's case visits, as the runner reads them
#[test]
fn corners_of_the_format() {
    let report = Report::of(include_str!("conformance/corners.jsonl"));
    assert_eq!(report.failed, 0, "{report}");
}

/// A line of a file, judged
#[derive(Debug)]
struct Judged {
    /// `None` if the line is not a case
    case: Option<Case>,
    verdict: Verdict,
}

fn judge(line: &str) -> Judged {
    match Case::parse(line) {
        Ok(case) => {
            let verdict = catch_unwind(|| runner::run(&case))
                .unwrap_or_else(|_| Verdict::Failed { at: None, why: "it panics".into() });
            Judged { case: Some(case), verdict }
        }
        Err(why) => {
            let why = format!("malformed case: {why}");
            Judged { case: None, verdict: Verdict::Failed { at: None, why } }
        }
    }
}

/// A case of a /29 that reserves its ends, with these further fields and operations
fn small(fields: &str, ops: &str) -> String {
    format!(
        r#"{{"id": "x", "source": "here", "class": "derived", "subnet": "10.0.0.0/29",
            "reserved": ["10.0.0.0", "10.0.0.7"], {fields} "ops": [{ops}]}}"#
    )
    .replace('\n', "")
}

fn failure(line: &str) -> String {
    match judge(line).verdict {
        Verdict::Failed { why, .. } => why,
        other => panic!("{line}: {other:?}"),
    }
}

#[test]
fn a_wrong_expectation_fails() {
    let lowest = r#""policy": "lowest","#;
    let wrong = [
        r#"{"op": "assign", "count": 1, "expect": "ok:10.0.0.2"}"#,
        r#"{"op": "assign", "count": 2, "expect": "ok:10.0.0.2,10.0.0.1"}"#,
        r#"{"op": "assign", "count": 2, "expect": "ok:*3"}"#,
        r#"{"op": "assign", "addr": "10.0.0.7", "expect": "err:network_address"}"#,
        r#"{"op": "assign", "addr": "10.0.0.3", "expect": "err:in_use"}"#,
        r#"{"op": "release", "addr": "10.0.0.3", "expect": "noop"}"#,
        r#"{"op": "free", "expect": "7"}"#,
        r#"{"op": "has", "addr": "10.0.0.1", "expect": "true"}"#,
        r#"{"op": "free_ranges", "expect": "ok:10.0.0.1-10.0.0.5"}"#,
    ];
    for op in wrong {
        assert!(failure(&small(lowest, op)).starts_with("expected "), "{op}");
    }
}

#[test]
fn a_case_that_is_not_understood_fails() {
    let op = r#"{"op": "free", "expect": "6"}"#;
    assert!(matches!(judge(&small(r#""policy": "any","#, op)).verdict, Verdict::Passed));
    let not_understood = [
        (small(r#""policy": "any", "colour": 1,"#, op), "unknown field `colour`"),
        (small(r#""policy": "highest","#, op), "unknown policy `highest`"),
        (small("", op), "no `policy`"),
        (
            small(r#""policy": "any","#, r#"{"op": "defragment", "expect": "ok"}"#),
            "unknown operation",
        ),
        (small(r#""policy": "any","#, r#"{"op": "free"}"#), "no `expect`"),
        (
            small(r#""policy": "any","#, r#"{"op": "free", "of": 1, "expect": "6"}"#),
            "operation `free`: unknown field `of`",
        ),
        (
            small(r#""policy": "next", "colour": 1,"#, r#"{"op": "tick", "expect": "ok"}"#),
            "unknown field `colour`",
        ),
        ("{".into(), "EOF"),
    ];
    for (line, why) in not_understood {
        let found = failure(&line);
        assert!(found.contains(why), "{found} instead of {why}");
    }
}

#[test]
fn every_expectation_matters() {
    let peers = include_str!("conformance/cases.jsonl");
    let corners = include_str!("conformance/corners.jsonl");
    for line in peers.lines().chain(corners.lines()) {
        let Judged { case: Some(mut case), verdict: Verdict::Passed } = judge(line) else {
            continue;
        };
        for index in 0..case.ops.len() {
            let expect = std::mem::replace(&mut case.ops[index].expect, "err:never".into());
            let verdict = runner::run(&case);
            assert!(
                matches!(verdict, Verdict::Failed { at: Some(at), .. } if at == index),
                "{} {index}: {verdict:?}",
                case.id
            );
            case.ops[index].expect = expect;
        }
    }
}
