//! Structures that clones share: a clone copies their roots, and a write copies the page or node that it touches
//!
//! Pages and nodes lie behind [`triomphe::Arc`], which keeps no weak count, so checking whether a page is shared is a
//! plain load. A page that no clone shares is written in place. A page holds plain data or shared pointers, so
//! copying it costs one heap call.
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
