//! A copy and its original never see each other's writes

use ipam_core::{Engine, Event, Timestamp};

use super::seen::{Asked, Random};

/// Copies, and commands before each and then to each
const COPIES: usize = 100;
const BEFORE: usize = 4;
const AFTER: usize = 30;

/// An engine with all that ever happened to it
#[derive(Clone)]
struct Told {
    asked: Asked,
    log: Vec<Event>,
}

impl Told {
    /// One command, or some together
    fn go_on(&mut self, random: &mut Random) {
        let now = self.asked.tick(random);
        if random.below(4) == 0 {
            let two = [0, 1].map(|_| self.asked.command(random, now));
            let Ok(decision) = self.asked.engine.decide_all(now, &two) else { return };
            let Some(event) = decision.event() else { return };
            self.asked.engine.apply(event).unwrap();
            self.log.push(event.clone());
            for (index, command) in two.iter().enumerate() {
                let begun = decision.task_of(index).filter(|of| !self.asked.tasks.contains(of));
                self.asked.remember(command, begun);
            }
            return;
        }
        let command = self.asked.command(random, now);
        let before = self.asked.engine.revision();
        let Ok(decision) = self.asked.engine.execute(now, &command) else { return };
        let begun = decision.task().filter(|task| task.revision > before);
        self.asked.remember(&command, begun);
        self.log.extend(decision.into_event());
    }
}

fn bytes(engine: &Engine) -> Vec<u8> {
    let mut bytes = Vec::new();
    engine.encode(&mut bytes);
    bytes
}

#[test]
fn a_hundred_copies_go_on_each_by_itself() {
    let mut random = Random::of(0xc0b1e5);
    let mut original = Told { asked: Asked::new(7), log: Vec::new() };
    let (mut copies, mut kept) = (Vec::new(), Vec::new());
    for _ in 0..COPIES {
        (0..BEFORE).for_each(|_| original.go_on(&mut random));
        copies.push(original.clone());
        // And one that nobody writes to.
        kept.push((original.asked.engine.clone(), bytes(&original.asked.engine)));
    }
    // In turns, so that each writes to what the others share.
    for _ in 0..AFTER {
        original.go_on(&mut random);
        copies.iter_mut().for_each(|copy| copy.go_on(&mut random));
    }
    copies.push(original);
    for (number, Told { asked, log }) in copies.iter().enumerate() {
        let mut replayed = Engine::with_seed(number as u64);
        for event in log {
            replayed.apply(event).unwrap();
        }
        assert_eq!(replayed, asked.engine, "copy {number}");
        assert_eq!(bytes(&replayed), bytes(&asked.engine), "copy {number}");
        asked.engine.check().unwrap();
        let late = Timestamp::from_millis(u64::MAX / 2);
        let mut swept = asked.engine.clone();
        swept.execute(late, &ipam_core::Command::Sweep).unwrap();
        swept.check().unwrap();
        assert_eq!(replayed, asked.engine, "copy {number}, once another was swept");
    }
    for (number, (engine, before)) in kept.into_iter().enumerate() {
        assert_eq!(bytes(&engine), before, "the copy {number} that nobody wrote to");
        engine.check().unwrap();
    }
}
