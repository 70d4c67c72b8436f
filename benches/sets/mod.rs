//! The bitmap beside its peers: one interface, one set of traces, one way to time them

pub(crate) mod block;
pub(crate) mod everyone;
pub(crate) mod ours;
pub(crate) mod questions;
pub(crate) mod trace;
pub(crate) mod work;
