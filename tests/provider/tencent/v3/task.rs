//! `DescribeVpcTaskResult`

use super::*;
use ipam_core::provider::tencent::TaskResult;
use ipam_core::provider::tencent::v3::{AssignPrivateIpAddresses, DescribeVpcTaskResult};

type Request = DescribeVpcTaskResult;

fn call(engine: &Engine, at: u64, body: &Value) -> Value {
    let outcome = serde_json::from_value::<Request>(body.clone())
        .map_err(Refusal::unreadable)
        .and_then(|request| request.result(engine, Timestamp::from_millis(at)));
    serde_json::to_value(Reply::task("r-1".parse().unwrap(), outcome.as_ref())).unwrap()
}

fn answer(status: &str, output: &str) -> Value {
    json!({"Response": {"Status": status, "Output": output, "Result": [], "RequestId": "r-1"}})
}

#[test]
fn the_documented_reply() {
    let reply = Reply::task("r-1".parse().unwrap(), Ok(&TaskResult::DONE));
    assert_eq!(
        serde_json::to_string(&reply).unwrap(),
        r#"{"Response":{"Status":"SUCCESS","Output":"SUCCESS","Result":[],"RequestId":"r-1"}}"#
    );
}

#[test]
fn refusals() {
    let engine = engine();
    for (body, code) in [
        (json!({}), Code::MissingParameter),
        (json!({"TaskId": ""}), Code::MissingParameter),
        (json!({"TaskId": 7}), Code::InvalidParameter),
        (json!({"TaskId": "a b"}), Code::Malformed),
        (json!({"TaskId": "t".repeat(65)}), Code::Malformed),
        (json!({"TaskId": "t-1"}), Code::ResourceNotFound),
        (json!(["t-1"]), Code::InvalidParameter),
    ] {
        message(&call(&engine, 0, &body), code);
    }
    let body = json!({"TaskId": "t-1"});
    let unknown = message(&call(&engine, 0, &body), Code::ResourceNotFound);
    assert_eq!(unknown, "no task of request `t-1`");
    assert_eq!(serde_json::to_value(Request::of("t-1")).unwrap(), body);
    assert_eq!(serde_json::from_value::<Request>(body).unwrap(), Request::of("t-1"));
}

/// A hold for the request `t-1`
fn held(engine: &mut Engine, expiry: Expiry) -> Task {
    let mut hold = Hold::until(Timestamp::from_millis(50));
    hold.expiry = expiry;
    let hold = hold.kept_until(Timestamp::from_millis(100)).request("t-1".parse().unwrap());
    let assign = AssignPrivateIpAddresses::any("eni-2", 2).command().unwrap().hold(hold);
    engine.execute(NOW, &assign.into()).unwrap().task().unwrap()
}

#[test]
fn a_hold_runs_then_succeeds_or_fails() {
    let body = json!({"TaskId": "t-1"});
    let mut engine = engine();
    let task = held(&mut engine, Expiry::Release);
    assert_eq!(call(&engine, 49, &body), answer("RUNNING", ""));
    let expired = format!("task `{task}`: its time was up at 50 ms");
    assert_eq!(call(&engine, 50, &body), answer("FAILED", &expired));
    message(&call(&engine, 100, &body), Code::ResourceNotFound);
    let mut confirmed = engine.clone();
    confirmed.execute(NOW, &Confirm::new(task).into()).unwrap();
    assert_eq!(call(&confirmed, 99, &body), answer("SUCCESS", "SUCCESS"));
    engine.execute(NOW, &Cancel::new(task).into()).unwrap();
    let cancelled = format!("task `{task}`: it was cancelled");
    assert_eq!(call(&engine, 1, &body), answer("FAILED", &cancelled));
}

#[test]
fn what_nobody_knows_is_running() {
    let mut engine = engine();
    let task = held(&mut engine, Expiry::Unknown);
    let words =
        format!("task `{task}`: its time was up at 50 ms, what came of it is not known yet");
    assert_eq!(call(&engine, 1000, &json!({"TaskId": "t-1"})), answer("RUNNING", &words));
}

#[test]
fn an_eni_with_a_task_is_left_alone() {
    let mut engine = engine();
    held(&mut engine, Expiry::Release);
    let another = AssignPrivateIpAddresses::any("eni-2", 1).command().unwrap();
    let refusal = Refusal::from(engine.execute(NOW, &another.into()).unwrap_err());
    assert_eq!(refusal.code(), Code::MutexOperationTaskRunning);
}

#[test]
fn a_repeated_request_is_asked_for_by_the_id_of_the_first() {
    let mut engine = engine();
    let request = AssignPrivateIpAddresses::any("eni-2", 1).with_token("c-1");
    let mut ask = |at: u64, id: &str| {
        let now = Timestamp::from_millis(at);
        let hold = Hold::until(now.after(50)).request(id.parse().unwrap());
        let assign = request.command().unwrap().hold(hold);
        let once = request.once(now.after(100), assign).unwrap();
        let decision = engine.execute(now, &once).unwrap();
        let of = engine.at(now).task(decision.task().unwrap()).unwrap().request.unwrap();
        let status = Request::of(of.as_str()).result(&engine, now).unwrap().status();
        (of, status.as_str(), decision.answer().to_string())
    };
    let first = ask(0, "t-1");
    assert_eq!(first.0.as_str(), "t-1");
    assert_eq!(ask(10, "t-2"), first);
}
