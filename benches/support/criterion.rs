//! Work by the chunk, as Criterion times it

use std::time::Duration;

use criterion::Criterion;

use crate::support::measure::Work;

/// Criterion with short runs, and the arguments of the command line
pub(crate) fn criterion() -> Criterion {
    Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(50))
        .measurement_time(Duration::from_millis(250))
        .nresamples(1000)
        .without_plots()
        .configure_from_args()
}

/// Times one contender; it is built only if the arguments do not leave it out
pub(crate) fn time(criterion: &mut Criterion, name: &str, build: impl Fn() -> Work) {
    let mut work = None;
    criterion.bench_function(name, |bencher| {
        let work = work.get_or_insert_with(&build);
        bencher.iter_custom(|iterations| {
            let (mut operations, mut time) = (0, Duration::ZERO);
            while operations < iterations {
                let sample = work();
                operations += sample.operations;
                time += sample.time;
            }
            time.mul_f64(iterations as f64 / operations as f64)
        });
    });
}
