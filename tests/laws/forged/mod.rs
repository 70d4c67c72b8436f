//! Events that nobody decided, of changes of every kind in odd orders: taken whole or change by change,
//! it comes to the same

mod facts;
mod forge;

use std::collections::BTreeMap;

use facts::facts;
use forge::{Forge, start};
use ipam_core::{ApplyError, Change, Command, Contradiction, Engine, Event, Task, Timestamp};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::json;

use crate::config;
use crate::model::choices::Choices;

proptest! {
    #![proptest_config(config(500))]

    #[test]
    fn an_event_is_its_changes_one_by_one(bytes in vec(any::<u8>(), 0..1500)) {
        run(&bytes);
    }
}

/// The law would be worth little if most were refused
#[test]
fn every_kind_of_change_is_taken_at_times() {
    let mut runner = TestRunner::deterministic();
    let mut tally = BTreeMap::<String, u32>::new();
    for _ in 0..60 {
        let bytes = vec(any::<u8>(), 1500).new_tree(&mut runner).unwrap().current();
        for (kind, count) in run(&bytes) {
            *tally.entry(kind).or_default() += count;
        }
    }
    assert_eq!(tally.len(), 26 + 1, "a kind is never taken: {tally:?}");
    assert!(tally["refused"] < tally.values().sum::<u32>() * 2 / 3, "{tally:?}");
}

/// Forges events until the bytes run out; how often each kind of change was taken, or one was refused
fn run(bytes: &[u8]) -> BTreeMap<String, u32> {
    let mut choices = Choices::new(bytes);
    let whole = start();
    let split = whole.clone();
    let mut pair = Pair { whole, split, tasks: Vec::new(), tally: BTreeMap::new() };
    let mut at = 0;
    while !choices.is_empty() {
        at += choices.of(&[0, 0, 1, 3, 10]);
        pair.forge(&mut choices, Timestamp::from_millis(at));
    }
    pair.tally
}

/// Two engines that are told the same: one in whole events, the other in an event for each change
struct Pair {
    whole: Engine,
    split: Engine,
    /// Each task by its name in the one and in the other
    tasks: Vec<[Task; 2]>,
    tally: BTreeMap<String, u32>,
}

impl Pair {
    /// Grows an event by what both take, and compares what it leaves
    fn forge(&mut self, choices: &mut Choices<'_>, at: Timestamp) {
        let making = self.whole.revision().next();
        let mut after = self.whole.clone();
        let mut changes = Vec::new();
        for index in 0..=choices.byte() % 24 {
            let names: Vec<Task> = self.tasks.iter().map(|&[_, split]| split).collect();
            let forge = Forge { engine: &self.split, at, tasks: &names, index: index.into() };
            let change = forge.change(choices);
            let split = applied(&self.split, at, std::slice::from_ref(&change));
            changes.push(self.renamed(change));
            let whole = applied(&self.whole, at, &changes);
            let kind = match (whole, split) {
                (Ok(whole), Ok(split)) => {
                    if let Some(Change::Held(held)) = changes.last() {
                        let made = [making, split.revision()];
                        self.tasks.push(made.map(|revision| Task::new(revision, held.index)));
                    }
                    (after, self.split) = (whole, split);
                    kind(changes.last().unwrap())
                }
                (Err(whole), Err(split)) => {
                    assert_eq!(whole, split, "the last of {changes:#?}");
                    changes.pop();
                    "refused".to_owned()
                }
                (Err(whole), Ok(_)) => panic!("only the whole is refused, {whole}: {changes:#?}"),
                (Ok(_), Err(split)) => panic!("only alone it is refused, {split}: {changes:#?}"),
            };
            *self.tally.entry(kind).or_default() += 1;
        }
        self.whole = after;
        let [whole, split] = [0, 1].map(|of| self.tasks.iter().map(move |task| task[of]));
        let [whole, split]: [Vec<Task>; 2] = [whole.collect(), split.collect()];
        for later in [0, 1, 5, 30, u64::MAX] {
            let then = at.after(later);
            let [one, other] = [facts(&self.whole, then, &whole), facts(&self.split, then, &split)];
            assert_eq!(one, other, "{later} ms after {changes:#?}");
            let mut swept = self.whole.clone();
            swept.execute(then, &Command::Sweep).unwrap();
            assert_eq!(swept.check(), Ok(()), "swept {later} ms after {changes:#?}");
        }
    }

    /// A change for the engine of whole events, which has its own names for tasks
    fn renamed(&self, mut change: Change) -> Change {
        let task = match &mut change {
            Change::TaskFinished(of) => &mut of.task,
            Change::HoldExtended(of) => &mut of.task,
            _ => return change,
        };
        let found = self.tasks.iter().find(|[_, split]| split == task);
        *task = found.map_or(*task, |&[whole, _]| whole);
        change
    }
}

/// The engine after an event of these changes, which is sound; or what is wrong with the last of them,
/// and then the event has left no trace
fn applied(engine: &Engine, at: Timestamp, changes: &[Change]) -> Result<Engine, Contradiction> {
    let event: Event = serde_json::from_value(json!({
        "revision": engine.revision().next(),
        "at": at,
        "parent": format!("{:016x}", engine.digest()),
        "changes": changes,
    }))
    .unwrap();
    let mut after = engine.clone();
    match after.apply(&event) {
        Ok(()) => {
            assert_eq!(after.check(), Ok(()), "after {changes:#?}");
            Ok(after)
        }
        Err(ApplyError::Contradiction { change, what, .. }) => {
            assert_eq!(change, changes.len() - 1, "{what}: {changes:#?}");
            assert_eq!(after, *engine, "refused, but changed: {changes:#?}");
            Err(what)
        }
        Err(other) => panic!("{other}"),
    }
}

/// The name of a change's variant
fn kind(change: &Change) -> String {
    let shown = format!("{change:?}");
    shown.split(|at: char| !at.is_alphanumeric()).next().unwrap().to_owned()
}
