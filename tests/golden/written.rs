//! JSON that people write: what a constructor defaults may be left out, and what is unknown is refused by name

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::path::Path;
use std::{fs, str};

use ipam_core::*;
use serde::de::{Deserialize, Deserializer, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::{Value, json};

use crate::forms::{complete, golden};

fn read(text: &str) -> Command {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn net<N: str::FromStr<Err: std::fmt::Debug>>(text: &str) -> N {
    text.parse().unwrap()
}

/// Every command as its constructor gives it, beside the shortest JSON that says the same
fn shortest() -> Vec<(&'static str, Command)> {
    let (a, b) = ("a".parse().unwrap(), "b".parse().unwrap());
    let (v, s) = ("v".parse().unwrap(), "s".parse().unwrap());
    let nine: IpAddr = net("10.0.0.9");
    let range = AddrRange::new(nine, nine).unwrap();
    let (task, prefix) = (Task::new(Revision::new(7), 0), || [net("10.0.0.16/28")]);
    let hold = Hold::until(Timestamp::from_millis(5));
    let token = "t".parse().unwrap();
    let once = Once::new(token, Timestamp::from_millis(5), DeleteVpc::new(v)).unwrap();
    vec![
        (r#"{"CreateVpc":{"vpc":"v"}}"#, CreateVpc::new(v).into()),
        (r#"{"DeleteVpc":{"vpc":"v"}}"#, DeleteVpc::new(v).into()),
        (
            r#"{"CreateSubnet":{"subnet":"s","vpc":"v","profile":"AWS"}}"#,
            CreateSubnet::new(s, v, Profile::AWS).into(),
        ),
        (r#"{"DeleteSubnet":{"subnet":"s"}}"#, DeleteSubnet::new(s).into()),
        (r#"{"Reshape":{"subnet":"s"}}"#, Reshape::new(s).into()),
        (
            r#"{"Reshape":{"subnet":"s","profile":"PLAIN"}}"#,
            Reshape::new(s).profile(Profile::PLAIN).into(),
        ),
        (
            r#"{"CreateInterface":{"interface":"a","subnet":"s"}}"#,
            CreateInterface::new(a, s).into(),
        ),
        (r#"{"DeleteInterface":{"interface":"a"}}"#, DeleteInterface::new(a).into()),
        (
            r#"{"SetStatus":{"interface":"a","status":"InUse"}}"#,
            SetStatus::new(a, Status::InUse).into(),
        ),
        (r#"{"SetQuota":{"interface":"a","quota":null}}"#, SetQuota::new(a, None).into()),
        (
            r#"{"ReserveRange":{"subnet":"s","range":{"first":"10.0.0.9","last":"10.0.0.9"}}}"#,
            ReserveRange::new(s, range).into(),
        ),
        (
            r#"{"ReleaseRange":{"subnet":"s","range":{"first":"10.0.0.9","last":"10.0.0.9"}}}"#,
            ReleaseRange::new(s, range).into(),
        ),
        (r#"{"SetIndices":{"subnet":"s","indices":{}}}"#, SetIndices::new(s, Indices::NONE).into()),
        (r#"{"SetPolicy":{"subnet":"s","policy":"Next"}}"#, SetPolicy::new(s, Policy::Next).into()),
        (r#"{"SetCursor":{"subnet":"s","address":"10.0.0.9"}}"#, SetCursor::new(s, nine).into()),
        (r#"{"Assign":{"interface":"a","pick":{"count":1}}}"#, Assign::new(a, Pick::any(1)).into()),
        (
            r#"{"Assign":{"interface":"a","pick":{"list":[{"address":"10.0.0.9"}]}}}"#,
            Assign::new(a, Pick::these([nine])).into(),
        ),
        (
            r#"{"Assign":{"interface":"a","pick":{"prefixes":[{"Any":{"prefix_len":28,"count":2}}]}}}"#,
            Assign::new(a, Pick::any_prefixes(28, 2)).into(),
        ),
        (
            r#"{"Assign":{"interface":"a","pick":{"count":1},"hold":{"until":5}}}"#,
            Assign::new(a, Pick::any(1)).hold(hold).into(),
        ),
        (r#"{"EnsureCount":{"interface":"a","count":3}}"#, EnsureCount::at_least(a, 3).into()),
        (
            r#"{"Adopt":{"interface":"a","addresses":[{"address":"10.0.0.9"}]}}"#,
            Adopt::new(a, [nine]).into(),
        ),
        (
            r#"{"Unassign":{"interface":"a","addresses":["10.0.0.9"]}}"#,
            Unassign::new(a, [nine]).into(),
        ),
        (
            r#"{"Unassign":{"interface":"a","prefixes":["10.0.0.16/28"]}}"#,
            Unassign::only_prefixes(a, prefix()).into(),
        ),
        (
            r#"{"Move":{"from":"a","to":"b","addresses":["10.0.0.9"]}}"#,
            Move::new(a, b, [nine]).into(),
        ),
        (
            r#"{"Move":{"from":"a","to":"b","prefixes":["10.0.0.16/28"]}}"#,
            Move::new::<IpAddr>(a, b, []).and_prefixes(prefix()).into(),
        ),
        (
            r#"{"ReplacePrimary":{"interface":"a","primary":{"Named":"10.0.0.9"}}}"#,
            ReplacePrimary::with(a, nine).into(),
        ),
        (
            r#"{"ReplacePrimary":{"interface":"a","family":"V6"}}"#,
            ReplacePrimary::with_any(a, Family::V6).into(),
        ),
        (r#"{"Confirm":{"task":{"revision":7}}}"#, Confirm::new(task).into()),
        (r#"{"Cancel":{"task":{"revision":7}}}"#, Cancel::new(task).into()),
        (
            r#"{"Resolve":{"task":{"revision":7},"observed":["10.0.0.9"]}}"#,
            Resolve::new(task, [nine]).into(),
        ),
        (r#"{"SetLimits":{"limits":{}}}"#, SetLimits::new(Limits::DEFAULT).into()),
        (r#"{"Once":{"token":"t","until":5,"command":{"DeleteVpc":{"vpc":"v"}}}}"#, once.into()),
        (r#""Sweep""#, Command::Sweep),
    ]
}

/// Every object in a value, by its JSON pointer, but for those in which an enum wraps a variant
fn structs(value: &Value) -> Vec<String> {
    fn walk(value: &Value, path: &str, found: &mut Vec<String>) {
        match value {
            Value::Object(fields) => {
                if !fields.keys().any(|name| name.starts_with(char::is_uppercase)) {
                    found.push(path.to_owned());
                }
                fields
                    .iter()
                    .for_each(|(name, value)| walk(value, &format!("{path}/{name}"), found));
            }
            Value::Array(items) => (0..)
                .zip(items)
                .for_each(|(index, item): (u32, _)| walk(item, &format!("{path}/{index}"), found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk(value, "", &mut found);
    found
}

/// What is left of a value without one field
fn without(value: &Value, object: &str, field: &str) -> Value {
    let mut left = value.clone();
    left.pointer_mut(object).unwrap().as_object_mut().unwrap().remove(field).unwrap();
    left
}

fn fields(value: &Value, object: &str) -> Vec<String> {
    value.pointer(object).unwrap().as_object().unwrap().keys().cloned().collect()
}

#[test]
fn the_shortest_form_of_every_command_is_what_its_constructor_gives() {
    let all = shortest();
    for (text, command) in &all {
        assert_eq!(&read(text), command, "{text}");
        // It is the shortest.
        let value: Value = serde_json::from_str(text).unwrap();
        for object in structs(&value) {
            for field in fields(&value, &object) {
                let less = serde_json::from_value::<Command>(without(&value, &object, &field));
                assert_ne!(less.ok().as_ref(), Some(command), "{text} without {field}");
            }
        }
    }
    complete(&all.into_iter().map(|(_, command)| command).collect::<Vec<_>>());
}

/// Whatever may be left out of a command that its constructor has made is what the constructor gives
#[test]
fn a_field_that_is_left_out_has_the_constructors_default() {
    let mut left_out = BTreeSet::new();
    for (text, command) in shortest() {
        let full = serde_json::to_value(&command).unwrap();
        for object in structs(&full).into_iter().filter(|object| !object.contains("/profile")) {
            for field in fields(&full, &object) {
                let less = serde_json::from_value::<Command>(without(&full, &object, &field));
                match less {
                    // The text says it, so it is no default here.
                    Ok(_) if text.contains(&format!("\"{field}\"")) => {}
                    Ok(less) => {
                        assert_eq!(less, command, "{text} without {object}/{field}");
                        left_out.insert(field);
                    }
                    Err(error) => {
                        let missing = format!("missing field `{field}`");
                        assert!(error.to_string().starts_with(&missing), "{error}: {text}");
                        assert!(text.contains(&format!("\"{field}\":")), "{text} without {field}");
                    }
                }
            }
        }
    }
    assert_eq!(left_out.len(), 42, "{left_out:?}");
}

/// Every command of the golden file, which has every field and nearly every variant
fn golden_commands() -> Vec<Value> {
    let text = fs::read_to_string(golden("json", "commands.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn an_unknown_field_of_any_command_is_refused_by_name() {
    for command in golden_commands() {
        for object in structs(&command) {
            let mut wrong = command.clone();
            let fields = wrong.pointer_mut(&object).unwrap().as_object_mut().unwrap();
            fields.insert("cuont".to_owned(), json!(null));
            let refused = serde_json::from_value::<Command>(wrong).unwrap_err().to_string();
            assert!(
                refused.starts_with("unknown field `cuont`"),
                "{refused}: {object} of {command}"
            );
        }
    }
}

/// Changes each word that starts with a capital letter, which names a variant, and returns each result
fn misnamed(value: &Value) -> Vec<Value> {
    match value {
        Value::String(name) if name.starts_with(char::is_uppercase) => vec![json!("Misnamed")],
        Value::Array(items) => {
            let changed = |(index, item): (usize, &Value)| {
                let put = move |item| {
                    let mut items = items.clone();
                    *items.get_mut(index).unwrap() = item;
                    Value::Array(items)
                };
                misnamed(item).into_iter().map(put).collect::<Vec<_>>()
            };
            items.iter().enumerate().flat_map(changed).collect()
        }
        Value::Object(fields) => {
            let mut all = Vec::new();
            for (name, value) in fields {
                for value in misnamed(value) {
                    let mut fields = fields.clone();
                    fields.insert(name.clone(), value);
                    all.push(Value::Object(fields));
                }
                if name.starts_with(char::is_uppercase) {
                    all.push(json!({ "Misnamed": value }));
                }
            }
            all
        }
        _ => Vec::new(),
    }
}

#[test]
fn an_unknown_variant_in_any_command_is_refused_by_name() {
    let mut wrong = 0;
    for command in golden_commands().iter().flat_map(misnamed) {
        let refused = serde_json::from_value::<Command>(command.clone()).unwrap_err().to_string();
        assert!(refused.starts_with("unknown variant `Misnamed`"), "{refused}: {command}");
        wrong += 1;
    }
    assert!(wrong > 150, "{wrong}");
}

fn profile(text: &str) -> Result<Profile, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

/// The names of the presets, as the sources declare them
#[test]
fn every_preset_is_read_by_its_name() {
    let mut names = BTreeSet::new();
    for file in
        fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules/presets")).unwrap()
    {
        let source = fs::read_to_string(file.unwrap().path()).unwrap();
        let declared = source.split("pub const ").skip(1).map(|at| at.split(':').next().unwrap());
        names.extend(declared.map(str::to_owned));
    }
    let refused = profile("\"NOBODY\"").unwrap_err();
    assert!(refused.starts_with("unknown variant `NOBODY`"), "{refused}");
    let (_, known) = refused.split_once("expected").unwrap();
    assert_eq!(
        known.split('`').skip(1).step_by(2).map(str::to_owned).collect::<BTreeSet<_>>(),
        names
    );
    for name in names {
        let preset = profile(&format!("\"{name}\"")).unwrap();
        assert_eq!(profile(&format!("{{\"preset\":\"{name}\"}}")), Ok(preset));
        // What is written has every field, and is read as it is.
        assert_eq!(profile(&serde_json::to_string(&preset).unwrap()), Ok(preset));
    }
    assert_eq!(profile("\"AWS\""), Ok(Profile::AWS));
    assert_eq!(profile("\"GCP_ALIAS\""), Ok(Profile::GCP_ALIAS));
}

#[test]
fn a_presets_name_with_what_differs() {
    let text = r#"{"v4":{"first":5,"gateway":"None"},"preset":"AWS","one_task":true,
        "quota":{"per_family":false},"quarantine":{"millis":30000}}"#;
    let mut expected = Profile::AWS.quarantine(Quarantine::for_millis(30_000));
    expected.v4.first = 5;
    expected.v4.gateway = Gateway::None;
    expected.one_task = true;
    expected.quota.per_family = false;
    assert_eq!(profile(text), Ok(expected));
    let refused = |text| profile(text).unwrap_err();
    assert!(refused(r#"{"preset":"AWSS"}"#).starts_with("unknown variant `AWSS`, expected one of"));
    assert!(refused(r#"{"preset":"AWS","v5":{}}"#).starts_with("unknown field `v5`"));
    assert!(refused(r#"{"preset":"AWS","v4":{"frist":1}}"#).starts_with("unknown field `frist`"));
    assert!(refused("{}").starts_with("missing field `v4`"));
    assert!(refused("7").contains("a profile: the name of a preset, or an object"));
}

/// Each field of each preset can differ by itself, and differs from nothing else
#[test]
fn any_field_may_differ_alone() {
    let [aws, plain] = [Profile::AWS, Profile::TENCENT].map(|of| serde_json::to_value(of).unwrap());
    for object in structs(&plain) {
        for field in fields(&plain, &object) {
            let at = format!("{object}/{field}");
            let differing = plain.pointer(&at).unwrap();
            let mut expected = aws.clone();
            *expected.pointer_mut(&at).unwrap() = differing.clone();
            let inner = json!({ field.clone(): differing });
            let mut said = match object.strip_prefix('/') {
                Some(outer) => json!({ outer: inner }),
                None => inner,
            };
            said.as_object_mut().unwrap().insert("preset".to_owned(), json!("AWS"));
            let read: Profile = serde_json::from_value(said).unwrap();
            assert_eq!(serde_json::to_value(read).unwrap(), expected, "{at}");
        }
    }
}

/// Without a preset a family's rules are open where nothing is said, and a quarantine is for everybody
#[test]
fn a_profile_in_full() {
    let mut all = serde_json::to_value(Profile::PLAIN).unwrap();
    for (field, part) in
        [("v4", json!({"first": 2})), ("v6", json!({})), ("quarantine", json!({"millis": 5}))]
    {
        all.as_object_mut().unwrap().insert(field.to_owned(), part);
    }
    let mut expected = Profile::PLAIN.quarantine(Quarantine::for_millis(5));
    expected.v4 = FamilyRules::open(Family::V4);
    expected.v4.first = 2;
    expected.v6 = FamilyRules::open(Family::V6);
    assert_eq!(serde_json::from_value::<Profile>(all.clone()).unwrap(), expected);
    for field in fields(&all, "") {
        let refused = serde_json::from_value::<Profile>(without(&all, "", &field)).unwrap_err();
        assert_eq!(refused.to_string(), format!("missing field `{field}`"));
    }
}

/// A value in a format that is not readable, at its top
struct Compact(Value);

impl<'de> Deserializer<'de> for Compact {
    type Error = serde_json::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        self.0.deserialize_any(visitor)
    }

    fn is_human_readable(&self) -> bool {
        false
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// Formats without names have every field in its place, as `Serialize` writes it
#[test]
fn formats_that_are_not_readable_have_every_field() {
    let named = serde_json::to_value(Profile::TENCENT).unwrap();
    let order = [
        "v4",
        "v6",
        "list_and_count",
        "own_address",
        "free_address",
        "assign_primary",
        "unassign_primary",
        "quota",
        "assign_in",
        "quarantine",
        "replace_primary",
        "one_task",
    ];
    let placed = order.map(|field| named.get(field).unwrap().clone()).to_vec();
    for value in [named, Value::Array(placed)] {
        assert_eq!(Profile::deserialize(Compact(value)).unwrap(), Profile::TENCENT);
    }
    let preset = Profile::deserialize(Compact(json!({"preset": "AWS"}))).unwrap_err();
    assert!(preset.to_string().starts_with("unknown field `preset`"), "{preset}");

    let hold: Hold = serde_json::from_value(json!([5, "Unknown", 6, null])).unwrap();
    let until = Timestamp::from_millis(5);
    assert_eq!(hold, Hold::until(until).then_unknown().kept_until(until.after(1)));
    let placed = json!(["a", null, "V4", {"Named": "10.0.0.9"}, "Release", false]);
    let replace: ReplacePrimary = serde_json::from_value(placed).unwrap();
    assert_eq!(replace, ReplacePrimary::with("a".parse().unwrap(), net::<IpAddr>("10.0.0.9")));
}
