//! A batch is its commands one by one: same answers, same facts, same refusal at the same place
//!
//! `IPAM_COMMANDS=250000 cargo test --release --test laws batches` asks for so many commands.

use ipam_core::{Command, Decision, Error, Revision, Task};

use super::seen::{Asked, Random, facts, rename};

/// So many commands, unless the environment says how many
fn commands(most: usize) -> usize {
    std::env::var("IPAM_COMMANDS").ok().and_then(|count| count.parse().ok()).unwrap_or(most)
}

/// Steps in a world, before another one is begun
const STEPS: usize = 60;

/// One by one on an engine of its own, for commands that are made as they come
struct OneByOne {
    asked: Asked,
    /// The same tasks by the names that the batch gives them
    tasks: Vec<Task>,
    /// The commands as the batch is given them, and what each came to
    commands: Vec<Command>,
    decisions: Vec<Decision>,
    refused: Option<Error>,
}

impl OneByOne {
    fn new(asked: &Asked) -> Self {
        Self {
            asked: asked.clone(),
            tasks: asked.tasks.clone(),
            commands: Vec::new(),
            decisions: Vec::new(),
            refused: None,
        }
    }

    fn go_on(&mut self, random: &mut Random, before: &Asked, now: ipam_core::Timestamp) {
        let mut command = self.asked.command(random, now);
        // Of what was assigned since, each address would have another generation than in the batch.
        let since = before.engine.revision();
        let generation = |of: Revision| if of > since { Revision::new(0) } else { of };
        rename(&mut command, &|task| task, &generation);
        let place = |task: Task| self.asked.tasks.iter().position(|&of| of == task);
        let named = |task: Task| place(task).map_or(task, |place| self.tasks[place]);
        let mut batched = command.clone();
        rename(&mut batched, &named, &|revision| revision);
        let index = u32::try_from(self.commands.len()).unwrap();
        self.commands.push(batched);
        match self.asked.engine.execute(now, &command) {
            Ok(decision) => {
                let begun = decision.task().filter(|task| !self.asked.tasks.contains(task));
                self.tasks.extend(begun.map(|_| Task::new(since.next(), index)));
                self.asked.remember(&command, begun);
                self.decisions.push(decision);
            }
            Err(error) => self.refused = Some(error),
        }
    }
}

/// One batch beside its commands one by one; the engine goes on with the batch
fn step(random: &mut Random, asked: &mut Asked, told: &str) -> usize {
    let now = asked.tick(random);
    let size = if random.below(8) == 0 { random.below(24) } else { random.below(6) };
    let mut apart = OneByOne::new(asked);
    for _ in 0..size {
        apart.go_on(random, asked, now);
        if apart.refused.is_some() {
            break;
        }
    }
    let OneByOne { asked: mut singly, tasks, commands, decisions, refused } = apart;
    let told = format!("{told}, at {now}: {commands:#?}");
    let mut accepted = commands.as_slice();
    if let Some(refused) = refused {
        let found = asked.engine.decide_all(now, accepted).expect_err(&told);
        let place = commands.len() - 1;
        assert_eq!((found.index, found.error.code()), (place, refused.code()), "{told}");
        accepted = &commands[..place];
    }
    let decided = asked.engine.decide_all(now, accepted);
    let decision = decided.unwrap_or_else(|error| panic!("{error}: {told}"));
    let mut violations = 0;
    for (index, singly) in decisions.iter().enumerate() {
        assert_eq!(decision.answer_to(index), Some(singly.answer()), "{index} of {told}");
        let begun = [decision.task_of(index).is_some(), singly.task().is_some()];
        assert_eq!(begun[0], begun[1], "{index} of {told}");
        violations += singly.violations().len();
    }
    assert_eq!(decision.violations().len(), violations, "{told}");
    if let Some(event) = decision.event() {
        asked.engine.apply(event).unwrap_or_else(|error| panic!("{error}: {told}"));
    }
    accepted.iter().for_each(|command| asked.remember(command, None));
    asked.past.tasks.extend(&tasks[asked.tasks.len()..]);
    asked.tasks = tasks;
    if decision.event().is_none() {
        // What is due is done with the next event; a batch that changes nothing is none.
        singly.engine = asked.engine.clone();
    }
    assert_eq!(facts(asked, now), facts(&singly, now), "{told}");
    asked.engine.check().unwrap();
    singly.engine.check().unwrap();
    accepted.len()
}

#[test]
fn a_batch_is_its_commands_one_by_one() {
    let most = commands(3_000);
    let mut random = Random::of(0xba7c);
    let (mut done, mut world) = (0, 0);
    while done < most {
        let mut asked = Asked::new(world);
        world += 1;
        for number in 0..STEPS {
            done += step(&mut random, &mut asked, &format!("step {number} of world {world}"));
        }
    }
}
