//! What the fuzz targets do with bytes, as plain functions: a file of the crate's tests, which replay the seeds

#[path = "../../tests/laws/model/mod.rs"]
mod model;
#[path = "../../tests/laws/seal.rs"]
mod seal;
#[path = "../../tests/laws/targets.rs"]
mod targets;

pub use targets::*;
