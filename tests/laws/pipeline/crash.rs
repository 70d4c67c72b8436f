//! The guide's controller, which decides, stores, applies and answers, dies at every step; there are two

use std::collections::BTreeMap;

use ipam_core::*;

use super::controller::{Crash, Faults, at_every_step};
use super::store::{NOW, Outcome, Store, Told, any, eni, once, small_store};

/// One of two processes that write the same log, as the guide embeds the engine
struct Writer {
    engine: Engine,
}

impl Writer {
    fn start(store: &Store) -> Self {
        Self { engine: store.replay() }
    }

    /// Reads what the other one, or an earlier life, has stored
    fn read(&mut self, store: &Store) {
        for event in store.after(self.engine.revision()) {
            self.engine.apply(&event).unwrap();
        }
    }

    fn serve(
        &mut self,
        store: &mut Store,
        faults: &mut Faults,
        command: &Command,
    ) -> Result<Result<Decision, Error>, Crash> {
        loop {
            faults.step()?;
            let decision = match self.engine.decide(NOW, command) {
                Ok(decision) => decision,
                Err(refused) => return Ok(Err(refused)),
            };
            let Some(event) = decision.event() else { return Ok(Ok(decision)) };
            faults.step()?;
            let outcome = store.write(event, faults.fate());
            faults.step()?;
            match outcome {
                Outcome::Stored => self.engine.apply(event).unwrap(),
                // Lost to the other one, failed, or unknown: the log has the truth.
                Outcome::NotStored | Outcome::Unknown => {
                    self.read(store);
                    continue;
                }
            }
            faults.step()?;
            return Ok(Ok(decision));
        }
    }
}

fn requests() -> Vec<Command> {
    let release = Unassign::new(eni("eni-a"), [std::net::IpAddr::from([10, 0, 0, 1])]).into();
    let ensure = EnsureCount::at_least(eni("eni-b"), 2).into();
    [any("eni-a", 1), any("eni-b", 1), release, any("eni-b", 1), any("eni-a", 2), ensure]
        .into_iter()
        .enumerate()
        .map(|(index, command)| once(&format!("token-{index}"), command))
        .collect()
}

fn run(faults: &mut Faults) {
    let mut store = small_store();
    let mut writers = [Writer::start(&store), Writer::start(&store)];
    let mut told = Vec::new();
    let mut answers: BTreeMap<usize, Decision> = BTreeMap::new();
    for (index, command) in requests().iter().enumerate() {
        // A client that hears nothing asks again, the other process if need be; and once more anyway.
        let mut heard = 0;
        for attempt in 0.. {
            let writer = &mut writers[(index + attempt) % 2];
            match writer.serve(&mut store, faults, command) {
                Ok(decision) => {
                    let decision = decision.expect("there is room");
                    let of = decision.answer().iter().collect::<Vec<_>>();
                    let before = answers.entry(index).or_insert_with(|| decision.clone());
                    assert!(of.iter().copied().eq(before.answer().iter()), "another answer");
                    assert_eq!(decision.revision(), before.revision());
                    let interface = match command {
                        Command::Once(once) => match once.command() {
                            Command::Assign(assign) => Some(assign.interface),
                            _ => None,
                        },
                        _ => None,
                    };
                    let revision = decision.revision();
                    told.extend(interface.map(|interface| Told {
                        interface,
                        revision,
                        addresses: of,
                    }));
                    heard += 1;
                }
                Err(Crash) => *writer = Writer::start(&store),
            }
            store.audit(&told);
            if heard == 2 {
                break;
            }
            assert!(attempt < 20, "never answered: {faults:?}");
        }
    }
    // Each was done once, whatever happened: 1 + 1 - 1 + 1 + 2 addresses, and nothing to ensure.
    let engine = store.replay();
    let count = |id| engine.addresses(eni(id)).map_or(0, |all| all.count());
    assert_eq!((count("eni-a"), count("eni-b")), (2, 2), "{faults:?}");
    for writer in &mut writers {
        writer.read(&store);
        assert_eq!(writer.engine, engine);
        assert_eq!(writer.engine.digest(), engine.digest());
    }
}

#[test]
fn the_controller_of_the_readme_dies_at_every_step() {
    let runs = at_every_step(run);
    assert!(runs > 1_000, "{runs}");
    println!("{runs} runs");
}
