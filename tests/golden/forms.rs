//! The readable forms, which logs and callers keep: JSON of every command, event, error and report, and the
//! one line of each
//!
//! Each line of `tests/golden/json/*.jsonl` is read, and must be written the same; the line of its number in
//! `tests/golden/lines/*.txt` is what it says. A variant without a line fails. `GOLDEN=write` writes the
//! texts anew; JSON is never written anew, as it is kept by others.

use std::collections::BTreeSet;
use std::fmt::{Debug, Display};
use std::fs;
use std::path::{Path, PathBuf};

use ipam_core::event::Assigned;
use ipam_core::reconcile::*;
use ipam_core::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

pub(crate) fn golden(kind: &str, name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(kind).join(name)
}

/// Reads every line of a file, writes it again, and finds nothing changed
pub(crate) fn read<T: DeserializeOwned + Serialize + PartialEq + Debug>(name: &str) -> Vec<T> {
    let text = fs::read_to_string(golden("json", &format!("{name}.jsonl"))).unwrap();
    let lines = (1..).zip(text.lines()).map(|(number, line): (u32, _)| {
        let read: T = serde_json::from_str(line)
            .unwrap_or_else(|error| panic!("{name}, line {number}: {error}: {line}"));
        assert_eq!(serde_json::to_string(&read).unwrap(), line, "{name}, line {number}");
        read
    });
    lines.collect()
}

/// The same, of what has a line of its own
fn said<T: DeserializeOwned + Serialize + PartialEq + Debug + Display>(name: &str) -> Vec<T> {
    let all = read::<T>(name);
    let mut text = String::new();
    for of in &all {
        let line = of.to_string();
        assert!(!line.is_empty() && !line.chars().any(char::is_control), "{line:?}");
        assert_eq!(line.trim(), line);
        text.push_str(&line);
        text.push('\n');
    }
    let path = golden("lines", &format!("{name}.txt"));
    if std::env::var_os("GOLDEN").is_some() {
        fs::write(&path, &text).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), text, "{name}: a line is said otherwise");
    all
}

