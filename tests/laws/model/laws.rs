//! Laws that hold after each step, whatever the model says

use std::fmt::{Debug, Display};
use std::net::IpAddr;

use ipam_core::event::Released;
use ipam_core::{AddrList, Change, Command, Decision, Engine, Error, Source, Task, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::compare::Session;
use super::subnet::Numbers;

/// Everything of a subnet family is in one state
pub(crate) fn law_of_counts(numbers: Option<Numbers>) {
    let Some(of) = numbers else { return };
    let Numbers { total, structural, reserved, assigned, held, quarantined, free } = of;
    let parts = [structural, reserved, assigned, held, quarantined, free];
    let sum = parts.into_iter().try_fold(0, u128::checked_add);
    // Of ::/0 there is one more than can be counted: all others make 2^128, or one part is all of it.
    let all = parts.iter().filter(|&&part| part > 0).eq([&u128::MAX]);
    let of_all = total == u128::MAX && (all || parts.into_iter().fold(0, u128::wrapping_add) == 0);
    assert!(sum == Some(total) && total < u128::MAX || of_all, "{of:?}");
}

impl Session {
    /// Processing passed deadlines, and nothing else, changes no verdict, neither now nor later
    pub(crate) fn law_of_sweeping(&self, now: u64, command: &Command) {
        let inner = match command {
            Command::Once(once) => once.command(),
            other => other,
        };
        let Some(next) = self.engine.next_deadline().filter(|_| *inner != Command::Sweep) else {
            return;
        };
        for later in [now, next.millis(), now.saturating_add(1700)] {
            let at = Timestamp::from_millis(later);
            if at < next {
                continue;
            }
            let mut swept = self.engine.clone();
            for at in [next, at] {
                let decision = swept.execute(at, &Command::Sweep).unwrap();
                let changes = decision.event().map(|event| event.changes());
                assert!(changes.is_none_or(|changes| changes == [Change::Swept]));
            }
            assert_eq!(swept.check(), Ok(()), "after sweeping");
            let verdicts = [&self.engine, &swept].map(|engine| Verdict::of(engine, at, command));
            let [unswept, swept] = verdicts;
            assert_eq!(unswept, swept, "sweeping changed the verdict on {command:?} at {later}");
        }
    }

    /// Something blocks iff the command is refused; and what is found is what the model finds
    pub(crate) fn law_of_impact(&self, now: u64, command: &Command) {
        let at = Timestamp::from_millis(now);
        let impact = self.engine.at(at).impact(command);
        let refused = self.engine.decide(at, command).is_err();
        assert_eq!(impact.blocking().next().is_some(), refused, "{command:?}: {impact}");
        if let Command::Reshape(_) | Command::ReserveRange(_) = command {
            let world = self.world.at(now);
            assert_eq!(impact.findings, world.impact(command), "the impact of {command:?}");
        }
    }

    /// Where too few addresses are free, just as many as would succeed do
    pub(crate) fn law_of_what_would_succeed(&self, now: u64, command: &Command, error: &Error) {
        let (at, most) = (Timestamp::from_millis(now), error.would_succeed());
        let (Command::Assign(request), Error::Exhausted { .. } | Error::NoRun { .. }) =
            (command, error)
        else {
            return;
        };
        // Of several subnets, the others are not looked at; nor is what is kept of a hold.
        let alone = matches!(request.from, Source::Home | Source::Subnet(_));
        let Some(most) = most.filter(|_| alone && request.hold.is_none()) else { return };
        let mut request = request.clone();
        let mut asked = |count: u128| {
            request.pick.count = Some(u32::try_from(count).unwrap());
            self.engine.decide(at, &request.clone().into())
        };
        if most > 0 {
            let fewer = asked(most).map(|_| ());
            assert_eq!(fewer, Ok(()), "{most} instead of {command:?}");
        }
        assert!(asked(most + 1).is_err(), "more than {most} instead of {command:?}");
    }

    /// A release that names a generation releases nothing of another
    pub(crate) fn law_of_generations(
        &self,
        before: &Engine,
        command: &Command,
        decision: &Decision,
    ) {
        let Command::Unassign(request) = command else { return };
        let vpc = before.interface(request.interface).unwrap().vpc;
        for change in decision.event().map_or(&[][..], |event| event.changes()) {
            let addresses = match change {
                Change::Released(Released { addresses, .. }) => addresses,
                Change::Quarantined(rests) => &rests.addresses,
                other => panic!("a release that comes to {other:?}"),
            };
            for address in addresses.iter() {
                let holder = before.owner(vpc, address).unwrap();
                assert_eq!(holder.interface, request.interface, "{address} was another\'s");
                assert!(!holder.held, "{address} was held");
                let named = request.generation.unwrap_or(holder.generation);
                assert_eq!(named, holder.generation, "the release of {address} was stale");
            }
        }
    }

    /// The same request under its token has the same answer up to its deadline, and no effect
    pub(crate) fn law_of_tokens(&self, now: u64, command: &Command, decision: &Decision) {
        let Command::Once(once) = command else { return };
        let kept = self.world.tokens[&once.token].until;
        for later in [now, now.saturating_add((kept - now.min(kept)) / 2), kept - 1] {
            let again = self.engine.decide(Timestamp::from_millis(later), command).unwrap();
            assert!(again.is_unchanged(), "{command:?} was done twice");
            assert_eq!(again.answer(), decision.answer());
            assert_eq!((again.task(), again.primary()), (decision.task(), decision.primary()));
            assert_eq!(again.revision(), decision.revision());
        }
        let late = Timestamp::from_millis(kept.max(once.until.millis()));
        let late = self.engine.decide(late, command).map_err(|error| error.code());
        assert_eq!(late.map(|_| ()), Err(120), "a token outlived its deadline");
    }

    /// Something falls due when the next deadline says so, and nothing before
    pub(crate) fn law_of_deadlines(&self) {
        let Some(next) = self.engine.next_deadline() else { return };
        assert!(next > self.engine.clock(), "what is due was not done");
        let before = Timestamp::from_millis(next.millis() - 1);
        let unchanged = |at| self.engine.decide(at, &Command::Sweep).unwrap().is_unchanged();
        assert!(unchanged(before), "something was due before the next deadline");
        assert!(!unchanged(next), "nothing was due at the next deadline");
    }
}

/// What decisions on the same command have in common, one made a revision later than the other
#[derive(Debug, PartialEq)]
struct Verdict {
    answer: AddrList,
    primary: Option<IpAddr>,
    changes: Vec<Change>,
}

impl Verdict {
    fn of(engine: &Engine, at: Timestamp, command: &Command) -> Result<Self, Error> {
        let decision = engine.decide(at, command)?;
        let (answer, primary) = (decision.answer().clone(), decision.primary());
        let mut changes = decision.event().map_or(Vec::new(), |event| event.changes().to_vec());
        for change in &mut changes {
            match change {
                Change::TokenKept(kept) => kept.task = None,
                Change::HoldExtended(of) => of.task = Task::default(),
                _ => {}
            }
        }
        Ok(Self { answer, primary, changes })
    }
}

/// What is written as JSON is read as the same
pub(crate) fn law_of_data<T: Serialize + DeserializeOwned + PartialEq + Debug>(of: &T) {
    let text = serde_json::to_string(of).unwrap();
    assert_eq!(serde_json::from_str::<T>(&text).as_ref().ok(), Some(of), "{text}");
}

/// And it can be said in one line
pub(crate) fn law_of_forms<T: Serialize + DeserializeOwned + PartialEq + Debug + Display>(of: &T) {
    law_of_data(of);
    let line = of.to_string();
    assert!(!line.is_empty() && line.len() < 10_000, "{line}");
    assert!(!line.chars().any(char::is_control), "{line:?}");
}
