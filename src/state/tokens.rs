//! Answers kept under tokens until their time

use core::cmp::Ordering;

use triomphe::Arc;

use super::index::Ix;
use super::seeded::Seeded;
use super::table::Table;
use crate::event::{Recalled, TokenKept};
use crate::id::{Revision, Timestamp, Token};
use crate::shared::tree::Tree;
use crate::space::list::AddrList;

/// An answer, and what it answers
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Remembered {
    pub(crate) until: Timestamp,
    /// Digest of the command
    pub(crate) request: u64,
    /// The revision that keeps it
    pub(crate) revision: Revision,
    pub(crate) answer: Arc<AddrList>,
    pub(crate) recalled: Option<Arc<Recalled>>,
}

impl Remembered {
    /// What a change of this revision keeps
    pub(crate) fn new(kept: &TokenKept, revision: Revision) -> Self {
        let recalled = Recalled { task: kept.task, primary: kept.primary };
        let told = recalled != Recalled::default();
        Self {
            until: kept.until,
            request: kept.request,
            revision,
            answer: Arc::new(kept.answer.clone()),
            recalled: told.then(|| Arc::new(recalled)),
        }
    }
}

impl Remembered {
    /// Runs of addresses that it keeps
    pub(crate) fn runs(&self) -> u64 {
        self.answer.run_count() as u64
    }
}

/// Every token whose time had not come at the last event
// INVARIANT: `due` has the deadline of every record.
#[derive(Clone, Debug)]
pub(crate) struct Tokens {
    records: Table<Token, Remembered>,
    due: Tree<(Timestamp, Ix<Token>), ()>,
    /// Runs of addresses in all of their answers
    runs: u64,
}

impl Tokens {
    pub(super) const fn new(seeded: Seeded) -> Self {
        Self { records: Table::new(seeded), due: Tree::new(), runs: 0 }
    }

    pub(crate) fn len(&self) -> usize {
        self.records.len()
    }

    /// What is kept under a token at a time
    pub(crate) fn get(&self, token: &Token, at: Timestamp) -> Option<&Remembered> {
        let found = self.records.get(self.records.find(token)?)?;
        (found.until > at).then_some(found)
    }

    /// Every record, by rising token; costs a sort
    pub(crate) fn sorted(&self) -> impl ExactSizeIterator<Item = (Token, &Remembered)> {
        self.records.sorted().into_iter().map(|(_, token, kept)| (token, kept))
    }

    /// The earliest deadline
    pub(crate) fn first_due(&self) -> Option<Timestamp> {
        self.due.first().map(|((at, _), ())| at)
    }

    /// Those whose time has come
    pub(crate) fn due(&self, at: Timestamp) -> impl Iterator<Item = &Remembered> {
        let due = self.due.keys().take_while(move |&(deadline, _)| deadline <= at);
        due.filter_map(|(_, ix)| self.records.get(ix))
    }

    /// Runs of addresses in all of their answers
    pub(crate) const fn runs(&self) -> u64 {
        self.runs
    }

    pub(crate) fn insert(&mut self, token: Token, kept: Remembered) {
        let until = kept.until;
        self.runs = self.runs.saturating_add(kept.runs());
        let ix = self.records.insert(token, kept);
        self.due.insert((until, ix), ());
    }

    /// Drops those whose time has come
    pub(super) fn sweep(&mut self, at: Timestamp) {
        for (_, ix) in self.due.keys().take_while(|&(deadline, _)| deadline <= at) {
            let gone = self.records.remove(ix).map_or(0, |kept| kept.runs());
            self.runs = self.runs.saturating_sub(gone);
        }
        let place = |&(deadline, _): &(Timestamp, _)| match deadline {
            _ if deadline <= at => Ordering::Equal,
            _ => Ordering::Greater,
        };
        self.due.remove_range(place);
    }

    /// What is wrong with the tokens, if anything
    pub(crate) fn corruption(&self) -> Option<&'static str> {
        if let Some(what) = self.records.corruption().or_else(|| self.due.corruption()) {
            return Some(what);
        }
        let runs = self.records.iter().fold(0u64, |sum, (.., of)| sum.saturating_add(of.runs()));
        if runs != self.runs {
            return Some("tokens count their runs of addresses wrongly");
        }
        let known =
            |(ix, _, kept): (Ix<Token>, Token, &Remembered)| self.due.contains(&(kept.until, ix));
        let all = self.due.len() == self.records.len() && self.records.iter().all(known);
        (!all).then_some("a token's deadline is not known")
    }
}
