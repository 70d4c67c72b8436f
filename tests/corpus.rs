//! The fuzzer's seeds, replayed beside the model
#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests"
)]

#[path = "model/mod.rs"]
mod model;

#[test]
fn every_seed_of_commands_does_as_the_model_does() {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/corpus/commands");
    let mut seeds = 0;
    for entry in std::fs::read_dir(corpus).unwrap() {
        let path = entry.unwrap().path();
        model::compare::run(&std::fs::read(&path).unwrap());
        seeds += 1;
    }
    assert!(seeds > 0, "no seeds in {corpus}");
}
