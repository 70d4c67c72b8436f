//! The fuzzers' seeds, replayed through the fuzz targets themselves

use super::targets;

/// Feeds every seed of a target to it
fn replay(target: &str, run: impl Fn(&[u8])) {
    let corpus = format!("{}/fuzz/corpus/{target}", env!("CARGO_MANIFEST_DIR"));
    let seeds: Vec<_> = std::fs::read_dir(&corpus).unwrap().map(|entry| entry.unwrap()).collect();
    assert!(!seeds.is_empty(), "no seeds in {corpus}");
    for seed in seeds {
        run(&std::fs::read(seed.path()).unwrap());
    }
}

#[test]
fn every_seed_of_commands_does_as_the_model_does() {
    replay("commands", targets::commands);
}

#[test]
fn every_seed_of_providers_is_answered() {
    replay("providers", targets::providers);
}

#[test]
fn every_seed_of_event_logs_is_read_or_refused() {
    replay("event_log", targets::event_log);
}

#[test]
fn every_seed_of_snapshots_is_read_or_refused() {
    replay("snapshot", targets::snapshot);
}
