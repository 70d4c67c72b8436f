//! The calls as the 2017 API (v2) documents them

mod assign;
mod codes;
mod migrate;
mod task;
mod unassign;

use super::*;
use ipam_core::provider::tencent::v2::{Code, Refusal, Reply};

/// The pairs of a form; no value here needs decoding
fn pairs(form: &str) -> impl Iterator<Item = (&str, &str)> {
    form.split('&').filter_map(|pair| pair.split_once('='))
}

/// The reply to a request that comes to a command
fn reply_to(engine: &mut Engine, command: Result<Command, Refusal>) -> Value {
    let execute = |command| engine.execute(NOW, &command).map_err(Refusal::from);
    serde_json::to_value(Reply::new(command.and_then(execute).as_ref())).unwrap()
}

/// The message of a reply that is a refusal with this code
fn message(reply: &Value, code: Code) -> String {
    let message = reply["message"].as_str().unwrap().to_owned();
    let whole = json!({"code": code.number(), "message": message, "codeDesc": code.as_str()});
    assert_eq!(*reply, whole);
    message
}

/// The reply of a task that the engine's last event is
fn of_last_event(engine: &Engine) -> Value {
    let data = json!({"taskId": engine.revision().get()});
    json!({"code": 0, "message": "", "codeDesc": "Success", "data": data})
}
