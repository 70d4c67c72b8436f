//! Laws of bytes, over random histories

use ipam_core::{DecodeLimits, Engine, Event, EventLog};
use proptest::collection::vec;
use proptest::prelude::*;

use super::{restored, snapshot, written};
use crate::config;
use crate::model::compare::run;

proptest! {
    #![proptest_config(config(300))]

    #[test]
    fn at_every_prefix_snapshot_and_tail_are_the_live_engine(bytes in vec(any::<u8>(), 0..900)) {
        let session = run(&bytes);
        let log: Result<Vec<Event>, _> =
            EventLog::new(&written(&session.log), &DecodeLimits::UNLIMITED).collect();
        prop_assert_eq!(log.as_ref(), Ok(&session.log));
        let (mut live, mut snapshots) = (Engine::new(), Vec::new());
        for event in &session.log {
            snapshots.push(snapshot(&live));
            prop_assert_eq!(live.apply(event), Ok(()));
        }
        prop_assert_eq!(&live, &session.engine);
        let last = snapshot(&live);
        snapshots.push(last.clone());
        let mut carried: Option<Engine> = None;
        for (at, bytes) in snapshots.iter().enumerate() {
            let mut engine = restored(bytes, at as u64);
            prop_assert_eq!(engine.check(), Ok(()));
            prop_assert_eq!(&snapshot(&engine), bytes);
            // One that was stored before and has gone on since, and one that goes on from here.
            if let Some(carried) = &carried {
                prop_assert_eq!(carried, &engine);
                prop_assert_eq!(&snapshot(carried), bytes);
            }
            if at.is_multiple_of(7) || at + 1 == snapshots.len() {
                let mut resumed = engine.clone();
                for event in &session.log[at..] {
                    prop_assert_eq!(resumed.apply(event), Ok(()));
                }
                prop_assert_eq!(&resumed, &live);
                prop_assert_eq!(&snapshot(&resumed), &last);
                prop_assert_eq!(resumed.check(), Ok(()));
            }
            if let Some(event) = session.log.get(at) {
                prop_assert_eq!(engine.apply(event), Ok(()));
            }
            carried = Some(engine);
        }
    }

    #[test]
    fn an_event_is_what_was_written(bytes in vec(any::<u8>(), 0..2000)) {
        for event in run(&bytes).log {
            let bytes = written(std::slice::from_ref(&event));
            let read = Event::decode(&bytes, &DecodeLimits::UNLIMITED);
            prop_assert_eq!(read.as_ref(), Ok(&event));
            prop_assert_eq!(read.unwrap().digest(), event.digest());
        }
    }
}
