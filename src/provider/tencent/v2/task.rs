//! The call that asks for the outcome of a request

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::form::Form;
use super::{Code, Refusal};
use crate::engine::Engine;
use crate::id::{Revision, Timestamp};
use crate::provider::given::integer;
use crate::provider::read::Flaw;
use crate::provider::tencent::TaskResult;

const TASK: &str = "taskId";
const FORM: Form<1, 0> = Form { singles: [TASK], set: "", fields: [] };

/// Request: the outcome of an asynchronous request
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribeVpcTaskResult {
    /// `taskId`: the task that the request was answered with
    ///
    /// Beyond an `i128` it saturates when read.
    pub task_id: Option<i128>,
}

impl DescribeVpcTaskResult {
    /// Asks for the outcome of this task
    pub fn of(task_id: u64) -> Self {
        Self { task_id: Some(task_id.into()) }
    }

    /// Reads a request from its parameters, in any order
    ///
    /// Names and values must be percent-decoded: the iterator of `form_urlencoded::parse` fits as it is.
    ///
    /// # Errors
    ///
    /// [`Refusal`] for a task given twice, or one that is no integer.
    pub fn from_pairs<N: AsRef<str>, V: AsRef<str>>(
        pairs: impl IntoIterator<Item = (N, V)>,
    ) -> Result<Self, Refusal> {
        let pairs: Vec<_> = pairs.into_iter().collect();
        let ([task], _) = FORM.read(&pairs)?;
        let task_id = task
            .map(|text| integer(text).ok_or_else(|| Flaw::spelling(TASK, text, "an integer")))
            .transpose()?;
        Ok(Self { task_id })
    }

    /// The parameters of the request, as [`from_pairs`](Self::from_pairs) reads them
    pub fn to_pairs(&self) -> Vec<(String, String)> {
        self.task_id.into_iter().map(|task| (TASK.to_owned(), task.to_string())).collect()
    }

    /// The revision that the task names; `None` is a number that no engine reaches
    ///
    /// # Errors
    ///
    /// [`Refusal`] if the request names no task.
    pub fn revision(&self) -> Result<Option<Revision>, Refusal> {
        let task = self.task_id.ok_or_else(|| Flaw::missing(TASK))?;
        Ok(u64::try_from(task).ok().map(Revision::new))
    }

    /// The outcome, by the tasks that the revision started
    ///
    /// # Errors
    ///
    /// [`Refusal`] when the request names no task, and where that revision made none, or all of them are
    /// forgotten.
    pub fn result(&self, engine: &Engine, now: Timestamp) -> Result<TaskResult, Refusal> {
        let revision = self.revision()?;
        let at = engine.at(now);
        let tasks = revision.into_iter().flat_map(|revision| at.tasks_of_revision(revision));
        TaskResult::of(tasks).ok_or_else(|| {
            let task = self.task_id.unwrap_or_default();
            Refusal::new(Code::ResourceNotFound, format!("no task `{task}`"))
        })
    }
}
