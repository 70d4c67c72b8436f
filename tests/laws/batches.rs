//! A batch is its commands one by one: same answers, same facts, same refusal at the same place
//!
//! `IPAM_COMMANDS=250000 cargo test --release --test laws batches` asks for so many commands.

use ipam_core::{Command, Decision, Error, Revision, Task};

use super::seen::{Asked, Random, rename, say_the_same};

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
    say_the_same(asked, &singly, now, &told);
    asked.engine.check().unwrap();
    singly.engine.check().unwrap();
    accepted.len()
}

#[test]
fn a_batch_is_its_commands_one_by_one() {
    let most = commands(12_000);
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

/// A history swept at every deadline, beside the same swept by its own commands alone
struct Sweeping {
    seldom: Asked,
    often: Asked,
    /// The revision of each revision of the one that is seldom swept, in the other
    revisions: Vec<Revision>,
}

impl Sweeping {
    fn new(seed: u64) -> Self {
        let revisions = vec![Revision::new(0)];
        Self { seldom: Asked::new(seed), often: Asked::new(seed), revisions }
    }

    /// The command as the other one names tasks and generations
    fn renamed(&self, command: &Command) -> Command {
        let mut command = command.clone();
        let place = |task: Task| self.seldom.tasks.iter().position(|&of| of == task);
        let task = |task: Task| place(task).map_or(task, |place| self.often.tasks[place]);
        let nobody = Revision::new(0);
        let generation = |of: Revision| {
            let place = usize::try_from(of.get()).unwrap();
            self.revisions.get(place).copied().unwrap_or(nobody)
        };
        rename(&mut command, &task, &generation);
        command
    }

    fn step(&mut self, random: &mut Random, told: &str) {
        // Of a refused command only what was swept for it knows the time.
        let now = self.seldom.tick(random).max(self.often.engine.clock());
        let command = self.seldom.command(random, now);
        let other = self.renamed(&command);
        let told = format!("{told}, at {now}: {command:?}");
        while let Some(next) = self.often.engine.next_deadline().filter(|&next| next <= now) {
            self.often.engine.execute(next, &Command::Sweep).unwrap();
        }
        let seldom = self.seldom.engine.execute(now, &command);
        let often = self.often.engine.execute(now, &other);
        let codes = [&seldom, &often].map(|of| of.as_ref().err().map(Error::code));
        assert_eq!(codes[0], codes[1], "{told}");
        if let (Ok(seldom), Ok(often)) = (&seldom, &often) {
            assert_eq!(seldom.answer(), often.answer(), "{told}");
            assert_eq!(seldom.primary(), often.primary(), "{told}");
            let begun = seldom.task().filter(|task| !self.seldom.tasks.contains(task));
            self.seldom.remember(&command, begun);
            self.often.tasks.extend(begun.and(often.task()));
        }
        let made = usize::try_from(self.seldom.engine.revision().get()).unwrap();
        if made >= self.revisions.len() {
            // What only swept has assigned nothing: no generation is named so.
            let changed = often.is_ok_and(|of| of.event().is_some());
            let revision = self.often.engine.revision();
            self.revisions.push(if changed { revision } else { Revision::new(0) });
        }
        say_the_same(&self.seldom, &self.often, now, &told);
    }
}

#[test]
fn a_history_swept_at_every_deadline_is_the_same_swept_once() {
    let most = commands(6_000);
    let mut random = Random::of(0x5eeb);
    for world in 0..most.div_ceil(4 * STEPS) {
        let mut sweeping = Sweeping::new(world as u64);
        for number in 0..4 * STEPS {
            sweeping.step(&mut random, &format!("step {number} of world {world}"));
        }
        sweeping.seldom.engine.check().unwrap();
        sweeping.often.engine.check().unwrap();
    }
}
