//! Structures that copies share: a clone costs a pointer, and whoever writes copies what it writes to
//!
//! What they hold lies in nodes and pages of at most 4 KiB behind shared pointers. A write copies those on
//! its way that a clone has too, and none that it has to itself. So a clone and its original never see
//! each other's writes, nothing is ever copied as a whole, and growth moves no more than one node.

pub(crate) mod sizes;
pub(crate) mod tree;
