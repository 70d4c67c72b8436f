//! How fast is the engine, beside the plain one? See README.md
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    reason = "benches"
)]

#[path = "support/agree.rs"]
mod agree;
#[path = "support/contender.rs"]
mod contender;
mod plain;
#[path = "support/random.rs"]
mod random;
#[path = "support/world.rs"]
mod world;

fn main() {
    agree::agree(&world::World::new(16, 1024, 50), 20_000);
    println!("agree");
}
