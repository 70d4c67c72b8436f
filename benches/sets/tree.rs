//! What the crate's ordered tree takes from the room that it lies in

#[path = "../../src/shared/sizes.rs"]
#[expect(dead_code, reason = "a tree needs a part of it")]
pub(crate) mod sizes;
#[path = "../../src/shared/tree/mod.rs"]
#[expect(dead_code, unused_imports, reason = "some of its questions are asked")]
pub(crate) mod tree;
