//! The engine beside a naive model of prefixes: one small subnet of both families, looked at address by address

mod generate;
mod session;
mod world;

use proptest::collection::vec;
use proptest::prelude::*;

use crate::config;

proptest! {
    #![proptest_config(config(300))]

    #[test]
    fn prefixes_go_where_the_model_says(bytes in vec(any::<u8>(), 0..1500)) {
        session::run(&bytes);
    }
}
