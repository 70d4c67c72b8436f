//! The call that asks what came of a request

use alloc::format;
use alloc::string::{String, ToString};

use super::{Code, Refusal};
use crate::engine::Engine;
use crate::id::{RequestId, Timestamp};
use crate::provider::given::object;
use crate::provider::tencent::TaskResult;
use crate::provider::{Given, read};

/// Request: what came of an asynchronous request
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "PascalCase"))]
pub struct DescribeVpcTaskResult {
    /// `TaskId`: the `RequestId` that the request was answered with
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Given::is_absent"))]
    pub task_id: Given<String>,
}

object!(DescribeVpcTaskResult {
    "TaskId" => task_id,
});

impl DescribeVpcTaskResult {
    /// Asks for the request of this id
    pub fn of(task_id: &str) -> Self {
        Self { task_id: Given::Value(task_id.to_string()) }
    }

    /// The id of the request that is asked for
    ///
    /// # Errors
    ///
    /// [`Refusal`] when there is none.
    pub fn request_id(&self) -> Result<RequestId, Refusal> {
        const TASK: &str = "TaskId";
        Ok(read::named(TASK, &self.task_id)?)
    }

    /// What came of it, by the tasks that were made [for it](crate::Hold::request)
    ///
    /// # Errors
    ///
    /// [`Refusal`] when the request cannot be read, and where no task was made for that id, or all of them
    /// are forgotten.
    pub fn result(&self, engine: &Engine, now: Timestamp) -> Result<TaskResult, Refusal> {
        let id = self.request_id()?;
        TaskResult::of(engine.at(now).tasks_of_request(id)).ok_or_else(|| {
            Refusal::new(Code::ResourceNotFound, format!("no task of request `{id}`"))
        })
    }
}
