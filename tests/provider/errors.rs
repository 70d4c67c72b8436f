//! One engine's error of every sort that a documented call may earn beyond those of an assignment

use ipam_core::*;
use serde_json::{Value, json};

/// By name; addresses at fault are named by their cause
pub(crate) fn errors() -> Vec<(&'static str, Error)> {
    let interface: InterfaceId = "eni-1".parse().unwrap();
    let to: InterfaceId = "eni-2".parse().unwrap();
    let subnet: SubnetId = "subnet-1".parse().unwrap();
    let task = Task::new(Revision::new(7), 0);
    let primary = "10.0.0.9".parse().unwrap();
    let (deadline, now) = (Timestamp::ZERO, Timestamp::from_millis(1));
    let token = "token-1".parse().unwrap();
    let v6 = Family::V6;
    let mut errors = vec![
        ("TaskRunning", Error::TaskRunning { interface, task }),
        ("TaskNotFound", Error::TaskNotFound(task)),
        ("TaskFinished", Error::TaskFinished { task, succeeded: false }),
        ("SameInterface", Error::SameInterface(interface)),
        ("OtherSubnet", Error::OtherSubnet { from: interface, to }),
        ("TokenMismatch", Error::TokenMismatch { token, revision: Revision::new(7) }),
        ("DeadlinePassed", Error::DeadlinePassed { deadline, now }),
        ("OnceWithinOnce", Error::OnceWithinOnce),
        ("NoPrimary", Error::NoPrimary { family: Family::V4 }),
        ("PrimaryFixed", Error::PrimaryFixed { interface, primary }),
        ("FamilyUnsupported", Error::FamilyUnsupported { subnet, family: v6 }),
        (
            "NoRun",
            Error::NoRun {
                subnet,
                family: Family::V4,
                wanted: 3,
                within: None,
                free: 4,
                longest: None,
            },
        ),
        ("TooManyTasks", Error::TooManyTasks { limit: 3 }),
        ("TooManyTokens", Error::TooManyTokens { limit: 3 }),
    ];
    for (name, cause) in [
        ("Held", json!({"Held": {"by": "eni-2"}})),
        ("Quarantined", json!({"Quarantined": {"until": 5}})),
        ("NotAssigned", json!("NotAssigned")),
        ("WrongOwner", json!({"WrongOwner": {"by": "eni-2"}})),
        ("Stale", json!({"Stale": {"generation": 3}})),
        ("IsPrimary", json!("IsPrimary")),
    ] {
        errors.push((name, at_fault(&cause)));
    }
    errors
}

/// The error of one address
fn at_fault(cause: &Value) -> Error {
    let lowest = json!({"index": 0, "address": "10.0.0.9", "cause": cause});
    serde_json::from_value(json!({"Addresses": {"lowest": lowest, "others": []}})).unwrap()
}
