//! Questions, which change nothing: who has what, what is free, what is due, what a command would break

mod deadlines;
mod free;
mod impact;
mod query;
mod tasks;
mod usage;

pub use deadlines::{Due, Resting};
pub use free::FreeBlocks;
pub use impact::{Finding, Impact};
pub use query::{AssignedPrefix, Assignment, Holder, InterfaceInfo, Role, SubnetInfo};
pub use tasks::{TaskInfo, TaskState};
pub use usage::{Explanation, FamilyUsage, Usage};
