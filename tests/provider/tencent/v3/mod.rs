//! The calls as API 3.0 documents them

mod assign;
mod codes;
mod migrate;
mod modify;
mod task;
mod unassign;

use super::*;
use ipam_core::provider::tencent::v3::{Code, Refusal, Reply};

/// The reply to a request about no more than that it was done, as a controller would answer it
fn done<R: serde::de::DeserializeOwned>(
    engine: &mut Engine,
    body: &Value,
    command: impl FnOnce(&R, &Engine) -> Result<Option<Command>, Refusal>,
) -> Value {
    let outcome = serde_json::from_value::<R>(body.clone())
        .map_err(Refusal::unreadable)
        .and_then(|request| command(&request, engine))
        .and_then(|command| {
            let execute = |command| engine.execute(NOW, &command).map_err(Refusal::from);
            command.map(execute).transpose()
        });
    let reply = Reply::done("r-1".parse().unwrap(), outcome.as_ref());
    assert_eq!(reply.http_status(), 200);
    serde_json::to_value(&reply).unwrap()
}

/// What [`done`] answers of a request that was done
fn success() -> Value {
    json!({"Response": {"RequestId": "r-1"}})
}

/// The message of a reply that is a refusal with this code
fn message(reply: &Value, code: Code) -> String {
    let message = reply["Response"]["Error"]["Message"].as_str();
    let message = message.unwrap_or_else(|| panic!("{reply}")).to_owned();
    let error = json!({"Code": code.as_str(), "Message": message});
    assert_eq!(*reply, json!({"Response": {"Error": error, "RequestId": "r-1"}}));
    message
}

/// A list as requests have it
fn items(addresses: &[&str]) -> Value {
    addresses.iter().map(|address| json!({"PrivateIpAddress": address})).collect()
}
