//! The replies of the calls

use alloc::borrow::ToOwned;
use alloc::string::String;

use super::Refusal;
use crate::event::Decision;
use crate::provider::tencent::{TaskResult, TaskStatus};

/// The reply of a call
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct Reply {
    /// `code`: 0 if it was done, or has begun, else [`Code::number`](super::Code::number)
    pub code: u16,
    /// `message`: the refusal in words, or what is to be said of a task; else empty
    pub message: String,
    /// `codeDesc`: `Success`, or [`Code::as_str`](super::Code::as_str)
    pub code_desc: &'static str,
    /// `data`: the task, or where it stands, if the request was not refused
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub data: Option<Data>,
}

/// The data of a reply
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(untagged, rename_all_fields = "camelCase"))]
pub enum Data {
    /// The task that carries out the request
    #[non_exhaustive]
    Task {
        /// `taskId`: the revision that the request made or, where nothing changed, that of the state which
        /// already holds what it asked for
        task_id: u64,
    },
    /// The outcome of a task
    #[non_exhaustive]
    Result {
        /// `status`: where it stands, written as [`TaskStatus::number`]
        #[cfg_attr(feature = "serde", serde(serialize_with = "number"))]
        status: TaskStatus,
    },
}

#[cfg(feature = "serde")]
fn number<S: serde::Serializer>(status: &TaskStatus, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_u8(status.number())
}

impl Reply {
    /// The reply to any request except `DescribeVpcTaskResult`
    pub fn new(outcome: Result<&Decision, &Refusal>) -> Self {
        let done = |decision: &Decision| {
            (String::new(), Data::Task { task_id: decision.revision().get() })
        };
        Self::of(outcome.map(done))
    }

    /// The reply of `DescribeVpcTaskResult`
    pub fn task(outcome: Result<&TaskResult, &Refusal>) -> Self {
        let known =
            |task: &TaskResult| (task.message().to_owned(), Data::Result { status: task.status() });
        Self::of(outcome.map(known))
    }

    fn of(outcome: Result<(String, Data), &Refusal>) -> Self {
        match outcome {
            Ok((message, data)) => {
                Self { code: 0, message, code_desc: "Success", data: Some(data) }
            }
            Err(refusal) => Self {
                code: refusal.code().number(),
                message: refusal.message().to_owned(),
                code_desc: refusal.code().as_str(),
                data: None,
            },
        }
    }
}
