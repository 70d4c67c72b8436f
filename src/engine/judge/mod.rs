//! Checks that the judging of several commands shares, and what it writes

pub(super) mod availability;
pub(super) mod draft;
pub(super) mod duplicates;
pub(super) mod grant;
pub(super) mod holds;
pub(super) mod lookup;
pub(super) mod prefixes;
pub(super) mod shape;
pub(super) mod target;