/// The variants of an enum, as a reader that knows none of them is told
pub(crate) fn variants<T: DeserializeOwned + Debug>() -> BTreeSet<String> {
    let told = serde_json::from_str::<T>("\"\"").unwrap_err().to_string();
    let (_, expected) = told.split_once("expected").unwrap();
    expected.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Every variant is there
pub(crate) fn complete<T: DeserializeOwned + Serialize + Debug>(all: &[T]) {
    let found: BTreeSet<String> = all
        .iter()
        .map(|of| match serde_json::to_value(of).unwrap() {
            Value::String(name) => name,
            Value::Object(fields) => fields.keys().next().unwrap().clone(),
            other => panic!("{other}"),
        })
        .collect();
    let known = variants::<T>();
    let missing: Vec<_> = known.difference(&found).collect();
    assert!(missing.is_empty(), "without a line: {missing:?}");
    assert_eq!(known, found);
}

#[test]
fn commands() {
    complete(&said::<Command>("commands"));
}

#[test]
fn changes() {
    complete(&said::<Change>("changes"));
}

#[test]
fn events() {
    let all = said::<Event>("events");
    assert!(all.iter().any(|event| event.changes().len() > 1));
}

#[test]
fn refusals() {
    complete(&said::<Error>("errors"));
    complete(&said::<Cause>("causes"));
    complete(&said::<Modifier>("modifiers"));
    said::<BatchError>("batch_errors");
}

#[test]
fn refusals_of_bytes() {
    complete(&said::<DecodeError>("decode_errors"));
    complete(&said::<DecodeLimit>("decode_limits"));
    complete(&said::<Flaw>("flaws"));
}

#[test]
fn impacts() {
    complete(&said::<Finding>("findings"));
    said::<Impact>("impacts");
}

#[test]
fn differences_and_plans() {
    complete(&said::<Difference>("differences"));
    complete(&said::<Standing>("standings"));
    let plans = read::<Plan>("plans");
    assert!(plans.iter().any(|plan| !plan.steps.is_empty()));
    let observed = read::<Observed>("observed");
    complete(&observed.into_iter().map(|of| of.scope).collect::<Vec<_>>());
    read::<Terms>("terms");
    read::<Sightings>("sightings");
}

#[test]
fn refusals_of_events() {
    complete(&said::<ApplyError>("apply_errors"));
    complete(&said::<Contradiction>("contradictions"));
}

#[test]
fn refusals_of_a_pipeline() {
    complete(&said::<Undecided>("undecided"));
    complete(&said::<ConfirmError>("confirm_errors"));
}

#[test]
fn reports() {
    read::<Decision>("decisions");
    read::<Decided>("decided");
    read::<Usage>("usages");
    read::<Explanation>("explanations");
    read::<SubnetInfo>("subnets");
    read::<InterfaceInfo>("interfaces");
    read::<Assignment>("assignments");
    read::<AssignedPrefix>("prefixes");
    read::<FreeBlocks>("free_blocks");
    read::<Holder>("holders");
    read::<Resting>("resting");
    complete(&read::<Due>("due"));
    let tasks = read::<TaskInfo>("tasks");
    complete(&tasks.into_iter().map(|task| task.state).collect::<Vec<_>>());
}

/// A log is no place for a million addresses
#[test]
fn a_line_is_cut_short_however_much_it_says() {
    let addresses = |count: u32| (0..count).map(|of| std::net::Ipv4Addr::from(of * 2));
    let unassign = |count| Command::from(Unassign::new("eni-1".parse().unwrap(), addresses(count)));
    let nine = "unassign 0.0.0.0, 0.0.0.2, 0.0.0.4, 0.0.0.6, 0.0.0.8, 0.0.0.10, 0.0.0.12, 0.0.0.14";
    assert_eq!(unassign(8).to_string(), format!("{nine} from eni-1"));
    assert_eq!(unassign(9).to_string(), format!("{nine} and 1 more from eni-1"));
    assert_eq!(unassign(0).to_string(), "unassign nothing from eni-1");
    let change = Change::Assigned(Assigned {
        interface: "eni-1".parse().unwrap(),
        subnet: "subnet-1".parse().unwrap(),
        addresses: addresses(100_000).map(std::net::IpAddr::from).collect(),
    });
    assert!(change.to_string().ends_with("0.0.0.14 and 99992 more (subnet-1)"));
    let list = |count| addresses(count).map(std::net::IpAddr::from).collect::<AddrList>();
    let difference = Difference::HoldSeen {
        task: "7".parse().unwrap(),
        interface: "eni-1".parse().unwrap(),
        seen: list(9),
        unseen: list(1_000),
        overdue: false,
    };
    let line = difference.to_string();
    let seen = "`0.0.0.14` and 1 more of task `7` was seen on interface `eni-1`, and `0.0.0.0`, ";
    assert!(line.contains(seen), "{line}");
    assert!(line.ends_with("`0.0.0.14` and 992 more was not"), "{line}");
    let refusal = |number| json!({"subnet": format!("subnet-{number}"), "error": "NothingAsked"});
    let refusals: Vec<Value> = (1..=1_000).map(refusal).collect();
    let refused: Error =
        serde_json::from_value(json!({"NoSubnetCan": {"refusals": refusals}})).unwrap();
    let line = refused.to_string();
    let why = "the request names no addresses, no prefixes and no count";
    let eight = [why; 8].join("; ");
    assert_eq!(
        line,
        format!("none of 1000 subnets can satisfy the request: {eight}; and 992 more")
    );
}

/// A command inside another is said
#[test]
fn what_is_done_once_is_said() {
    let once = Once::new("token-1".parse().unwrap(), Timestamp::ZERO, Command::Sweep).unwrap();
    assert_eq!(once.to_string(), "once under token token-1 until 0 ms: sweep");
}

/// Commands that are done once inside each other, so many, as text
fn nested(depth: usize) -> String {
    let open = r#"{"Once":{"token":"t","until":0,"command":"#;
    format!("{}\"Sweep\"{}", open.repeat(depth), "}}".repeat(depth))
}

#[test]
fn a_once_inside_another_is_not_read() {
    let one: Command = serde_json::from_str(&nested(1)).unwrap();
    let Command::Once(once) = &one else { panic!("{one:?}") };
    assert_eq!(once.command(), &Command::Sweep);
    let why = "a `Once` cannot contain another `Once` at line 1 column 49";
    assert_eq!(serde_json::from_str::<Command>(&nested(2)).unwrap_err().to_string(), why);
}

/// Each level was once a stack frame of whatever read, cloned, compared or dropped it
#[test]
fn nested_onces_are_not_read_however_deep() {
    const DEPTH: usize = 50_000;
    let refused = |depth| serde_json::from_str::<Command>(&nested(depth)).unwrap_err().to_string();
    assert_eq!(refused(DEPTH), refused(2));

    // A reader with no limit of its own to how deep it goes
    let mut all = json!("Sweep");
    for _ in 0..DEPTH {
        let (token, until) = (("token".into(), json!("t")), ("until".into(), json!(0)));
        let once = Map::from_iter([token, until, ("command".into(), all)]);
        all = Value::Object(Map::from_iter([("Once".into(), Value::Object(once))]));
    }
    let read = Command::deserialize(&all);
    assert_eq!(read.unwrap_err().to_string(), NestedOnce.to_string());
    // To drop it whole would be as deep.
    while let Some(inner) = all.pointer_mut("/Once/command") {
        all = inner.take();
    }
}

/// Readable forms tell what is public, and nothing of how it is kept
#[test]
fn what_may_be_left_out_may_be_left_out() {
    let short = r#"{"Assign":{"interface":"eni-1","vpc":null,"pick":{"count":2},"reassign":false,"hold":null}}"#;
    let read: Command = serde_json::from_str(short).unwrap();
    assert_eq!(read, Assign::new("eni-1".parse().unwrap(), Pick::any(2)).into());
    let unknown = short.replace("\"count\"", "\"cuont\"");
    assert!(serde_json::from_str::<Command>(&unknown).is_err());
}
