//! Stories of what goes wrong around a controller
//!
//! Every story is told with a log: what is decided is stored, then applied. In the end the log is read into
//! another engine, which must have come to the same.

mod controller;
mod moves;
mod reconciles;
mod releases;
mod retries;
mod tasks;
