//! Threads that look at copies of an engine while another goes on with it

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use ipam_core::*;

use crate::common::{NOW, create_subnet, create_vpc, eni, ip, run, subnet};

/// Each copy is what the engine was: it encodes to the bytes of a replay up to its revision, however long that takes
#[test]
fn copies_are_encoded_and_asked_while_another_thread_commits() {
    let mut start = Engine::new();
    let home = create_subnet("home", "10.0.0.0/16", Profile::PLAIN);
    run(&mut start, [create_vpc("vpc-1"), home.into()]);
    let ids = (0..64).map(|number| eni(&format!("eni-{number}")));
    run(&mut start, ids.map(|id| CreateInterface::new(id, subnet("home")).into()));
    let shared = Mutex::new((start.clone(), Vec::<Event>::new()));
    let done = AtomicBool::new(false);
    let snapshots = thread::scope(|scope| {
        let readers = [(); 2].map(|()| {
            scope.spawn(|| {
                let mut snapshots = Vec::new();
                while !done.load(Ordering::Relaxed) || snapshots.is_empty() {
                    let copy = shared.lock().unwrap().0.clone();
                    let mut bytes = Vec::new();
                    copy.encode(&mut bytes);
                    assert_eq!(copy.check(), Ok(()));
                    snapshots.push((copy.revision(), bytes));
                }
                snapshots
            })
        });
        for number in 0..600u32 {
            let mut shared = shared.lock().unwrap();
            let (engine, log) = &mut *shared;
            let id = format!("eni-{}", number % 64);
            let command = if number % 3 == 2 {
                let first = engine.addresses(eni(&id)).unwrap().next();
                let address = first.map_or(ip("10.0.0.1"), |of| of.address);
                Unassign::new(eni(&id), [address]).into()
            } else {
                Assign::new(eni(&id), Pick::any(1 + number % 7)).into()
            };
            if let Ok(decision) = engine.execute(NOW, &command) {
                log.extend(decision.into_event());
            }
        }
        done.store(true, Ordering::Relaxed);
        readers.map(|reader| reader.join().unwrap()).into_iter().flatten().collect::<Vec<_>>()
    });
    let (engine, log) = shared.into_inner().unwrap();
    let mut snapshots = snapshots;
    snapshots.sort();
    let (mut replay, mut events) = (start, log.iter().peekable());
    for (revision, snapshot) in snapshots {
        while let Some(event) = events.next_if(|event| event.revision() <= revision) {
            replay.apply(event).unwrap();
        }
        let mut bytes = Vec::new();
        replay.encode(&mut bytes);
        assert_eq!(bytes, snapshot, "{revision}");
    }
    events.for_each(|event| replay.apply(event).unwrap());
    assert_eq!(replay, engine);
}
