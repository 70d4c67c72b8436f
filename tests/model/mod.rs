//! A model of the engine to compare it with: maps and plain loops over addresses
//!
//! It shares nothing with the engine but the types of commands, errors, ids and profiles. It is used by
//! the tests beside it and by the fuzzer.

pub(crate) mod choices;
pub(crate) mod compare;
pub(crate) mod generate;
pub(crate) mod judge;
pub(crate) mod world;
