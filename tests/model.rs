//! The engine beside a simple model of it: same verdicts, same answers, same state
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

#[path = "model/mod.rs"]
mod model;

use model::compare::{Session, run};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;

fn config(cases: u32) -> ProptestConfig {
    let mut config = ProptestConfig::default();
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = cases;
    }
    config.failure_persistence = Some(Box::new(FileFailurePersistence::WithSource("regressions")));
    config
}

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn the_engine_does_as_the_model_does(bytes in vec(any::<u8>(), 0..1500)) {
        run(&bytes);
    }
}
