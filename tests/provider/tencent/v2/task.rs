//! `DescribeVpcTaskResult`

use super::*;
use ipam_core::provider::tencent::TaskResult;
use ipam_core::provider::tencent::v2::{AssignPrivateIpAddresses, DescribeVpcTaskResult};

type Request = DescribeVpcTaskResult;

fn call(engine: &Engine, now: Timestamp, form: &str) -> Value {
    let outcome = Request::from_pairs(pairs(form)).and_then(|request| request.result(engine, now));
    serde_json::to_value(Reply::task(outcome.as_ref())).unwrap()
}

#[test]
fn the_documented_reply() {
    let reply = Reply::task(Ok(&TaskResult::DONE));
    assert_eq!(
        serde_json::to_string(&reply).unwrap(),
        r#"{"code":0,"message":"","codeDesc":"Success","data":{"status":0}}"#
    );
}

#[test]
fn requests_write_what_they_read() {
    for request in [Request::default(), Request::of(0), Request::of(u64::MAX)] {
        assert_eq!(Request::from_pairs(request.to_pairs()), Ok(request));
    }
}

#[test]
fn refusals() {
    let engine = engine();
    for (form, code) in [
        ("", Code::MissingParameter),
        ("taskId=", Code::InvalidParameter),
        ("taskId=7.1", Code::InvalidParameter),
        ("taskId=7&taskId=8", Code::InvalidParameter),
        ("taskId=1", Code::ResourceNotFound),
        ("taskId=0", Code::ResourceNotFound),
        ("taskId=-1", Code::ResourceNotFound),
        ("taskId=18446744073709551616", Code::ResourceNotFound),
        ("taskId=999999999999999999999999999999999999999999999999", Code::ResourceNotFound),
    ] {
        message(&call(&engine, NOW, form), code);
    }
    assert_eq!(message(&call(&engine, NOW, "taskId=-7"), Code::ResourceNotFound), "no task `-7`");
}

/// A hold of the documented assignment, as task and form to ask for it
fn held(engine: &mut Engine, expiry: Expiry) -> (Task, String) {
    let request = AssignPrivateIpAddresses::any("vpc-7t9nf3pu", "eni-2", 2);
    let mut hold = Hold::until(Timestamp::from_millis(50));
    hold.expiry = expiry;
    let hold = hold.kept_until(Timestamp::from_millis(100));
    let assign = request.command().unwrap().hold(hold);
    let decision = engine.execute(NOW, &assign.into()).unwrap();
    let reply = serde_json::to_value(Reply::new(Ok(&decision))).unwrap();
    (decision.task().unwrap(), format!("taskId={}", reply["data"]["taskId"]))
}

#[test]
fn a_hold_runs_then_succeeds_or_fails() {
    let status = |engine: &Engine, at, form: &str| {
        let reply = call(engine, Timestamp::from_millis(at), form);
        assert_eq!((&reply["code"], &reply["codeDesc"]), (&json!(0), &json!("Success")));
        (reply["data"]["status"].as_u64().unwrap(), reply["message"].as_str().unwrap().to_owned())
    };
    let mut engine = engine();
    let (task, form) = held(&mut engine, Expiry::Release);
    assert_eq!(status(&engine, 49, &form), (2, String::new()));
    let expired = (1, format!("task `{task}`: its time was up at 50 ms"));
    assert_eq!(status(&engine, 50, &form), expired);
    message(&call(&engine, Timestamp::from_millis(100), &form), Code::ResourceNotFound);
    let mut confirmed = engine.clone();
    confirmed.execute(NOW, &Confirm::new(task).into()).unwrap();
    assert_eq!(status(&confirmed, 99, &form), (0, String::new()));
    let cancel = Cancel::new(task).because("no-capacity".parse().unwrap());
    engine.execute(NOW, &cancel.into()).unwrap();
    let cancelled = (1, format!("task `{task}`: it was cancelled, `no-capacity`"));
    assert_eq!(status(&engine, 1, &form), cancelled);
}

#[test]
fn what_nobody_knows_is_in_progress() {
    let mut engine = engine();
    let (_, form) = held(&mut engine, Expiry::Unknown);
    let reply = call(&engine, Timestamp::from_millis(1000), &form);
    assert_eq!(reply["data"]["status"], 2);
    assert!(reply["message"].as_str().unwrap().ends_with("is not known yet"));
}

#[test]
fn an_eni_with_a_task_is_locked() {
    let mut engine = engine();
    held(&mut engine, Expiry::Release);
    let another = AssignPrivateIpAddresses::any("vpc-7t9nf3pu", "eni-2", 1);
    let reply = reply_to(&mut engine, Ok(another.command().unwrap().into()));
    message(&reply, Code::ActionLocked);
}
