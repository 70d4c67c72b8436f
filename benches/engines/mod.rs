//! The two engines, ours and the plain one: the same worlds, commands and questions for both

pub(crate) mod agree;
pub(crate) mod contender;
pub(crate) mod flight;
pub(crate) mod large;
pub(crate) mod second;
pub(crate) mod timed;
pub(crate) mod together;
pub(crate) mod work;
pub(crate) mod world;
