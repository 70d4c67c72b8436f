//! What the crate's bitmap takes from the room below it

#[path = "../../src/shared/sizes.rs"]
#[expect(dead_code, reason = "a bitmap needs a part of it")]
pub(crate) mod sizes;
