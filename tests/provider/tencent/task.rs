//! What is made of the tasks of a request

use super::*;
use ipam_core::provider::tencent::{TaskResult, TaskStatus};

/// A task of `eni-2` that held two addresses, in this state
fn task(revision: u64, state: Value) -> TaskInfo {
    let info = json!({
        "task": {"revision": revision, "index": 0},
        "interface": "eni-2",
        "subnet": "subnet-1",
        "addresses": serde_json::to_value(two()).unwrap(),
        "state": state,
        "keep_until": 1000,
        "request": null,
    });
    serde_json::from_value(info).unwrap()
}

fn two() -> AddrList {
    let addresses = ["10.0.0.2", "10.0.0.3"].map(|text| text.parse::<std::net::IpAddr>().unwrap());
    addresses.into_iter().collect()
}

fn failed(failure: &str, reason: Option<&str>) -> Value {
    let kept = serde_json::to_value(AddrList::new()).unwrap();
    json!({"Failed": {"failure": failure, "reason": reason, "kept": kept}})
}

#[test]
fn one_task() {
    for (state, status, message) in [
        (json!("Succeeded"), TaskStatus::Success, ""),
        (json!({"Running": {"until": 5}}), TaskStatus::Running, ""),
        (
            json!({"Unknown": {"since": 5}}),
            TaskStatus::Running,
            "task `7`: its time was up at 5 ms, what came of it is not known yet",
        ),
        (json!({"Expired": {"at": 5}}), TaskStatus::Failed, "task `7`: its time was up at 5 ms"),
        (failed("Cancelled", None), TaskStatus::Failed, "task `7`: it was cancelled"),
        (
            failed("Cancelled", Some("quota")),
            TaskStatus::Failed,
            "task `7`: it was cancelled, `quota`",
        ),
        (
            failed("InterfaceDeleted", None),
            TaskStatus::Failed,
            "task `7`: interface `eni-2` was deleted",
        ),
        (
            failed("NotObserved", None),
            TaskStatus::Failed,
            "task `7`: 0 of 2 addresses were observed",
        ),
    ] {
        let result = TaskResult::of([task(7, state)]).unwrap();
        assert_eq!((result.status(), result.message()), (status, message));
    }
}

#[test]
fn several_tasks() {
    let (done, runs) = (|| json!("Succeeded"), || json!({"Running": {"until": 5}}));
    let fails = || json!({"Expired": {"at": 5}});
    for (states, status) in [
        (vec![done(), done()], TaskStatus::Success),
        (vec![done(), runs()], TaskStatus::Running),
        (vec![runs(), fails(), done()], TaskStatus::Failed),
        (vec![json!({"Unknown": {"since": 5}}), done()], TaskStatus::Running),
    ] {
        let tasks = states.into_iter().map(|state| task(7, state));
        assert_eq!(TaskResult::of(tasks).unwrap().status(), status);
    }
    assert_eq!(TaskResult::of([]), None);
    assert_eq!(TaskResult::of([task(7, done())]), Some(TaskResult::DONE));
    let many = TaskResult::of((0..100).map(|n| task(n, fails()))).unwrap();
    assert!(many.message().ends_with("; and 92 more"), "{}", many.message());
}

#[test]
fn words_and_numbers() {
    let all = [TaskStatus::Success, TaskStatus::Failed, TaskStatus::Running];
    assert_eq!(all.map(TaskStatus::as_str), ["SUCCESS", "FAILED", "RUNNING"]);
    assert_eq!(all.map(TaskStatus::number), [0, 1, 2]);
}
