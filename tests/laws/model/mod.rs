//! A model of the engine to compare it with: maps and plain loops over addresses
//!
//! It shares nothing with the engine but the types of commands, errors, changes, ids and profiles. It is
//! used by the tests beside it and by the fuzzer.

mod assign;
mod change;
pub(crate) mod choices;
mod choose;
pub(crate) mod compare;
mod free;
pub(crate) mod generate;
mod judge;
mod laws;
mod once;
mod release;
pub(crate) mod requests;
mod same;
mod several;
mod shape;
pub(crate) mod subnet;
mod tasks;
mod time;
pub(crate) mod world;
