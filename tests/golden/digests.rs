//! Digests of requests and histories: their values, and that each field counts

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;

use ipam_core::{Change, Command, Event};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::forms::{golden, read, variants};

/// Fields of commands that are no part of the request: a retry may have its own
const APART: [&str; 4] = ["until", "keep_until", "reason", "request"];

/// Values of many kinds: where a field may have one, it is put there
fn candidates(before: &Value) -> Vec<Value> {
    let mut all = vec![
        Value::Null,
        json!(true),
        json!(false),
        json!(1),
        json!(5),
        json!("other"),
        json!("10.0.0.77"),
        json!("2001:db8::77"),
        json!("10.77.0.0/16"),
        json!("2001:db8:77::/56"),
        json!({"first": "10.0.0.70", "last": "10.0.0.79"}),
        json!({"revision": 77, "index": 7}),
        json!([]),
        json!(["10.0.0.77"]),
        json!(["10.77.0.0/16"]),
        json!([{"first": "10.0.0.70", "last": "10.0.0.79"}]),
        json!([{"address": "10.0.0.77", "primary": true}]),
        json!([{"Named": "10.77.0.0/16"}]),
        json!({"until": 7, "expiry": "Unknown", "keep_until": 9, "request": null}),
        json!({"Subnet": "other"}),
        json!({"Each": ["other"]}),
        json!({"First": ["other"]}),
        json!({"Named": "10.0.0.77"}),
        json!({"Named": "2001:db8::77"}),
        json!({"Set": "10.77.0.0/16"}),
        json!({"Set": "2001:db8:77::/56"}),
        json!({"From": {"offset": "77"}}),
        json!({"Random": {"seed": 77}}),
        json!({"At": "10.0.0.77"}),
        json!({"Offset": 77}),
        json!({"FromLast": 77}),
        json!({"Release": {"rest_millis": 77}}),
        json!("0123456789abcdef"),
    ];
    // Names of choices, as what refuses another names them.
    let choices = [
        "Home",
        "Release",
        "Unknown",
        "Refuse",
        "Ignore",
        "Keep",
        "Withhold",
        "ListWins",
        "Both",
        "Accept",
        "None",
        "Chosen",
        "Absent",
        "Kept",
        "Dropped",
        "Hard",
        "AutoOnly",
        "PrefixOnly",
        "V4",
        "V6",
        "Lowest",
        "Next",
        "LongestReleased",
        "Dense",
        "Sparse",
        "Creating",
        "InUse",
        "Cancelled",
        "InterfaceDeleted",
        "NotObserved",
        "Succeeded",
    ];
    all.extend(choices.map(|choice| json!(choice)));
    all.retain(|value| value != before);
    all
}

/// The path of every value within a value
fn leaves(of: &Value, path: &str, found: &mut Vec<String>) {
    found.push(path.to_owned());
    match of {
        Value::Object(fields) => {
            fields.iter().for_each(|(name, value)| leaves(value, &format!("{path}/{name}"), found));
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                leaves(item, &format!("{path}/{index}"), found);
            }
        }
        _ => {}
    }
}

/// What reads otherwise than `form`, with one value within it another: where, and as what
fn varied<T: DeserializeOwned + PartialEq>(form: &Value, read: &T) -> Vec<(String, T)> {
    let mut paths = Vec::new();
    leaves(form, "", &mut paths);
    let mut all = Vec::new();
    for path in paths.into_iter().filter(|path| path.matches('/').count() > 1) {
        let before = form.pointer(&path).unwrap();
        for value in candidates(before) {
            let mut other = form.clone();
            *other.pointer_mut(&path).unwrap() = value;
            if let Ok(other) = serde_json::from_value::<T>(other)
                && other != *read
            {
                all.push((path.clone(), other));
            }
        }
    }
    all
}

/// The fields of each variant that the forms have
fn fields<'a>(forms: impl Iterator<Item = &'a Value>) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for variant in forms.filter_map(Value::as_object) {
        for (name, of) in variant {
            let names = of.as_object().into_iter().flatten().map(|(field, _)| field);
            all.extend(names.map(|field| format!("/{name}/{field}")));
        }
    }
    all
}

/// Field by field: each was varied, and `digest` told each variation from the form, unless it lies in what is apart
fn each_field_counts<T: DeserializeOwned + serde::Serialize + PartialEq + std::fmt::Debug>(
    all: &[T],
    apart: &[&str],
    digest: impl Fn(&T) -> u64,
) {
    let forms: Vec<Value> = all.iter().map(|of| serde_json::to_value(of).unwrap()).collect();
    let mut left = fields(forms.iter());
    let mut seen: BTreeMap<u64, &T> = BTreeMap::new();
    for (form, read) in forms.iter().zip(all) {
        let own = digest(read);
        for (path, other) in varied(form, read) {
            let is_apart = path.split('/').any(|name| apart.contains(&name));
            if is_apart {
                assert_eq!(digest(&other), own, "{path} counts: {other:?}");
            } else if path.ends_with("/hold") && form.pointer(&path).unwrap().is_object() {
                // Another hold may differ in what is apart alone.
            } else {
                assert_ne!(digest(&other), own, "{path} does not count: {other:?} beside {read:?}");
            }
            let field: Vec<&str> = path.split('/').take(3).collect();
            left.remove(&field.join("/"));
        }
        if apart.is_empty() {
            assert!(seen.insert(own, read).is_none_or(|same| same == read), "{read:?}");
        }
    }
    assert!(left.is_empty(), "never varied: {left:?}");
}

/// The digest of every form, which answers that are kept depend on
#[test]
fn digests_of_requests_are_as_ever() {
    let all = read::<Command>("commands");
    let mut text = String::new();
    for command in &all {
        writeln!(text, "{:016x}", command.digest()).unwrap();
    }
    let path = golden("lines", "command_digests.txt");
    if std::env::var_os("GOLDEN").is_some() {
        fs::write(&path, &text).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), text, "a request is known by another digest");
}

#[test]
fn each_field_of_a_command_counts_unless_a_retry_may_have_its_own() {
    let all = read::<Command>("commands");
    assert_eq!(variants::<Command>().len(), 26);
    each_field_counts(&all, &APART, Command::digest);
}

#[test]
fn each_field_of_a_change_counts() {
    let event = |change: &Change| -> Event {
        let zero = "0000000000000000";
        let event = json!({"revision": 1, "at": 0, "parent": zero, "changes": [change]});
        serde_json::from_value(event).unwrap()
    };
    each_field_counts(&read::<Change>("changes"), &[], |change| event(change).digest());
}

#[test]
fn the_revision_the_time_and_what_was_before_count() {
    let event = |revision: u64, at: u64, parent: &str, changes: &[&str]| -> u64 {
        let event = json!({"revision": revision, "at": at, "parent": parent, "changes": changes});
        serde_json::from_value::<Event>(event).unwrap().digest()
    };
    let zero = "0000000000000000";
    let all = [
        event(1, 0, zero, &["Swept"]),
        event(2, 0, zero, &["Swept"]),
        event(1, 1, zero, &["Swept"]),
        event(1, 0, "0000000000000001", &["Swept"]),
        event(1, 0, zero, &["Swept", "Swept"]),
        event(1, 0, zero, &[]),
    ];
    assert_eq!(BTreeSet::from(all).len(), all.len(), "{all:x?}");
}
