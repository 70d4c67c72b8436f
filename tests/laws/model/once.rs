//! Commands under tokens

use ipam_core::event::TokenKept;
use ipam_core::{Change, Command, Error, Limits, Once, Revision, Timestamp};

use super::judge::{Accepted, Refusal, refuse};
use super::tasks::runs;
use super::world::{Kept, World};

impl World {
    pub(crate) fn once(&mut self, index: u32, request: &Once) -> Result<Accepted, Refusal> {
        let Once { token, until, .. } = *request;
        let command = request.command();
        let gist = gist(command);
        if let Some(kept) = self.tokens.get(&token) {
            if kept.gist != gist {
                let revision = Revision::new(kept.revision);
                return refuse(Error::TokenMismatch { token, revision });
            }
            let Kept { ref answer, task, primary, revision, .. } = *kept;
            let (answer, revision) = (answer.clone(), Some(revision));
            let (changes, violations) = (Vec::new(), Vec::new());
            return Ok(Accepted { answer, changes, task, primary, revision, violations });
        }
        self.is_ahead(until)?;
        // The limit that the command finds, should it set another.
        let Limits { tokens: limit, runs: most, .. } = self.limits;
        let kept = self.runs();
        let mut accepted = self.carry_out(index, command)?;
        if self.tokens.len() as u64 >= limit.into() {
            return refuse(Error::TooManyTokens { limit });
        }
        let Accepted { ref answer, task, primary, .. } = accepted;
        let held = accepted.changes.iter().map(|change| match change {
            Change::Held(held) => runs(&held.addresses.iter().collect::<Vec<_>>()),
            Change::HoldExtended(of) => runs(&of.addresses.iter().collect::<Vec<_>>()),
            _ => 0,
        });
        if kept + held.sum::<u64>() + runs(answer) > most.into() {
            return refuse(Error::TooManyRuns { limit: most });
        }
        let kept = TokenKept {
            token,
            until,
            request: 0,
            answer: answer.iter().copied().collect(),
            task,
            primary,
        };
        let (until, revision, answer) = (until.millis(), self.revision + 1, answer.clone());
        self.tokens.insert(token, Kept { gist, until, answer, task, primary, revision });
        accepted.changes.push(Change::TokenKept(Box::new(kept)));
        Ok(accepted)
    }

    /// Refuses a deadline that does not lie after now
    pub(crate) fn is_ahead(&self, deadline: Timestamp) -> Result<(), Refusal> {
        let now = Timestamp::from_millis(self.clock);
        if deadline > now { Ok(()) } else { refuse(Error::DeadlinePassed { deadline, now }) }
    }
}

/// A command without what a retry of it has of its own: deadlines, the request it is for, reasons
fn gist(command: &Command) -> Command {
    let hold = |hold: &mut Option<ipam_core::Hold>| {
        if let Some(hold) = hold {
            (hold.until, hold.keep_until, hold.request) = (Timestamp::ZERO, Timestamp::ZERO, None);
        }
    };
    let mut command = command.clone();
    match &mut command {
        Command::Assign(of) => hold(&mut of.hold),
        Command::EnsureCount(of) => hold(&mut of.hold),
        Command::Unassign(of) => of.rest.reason = None,
        Command::Resolve(of) => of.rest.reason = None,
        Command::Cancel(of) => (of.reason, of.rest.reason) = (None, None),
        _ => {}
    }
    command
}
