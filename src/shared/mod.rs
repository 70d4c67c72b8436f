//! Structures that copies share: a clone costs their roots, and a write copies the page or node that it touches
//!
//! Pages and nodes lie behind [`triomphe::Arc`], which keeps no weak count: asking whether a page is one's own is
//! a plain load. What no copy shares is written in place. What lies in a page is plain data, or a shared pointer
//! itself, so that copying one costs one call of the heap.
//!
//! - [`ids`]: numbers by the hashes of ids
//! - [`own`]: writing to what a shared pointer leads to
//! - [`radix`]: links by number
//! - [`sizes`]: how much a page, a node, a branch holds
//! - [`tree`]: entries by key, in order

pub(crate) mod ids;
pub(crate) mod own;
pub(crate) mod radix;
pub(crate) mod sizes;
pub(crate) mod tree;
